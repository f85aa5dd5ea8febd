"""Ingestion of a folder into PostgreSQL: incremental, exact, whole documents only."""

from __future__ import annotations

import asyncio
import datetime as dt
import multiprocessing
import os
import signal
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from docx import Document
from psycopg.rows import dict_row

from core.context import Identity
from core.database import Database
from core.errors import NotFound
from ingest.errors import UnreadableFile
from ingest.filing import Limits
from ingest.folder import ingest_folder
from ingest.register import Entry
from ingest.report import IngestionReport
from ingest.upload import ingest_file
from knowledge.documents import change_status, find_versions, get_file, list_versions
from knowledge.search import SearchFilters, search
from tests.conftest import SECRETS, make_identity

LIMITS = Limits(size_mb=50, time_s=60)
TODAY = dt.date(2026, 11, 16)

VERSION_PARTS = """
SELECT v.id, v.label, v.status, v.source_path, d.code, d.title,
    (SELECT count(*) FROM chunks c WHERE c.version_id = v.id) AS chunks,
    (SELECT count(*) FROM sentences s JOIN chunks c ON c.tenant_id = s.tenant_id
        AND c.id = s.chunk_id WHERE c.version_id = v.id) AS sentences,
    (SELECT i.chunk_count FROM index_versions i WHERE i.version_id = v.id) AS indexed
FROM document_versions v JOIN documents d ON d.tenant_id = v.tenant_id AND d.id = v.document_id
WHERE v.tenant_id = %s ORDER BY d.code, v.label
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "documents"
    (root / "Procédures").mkdir(parents=True)
    (root / "Procédures" / "Achats.md").write_text(
        "# Achats d’énergie\n\n## 1. Délais\n\nL’offre est vérifiée sous 3 jours. "
        "Le seuil est de 5 000 € HT.\n"
    )
    (root / "prix.csv").write_text("Poste;Prix\nHPH;98,50\nHCH;71,20\n")
    document = Document()
    document.add_heading("Audit interne", 1)
    document.add_paragraph("L’audit se tient deux fois par an.")
    document.save(str(root / "audit.docx"))
    return root


async def run(
    database: Database, identity: Identity, root: Path, **options: Any
) -> IngestionReport:
    return await ingest_folder(database, identity, root, workers=2, limits=LIMITS, **options)


def fetch(conninfo: str, statement: Any, *values: object) -> list[dict[str, Any]]:
    with psycopg.connect(conninfo, row_factory=dict_row) as connection:
        return connection.execute(statement, values).fetchall()


def list_parts(conninfo: str, identity: Identity) -> list[dict[str, Any]]:
    return fetch(conninfo, VERSION_PARTS, identity.tenant_id)


async def cite(
    database: Database, identity: Identity, day: dt.date | None = None
) -> set[tuple[str, str]]:
    """Code and version of what answers on the devis."""
    found = await search(
        database, identity, "garde du devis", today=TODAY, filters=SearchFilters(as_of=day)
    )
    return {(passage.code, passage.version_label) for passage in found.passages
            if "devis" in passage.text.lower()}  # fmt: skip


def write_register(root: Path, *entries: dict[str, Any]) -> None:
    (root / "registre.yaml").write_text(yaml.safe_dump(list(entries), allow_unicode=True))


async def test_every_file_becomes_a_document_with_passages_and_index(
    database: Database, identity: Identity, conninfo: str, folder: Path
) -> None:
    seen: list[tuple[int, int]] = []
    report = await run(
        database, identity, folder, progress=lambda done, total, _: seen.append((done, total))
    )
    assert sorted(report.indexed) == ["Procédures/Achats.md", "audit.docx", "prix.csv"]
    assert seen == [(1, 3), (2, 3), (3, 3)]
    parts = list_parts(conninfo, identity)
    assert [(row["code"], row["title"]) for row in parts] == [
        ("Achats", "Achats d’énergie"),
        ("audit", "Audit interne"),
        ("prix", "prix"),
    ]
    assert all(row["chunks"] == row["indexed"] and row["sentences"] > 0 for row in parts)


async def test_stored_sentences_are_exact_spans_of_their_chunk(
    database: Database, identity: Identity, conninfo: str, folder: Path
) -> None:
    await run(database, identity, folder)
    rows = fetch(
        conninfo,
        "SELECT substr(c.text, s.start_at + 1, s.end_at - s.start_at) AS quote FROM sentences s "
        "JOIN chunks c ON c.tenant_id = s.tenant_id AND c.id = s.chunk_id "
        "WHERE s.tenant_id = %s",
        identity.tenant_id,
    )
    quotes = {row["quote"] for row in rows}
    assert "L’offre est vérifiée sous 3 jours." in quotes
    assert "Poste\u00a0: HPH\u00a0; Prix\u00a0: 98,50" in quotes


async def test_a_second_run_on_an_unchanged_folder_does_no_work(
    database: Database, identity: Identity, conninfo: str, folder: Path
) -> None:
    await run(database, identity, folder)
    before = fetch(conninfo, "SELECT max(id) AS top FROM chunks")
    report = await run(database, identity, folder)
    assert (report.indexed, report.updated, report.removed) == ([], [], [])
    assert len(report.unchanged) == 3
    assert fetch(conninfo, "SELECT max(id) AS top FROM chunks") == before


async def test_a_changed_file_replaces_the_content_of_its_version(
    database: Database, identity: Identity, conninfo: str, folder: Path
) -> None:
    await run(database, identity, folder)
    before = {row["code"]: row["id"] for row in list_parts(conninfo, identity)}
    (folder / "prix.csv").write_text("Poste;Prix\nPointe;120,00\n")
    report = await run(database, identity, folder)
    assert report.indexed == ["prix.csv"]
    assert {row["code"]: row["id"] for row in list_parts(conninfo, identity)} == before
    texts = fetch(conninfo, "SELECT text FROM chunks WHERE tenant_id = %s", identity.tenant_id)
    joined = "\n".join(row["text"] for row in texts)
    assert "Pointe" in joined and "HPH" not in joined
    files = fetch(
        conninfo, "SELECT 1 AS n FROM document_files WHERE tenant_id = %s", identity.tenant_id
    )
    assert len(files) == 3


async def test_a_file_gone_takes_its_document_away(
    database: Database, identity: Identity, conninfo: str, folder: Path
) -> None:
    await run(database, identity, folder)
    (folder / "audit.docx").unlink()
    report = await run(database, identity, folder)
    assert report.removed == ["audit.docx"]
    assert [row["code"] for row in list_parts(conninfo, identity)] == ["Achats", "prix"]
    ledger = fetch(
        conninfo,
        "SELECT state FROM ingestion_files WHERE tenant_id = %s AND source_path = 'audit.docx'",
        identity.tenant_id,
    )
    assert ledger == [{"state": "removed"}]


async def test_a_changed_register_updates_the_rows_without_reading_again(
    database: Database, identity: Identity, conninfo: str, folder: Path
) -> None:
    entry = {"file": "prix.csv", "code": "PX-1", "title": "Prix", "kind": "market"}
    write_register(folder, entry)
    await run(database, identity, folder)
    before = fetch(conninfo, "SELECT max(id) AS top FROM chunks")
    write_register(folder, {**entry, "status": "withdrawn", "owner": identity.email})
    report = await run(database, identity, folder)
    assert report.updated == ["prix.csv"]
    assert fetch(conninfo, "SELECT max(id) AS top FROM chunks") == before
    row = fetch(
        conninfo,
        "SELECT v.status, d.owner_id FROM document_versions v JOIN documents d "
        "ON d.id = v.document_id WHERE d.tenant_id = %s AND d.code = 'PX-1'",
        identity.tenant_id,
    )
    assert row == [{"status": "withdrawn", "owner_id": identity.user_id}]


async def test_a_new_label_on_changed_bytes_keeps_the_former_version_as_superseded(
    database: Database, identity: Identity, conninfo: str, folder: Path
) -> None:
    write_register(folder, {"file": "prix.csv", "code": "PX", "title": "Prix", "version": "1"})
    await run(database, identity, folder)
    (folder / "prix.csv").write_text("Poste;Prix\nHPH;101,00\n")
    write_register(folder, {"file": "prix.csv", "code": "PX", "title": "Prix", "version": "2"})
    await run(database, identity, folder)
    versions = [row for row in list_parts(conninfo, identity) if row["code"] == "PX"]
    assert [(row["label"], row["status"]) for row in versions] == [
        ("1", "superseded"),
        ("2", "in_force"),
    ]


async def test_names_alone_tell_versions_of_which_the_last_answers(
    database: Database, identity: Identity, folder: Path
) -> None:
    (folder / "PR-21 Achats v1.0.md").write_text("# Achats\n\nLe devis se garde deux ans.\n")
    await run(database, identity, folder)
    assert await cite(database, identity) == {("PR-21", "1.0")}
    (folder / "PR-21 Achats v2.0.md").write_text("# Achats\n\nLe devis se garde cinq ans.\n")
    await run(database, identity, folder)
    assert await cite(database, identity) == {("PR-21", "2.0")}
    # Nobody knows until when the first one applied.
    assert await cite(database, identity, dt.date(2025, 1, 1)) == {("PR-21", "2.0")}
    again = await run(database, identity, folder)
    assert (again.indexed, again.updated, again.removed) == ([], [], [])
    (folder / "PR-21 Achats v2.0.md").unlink()
    await run(database, identity, folder)
    assert await cite(database, identity) == {("PR-21", "1.0")}


async def test_the_last_version_out_of_reach_does_not_bring_back_the_former(
    database: Database, identity: Identity, folder: Path, conninfo: str
) -> None:
    for label, text in (("1.0", "deux ans"), ("2.0", "cinq ans")):
        (folder / f"PR-21 Achats v{label}.md").write_text(f"# Achats\n\nDevis : {text}.\n")
    await run(database, identity, folder)
    (folder / "PR-21 Achats v2.0.md").write_bytes(b"")
    report = await run(database, identity, folder)
    assert [remark.path for remark in report.failures] == ["PR-21 Achats v2.0.md"]
    statuses = {row["label"]: row["status"] for row in list_parts(conninfo, identity)}
    assert statuses["1.0"] == "superseded"


async def test_two_files_for_one_version_are_refused_not_mixed(
    database: Database, identity: Identity, folder: Path
) -> None:
    shared = {"code": "PX", "title": "Prix", "version": "1"}
    write_register(folder, {"file": "prix.csv", **shared}, {"file": "audit.docx", **shared})
    report = await run(database, identity, folder)
    assert len(report.failures) == 1
    assert "déjà fourni par" in report.failures[0].message


async def test_an_unreadable_file_is_reported_and_the_others_go_on(
    database: Database, identity: Identity, conninfo: str, folder: Path
) -> None:
    (folder / "vide.pdf").touch()
    (folder / "casse.pdf").write_bytes(b"%PDF-1.7\nrien de lisible")
    report = await run(database, identity, folder)
    assert sorted(each.path for each in report.failures) == ["casse.pdf", "vide.pdf"]
    assert len(report.indexed) == 3
    rows = fetch(
        conninfo,
        "SELECT message FROM ingestion_files WHERE tenant_id = %s AND state = 'failed' "
        "ORDER BY source_path",
        identity.tenant_id,
    )
    assert "endommagé" in rows[0]["message"]
    assert "vide" in rows[1]["message"]


async def test_another_firm_sees_and_removes_nothing_of_it(
    database: Database, identity: Identity, conninfo: str, folder: Path
) -> None:
    await run(database, identity, folder)
    stranger = make_identity(conninfo, "reader", "director")
    version = list_parts(conninfo, identity)[0]["id"]
    async with database.transaction(stranger, "knowledge_writer") as connection:
        assert await list_versions(connection, identity.tenant_id) == []
    async with database.transaction(stranger) as connection:
        with pytest.raises(NotFound):
            await get_file(connection, identity.tenant_id, version)


@pytest.mark.parametrize(
    ("path", "code", "found"),
    [
        ("prix.csv", "AUCUN", ["prix.csv"]),
        ("aucun.md", "Achats", ["Procédures/Achats.md"]),
        ("prix.csv", "Achats", ["Procédures/Achats.md", "prix.csv"]),
        ("aucun.md", "AUCUN", []),
    ],
)
async def test_a_file_meets_the_versions_of_its_path_and_of_its_code(
    database: Database, identity: Identity, folder: Path, path: str, code: str, found: list[str]
) -> None:
    await run(database, identity, folder)
    async with database.transaction(identity, "knowledge_writer") as connection:
        held = await find_versions(connection, identity.tenant_id, path, code)
    assert [each.version.source_path for each in held] == found


async def test_the_original_file_is_served_byte_for_byte(
    database: Database, identity: Identity, conninfo: str, folder: Path
) -> None:
    await run(database, identity, folder)
    version = next(row["id"] for row in list_parts(conninfo, identity) if row["code"] == "audit")
    async with database.transaction(identity) as connection:
        served = await get_file(connection, identity.tenant_id, version)
    assert served.name == "audit.docx"
    assert served.content == (folder / "audit.docx").read_bytes()


async def test_a_version_put_in_force_supersedes_the_other(
    database: Database, identity: Identity, conninfo: str, folder: Path
) -> None:
    import datetime as dt

    write_register(
        folder,
        {"file": "prix.csv", "code": "PX", "title": "Prix", "version": "1"},
        {"file": "audit.docx", "code": "PX", "title": "Prix", "version": "2", "status": "draft"},
    )
    await run(database, identity, folder)
    draft = next(row["id"] for row in list_parts(conninfo, identity) if row["label"] == "2")
    async with database.transaction(identity, "knowledge_writer") as connection:
        await change_status(
            connection, identity.tenant_id, draft, "in_force", on=dt.date(2026, 11, 22)
        )
    versions = [row for row in list_parts(conninfo, identity) if row["code"] == "PX"]
    assert [row["status"] for row in versions] == ["superseded", "in_force"]


async def test_an_upload_is_stored_and_replaced_under_the_same_code(
    database: Database, identity: Identity, conninfo: str, folder: Path
) -> None:
    entry = Entry(file="note.md", code="NOTE-1", title="Note")
    achats = folder / "Procédures" / "Achats.md"
    options: dict[str, Any] = {"entry": entry}
    first = await ingest_file(database, identity, achats, name="note.md", **options)
    second = await ingest_file(database, identity, folder / "prix.csv", name="note.md", **options)
    assert first == second
    with pytest.raises(UnreadableFile):
        (folder / "vide.txt").touch()
        await ingest_file(database, identity, folder / "vide.txt")
    assert [row["code"] for row in list_parts(conninfo, identity)] == ["NOTE-1"]


def ingest_in_process(conninfo: str, identity: Identity, root: Path) -> None:
    async def work() -> None:
        database = Database(conninfo, SECRETS)
        await ingest_folder(database, identity, root, workers=2, limits=LIMITS)

    os.setsid()
    asyncio.run(work())


async def test_two_sources_do_not_replace_each_other_s_file_of_one_name(
    database: Database, identity: Identity, conninfo: str, tmp_path: Path
) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    for root, text in ((first, "Le délai est de dix jours."), (second, "Le prix est ferme.")):
        root.mkdir()
        (root / "consigne.md").write_text(f"# Consigne\n\n{text}\n")
    assert (await run(database, identity, first)).indexed == ["consigne.md"]
    for _ in range(2):
        [refused] = (await run(database, identity, second)).failures
        assert str(first) in refused.message and "Renommez" in refused.message
        assert (await run(database, identity, first)).unchanged == ["consigne.md"]
    texts = fetch(conninfo, "SELECT text FROM chunks WHERE tenant_id = %s", identity.tenant_id)
    assert [row["text"] for row in texts] == ["Le délai est de dix jours."]
    (second / "consigne.md").write_bytes((first / "consigne.md").read_bytes())
    assert (await run(database, identity, second)).unchanged == ["consigne.md"]
    (second / "consigne.md").write_text("# Consigne\n\nLe prix est révisable.\n")
    (first / "consigne.md").unlink()
    assert (await run(database, identity, second)).indexed == ["consigne.md"]


@pytest.mark.slow
async def test_a_killed_run_leaves_whole_documents_and_the_next_one_resumes(
    database: Database, identity: Identity, conninfo: str, tmp_path: Path
) -> None:
    root = tmp_path / "nombreux"
    root.mkdir()
    for number in range(20):
        body = "\n\n".join(f"Le site {number} consomme {place} MWh." for place in range(30))
        (root / f"note-{number:02}.md").write_text(f"# Note {number}\n\n{body}\n")
    process = multiprocessing.get_context("spawn").Process(
        target=ingest_in_process, args=(conninfo, identity, root)
    )
    process.start()
    deadline = time.monotonic() + 60
    while len(list_parts(conninfo, identity)) < 3 and time.monotonic() < deadline:
        time.sleep(0.05)  # noqa: ASYNC251 - nothing else runs in this loop
    os.kill(process.pid or 0, signal.SIGKILL)
    await asyncio.to_thread(process.join)
    parts = list_parts(conninfo, identity)
    assert 3 <= len(parts) < 20
    halves = [row for row in parts if (row["chunks"], row["sentences"]) != (row["indexed"], 30)]
    assert halves == []
    report = await run(database, identity, root)
    assert len(report.unchanged) >= len(parts)
    assert len(report.unchanged) + len(report.indexed) == 20
    assert len(list_parts(conninfo, identity)) == 20
