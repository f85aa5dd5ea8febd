"""Documents under control: decisions approved like any change, readings, the auditor's table."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import replace
from io import BytesIO
from itertools import count
from uuid import UUID

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from agents.portfolio_assistant.assistant import Assistant
from agents.portfolio_assistant.designation import find_designation
from agents.portfolio_assistant.library import (
    find_library_request,
    tell_unread,
    tell_versions,
    write_readers,
)
from agents.portfolio_assistant.models import AnswerReady
from api.documents_command import DocumentsAsked, documents_here
from core.context import Identity, frozen_clock
from core.database import Database
from core.engine.offline import OfflineEngine
from core.errors import InvalidInput, NotAllowed, NotFound
from core.formats import format_date
from core.settings import Settings
from crm.day import list_reviews_due, list_unread
from crm.proposals.errors import StaleProposal
from crm.proposals.undoing import propose_undo
from evals.passages import PassageFile, store_passages
from knowledge.control import ControlledVersion
from knowledge.search import SearchFilters, search
from tests.conftest import make_identity, writing
from tests.integration.changes import TODAY, approve_all, executing, make_context
from tools import library
from tools.approvals import list_pending
from tools.document_table import write_document_table
from tools.library import find_version, list_versions, propose_status

WEEKS = dt.timedelta(days=28)
SUBJECTS = ("réclamations", "résiliations", "mandats", "relevés", "offres", "audits", "factures",
            "bascules", "archives", "visites")  # fmt: skip


@pytest.fixture
def quality(conninfo: str, identity: Identity) -> Identity:
    return make_identity(conninfo, "quality", tenant_id=identity.tenant_id)


async def add(
    database: Database, identity: Identity, label: str, days: str, **fields: object
) -> UUID:
    text = f"Une réclamation reçoit sa réponse sous {days} jours ouvrés, sans exception."
    file = PassageFile("PR-08", "Réclamations", (("Délais", text),), label=label, **fields)  # type: ignore[arg-type]
    return (await store_passages(database, identity, file)).version_id


async def carry_out(database: Database, approver: Identity, submission: object) -> None:
    await approve_all(make_context(database, approver), submission)  # type: ignore[arg-type]
    async with executing(database) as executor:
        await executor.run_once()


async def read(database: Database, identity: Identity, label: str) -> ControlledVersion:
    return await find_version(make_context(database, identity), "PR-08", label)


async def cite(
    database: Database, identity: Identity, query: str, day: dt.date, *, as_of: bool = False
) -> set[tuple[str, str]]:
    filters = SearchFilters(as_of=day) if as_of else SearchFilters()
    result = await search(database, identity, query, today=day, filters=filters)
    return {(passage.code, passage.version_label) for passage in result.passages}


async def test_an_approved_version_comes_into_force_and_ends_the_former_on_its_eve(
    database: Database, identity: Identity, quality: Identity
) -> None:
    await add(database, identity, "1", "cinq", valid_from=dt.date(2025, 1, 1))
    draft = await add(database, identity, "2", "deux", status="in_review")
    made = await propose_status(
        make_context(database, identity), draft, "in_force", reason="Relue par la qualité"
    )
    assert (await read(database, quality, "1")).standing == "in_force"
    await carry_out(database, quality, made)
    new, former = await read(database, quality, "2"), await read(database, quality, "1")
    assert (new.standing, new.valid_from, new.approved_by) == ("in_force", TODAY, "Essai")
    assert (former.standing, former.valid_to) == ("superseded", TODAY - dt.timedelta(days=1))
    assert await cite(database, identity, "délai de réclamation", TODAY) == {("PR-08", "2")}
    eve = TODAY - dt.timedelta(days=1)
    found = await cite(database, identity, "délai de réclamation", eve, as_of=True)
    assert found == {("PR-08", "1")}


async def test_a_version_replaced_on_the_day_it_began_applies_on_no_day(
    database: Database, identity: Identity, quality: Identity
) -> None:
    await add(database, identity, "1", "cinq", valid_from=TODAY)
    draft = await add(database, identity, "2", "deux", status="in_review")
    context = make_context(database, identity)
    made = await propose_status(context, draft, "in_force", reason="Relue")
    await carry_out(database, quality, made)
    found = await library.list_versions(context, as_of=TODAY, code="PR-08")
    assert [one.label for one in found] == ["2"]
    assert (await read(database, quality, "1")).standing == "superseded"
    cited = await cite(database, identity, "délai de réclamation", TODAY, as_of=True)
    assert cited == {("PR-08", "2")}
    told = await tell_versions(context, "Quelles versions de PR-08 existent ?", "chat")
    assert "remplacée, n’a valu aucun jour (prévue pour le 16/11/2026)" in told


async def test_of_two_versions_due_the_same_day_the_last_approved_is_to_come_and_to_be_read(
    database: Database, identity: Identity, quality: Identity
) -> None:
    later = dt.datetime.now(dt.UTC).date() + WEEKS
    context = make_context(database, quality)
    for label in ("1", "2"):
        draft = await add(database, identity, label, "deux", status="in_review")
        made = await propose_status(context, draft, "in_force", reason="Prévue", on=later)
        await carry_out(database, quality, made)
    made = await library.propose_custody(context, draft, must_read=["quality"], reason="À lire")
    await carry_out(database, quality, made)
    assert (await read(database, quality, "1")).standing == "superseded"
    assert (await read(database, quality, "2")).standing == "scheduled"
    assert [one.label for one in await list_unread(context, TODAY)] == ["2"]
    # The place is free again before that day.
    third = await add(database, identity, "3", "trois", status="in_review")
    eve = later - dt.timedelta(days=7)
    await propose_status(context, third, "in_force", reason="Avant", on=eve)


async def test_a_version_to_come_is_to_be_read_and_told_so(
    database: Database, identity: Identity, quality: Identity
) -> None:
    later = dt.datetime.now(dt.UTC).date() + WEEKS
    version = await add(database, identity, "1", "cinq", valid_from=later)
    context = make_context(database, quality)
    made = await library.propose_custody(context, version, must_read=["quality"], reason="À lire")
    await carry_out(database, quality, made)
    told = await tell_unread(context, "Mes lectures", "chat")
    assert f"PR-08, version 1 – Réclamations (s’appliquera le {format_date(later)})" in told
    assert "«\u00a0J’ai lu PR-08 version 1\u00a0»" in told


async def test_a_version_put_in_force_is_not_undone_into_a_document_without_one(
    database: Database, identity: Identity, quality: Identity
) -> None:
    await add(database, identity, "1", "cinq", valid_from=dt.date(2025, 1, 1))
    draft = await add(database, identity, "2", "deux", status="in_review")
    context = make_context(database, identity)
    made = await propose_status(context, draft, "in_force", reason="Relue")
    await carry_out(database, quality, made)
    assert made.proposal_id is not None
    with pytest.raises(StaleProposal, match="Mettez plutôt en vigueur une autre"):
        await propose_undo(context, made.proposal_id)
    withdrawn = await propose_status(context, draft, "withdrawn", reason="Abrogée")
    await carry_out(database, quality, withdrawn)
    assert withdrawn.proposal_id is not None
    await carry_out(database, quality, await propose_undo(context, withdrawn.proposal_id))
    assert (await read(database, quality, "2")).standing == "in_force"


async def test_a_version_approved_for_later_leaves_the_present_one_in_force_until_then(
    database: Database, identity: Identity, quality: Identity
) -> None:
    await add(database, identity, "1", "cinq", valid_from=dt.date(2025, 1, 1))
    draft = await add(database, identity, "2", "deux", status="in_review")
    later = dt.datetime.now(dt.UTC).date() + WEEKS
    context = make_context(database, identity)
    made = await propose_status(context, draft, "in_force", reason="Prévue", on=later)
    await carry_out(database, quality, made)
    assert (await read(database, quality, "2")).standing == "scheduled"
    before, after = later - dt.timedelta(days=1), later
    assert await cite(database, identity, "délai de réclamation", before) == {("PR-08", "1")}
    assert await cite(database, identity, "délai de réclamation", after) == {("PR-08", "2")}


async def test_two_versions_never_apply_on_the_same_days(
    database: Database, identity: Identity, quality: Identity
) -> None:
    await add(database, identity, "1", "cinq", valid_from=dt.date(2025, 1, 1))
    draft = await add(database, identity, "2", "deux", status="in_review")
    urgent = await add(database, identity, "1.1", "trois", status="in_review")
    context = make_context(database, identity)
    with pytest.raises(InvalidInput, match=r"à partir du 01/01/2025.*date plus tardive"):
        await propose_status(context, draft, "in_force", reason="x", on=dt.date(2024, 3, 1))
    later = dt.datetime.now(dt.UTC).date() + WEEKS
    # Proposed first, approved last.
    at_once = await propose_status(context, urgent, "in_force", reason="x")
    planned = await propose_status(context, draft, "in_force", reason="x", on=later)
    await carry_out(database, quality, planned)
    await carry_out(database, quality, at_once)
    eve = later - dt.timedelta(days=1)
    assert (await read(database, quality, "1.1")).valid_to == eve
    for day, label in ((TODAY, "1.1"), (eve, "1.1"), (later, "2")):
        assert await cite(database, identity, "délai de réclamation", day) == {("PR-08", label)}


async def test_a_former_version_bears_no_approval_of_the_one_that_ended_it(
    database: Database, identity: Identity, quality: Identity
) -> None:
    await add(database, identity, "1", "cinq", valid_from=dt.date(2025, 1, 1))
    draft = await add(database, identity, "2", "deux", status="in_review")
    made = await propose_status(make_context(database, identity), draft, "in_force", reason="x")
    await carry_out(database, quality, made)
    new, former = await read(database, quality, "2"), await read(database, quality, "1")
    assert new.decided_at is not None and new.approved_by == "Essai"
    assert (former.decided_at, former.approved_by) == (None, None)


async def test_a_withdrawn_version_is_cited_no_more_and_only_allowed_steps_are_proposed(
    database: Database, identity: Identity, quality: Identity, conninfo: str
) -> None:
    version = await add(database, identity, "1", "cinq")
    context = make_context(database, identity)
    with pytest.raises(InvalidInput, match=r"a le statut «.en vigueur.»"):
        await propose_status(context, version, "in_force", reason="x")
    reader = make_identity(conninfo, "reader", tenant_id=identity.tenant_id)
    with pytest.raises(NotAllowed):
        await propose_status(make_context(database, reader), version, "withdrawn", reason="x")
    stranger = make_identity(conninfo, "quality")
    with pytest.raises(NotFound):
        await propose_status(make_context(database, stranger), version, "withdrawn", reason="x")
    await carry_out(
        database, quality, await propose_status(context, version, "withdrawn", reason="Abrogée")
    )
    assert await cite(database, identity, "délai de réclamation", TODAY) == set()
    assert await cite(database, identity, "délai de réclamation", TODAY, as_of=True) == set()


async def test_a_version_withdrawn_since_answers_for_the_days_when_it_applied(
    database: Database, identity: Identity, quality: Identity
) -> None:
    context, eve = make_context(database, identity), TODAY - dt.timedelta(days=1)
    applied = await add(database, identity, "1", "cinq", valid_from=dt.date(2025, 1, 1))
    await carry_out(
        database, quality, await propose_status(context, applied, "withdrawn", reason="Abrogée")
    )
    never = await add(database, identity, "2", "deux", status="draft",
                      valid_from=dt.date(2025, 1, 1), valid_to=dt.date(2027, 1, 1))  # fmt: skip
    await carry_out(
        database, quality, await propose_status(context, never, "withdrawn", reason="Inutile")
    )
    ended = await read(database, quality, "1")
    assert (ended.standing, ended.valid_to) == ("withdrawn", eve)
    cited = await cite(database, identity, "délai de réclamation", eve, as_of=True)
    assert cited == {("PR-08", "1")}
    listed = await list_versions(context, as_of=eve)
    assert [one.label for one in listed] == ["1"]
    assert await list_versions(context, as_of=TODAY) == []


async def test_a_withdrawal_announced_for_later_leaves_the_version_in_force_until_its_eve(
    database: Database, identity: Identity, quality: Identity
) -> None:
    version = await add(database, identity, "1", "cinq")
    later = TODAY + dt.timedelta(days=20)
    made = await propose_status(
        make_context(database, identity), version, "withdrawn", reason="Abrogée", on=later
    )
    await carry_out(database, quality, made)
    held = await read(database, quality, "1")
    assert (held.standing, held.valid_to) == ("in_force", later - dt.timedelta(days=1))
    assert await cite(database, identity, "délai de réclamation", TODAY) == {("PR-08", "1")}
    assert await cite(database, identity, "délai de réclamation", later, as_of=True) == set()


async def test_a_hundred_dated_questions_cite_no_superseded_passage(
    database: Database, identity: Identity
) -> None:
    starts = [dt.date(2024, 1, 1), dt.date(2025, 3, 15), dt.date(2026, 6, 1)]
    for number, subject in enumerate(SUBJECTS):
        for place, start in enumerate(starts):
            last = place == len(starts) - 1
            file = PassageFile(
                f"PR-{number:02}", f"Procédure des {subject}",
                (("Délais", f"Le dossier des {subject} est traité sous {place + 3} jours."),),
                label=str(place + 1), status="in_force" if last else "superseded",
                valid_from=start,
                valid_to=None if last else starts[place + 1] - dt.timedelta(days=1),
            )  # fmt: skip
            await store_passages(database, identity, file)
    days = [(dt.date(2024, 1, 1), "1"), (dt.date(2025, 3, 14), "1"), (dt.date(2025, 3, 15), "2"),
            (dt.date(2025, 12, 31), "2"), (dt.date(2026, 5, 31), "2"), (dt.date(2026, 6, 1), "3"),
            (dt.date(2026, 11, 16), "3")]  # fmt: skip
    asked, wrong = count(), []
    for subject in SUBJECTS:
        query = f"Sous combien de jours traite-t-on le dossier des {subject} ?"
        for day, label in days:
            next(asked)
            found = await cite(database, identity, query, day, as_of=True)
            wrong += [(subject, day, one) for one in found if one[1] != label]
            assert found
        for day in (TODAY, TODAY + dt.timedelta(days=1), TODAY + dt.timedelta(days=400)):
            next(asked)
            found = await cite(database, identity, query, day)
            wrong += [(subject, day, one) for one in found if one[1] != "3"]
            assert found
    assert wrong == []
    assert next(asked) == 100


async def test_those_who_must_read_say_so_and_a_changed_text_is_to_be_read_again(
    database: Database, identity: Identity, quality: Identity, conninfo: str
) -> None:
    version = await add(database, identity, "1", "cinq")
    context = make_context(database, quality)
    made = await library.propose_custody(
        context, version, owner_id=quality.user_id, must_read=["sales"], reason="Formation"
    )
    await carry_out(database, quality, made)
    seller = make_identity(conninfo, "sales", tenant_id=identity.tenant_id)
    own = make_context(database, seller)
    assert [one.code for one in await list_unread(own, TODAY)] == ["PR-08"]
    first = await library.acknowledge_reading(own, version)
    assert await library.acknowledge_reading(own, version) == first
    assert await list_unread(own, TODAY) == []
    (reader,) = await library.list_readers(context, version)
    assert (reader.user_id, reader.read_at) == (seller.user_id, first)
    held = await read(database, quality, "1")
    assert (held.owner_name, held.readers_due, held.readers_done) == ("Essai", 1, 1)
    async with writing(database, identity) as connection:
        await connection.execute(
            "INSERT INTO document_files (tenant_id, sha256, content) VALUES (%s, %s, '')",
            (identity.tenant_id, "0" * 64),
        )
        await connection.execute(
            "UPDATE document_versions SET sha256 = %s WHERE id = %s", ("0" * 64, version)
        )
    assert [one.code for one in await list_unread(own, TODAY)] == ["PR-08"]


async def test_a_colleague_does_not_see_who_has_read(
    database: Database, identity: Identity, quality: Identity, conninfo: str
) -> None:
    version = await add(database, identity, "1", "cinq")
    sellers = [make_identity(conninfo, "sales", tenant_id=identity.tenant_id) for _ in range(2)]
    await library.acknowledge_reading(make_context(database, sellers[0]), version)
    assert await library.list_readers(make_context(database, sellers[1]), version) == []
    (own,) = await library.list_readers(make_context(database, sellers[0]), version)
    assert own.user_id == sellers[0].user_id
    assert len(await library.list_readers(make_context(database, quality), version)) == 1


async def test_a_reader_counts_their_own_reading_alone(
    database: Database, identity: Identity, quality: Identity, conninfo: str
) -> None:
    version = await add(database, identity, "1", "cinq")
    made = await library.propose_custody(
        make_context(database, identity), version, must_read=("sales",), reason="x"
    )
    await carry_out(database, quality, made)
    sellers = [make_identity(conninfo, "sales", tenant_id=identity.tenant_id) for _ in range(2)]
    await library.acknowledge_reading(make_context(database, sellers[0]), version)
    counts = [
        (held.readers_done, held.readers_due)
        for person in (*sellers, quality)
        if (held := await read(database, person, "1"))
    ]
    assert counts[:2] == [(1, 1), (0, 1)]
    assert counts[2][0] == 1 and counts[2][1] >= 2
    told = await write_readers(
        make_context(database, sellers[1]), await read(database, sellers[1], "1")
    )
    assert told.count("pas encore lu") == 1 and "collègues" in told


async def test_reviews_due_reach_the_owner_and_those_without_owner_reach_quality(
    database: Database, identity: Identity, quality: Identity
) -> None:
    version = await add(database, identity, "1", "cinq")
    seller_context = make_context(database, identity)
    soon = TODAY + dt.timedelta(days=10)
    made = await library.propose_review(seller_context, version, soon, "Annuelle")
    await carry_out(database, quality, made)
    (due,) = await list_reviews_due(make_context(database, quality), TODAY)
    assert (due.code, due.review_due_on, due.owner_name) == ("PR-08", soon, None)
    held = await read(database, quality, "1")
    assert (held.decided_at, held.approved_by) == (None, None)


async def test_the_auditor_gets_what_is_in_force_then_the_rest(
    database: Database, identity: Identity
) -> None:
    await add(database, identity, "1", "cinq", status="superseded",
              valid_from=dt.date(2025, 1, 1), valid_to=dt.date(2025, 12, 31))  # fmt: skip
    await add(database, identity, "=2", "deux", valid_from=dt.date(2026, 1, 1))
    versions = await list_versions(make_context(database, identity))
    book = load_workbook(
        BytesIO(write_document_table(versions, "Cabinet", TODAY, roles={"quality"}))
    )
    assert isinstance(book, Workbook)
    held, others = book["En vigueur"], book["Autres versions"]
    assert [held.cell(2, column).value for column in (1, 6, 7)] == ["PR-08", "=2", "En vigueur"]
    assert held.cell(2, 6).data_type == "s"
    assert f"{held.cell(2, 8).value:%d/%m/%Y}" == "01/01/2026"
    assert (held.max_row, others.max_row, others.cell(2, 7).value) == (2, 2, "Remplacée")
    # Three lines of digest, two of headings.
    assert (held.row_dimensions[2].height, held.row_dimensions[1].height) == (48, 33)


async def test_who_sees_nobody_else_s_readings_is_told_their_own(
    database: Database, identity: Identity
) -> None:
    await add(database, identity, "2", "deux", valid_from=dt.date(2026, 1, 1))
    (version,) = await list_versions(make_context(database, identity))
    asked = replace(version, must_read=["sales"], readers_due=1, readers_done=1)

    def tell(one: ControlledVersion, *roles: str) -> object:
        book = load_workbook(BytesIO(write_document_table([one], "C", TODAY, roles=set(roles))))
        return book["En vigueur"].cell(2, 16).value

    assert tell(asked, "quality") == "1 sur 1"
    assert tell(asked, "sales") == "Lue par vous"
    assert tell(replace(asked, readers_done=0), "sales") == "À lire par vous"
    assert tell(replace(asked, readers_due=0, readers_done=0), "reader") is None


@pytest.mark.parametrize(
    ("question", "teller"),
    [
        ("Quels documents sont en vigueur ?", "tell_in_force"),
        ("Quelles procédures étaient en vigueur au 1er mars 2025 ?", "tell_in_force"),
        ("Quels documents seront en vigueur au 2 janvier 2099 ?", "tell_in_force"),
        ("Liste des documents applicables", "tell_in_force"),
        ("Quels documents sont à réviser ?", "tell_reviews"),
        ("Quels documents sont en retard de relecture ?", "tell_reviews"),
        ("Quelles versions de PR-08 existent ?", "tell_versions"),
        ("L’historique des versions de PR-08", "tell_versions"),
        ("Historique de la procédure PR-08", "tell_versions"),
        ("Historique de PR-08", "tell_versions"),
        ("Qui a approuvé la procédure PR-08 ?", "tell_approval"),
        ("Qui a validé la version 2 de PR-08 ?", "tell_approval"),
        ("Quelle est la dernière version de PR-08 ?", "tell_versions"),
        ("PR-08 est-elle toujours en vigueur ?", "tell_versions"),
        ("Qui a signé CT-2024-0001 ?", None),
        ("Historique du contrat CT-2024-0001", None),
        ("Historique de AO-2026-014", None),
        ("Historique de consommation de PR-08", None),
        ("Quelles versions du contrat ?", None),
        ("Mes lectures", "tell_unread"),
        ("Quels documents dois-je lire ?", "tell_unread"),
        ("Qui a lu la procédure PR-08 ?", "tell_readers"),
        ("J’ai lu PR-08", "tell_read"),
        ("Je confirme la lecture de la procédure PR-08 version 3.1", "tell_read"),
        ("Mettez en vigueur la version 2 de PR-08 à compter du 1er décembre", "tell_decision"),
        ("Retirez la procédure PR-08", "tell_decision"),
        ("Les commerciaux doivent lire la procédure PR-08", "tell_new_readers"),
        ("Faites lire PR-08 aux commerciaux et à la direction", "tell_new_readers"),
        ("Tous les commerciaux doivent lire PR-08.", "tell_new_readers"),
        ("Quels documents les commerciaux doivent-ils lire ?", None),
        ("Les commerciaux doivent lire PR-08 ?", None),
        ("Pourquoi la qualité doit lire PR-08", None),
        ("Quels rôles doivent lire PR-08", None),
        ("PR-08 est à relire pour le 1er mars 2027 ?", None),
        ("La version en vigueur de PR-08", "tell_versions"),
        ("PR-08 est à relire pour le 1er mars 2027", "tell_new_review"),
        ("Planifiez la relecture de PR-08 pour le 1er mars 2027", "tell_new_review"),
        ("État de la base documentaire", "tell_base"),
        ("Montrez l’état de la lecture des documents", "tell_base"),
        ("Où en est la lecture des documents ?", "tell_base"),
        ("Quels documents n’ont pas pu être lus ?", "tell_base"),
        ("Relancez la lecture des documents", "tell_again"),
        ("Qui a approuvé la version 2 de PR-08 ?", "tell_approval"),
        ("PR-08 a-t-elle été validée quand ?", "tell_approval"),
        ("Par qui PR-08 a-t-elle été validée ?", "tell_approval"),
        ("Date d’approbation de la procédure PR-08", "tell_approval"),
        ("Que change la version 2 de PR-08 ?", "tell_revision"),
        ("Quel délai la procédure PR-08 fixe-t-elle ?", None),
        ("Quels contrats sont en vigueur ?", None),
        ("J’ai lu votre message", None),
        ("Retirez le contrat de la liste", None),
        ("Quels documents faut-il pour un mandat ?", None),
    ],
)
def test_requests_about_documents_are_told_from_other_questions(
    question: str, teller: str | None
) -> None:
    found = find_library_request(question)
    assert (found.__name__ if found else None) == teller  # type: ignore[attr-defined]


async def test_the_history_of_a_document_tells_each_version(
    database: Database, identity: Identity, quality: Identity
) -> None:
    await add(database, identity, "1", "cinq", valid_from=dt.date(2025, 1, 1))
    draft = await add(database, identity, "2", "deux", status="in_review")
    context = make_context(database, identity)
    await carry_out(database, quality, await propose_status(context, draft, "in_force", reason="x"))
    told = await tell_versions(context, "Quelles versions de PR-08 existent ?", "chat")
    first, second = told.splitlines()[2:]
    assert told.startswith("**2\u00a0versions de PR-08**")
    assert "Version 2" in first and "en vigueur, depuis le" in first
    assert first.endswith("approuvée par Essai")
    assert "remplacée, depuis le 01/01/2025, jusqu’au" in second


def test_a_document_is_named_by_its_code_and_its_version() -> None:
    found = find_designation("Mettez en vigueur la version 3.1 de PR-08")
    assert found is not None and (found.code, found.label) == ("PR-08", "3.1")
    quoted = find_designation("J’ai lu «\u00a0Achats\u00a0»")
    assert quoted is not None and (quoted.code, quoted.label) == ("Achats", None)
    assert find_designation("J’ai lu votre message") is None


async def test_the_conversation_proposes_a_decision_and_notes_a_reading(
    database: Database, identity: Identity, quality: Identity
) -> None:
    await add(database, identity, "1", "cinq", valid_from=dt.date(2025, 1, 1))
    await add(database, identity, "2", "deux", status="in_review")

    async def ask(person: Identity, question: str) -> str:
        assistant = Assistant(database, OfflineEngine({}), frozen_clock(TODAY))
        events = [event async for event in assistant.ask(person, question, surface="chat")]
        assert isinstance(events[-1], AnswerReady)
        return events[-1].answer.text

    told = await ask(quality, "Mettez en vigueur PR-08 à compter du 1er décembre 2026")
    assert "La mise en vigueur de PR-08, version 2, à compter du 01/12/2026, est proposée" in told
    assert "(la même proposition attendait déjà)" in await ask(
        quality, "Mettez en vigueur PR-08 à compter du 1er décembre 2026"
    )
    assert "**PR-08**, version 1" in await ask(identity, "Quels documents sont en vigueur ?")
    told = await ask(quality, "Faites lire PR-08 aux commerciaux et à la direction")
    assert "doivent lire PR-08 est proposée\u00a0: commerciaux, direction. Rien" in told
    told = await ask(quality, "PR-08 version 1 est à relire pour le 1er mars 2027")
    assert "La relecture de PR-08, version 1, pour le 01/03/2027 est proposée" in told
    told = await ask(quality, "PR-08 version 1 est à relire au plus tard le 30 juin 2027")
    assert "pour le 30/06/2027 est proposée" in told
    assert "Aucun document" in await ask(identity, "J’ai lu PR-77")
    told = await ask(identity, "J’ai lu la procédure PR-08")
    assert told.startswith("Lecture confirmée\u00a0: PR-08, version 1, le ")
    assert "lu le" in await ask(quality, "Qui a lu PR-08 ?")


@pytest.mark.parametrize(
    ("asked", "told", "reason"),
    [
        (DocumentsAsked(put_in_force="PR-08@2"), "Mise en vigueur de PR-08, version 2 au "
         "16/11/2026, proposée.", "Mise en vigueur demandée en ligne de commande"),
        (DocumentsAsked(withdraw="PR-08@2"), "Retrait de PR-08, version 2 au 16/11/2026, proposé.",
         "Retrait demandé en ligne de commande"),
    ],
)  # fmt: skip
async def test_a_decision_asked_in_the_terminal_agrees_with_its_noun(
    database: Database, identity: Identity, data_folder: Settings, asked: DocumentsAsked,
    told: str, reason: str,
) -> None:  # fmt: skip
    await add(database, identity, "2", "deux", status="in_review")
    dated = replace(asked, on=TODAY)
    (line,) = await asyncio.to_thread(documents_here, data_folder, identity.email, dated)
    assert line.startswith(told)
    (card,) = await list_pending(make_context(database, identity))
    assert card.reason == reason
