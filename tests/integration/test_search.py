"""Search on a real database: what is found, what must never be, and what is safe."""

from __future__ import annotations

import datetime as dt

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from core.context import Identity
from core.database import Database
from evals.passages import PassageFile, StoredFile, store_passages
from knowledge.found import Passage
from knowledge.indexing import remove_index
from knowledge.search import SearchFilters, search
from tests.conftest import make_identity

TODAY = dt.date(2026, 3, 2)
SWITCH = (
    "Changement de fournisseur",
    "Le changement de fournisseur d’électricité est gratuit. Le délai est de vingt et un jours "
    "pour un site C5. La résiliation de l’ancien contrat est automatique.",
)
POWER = (
    "Puissance souscrite",
    "La puissance souscrite du site est de 36 kVA. Une modification se demande au gestionnaire "
    "de réseau sous la référence AO-2026-014.",
)
COMPLAINT = (
    "Réclamations",
    "Toute réclamation du client est enregistrée sous quarante-huit heures. Le responsable "
    "qualité ouvre une fiche de non-conformité PR-08.",
)


async def add(
    database: Database, identity: Identity, code: str = "PR-01", **options: object
) -> StoredFile:
    file = PassageFile(code, "Manuel du courtier", (SWITCH, POWER, COMPLAINT), **options)  # type: ignore[arg-type]
    return await store_passages(database, identity, file)


async def find(
    database: Database, identity: Identity, query: str, filters: SearchFilters | None = None
) -> tuple[Passage, ...]:
    chosen = filters or SearchFilters()
    return (await search(database, identity, query, today=TODAY, filters=chosen)).passages


@pytest.mark.parametrize(
    ("query", "heading"),
    [
        ("Combien de temps pour changer de fournisseur ?", "Changement de fournisseur"),
        ("ao 2026-14", "Puissance souscrite"),
        ("AO 2026-014", "Puissance souscrite"),
        ("un site de 36kVA", "Puissance souscrite"),
        ("Que faire quand un client se plaint ?", "Réclamations"),
    ],
)
async def test_the_passage_that_answers_comes_first(
    database: Database, identity: Identity, query: str, heading: str
) -> None:
    await add(database, identity)
    assert (await find(database, identity, query))[0].section_path == heading


async def test_the_sentence_that_answers_scores_best_in_its_passage(
    database: Database, identity: Identity
) -> None:
    await add(database, identity)
    best = (await find(database, identity, "Quel est le délai pour un site C5 ?"))[0]
    sentence = max(best.sentences, key=lambda s: s.score)
    assert sentence.text.startswith("Le délai est de vingt et un jours")
    assert best.text[sentence.start : sentence.end] == sentence.text
    assert 0.3 < sentence.score < 1.2


async def test_another_firm_never_finds_our_documents(
    database: Database, identity: Identity, conninfo: str
) -> None:
    await add(database, identity)
    stranger = make_identity(conninfo, "reader", "director", "admin")
    assert await find(database, stranger, "changement de fournisseur AO-2026-014") == ()


async def test_a_document_is_found_only_by_the_roles_on_its_access_list(
    database: Database, identity: Identity, conninfo: str
) -> None:
    await add(database, identity, access=("quality", "admin"))
    query = "changement de fournisseur AO-2026-014"
    assert await find(database, identity, query) == ()
    quality = make_identity(conninfo, "quality", tenant_id=identity.tenant_id)
    assert len(await find(database, quality, query)) == 3


async def test_claiming_a_role_in_the_session_setting_opens_nothing(
    database: Database, identity: Identity, conninfo: str
) -> None:
    await add(database, identity, access=("quality",))
    with psycopg.connect(conninfo) as owner:
        [(chunk, key)] = owner.execute(
            """SELECT c.id, i.key FROM chunks c JOIN index_versions i ON i.version_id = c.version_id
            WHERE c.tenant_id = %s ORDER BY c.id LIMIT 1""",
            (identity.tenant_id,),
        ).fetchall()
    filters = "'{}', '{}', '{}', ARRAY['in_force'], current_date, false"
    chosen = f"ARRAY[{chunk}], ARRAY[{key}], ARRAY[9], ARRAY[9], NULL, ''"
    async with database.transaction(identity) as connection:
        row = await (
            await connection.execute("SELECT current_setting('voltaire.identity') AS token")
        ).fetchone()
        assert row is not None
        forged = row["token"].replace("director,reader", "director,quality,reader")
        assert forged != row["token"]
        await connection.execute("SELECT set_config('voltaire.identity', %s, true)", (forged,))
        cursor = await connection.execute(f"SELECT keys FROM search_scope({filters})".encode())
        assert await cursor.fetchall() == [{"keys": []}]
        call = f"SELECT chunk_id FROM read_passages(%s, {chosen}, {filters}, 30, 130, 0.8, 3)"
        for proof in (forged, row["token"], ""):
            cursor = await connection.execute(call.encode(), (proof,))
            assert await cursor.fetchall() == [{"chunk_id": None}]


