"""The index held in memory follows the base: what is added, withdrawn, forbidden or let go of."""

from __future__ import annotations

import datetime as dt

import psycopg
import pytest

from core.context import Identity
from core.database import Database
from core.settings import get_settings
from evals.passages import PassageFile, StoredFile, store_passages
from ingest.reindexing import reindex
from knowledge import resident
from knowledge.passage_embedder import get_passage_embedder
from knowledge.reindexing import list_stale, read_text
from knowledge.search import SearchFilters, search
from tests.conftest import make_identity

TODAY = dt.date(2026, 3, 2)
QUESTION = "délai de changement de fournisseur"
TEXTS = (
    ("Changement", "Le changement de fournisseur prend vingt et un jours."),
    ("Réclamations", "Toute réclamation est enregistrée sous deux jours."),
)


async def add(database: Database, identity: Identity, code: str, **options: object) -> StoredFile:
    return await store_passages(database, identity, PassageFile(code, code, TEXTS, **options))  # type: ignore[arg-type]


async def find(database: Database, identity: Identity, **filters: object) -> set[str]:
    chosen = SearchFilters(**filters)  # type: ignore[arg-type]
    result = await search(database, identity, QUESTION, today=TODAY, filters=chosen)
    return {passage.code for passage in result.passages}


def run(conninfo: str, statement: str, *values: object) -> None:
    """As another process would: by a connection of its own."""
    with psycopg.connect(conninfo) as connection:
        connection.execute(statement.encode(), values)


async def test_each_change_shows_in_the_very_next_search(
    database: Database, identity: Identity, conninfo: str
) -> None:
    assert await find(database, identity) == set()
    for number in range(6):
        stored = await add(database, identity, f"D-{number}")
        assert await find(database, identity) == {f"D-{place}" for place in range(number + 1)}
    by_code = "UPDATE documents SET access = %s WHERE tenant_id = %s AND code = %s"
    run(conninfo, by_code, ["quality"], identity.tenant_id, "D-0")
    assert "D-0" not in await find(database, identity)
    run(conninfo, by_code, ["all"], identity.tenant_id, "D-0")
    assert "D-0" in await find(database, identity)
    run(conninfo, "UPDATE document_versions SET status = 'withdrawn' WHERE id = %s",
        stored.version_id)  # fmt: skip
    assert "D-5" not in await find(database, identity)
    assert await find(database, identity, statuses=("withdrawn",)) == {"D-5"}
    run(conninfo, "DELETE FROM document_versions WHERE id = %s", stored.version_id)
    assert await find(database, identity, statuses=("withdrawn",)) == set()


async def test_a_right_lost_since_the_choice_gives_nothing_away(
    database: Database, identity: Identity, conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add(database, identity, "D-1")
    assert await find(database, identity) == {"D-1"}
    kept = resident.find_scope

    async def choose_then_forbid(*given: object) -> object:
        scope = await kept(*given)  # type: ignore[arg-type]
        run(conninfo, "UPDATE documents SET access = '{quality}' WHERE tenant_id = %s",
            identity.tenant_id)  # fmt: skip
        return scope

    monkeypatch.setattr("knowledge.search.find_scope", choose_then_forbid)
    assert await find(database, identity) == set()


async def test_people_of_different_rights_share_an_index_not_what_they_find(
    database: Database, identity: Identity, conninfo: str
) -> None:
    await add(database, identity, "D-1", access=("quality",))
    await add(database, identity, "D-2")
    quality = make_identity(conninfo, "quality", tenant_id=identity.tenant_id)
    assert await find(database, quality) == {"D-1", "D-2"}
    assert await find(database, identity) == {"D-2"}
    stranger = make_identity(conninfo, "reader", "quality", "director")
    assert await find(database, stranger) == set()


async def test_indexes_longest_unasked_for_are_let_go_of(
    database: Database, identity: Identity, conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(get_settings(), "search_memory_mb", 1e-6)
    other = make_identity(conninfo, "reader")
    await add(database, identity, "D-1")
    await add(database, other, "D-2")
    for person, code in ((identity, "D-1"), (other, "D-2"), (identity, "D-1")):
        assert await find(database, person) == {code}
        held = [tenant for base, tenant in resident._HELD if base == database.base_conninfo]
        assert held == [person.tenant_id]


async def test_versions_without_index_are_indexed_again_from_their_passages(
    database: Database, identity: Identity, conninfo: str
) -> None:
    stored = await add(database, identity, "D-1")
    hidden = await add(database, identity, "D-2")
    before = (await search(database, identity, QUESTION, today=TODAY)).passages
    run(conninfo, "UPDATE document_versions SET is_withheld = true WHERE id = %s",
        hidden.version_id)  # fmt: skip
    run(conninfo, "DELETE FROM index_versions WHERE tenant_id = %s", identity.tenant_id)
    assert await find(database, identity) == set()
    told: list[tuple[int, int, str]] = []

    def note(done: int, total: int, code: str) -> None:
        told.append((done, total, code))

    assert await reindex(database, identity, progress=note) == 1
    assert told == [(0, 1, "D-1"), (1, 1, "D-1")]
    assert await reindex(database, identity) == 0
    after = (await search(database, identity, QUESTION, today=TODAY)).passages
    wanted = [passage for passage in before if passage.code == "D-1"]
    assert [passage.chunk_id for passage in after] == [passage.chunk_id for passage in wanted]
    assert [passage.dense for passage in after] == pytest.approx(
        [passage.dense for passage in wanted], abs=1e-3
    )
    assert {passage.version_id for passage in after} == {stored.version_id}


async def test_a_change_of_model_leaves_versions_to_index_again(
    database: Database, identity: Identity, conninfo: str
) -> None:
    await add(database, identity, "D-1")
    model = get_passage_embedder().model_name
    assert await list_stale(database, identity, model) == []
    run(conninfo, "UPDATE index_versions SET model = 'former' WHERE tenant_id = %s",
        identity.tenant_id)  # fmt: skip
    assert await find(database, identity) == {"D-1"}, "words still find it"
    (stale,) = await list_stale(database, identity, model)
    text = await read_text(database, identity, stale)
    assert [section.path for section in text.draft.sections] == [path for path, _ in TEXTS]
    assert await reindex(database, identity) == 1
    assert await list_stale(database, identity, model) == []


async def test_words_forgotten_since_are_written_again_before_long(
    database: Database, identity: Identity, conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def count() -> int:
        with psycopg.connect(conninfo) as connection:
            held = "SELECT count(*) FROM word_vectors WHERE tenant_id = %s"
            return (connection.execute(held, (identity.tenant_id,)).fetchone() or (0,))[0]

    await add(database, identity, "D-0")
    words = count()
    assert words > 0
    run(conninfo, "DELETE FROM word_vectors WHERE tenant_id = %s", identity.tenant_id)
    await add(database, identity, "D-1")
    assert count() == 0, "what was written of late is not offered again"
    monkeypatch.setattr("knowledge.indexing.REMEMBERED_S", 0)
    await add(database, identity, "D-2")
    assert count() == words
