"""Bad input to the documents folder: each ends in a row that says what to do, the others go on."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
import yaml
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from agents.portfolio_assistant.assistant import Assistant
from agents.portfolio_assistant.models import AnswerReady
from api import asking_cli
from api.app import create_app
from api.auth import Gatekeeper
from api.services import Services
from api.worker import read_folders
from core.context import Identity, frozen_clock
from core.database import Database
from core.engine.offline import OfflineEngine
from core.errors import InvalidInput, NotAllowed
from core.settings import Settings, get_settings
from crm.erasure import find_traces, make_subject
from ingest import listing
from ingest.asking import ask_reading
from ingest.errors import UnreadableFile
from ingest.filing import Limits
from ingest.folder import ingest_folder
from ingest.preparation import PreparedFile, Reading, Workshop
from ingest.report import IngestionReport
from ingest.upload import ingest_file
from knowledge.control import ControlledVersion, list_controlled
from knowledge.documents import list_versions
from knowledge.ingestion_runs import FileTrouble
from knowledge.search import SearchFilters, search
from tests.conftest import SECRETS, make_identity
from tests.integration.changes import TODAY, approve_all, executing, make_context, run_sql
from tools.erasure import confirm_erasure, preview_erasure
from tools.ingestion import read_state, tell_state
from tools.library import (
    acknowledge_reading,
    list_bounds,
    list_readers,
    propose_custody,
    propose_review,
    propose_status,
)
from tools.library import list_versions as list_versions_shown

LIMITS = Limits(size_mb=50, time_s=60)


class Meddling(Workshop):
    """Does something to a file once it is read, before it is written."""

    def __init__(self, readers: Workshop, meddle: Callable[[Path], None]) -> None:
        super().__init__(1)
        self.readers, self.meddle = readers, meddle

    async def prepare(self, reading: Reading) -> PreparedFile:
        prepared = await self.readers.prepare(reading)
        self.meddle(reading.path)
        return prepared


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "documents"
    root.mkdir()
    (root / "bon.md").write_text("# Délais\n\nLa réponse part sous 3 jours.\n")
    return root


async def run(
    database: Database, identity: Identity, root: Path, **options: Any
) -> IngestionReport:
    options = {"limits": LIMITS, **options}
    return await ingest_folder(database, identity, root, workers=2, **options)


async def troubles(database: Database, identity: Identity) -> dict[str, FileTrouble]:
    state = await read_state(make_context(database, identity))
    return {one.source_path: one for one in state.troubles}


async def codes(database: Database, identity: Identity) -> list[str]:
    async with database.transaction(identity, "knowledge_writer") as connection:
        return [one.document.code for one in await list_versions(connection, identity.tenant_id)]


def write_register(root: Path, *entries: dict[str, Any]) -> None:
    (root / "registre.yaml").write_text(yaml.safe_dump(list(entries), allow_unicode=True))


def write_pages(path: Path, pages: int) -> None:
    canvas = Canvas(str(path), pagesize=A4)
    for page in range(pages):
        canvas.drawString(72, 700, f"Page {page} du dossier, puissance de 36 kVA.")
        canvas.showPage()
    canvas.save()


async def test_a_pdf_too_long_to_read_in_time_asks_to_be_cut(
    database: Database, identity: Identity, folder: Path
) -> None:
    assert (await run(database, identity, folder)).indexed == ["bon.md"]
    write_pages(folder / "long.pdf", 2000)
    (folder / "bref.md").write_text("# Bref\n\nUn texte bref.\n")
    report = await run(database, identity, folder, limits=Limits(size_mb=50, time_s=1))
    assert report.indexed == ["bref.md"]
    assert "Découpez-le" in (await troubles(database, identity))["long.pdf"].message


async def test_a_scan_without_text_says_how_to_scan_again(
    database: Database, identity: Identity, folder: Path
) -> None:
    Image.new("L", (400, 600), 250).save(folder.parent / "blanc.png")
    canvas = Canvas(str(folder / "scan.pdf"), pagesize=A4)
    canvas.drawImage(str(folder.parent / "blanc.png"), 0, 0, *A4)
    canvas.save()
    report = await run(database, identity, folder)
    assert report.indexed == ["bon.md"]
    message = (await troubles(database, identity))["scan.pdf"].message
    assert "300 points par pouce" in message or "tesseract" in message


def rewrite(path: Path) -> None:
    path.write_text("# Autre\n\nAutre texte.\n")


@pytest.mark.parametrize(
    ("meddle", "told"),
    [(rewrite, "a changé pendant sa lecture"), (Path.unlink, "a disparu pendant sa lecture")],
)
async def test_a_file_that_changes_or_goes_while_it_is_read_is_read_next_time(
    database: Database,
    identity: Identity,
    folder: Path,
    workshop: Workshop,
    meddle: Callable[[Path], None],
    told: str,
) -> None:
    report = await run(database, identity, folder, workshop=Meddling(workshop, meddle))
    assert report.indexed == []
    trouble = (await troubles(database, identity))["bon.md"]
    assert told in trouble.message and "Relancez" in trouble.message
    (folder / "bon.md").write_text("# Autre\n\nAutre texte.\n")
    assert (await run(database, identity, folder)).indexed == ["bon.md"]
    assert await troubles(database, identity) == {}


async def test_each_refused_file_is_told_under_the_source_that_holds_it(
    database: Database, identity: Identity, folder: Path, tmp_path: Path
) -> None:
    other = tmp_path / "autre"
    other.mkdir()
    for place in (folder, other):
        (place / "vide.docx").write_bytes(b"")
        await run(database, identity, place)
    told = tell_state(await read_state(make_context(database, identity)))
    for place in (folder, other):
        rank = told.index(f"Non lus, dans «\u00a0{place}\u00a0»\u00a0:")
        assert told[rank - 1] == "", "Markdown would add the heading to the item before it"
        assert any("vide.docx" in line for line in told[rank + 1 :])


async def test_every_folder_once_read_is_read_again_whatever_becomes_of_another(
    database: Database, identity: Identity, folder: Path, tmp_path: Path
) -> None:
    others = [tmp_path / "a", tmp_path / "b"]
    for other in others:
        other.mkdir()
        (other / f"{other.name}.md").write_text(f"# Note {other.name}\n\nUn texte.\n")
        await run(database, identity, other)
    (others[0] / "registre.yaml").write_text("- file: [\n")
    (others[1] / "b.md").unlink()
    await read_folders(database, identity, folder, workers=1)
    assert await codes(database, identity) == ["a", "bon"]


async def test_a_source_that_disappears_keeps_what_was_read_and_says_so(
    database: Database, identity: Identity, folder: Path
) -> None:
    await run(database, identity, folder)
    os.rename(folder, folder.parent / "ailleurs")  # noqa: PTH104
    with pytest.raises(InvalidInput, match="n’est plus accessible"):
        await run(database, identity, folder)
    assert await codes(database, identity) == ["bon"]
    state = await read_state(make_context(database, identity))
    (source,) = state.sources
    assert source.message is not None and source.succeeded_at is not None
    told = "\n".join(tell_state(state))
    assert "Dernière lecture complète le" in told and "s’est arrêtée\u00a0: Le dossier" in told


async def test_the_last_complete_reading_is_remembered_however_long_the_source_is_away(
    database: Database, identity: Identity, folder: Path
) -> None:
    for _ in range(2):
        await run(database, identity, folder)
    os.rename(folder, folder.parent / "ailleurs")  # noqa: PTH104
    with pytest.raises(InvalidInput):
        await run(database, identity, folder)
    async with database.transaction(identity, "knowledge_writer") as connection:
        await connection.execute(
            "UPDATE ingestion_runs SET started_at = started_at - interval '40 days', "
            "ended_at = ended_at - interval '40 days'"
        )
    with pytest.raises(InvalidInput):
        await run(database, identity, folder)
    (source,) = (await read_state(make_context(database, identity))).sources
    assert source.succeeded_at is not None
    async with database.transaction(identity, "knowledge_writer") as connection:
        rows = await (await connection.execute("SELECT id FROM ingestion_runs")).fetchall()
    assert len(rows) == 2


async def test_a_folder_suddenly_empty_removes_nothing(
    database: Database, identity: Identity, folder: Path
) -> None:
    for number in range(10):
        (folder / f"note-{number}.md").write_text(f"# Note {number}\n\nTexte {number}.\n")
    await run(database, identity, folder)
    for name in os.listdir(folder):  # noqa: PTH208
        (folder / name).unlink()
    with pytest.raises(InvalidInput, match="démonté"):
        await run(database, identity, folder)
    assert len(await codes(database, identity)) == 11


ENTRY = {"file": "bon.md", "code": "BON", "access": ["director"], "must_read": ["director"]}


@pytest.mark.parametrize(
    ("typo", "told"),
    [
        ({**ENTRY, "access": ["direktor"]}, "valeurs admises : all, reader"),
        ({**ENTRY, "file": "bonn.md"}, "désigne maintenant «\u00a0bonn.md\u00a0»"),
    ],
)
async def test_a_file_whose_rights_cannot_be_read_is_shown_to_nobody_and_kept_until_they_can(
    database: Database, identity: Identity, folder: Path, typo: dict[str, Any], told: str
) -> None:
    (folder / "autre.md").write_text("# Autre\n\nUn autre texte.\n")
    write_register(folder, ENTRY)
    await run(database, identity, folder)
    context = make_context(database, identity)
    (version,) = await list_versions_shown(context, code="BON")
    read_at = await acknowledge_reading(context, version.id)
    for _ in range(2):
        write_register(folder, typo)
        await run(database, identity, folder)
        assert [one.code for one in await list_versions_shown(context)] == ["autre"]
        rows = await run_sql(database, identity, "assistant_read", "SELECT code FROM documents")
        assert [row["code"] for row in rows] == ["autre"]
        found = await search(database, identity, "réponse sous 3 jours", today=TODAY)
        assert "BON" not in {passage.code for passage in found.passages}
        message = (await troubles(database, identity))["bon.md"].message
        assert told in message and "consultable par personne" in message
    write_register(folder, ENTRY)
    assert (await run(database, identity, folder)).indexed == ["bon.md"]
    assert await troubles(database, identity) == {}
    found = await search(database, identity, "réponse sous 3 jours", today=TODAY)
    assert "BON" in {passage.code for passage in found.passages}
    (shown,) = await list_versions_shown(context, code="BON")
    assert (shown.id, shown.readers_done) == (version.id, 1)
    assert await acknowledge_reading(context, version.id) == read_at


async def test_readings_follow_the_same_text_under_another_code(
    database: Database, identity: Identity, folder: Path
) -> None:
    write_register(folder, ENTRY)
    await run(database, identity, folder)
    context = make_context(database, identity)
    (version,) = await list_versions_shown(context)
    await acknowledge_reading(context, version.id)
    write_register(folder, {**ENTRY, "code": "BONNE"})
    await run(database, identity, folder)
    (renamed,) = await list_versions_shown(context)
    assert (renamed.code, renamed.readers_done) == ("BONNE", 1)


async def test_an_entry_that_names_no_file_leaves_every_unregistered_file_as_it_was(
    database: Database, identity: Identity, folder: Path, conninfo: str
) -> None:
    entry = {"file": "bon.md", "code": "BON", "access": ["director"]}
    write_register(folder, entry)
    await run(database, identity, folder)
    (folder / "autre.md").write_text("# Autre\n\nUn autre texte.\n")
    (folder / "sûr.md").write_text("# Sûr\n\nUn texte enregistré.\n")
    write_register(folder, {"code": "BON", "access": ["director"]}, {"file": "sûr.md", "code": "S"})
    report = await run(database, identity, folder)
    assert (report.indexed, report.updated) == (["sûr.md"], [])
    message = (await troubles(database, identity))["registre.yaml, entrée n° 1"].message
    assert "(«\u00a0BON\u00a0») ne dit pas de quel fichier" in message
    reader = make_identity(conninfo, "reader", tenant_id=identity.tenant_id)
    async with database.transaction(reader) as connection:
        seen = await list_controlled(connection, reader.tenant_id, TODAY)
    assert [one.code for one in seen] == ["S"]
    write_register(folder, entry, {"file": "sûr.md", "code": "S"})
    assert (await run(database, identity, folder)).indexed == ["autre.md"]
    assert await troubles(database, identity) == {}


async def test_a_fault_of_the_register_on_an_absent_file_stays_one_fault_until_mended(
    database: Database, identity: Identity, folder: Path
) -> None:
    good = {"file": "bon.md", "code": "BON"}
    write_register(folder, good, {"file": "absent.md", "code": "A", "access": ["x"]}, {"code": "B"})
    for _ in range(3):
        report = await run(database, identity, folder)
        assert report.removed == []
        expected = {"absent.md", "registre.yaml, entrée n° 3"}
        assert {one.path for one in report.failures} == expected
        assert set(await troubles(database, identity)) == expected
    write_register(folder, good)
    assert (await run(database, identity, folder)).removed == []
    assert await troubles(database, identity) == {}


async def test_a_register_that_goes_opens_nothing_it_closed(
    database: Database, identity: Identity, folder: Path
) -> None:
    write_register(folder, {**ENTRY, "access": ["admin"]})
    await run(database, identity, folder)
    for emptied in (False, True):
        (folder / "registre.yaml").unlink()
        if emptied:
            (folder / "registre.yaml").write_text("# rien\n")
        with pytest.raises(InvalidInput, match=r"n’est plus dans le dossier.*rien n’a été changé"):
            await run(database, identity, folder)
        (folder / "registre.yaml").touch()
    found = await search(database, identity, "réponse sous 3 jours", today=TODAY)
    assert found.passages == ()
    assert await codes(database, identity) == ["BON"]
    write_register(folder)
    await run(database, identity, folder)
    assert await codes(database, identity) == ["bon"]


@pytest.mark.parametrize("field", [{"status": "draft"}, {"version": "2"}, {"code": "BON"}])
async def test_a_register_that_goes_leaves_drafts_codes_and_versions_as_they_were(
    database: Database, identity: Identity, folder: Path, field: dict[str, str]
) -> None:
    write_register(folder, {"file": "bon.md", "code": "bon", **field})
    await run(database, identity, folder)
    (folder / "registre.yaml").unlink()
    with pytest.raises(InvalidInput, match="n’est plus dans le dossier"):
        await run(database, identity, folder)


async def test_a_folder_without_register_never_needs_one(
    database: Database, identity: Identity, folder: Path
) -> None:
    await run(database, identity, folder)
    (folder / "autre").mkdir()
    (folder / "autre" / "bon.md").write_text("# Autre\n\nUn autre texte.\n")
    report = await run(database, identity, folder)
    assert report.failures == []


async def test_a_register_or_its_folder_that_cannot_be_opened_says_so(
    database: Database, identity: Identity, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, **_: object) -> str:
        raise PermissionError(13, "Permission denied", str(path))

    await run(database, identity, folder)
    monkeypatch.setattr(Path, "read_text", refuse)
    with pytest.raises(InvalidInput, match=r"n’a pas pu être ouvert.*droit de le lire"):
        await run(database, identity, folder)


async def test_each_version_keeps_its_own_title(
    database: Database, identity: Identity, folder: Path
) -> None:
    (folder / "ancien.md").write_text("# Délais\n\nLa réponse part sous 5 jours.\n")
    old = {"code": "BON", "file": "ancien.md", "version": "1", "status": "superseded",
           "valid_from": dt.date(2024, 1, 1)}  # fmt: skip
    new = {"code": "BON", "file": "bon.md", "version": "2", "valid_from": dt.date(2025, 1, 1)}
    titles = {"1": "Délais du TURPE 6", "2": "Délais du TURPE 7"}
    write_register(folder, *({**one, "title": titles[str(one["version"])]} for one in (old, new)))
    await run(database, identity, folder)
    context = make_context(database, identity)
    assert {one.label: one.title for one in await list_versions_shown(context)} == titles
    for day, label in ((dt.date(2024, 6, 1), "1"), (TODAY, "2")):
        filters = SearchFilters(as_of=day)
        found = await search(database, identity, "délai de réponse", today=TODAY, filters=filters)
        assert [one.title for one in found.passages] == [titles[label]]
    titles["1"] = "Délais, TURPE 6"
    write_register(folder, *({**one, "title": titles[str(one["version"])]} for one in (old, new)))
    report = await run(database, identity, folder)
    assert (report.updated, report.unchanged) == (["ancien.md"], ["bon.md"])
    assert {one.label: one.title for one in await list_versions_shown(context)} == titles


async def test_a_version_written_as_a_number_is_kept_as_written(
    database: Database, identity: Identity, folder: Path
) -> None:
    entry = "- file: bon.md\n  code: BON\n  version: 2.10\n  valid_from: 2025-01-01\n"
    (folder / "registre.yaml").write_text(entry)
    await run(database, identity, folder)
    (shown,) = await list_versions_shown(make_context(database, identity), code="BON")
    assert (shown.label, shown.valid_from) == ("2.10", dt.date(2025, 1, 1))


async def test_a_register_that_is_no_list_changes_nothing_and_says_where(
    database: Database, identity: Identity, folder: Path
) -> None:
    await run(database, identity, folder)
    (folder / "registre.yaml").write_text("- file: bon.md\n  code: [\n")
    with pytest.raises(InvalidInput, match=r"ligne \d.*rien n’a été changé"):
        await run(database, identity, folder)
    assert await codes(database, identity) == ["bon"]


async def test_what_cannot_be_opened_keeps_what_was_read_below_it(
    database: Database, identity: Identity, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "Fermé").mkdir()
    (folder / "Fermé" / "note.md").write_text("# Note\n\nUn texte.\n")
    await run(database, identity, folder)
    walk = os.walk

    def refuse(root: Path, onerror: Any) -> Iterator[Any]:
        onerror(PermissionError(13, "x", str(root / "Fermé")))
        for place, folders, names in walk(root):
            folders[:] = [name for name in folders if name != "Fermé"]
            yield place, folders, names

    monkeypatch.setattr(listing.os, "walk", refuse)
    report = await run(database, identity, folder)
    assert report.removed == []
    assert await codes(database, identity) == ["bon", "note"]
    assert "(droits insuffisants)" in (await troubles(database, identity))["Fermé"].message


async def test_the_path_of_an_erased_file_is_told_to_who_reads_and_noted_nowhere(
    database: Database, identity: Identity, folder: Path, conninfo: str
) -> None:
    path = folder / "Lettre de Paul Martin.md"
    path.write_text("# Lettre\n\nReçue de Paul Martin.\n")
    await run(database, identity, folder)
    admin = make_identity(conninfo, "admin", tenant_id=identity.tenant_id)
    context, subject = make_context(database, admin), make_subject("person", ["Paul Martin"])
    shown = await preview_erasure(context, subject)
    await confirm_erasure(context, shown.id, subject, shown.digest)
    report = await run(database, identity, folder)
    (failure,) = report.failures
    assert failure.path == path.name and "a été effacé de la base" in failure.message
    row = (await troubles(database, identity))["fichier effacé n°\u00a01"]
    assert "est toujours là" in row.message
    with pytest.raises(UnreadableFile, match="a été effacé de la base"):
        await ingest_file(database, identity, path, limits=LIMITS)
    assert await find_traces(database, admin, subject) == {}
    path.write_text("# Lettre\n\nReçue d’un client.\n")
    assert (await run(database, identity, folder)).indexed == [path.name]
    assert not any("effacé" in name for name in await troubles(database, identity))


async def test_what_is_no_file_of_the_folder_has_a_row_and_nothing_of_it_stays(
    database: Database, identity: Identity, folder: Path, tmp_path: Path
) -> None:
    await run(database, identity, folder)
    outside = tmp_path / "ailleurs"
    outside.mkdir()
    (outside / "secret.md").write_text("# Ailleurs\n\nUn texte d’un autre dossier.\n")
    (folder / "bon.md").unlink()
    (folder / "bon.md").symlink_to(outside / "secret.md")
    (folder / "perdu.md").symlink_to(outside / "absent.md")
    (folder / "dossier").symlink_to(outside)
    (folder / "boucle").symlink_to(folder / "boucle")
    os.mkfifo(folder / "tube")
    report = await run(database, identity, folder)
    assert report.removed == ["bon.md"] and await codes(database, identity) == []
    found = await troubles(database, identity)
    for name, told in (
        ("bon.md", "hors de ce dossier"),
        ("perdu.md", "dont la cible a disparu"),
        ("dossier", "un lien vers un dossier"),
        ("boucle", "lien qui tourne en rond"),
        ("tube", "pas un fichier de document"),
    ):
        assert told in found[name].message
    for name in ("perdu.md", "dossier", "boucle", "tube"):
        (folder / name).unlink()
    (folder / "bon.md").unlink()
    await run(database, identity, folder)
    assert await troubles(database, identity) == {}


async def test_an_earlier_version_does_not_come_back_when_the_last_is_a_broken_link(
    database: Database, identity: Identity, folder: Path
) -> None:
    for label in ("1.0", "2.0"):
        path = folder / f"PR-44 Achats v{label}.md"
        path.write_text(f"# Achats\n\nLe délai est de {label} jours.\n")
    await run(database, identity, folder)
    last = folder / "PR-44 Achats v2.0.md"
    last.unlink()
    last.symlink_to(folder / "absent.md")
    report = await run(database, identity, folder)
    assert report.removed == [last.name]
    async with database.transaction(identity) as connection:
        held = await list_controlled(connection, identity.tenant_id, TODAY, code="PR-44")
    assert [(one.label, one.standing) for one in held] == [("1.0", "superseded")]


async def test_two_files_of_one_name_are_two_documents(
    database: Database, identity: Identity, folder: Path
) -> None:
    await run(database, identity, folder)
    (folder / "Archives").mkdir()
    (folder / "Archives" / "bon.md").write_text("# Vieux délais\n\nSous 10 jours.\n")
    report = await run(database, identity, folder)
    assert report.failures == []
    assert await codes(database, identity) == ["Archives/bon", "bon"]


async def test_a_large_table_and_mixed_encodings_are_read(
    database: Database, identity: Identity, folder: Path
) -> None:
    rows = "\n".join(f"{n:014};Réseau {n % 7};{n % 900}" for n in range(3100))
    (folder / "points.csv").write_text(f"PRM;Réseau;Puissance\n{rows}\n", encoding="cp1252")
    mixed = "# Échéances\n\nL’échéance est au 1er mars.\n\n".encode()
    (folder / "mixte.md").write_bytes(mixed + "Délai résilié à l'été.\n".encode("cp1252"))
    report = await run(database, identity, folder)
    assert report.failures == []
    async with database.transaction(identity) as connection:
        cursor = await connection.execute(
            "SELECT d.code, string_agg(c.text, ' ' ORDER BY c.id) AS text FROM documents d "
            "JOIN document_versions v ON v.document_id = d.id "
            "JOIN chunks c ON c.version_id = v.id GROUP BY d.code"
        )
        texts = {row["code"]: row["text"] for row in await cursor.fetchall()}
    assert "L’échéance est au 1er mars." in texts["mixte"] and "été" in texts["mixte"]
    assert "Réseau" in texts["points"] and "00000000003099" in texts["points"]
    assert "Découpez-la" in (await troubles(database, identity))["points.csv"].message


async def test_a_decision_stands_against_the_register_until_the_file_changes(
    database: Database, identity: Identity, folder: Path, conninfo: str
) -> None:
    write_register(folder, {"file": "bon.md", "code": "BON", "status": "in_review"})
    await run(database, identity, folder)
    quality = make_identity(conninfo, "quality", tenant_id=identity.tenant_id)
    context = make_context(database, quality)

    async def standing() -> str:
        async with database.transaction(quality) as connection:
            (one,) = await list_controlled(connection, quality.tenant_id, TODAY)
        versions.append(one.id)
        return one.standing

    versions: list[Any] = []
    assert await standing() == "in_review"
    made = await propose_status(context, versions[0], "in_force", reason="Relue")
    await approve_all(context, made)
    async with executing(database) as executor:
        await executor.run_once()
    assert (await run(database, identity, folder)).unchanged == ["bon.md"]
    assert await standing() == "in_force"
    (folder / "bon.md").write_text("# Délais\n\nLa réponse part sous 9 jours.\n")
    await run(database, identity, folder)
    assert await standing() == "in_review"


async def test_what_was_decided_of_a_file_stands_when_its_name_no_longer_gives_its_code(
    database: Database, identity: Identity, folder: Path, conninfo: str
) -> None:
    (folder / "bon.md").rename(folder / "PR-21 Achats.md")
    await run(database, identity, folder)
    quality = make_identity(conninfo, "quality", tenant_id=identity.tenant_id)
    context = make_context(database, quality)
    (before,) = await list_versions_shown(context, code="PR-21")
    read_at = await acknowledge_reading(context, before.id)
    readers = await propose_custody(context, before.id, must_read=["quality"], reason="À lire")
    withdrawal = await propose_status(context, before.id, "withdrawn", reason="Abrogée")
    await approve_all(context, readers, withdrawal)
    async with executing(database) as executor:
        await executor.run_once()
        await executor.run_once()
    (folder / "PR-21 Annexe.md").write_text("# Annexe\n\nUn tableau des seuils d’achat.\n")
    for _ in range(2):
        await run(database, identity, folder)
        (after,) = await list_versions_shown(context, code="PR-21 Achats")
        assert (after.id, after.standing, after.must_read) == (before.id, "withdrawn", ["quality"])
        (reader,) = await list_readers(context, after.id)
        assert reader.read_at == read_at
    assert await list_versions_shown(context, code="PR-21") == []


async def test_a_withdrawal_stands_when_the_file_changes(
    database: Database, identity: Identity, folder: Path, conninfo: str
) -> None:
    await run(database, identity, folder)
    context = make_context(
        database, make_identity(conninfo, "quality", tenant_id=identity.tenant_id)
    )
    (version,) = await list_versions_shown(context, code="bon")
    withdrawal = await propose_status(context, version.id, "withdrawn", reason="Abrogée")
    await approve_all(context, withdrawal)
    async with executing(database) as executor:
        await executor.run_once()
    for days in (9, 12):
        (folder / "bon.md").write_text(f"# Délais\n\nLa réponse part sous {days} jours.\n")
        assert (await run(database, identity, folder)).indexed == ["bon.md"]
        (held,) = await list_versions_shown(context, code="bon")
        assert (held.id, held.standing) == (version.id, "withdrawn")
    assert version.text_changed_on is None
    assert held.text_changed_on == dt.datetime.now(ZoneInfo("Europe/Paris")).date()
    assert list_bounds(held)[-1].startswith("texte changé le")


async def test_an_approved_review_date_stands_and_leaves_the_status_to_the_register(
    database: Database, identity: Identity, folder: Path, conninfo: str
) -> None:
    entry = {"file": "bon.md", "code": "BON", "review_due_on": "2026-12-01"}
    write_register(folder, entry)
    await run(database, identity, folder)
    quality = make_identity(conninfo, "quality", tenant_id=identity.tenant_id)
    context, due = make_context(database, quality), TODAY + dt.timedelta(days=200)

    async def read_version() -> ControlledVersion:
        async with database.transaction(quality) as connection:
            (one,) = await list_controlled(connection, quality.tenant_id, TODAY)
        return one

    made = await propose_review(context, (await read_version()).id, due, "Relue")
    await approve_all(context, made)
    async with executing(database) as executor:
        await executor.run_once()
    write_register(folder, {**entry, "status": "withdrawn"})
    assert (await run(database, identity, folder)).updated == ["bon.md"]
    held = await read_version()
    assert (held.standing, held.review_due_on) == ("withdrawn", due)


async def clear_jobs(database: Database, identity: Identity) -> None:
    async with database.transaction(identity, "knowledge_writer") as connection:
        await connection.execute("DELETE FROM procrastinate_jobs")


async def test_a_reading_is_asked_once_and_by_who_looks_after_the_base(
    database: Database, identity: Identity, conninfo: str, tmp_path: Path
) -> None:
    seller = make_identity(conninfo, "sales", tenant_id=identity.tenant_id)
    with pytest.raises(NotAllowed):
        await ask_reading(database, seller, tmp_path)
    with pytest.raises(NotAllowed):
        await read_state(make_context(database, seller))
    await clear_jobs(database, identity)
    for expected in (True, False):
        assert await ask_reading(database, identity, tmp_path) is expected
    await clear_jobs(database, identity)


async def list_stops(database: Database, identity: Identity) -> list[str]:
    """Why the readings stopped, as the state of the sources tells it."""
    sources = (await read_state(make_context(database, identity))).sources
    return [source.message or "" for source in sources]


async def ask_in_conversation(database: Database, identity: Identity) -> None:
    assistant = Assistant(database, OfflineEngine({}), frozen_clock(TODAY))
    asked = "Relancez la lecture des documents"
    *_, last = [event async for event in assistant.ask(identity, asked, surface="chat")]
    assert isinstance(last, AnswerReady) and last.answer.status == "refused"
    raise InvalidInput(last.answer.text)


async def ask_by_api(database: Database, identity: Identity) -> None:
    gatekeeper = Gatekeeper(database, SECRETS)
    assistant = Assistant(database, OfflineEngine({}), frozen_clock(TODAY))
    app = create_app(Services(get_settings(), database, gatekeeper, assistant, OfflineEngine({})))
    bearer = {"authorization": f"Bearer {gatekeeper.issue_token(identity).value}"}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://voltaire") as client:
        answer = await client.post("/api/v1/knowledge/ingestion", headers=bearer)
    assert answer.status_code == 422
    raise InvalidInput(answer.json()["detail"])


async def ask_in_terminal(_: Database, identity: Identity) -> None:
    await asyncio.to_thread(asking_cli.ingest, get_settings().documents_dir, identity.email)


@pytest.mark.parametrize("ask", [ask_in_conversation, ask_by_api, ask_in_terminal])
async def test_a_folder_asked_for_by_hand_when_it_is_gone_is_noted_and_told(
    database: Database, identity: Identity, data_folder: Settings, monkeypatch: pytest.MonkeyPatch,
    ask: Callable[[Database, Identity], Awaitable[None]],
) -> None:  # fmt: skip
    monkeypatch.setattr(get_settings(), "data_dir", data_folder.data_dir)
    monkeypatch.setattr(asking_cli, "settings_of_command", get_settings)
    folder = data_folder.documents_dir
    data_folder.postgres_dir.mkdir()
    with pytest.raises(InvalidInput, match="Vérifiez le chemin"):
        await ask(database, identity)
    assert await list_stops(database, identity) == [], "a path never read is no source"
    folder.mkdir()
    (folder / "bon.md").write_text("# Délais\n\nLa réponse part sous 3 jours.\n")
    await run(database, identity, folder)
    assert await list_stops(database, identity) == [""]
    folder.rename(folder.with_name("ailleurs"))
    with pytest.raises(InvalidInput, match="Vérifiez le chemin"):
        await ask(database, identity)
    (stop,) = await list_stops(database, identity)
    assert "n’est plus accessible" in stop and str(folder) in stop
    assert await codes(database, identity) == ["bon"]
