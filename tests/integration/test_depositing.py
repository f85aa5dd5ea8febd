"""Documents that people hand over: kept as drafts, cited once approved, replacing no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.context import Identity
from core.database import Database
from core.errors import InvalidInput, NotAllowed
from ingest.depositing import Deposited, Wish, deposit, read_wish
from ingest.errors import UnreadableFile
from tests.conftest import make_identity
from tests.integration.changes import TODAY, make_context
from tests.integration.test_document_control import add, carry_out, cite, read
from tools.ingestion import read_state
from tools.library import propose_status

RULE = "Une réclamation urgente reçoit sa réponse sous vingt-quatre heures, sans exception."
QUERY = "réponse sous vingt-quatre heures à une réclamation urgente"


@pytest.fixture
def quality(conninfo: str, identity: Identity) -> Identity:
    return make_identity(conninfo, "quality", tenant_id=identity.tenant_id)


def write(folder: Path, name: str, text: str = RULE) -> Path:
    path = folder / name
    path.write_text(f"# Réclamations\n\n{text}\n", encoding="utf-8")
    return path


async def bring(
    database: Database, person: Identity, path: Path, wish: Wish | None = None
) -> Deposited:
    return await deposit(make_context(database, person), path, path.name, wish or Wish())


@pytest.mark.parametrize(
    ("said", "name", "code", "label"),
    [
        ("ajoute à la base de connaissances", "PR-21 Achats v2.0.pdf", "PR-21", "2.0"),
        ("base de connaissances, PR-30 version 3", "PR-21 Achats v2.0.pdf", "PR-30", "3"),
        ("", "IN-04_Denoncer_V1.2.docx", "IN-04", "1.2"),
        ("", "note de service.txt", None, None),
        ("", "Avis n° 12 du 3 mars.pdf", None, None),
    ],
)
def test_code_and_version_are_those_said_else_those_of_the_name(
    said: str, name: str, code: str | None, label: str | None
) -> None:
    assert read_wish(said, name) == Wish(code, label)


@pytest.mark.parametrize(
    ("said", "kind", "standards", "clause"),
    [
        ("Base de connaissances : procédure d’achat, ISO 9001 § 8.4", "procedure", ("ISO 9001",),
         "8.4"),
        ("un mode opératoire pour la base documentaire", "instruction", (), None),
        ("Ajoute ce modèle à la base de connaissances, iso-14001 et ISO 50001, clause 6.1.2",
         "template", ("ISO 14001", "ISO 50001"), "6.1.2"),
        ("Nouveau document maîtrisé PR-21", "other", (), None),
        ("Nouvelle version de la procédure PR-08, ISO\u00a09001 et 14001", "procedure",
         ("ISO 9001", "ISO 14001"), None),
        ("Base documentaire : ISO/IEC 27001, clauses 8.4 et 8.5", "other", ("ISO 27001",), "8.4"),
        ("Base documentaire, mémo sur la TVA", "memo", (), None),
        ("PR-02 Maîtrise des enregistrements, base documentaire", "other", (), None),
        ("Base documentaire : le bilan arrêté au 31 décembre", "other", (), None),
        ("Voici mes instructions : ajoute à la base documentaire", "other", (), None),
        ("Base documentaire, PR-07 version 2.0, elle remplace le guide", "other", (), None),
        ("Base documentaire : le chapitre 3 du relevé manuel", "other", (), None),
    ],
)  # fmt: skip
def test_kind_standards_and_clause_are_those_said(
    said: str, kind: str, standards: tuple[str, ...], clause: str | None
) -> None:
    wish = read_wish(said, "a.pdf")
    assert (wish.kind, wish.standards, wish.clause) == (kind, standards, clause)


async def test_a_document_is_a_draft_that_answers_cite_once_it_is_approved(
    database: Database, identity: Identity, quality: Identity, tmp_path: Path
) -> None:
    name = "PR-08 Réclamations v1.0.md"
    wish = read_wish("procédure, ISO 9001 § 8.2", name)
    kept = await bring(database, quality, write(tmp_path, name), wish)
    held = await read(database, quality, "1.0")
    assert (held.kind, held.standards, held.clause) == ("procedure", ["ISO 9001"], "8.2")
    assert (kept.kind, kept.standards, kept.clause) == ("procedure", ("ISO 9001",), "8.2")
    again = read_wish("cette instruction", name)
    kept = await bring(database, quality, write(tmp_path, name), again)
    assert (kept.kind, kept.standards, kept.clause) == ("instruction", ("ISO 9001",), "8.2")
    assert (kept.code, kept.label) == ("PR-08", "1.0")
    assert (await read(database, quality, "1.0")).standing == "draft"
    assert await cite(database, identity, QUERY, TODAY) == set()
    made = await propose_status(
        make_context(database, quality), kept.version_id, "in_force", reason="Relue"
    )
    await carry_out(database, identity, made)
    assert await cite(database, identity, QUERY, TODAY) == {("PR-08", "1.0")}


async def test_a_document_without_a_title_takes_its_file_s_name(
    database: Database, identity: Identity, tmp_path: Path
) -> None:
    held = tmp_path / "6454efd9-0a9e-49e1-a783-8c5e96b09580.txt"
    held.write_text("1. Objet\n\n" + RULE, encoding="utf-8")
    context = make_context(database, identity)
    kept = await deposit(context, held, "PR-44_Consignes d’accueil v1.txt", Wish())
    assert (kept.code, kept.label, kept.title) == ("PR-44", "1", "Consignes d’accueil")


async def test_a_new_version_keeps_what_its_document_is_and_the_former_stays_in_force(
    database: Database, identity: Identity, quality: Identity, tmp_path: Path
) -> None:
    await add(database, identity, "1", "cinq", kind="procedure", access=("quality", "director"))
    wish = Wish("PR-08", "2", title="Autre titre", kind="guide", access=("all",))
    await bring(database, quality, write(tmp_path, "nouveau.md"), wish)
    former, new = await read(database, quality, "1"), await read(database, quality, "2")
    assert (former.standing, new.standing) == ("in_force", "draft")
    assert (new.title, new.kind) == (former.title, "procedure") == ("Réclamations", "procedure")
    assert set(new.access) == {"quality", "director"}


async def test_a_version_that_stands_is_not_replaced_but_a_draft_is(
    database: Database, identity: Identity, quality: Identity, tmp_path: Path
) -> None:
    await add(database, identity, "1", "cinq")
    taken = r"version 1, existe déjà .en vigueur.*version 2\.0\u00a0»\."
    with pytest.raises(InvalidInput, match=taken):
        await bring(database, quality, write(tmp_path, "a.md"), Wish("PR-08", "1"))
    first = await bring(database, quality, write(tmp_path, "a.md"), Wish("PR-08", "2"))
    again = write(tmp_path, "b.md", "Réponse sous trois jours.")
    second = await bring(database, quality, again, Wish("PR-08", "2"))
    assert first.label == second.label
    draft = await read(database, quality, "2")
    assert (draft.id, draft.standing) == (second.version_id, "draft")
    assert (await read(database, quality, "1")).standing == "in_force"
    other = tmp_path / "c.txt"
    other.write_text("Réponse sous un mois.", encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"version 2, existe déjà .brouillon.*version 3\.0"):
        await bring(database, quality, other, Wish("PR-08", "2"))


@pytest.mark.parametrize("code", ["../../etc", "/PR-50", "PR-50/", "PR 50", "PR--50", "..", "«"])
async def test_a_new_document_takes_no_code_that_is_not_one(
    database: Database, quality: Identity, tmp_path: Path, code: str
) -> None:
    with pytest.raises(InvalidInput, match="n’a pas la forme d’un code de document"):
        await bring(database, quality, write(tmp_path, "a.md"), Wish(code, "1"))


async def test_a_code_that_a_document_has_already_or_its_file_s_name_is_taken_as_it_is(
    database: Database, quality: Identity, tmp_path: Path
) -> None:
    named = await bring(database, quality, write(tmp_path, "Note d’accueil.md"))
    assert named.code == "Note d’accueil"
    again = await bring(database, quality, write(tmp_path, "b.md"), Wish(named.code, "2"))
    written = await bring(database, quality, write(tmp_path, "c.md"), Wish("Qualité/PR_50.b", "1"))
    assert (again.code, written.code) == (named.code, "Qualité/PR_50.b")


async def test_two_files_of_one_name_are_two_documents(
    database: Database, quality: Identity, tmp_path: Path
) -> None:
    path = write(tmp_path, "note.md")
    first = await bring(database, quality, path, Wish("PR-08", "1"))
    second = await bring(database, quality, path, Wish("PR-08", "2"))
    assert (await read(database, quality, "1")).id == first.version_id
    assert (await read(database, quality, "2")).id == second.version_id


async def test_who_may_not_keep_documents_is_told_whom_to_ask(
    database: Database, conninfo: str, identity: Identity, tmp_path: Path
) -> None:
    sales = make_identity(conninfo, "sales", tenant_id=identity.tenant_id)
    with pytest.raises(NotAllowed, match="la qualité ou à la direction"):
        await bring(database, sales, write(tmp_path, "a.md"))


async def test_an_unreadable_file_is_told_and_stands_among_what_was_not_read(
    database: Database, quality: Identity, tmp_path: Path
) -> None:
    path = tmp_path / "PR-40 Abîmé.pdf"
    path.write_bytes(b"%PDF-1.7 rien de plus")
    with pytest.raises(UnreadableFile):
        await bring(database, quality, path)
    state = await read_state(make_context(database, quality))
    assert "PR-40" in repr(state)