@pytest.mark.parametrize(
    "table",
    [
        "index_versions",
        "packed_indexes",
        "passage_texts",
        "word_vectors",
        "passage_vectors",
        "knowledge_states",
    ],
)
async def test_the_index_cannot_be_read_around_the_search(
    database: Database, identity: Identity, table: str
) -> None:
    async with database.transaction(identity) as connection:
        with pytest.raises(InsufficientPrivilege):
            await connection.execute(f"SELECT * FROM {table}")


async def test_only_the_version_valid_on_the_day_is_found(
    database: Database, identity: Identity
) -> None:
    spring, autumn = dt.date(2026, 3, 1), dt.date(2025, 9, 1)
    await add(database, identity, "V-1", status="superseded", valid_from=autumn,
              valid_to=dt.date(2026, 2, 28))  # fmt: skip
    await add(database, identity, "V-2", valid_from=spring)
    await add(database, identity, "V-3", valid_from=dt.date(2026, 4, 1))
    await add(database, identity, "V-4", status="draft")
    await add(database, identity, "V-5", status="withdrawn", valid_from=autumn)

    async def codes(**options: object) -> set[str]:
        filters = SearchFilters(**options)  # type: ignore[arg-type]
        return {p.code for p in await find(database, identity, "fournisseur", filters)}

    assert await codes() == {"V-2"}
    assert await codes(as_of=dt.date(2026, 1, 15)) == {"V-1"}
    assert await codes(as_of=dt.date(2026, 4, 2)) == {"V-2", "V-3"}
    assert await codes(as_of=dt.date(2020, 1, 1)) == set()
    assert await codes(statuses=("draft",)) == {"V-4"}


async def test_filters_on_kind_standard_and_code_each_restrict(
    database: Database, identity: Identity
) -> None:
    await add(database, identity, "A", kind="procedure", standards=("ISO 9001",))
    await add(database, identity, "B", kind="guide", standards=("ISO 50001",))

    async def codes(filters: SearchFilters) -> set[str]:
        return {p.code for p in await find(database, identity, "fournisseur", filters)}

    assert await codes(SearchFilters(kinds=("procedure", "manual"))) == {"A"}
    assert await codes(SearchFilters(standards=("ISO 50001",))) == {"B"}
    assert await codes(SearchFilters(codes=("B", "Z"))) == {"B"}
    assert await codes(SearchFilters(kinds=("guide",), codes=("A",))) == set()


async def test_a_removed_index_or_deleted_document_is_gone_at_once(
    database: Database, identity: Identity, conninfo: str
) -> None:
    first = await add(database, identity, "A")
    second = await add(database, identity, "B")
    assert len(await find(database, identity, "fournisseur C5")) == 6
    async with database.transaction(identity, "knowledge_writer") as connection:
        await remove_index(connection, identity.tenant_id, first.version_id)
    assert {p.code for p in await find(database, identity, "fournisseur C5")} == {"B"}
    async with database.transaction(identity, "knowledge_writer") as connection:
        await connection.execute("DELETE FROM documents WHERE id = %s", (second.document_id,))
    assert await find(database, identity, "fournisseur C5") == ()
    with psycopg.connect(conninfo) as connection:
        for table in ("packed_indexes", "passage_texts", "passage_vectors"):
            left = connection.execute(
                f"SELECT count(*) FROM {table} WHERE tenant_id = %s", (identity.tenant_id,)
            ).fetchone()
            assert left == (0,)


@pytest.mark.parametrize(
    "query",
    ["", "   ", "?!", "le la les", "\0", "a" * 100_000, "fournisseur " * 20_000, "'; DROP--",
     "😀 %s %(x)s {}", "\ud800"],
)  # fmt: skip
async def test_odd_questions_are_answered_without_error(
    database: Database, identity: Identity, query: str
) -> None:
    await add(database, identity)
    result = await search(database, identity, query, today=TODAY)
    assert len(result.passages) <= 3
    assert result.duration_ms < 5000


async def test_an_empty_base_gives_no_passage(database: Database, identity: Identity) -> None:
    assert await find(database, identity, "changement de fournisseur") == ()
