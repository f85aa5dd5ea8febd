"""A SharePoint library as a source: what changes there, who may read it, what goes wrong."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import procrastinate
import pytest
from procrastinate.testing import InMemoryConnector

from api.library_jobs import TASK, LibraryJobs
from core.context import Context, Identity, system_clock
from core.database import Database
from core.engine.offline import OfflineEngine
from core.errors import ConfigurationError, InvalidInput, VoltaireError
from core.settings import Settings
from crm.erasure import make_subject
from ingest.clients import graph_transport
from ingest.clients.graph_drive import GraphDrives
from ingest.libraries.paths import shorten_name
from ingest.libraries.retiring import retire_libraries
from ingest.libraries.rights import find_rights, read_roles
from ingest.libraries.syncing import LOCK, PATIENCE, LibraryReader, ReadingUnderWay
from ingest.report import IngestionReport
from knowledge.ingested_files import list_files
from knowledge.ingestion_runs import SourceState, list_sources
from knowledge.search import search
from tests.conftest import make_identity
from tests.doubles.graph.drives import (
    HOST,
    SITE,
    Drives,
    Entry,
    let_group,
    let_organisation,
    let_person,
)
from tests.doubles.graph.server import listening
from tests.integration.test_graph_mail import Bearer
from tools.erasure import confirm_erasure, preview_erasure
from tools.library import acknowledge_reading, list_readers, list_versions

NAME = f"{HOST}/sites/{SITE}/Documents"
ROLES = read_roles("Membres=all; Qualité=quality, admin; Ventes=sales; organisation=all")
MEMBERS = let_group("Membres")
SWITCH = b"# Changement\n\nLe changement de fournisseur prend vingt et un jours.\n"
TODAY = dt.date(2026, 3, 2)


@pytest.fixture
def drives() -> Drives:
    return Drives()


@pytest.fixture
def address(drives: Drives) -> Iterator[str]:
    with listening(drives.app()) as listened:
        yield f"{listened}/v1.0"


@pytest.fixture
async def reader(
    database: Database,
    identity: Identity,
    address: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[LibraryReader]:
    monkeypatch.setattr(graph_transport, "FIRST_WAIT_S", 0.01)
    client = GraphDrives(authentication=Bearer(), base_url=address)
    yield LibraryReader(database, identity, client, NAME, tmp_path, ROLES, 1)
    await client.close()


async def find(reader: LibraryReader, person: Identity | None = None) -> set[str]:
    result = await search(
        reader.database, person or reader.identity, "changement de fournisseur", today=TODAY
    )
    return {passage.code for passage in result.passages}


async def sync(reader: LibraryReader, *, full: bool = False) -> IngestionReport:
    return await reader.sync(workers=1, full=full)


async def retire(reader: LibraryReader, *kept: str) -> list[str]:
    return await retire_libraries(reader.database, reader.identity, kept, reader.folder)


async def read_state(reader: LibraryReader) -> SourceState:
    async with reader.database.transaction(reader.identity, "knowledge_writer") as connection:
        sources = await list_sources(connection, reader.identity.tenant_id)
    (state,) = [one for one in sources if one.source_root == reader.source]
    return state


async def read_ledger(reader: LibraryReader) -> dict[str, tuple[str, str | None]]:
    async with reader.database.transaction(reader.identity, "knowledge_writer") as connection:
        rows = await list_files(connection, reader.identity.tenant_id, reader.source)
    return {row.source_path: (row.state, row.message) for row in rows}


@pytest.fixture
def quality(reader: LibraryReader, conninfo: str) -> Identity:
    return make_identity(conninfo, "quality", tenant_id=reader.identity.tenant_id)


def add_versions(drives: Drives, *rights: dict[str, Any]) -> list[Entry]:
    """A register, and two versions of GU-01, each with its right."""
    register = "".join(f"- file: G{n}.md\n  code: GU-01\n  version: '{n}'\n" for n in (1, 2))
    return [
        drives.add("registre.yaml", register.encode(), MEMBERS),
        *(drives.add(f"G{n}.md", SWITCH + b"\nTexte %d.\n" % n, right)
          for n, right in enumerate(rights, 1)),
    ]  # fmt: skip


async def test_a_library_is_read_then_followed(reader: LibraryReader, drives: Drives) -> None:
    first = drives.add("Procédures/PR-01.md", SWITCH, MEMBERS)
    other = drives.add("Procédures/PR-02.md", SWITCH, let_organisation())
    report = await sync(reader)
    assert sorted(report.indexed) == ["Procédures/PR-01.md", "Procédures/PR-02.md"]
    assert await find(reader) == {"PR-01", "PR-02"}
    assert (await sync(reader)).unchanged == report.indexed or drives.fetched.count("PR-01.md") == 1
    drives.fetched.clear()
    drives.change(first, SWITCH + b"\nUn site C5 suit la meme regle.\n")
    drives.rename(other, "PR-03.md")
    drives.throttle = [429, 503]
    report = await sync(reader)
    assert drives.fetched == ["PR-01.md"], "a new name is not a new content"
    assert report.indexed[0].startswith("Procédures/") and report.removed == ["Procédures/PR-02.md"]
    assert await find(reader) == {"PR-01", "PR-03"}
    drives.remove(first)
    assert (await sync(reader)).removed == ["Procédures/PR-01.md"]
    assert await find(reader) == {"PR-03"}
    source = await read_state(reader)
    assert source.message is None and source.indexed == 1


async def test_a_right_withdrawn_at_the_source_is_withdrawn_here(
    reader: LibraryReader, drives: Drives, quality: Identity
) -> None:
    entry = drives.add("PR-01.md", SWITCH, MEMBERS)
    await sync(reader)
    assert await find(reader) == {"PR-01"}
    entry.permissions[:] = [let_group("Qualité")]
    report = await sync(reader)
    assert report.updated == ["PR-01.md"], "no delta told it"
    assert await find(reader) == set() and await find(reader, quality) == {"PR-01"}


@pytest.mark.parametrize(
    ("permissions", "told"),
    [
        ([let_person("paul@cabinet.example")], "Partagez-le dans SharePoint avec un groupe"),
        ([let_group("Direction")], "«\u00a0Direction\u00a0»"),
        ([let_group("Membres", "sp.limited")], "Partagez-le"),
        ([], "Partagez-le"),
        ([{"id": "vide", "roles": None, "link": None, "grantedToV2": {"group": None}}], "Partagez"),
        ([{"id": "vide", "roles": ["read"], "grantedToV2": {"group": None}, "link": None,
           "grantedToIdentitiesV2": None}], "Partagez"),
    ],
)  # fmt: skip
async def test_rights_that_no_profile_tells_show_the_file_to_nobody(
    reader: LibraryReader, drives: Drives, permissions: list[dict[str, object]], told: str
) -> None:
    entry = drives.add("PR-01.md", SWITCH, MEMBERS)
    await sync(reader)
    entry.permissions[:] = permissions
    report = await sync(reader)
    assert await find(reader) == set()
    assert told in report.failures[0].message and "VOLTAIRE_LIBRARY_ROLES" in (
        report.failures[0].message
    )
    entry.permissions[:] = [MEMBERS]
    await sync(reader)
    assert await find(reader) == {"PR-01"}


async def test_rights_that_cannot_be_read_show_the_file_to_nobody_and_the_others_go_on(
    reader: LibraryReader, drives: Drives
) -> None:
    entry = drives.add("PR-01.md", SWITCH, MEMBERS)
    drives.add("PR-02.md", SWITCH, MEMBERS)
    await sync(reader)
    drives.unreadable.add(entry.id)
    await sync(reader)
    assert await find(reader) == {"PR-02"}
    state, message = (await read_ledger(reader))["PR-01.md"]
    assert state == "failed" and message is not None and "droits" in message


async def test_a_token_too_old_and_a_full_reading_find_what_is_gone(
    reader: LibraryReader, drives: Drives
) -> None:
    gone = drives.add("PR-01.md", SWITCH, MEMBERS)
    drives.add("PR-02.md", SWITCH, MEMBERS)
    await sync(reader)
    del drives.entries[gone.id]
    drives.log[:] = [one for one in drives.log if one != gone.id]
    drives.forget_tokens()
    assert (await sync(reader)).removed == ["PR-01.md"]
    last = drives.add("PR-03.md", SWITCH, MEMBERS)
    await sync(reader)
    del drives.entries[last.id]
    drives.log[:] = [one for one in drives.log if one != last.id]
    assert (await sync(reader, full=True)).removed == ["PR-03.md"]
    assert await find(reader) == {"PR-02"}


async def test_a_reading_that_stops_in_the_middle_is_taken_up_with_nothing_lost(
    reader: LibraryReader, drives: Drives
) -> None:
    for number in range(4):
        drives.add(f"PR-0{number}.md", SWITCH, MEMBERS)

    def stop(end: int) -> None:
        if end > 3:
            raise RuntimeError

    drives.on_page = stop
    with pytest.raises(VoltaireError):
        await sync(reader)
    assert await find(reader) == set()
    drives.on_page = None
    await sync(reader)
    assert await find(reader) == {f"PR-0{number}" for number in range(4)}


async def test_each_file_that_cannot_be_had_has_its_line_and_the_others_go_on(
    reader: LibraryReader, drives: Drives
) -> None:
    drives.add("bon.md", SWITCH, MEMBERS)
    drives.add("Carnet", None, MEMBERS)
    drives.add("lourd.md", b"a" * (2**20 + 1), MEMBERS)
    drives.locked.add(drives.add("pris.md", SWITCH, MEMBERS).id)
    drives.changing.add(drives.add("mouvant.md", SWITCH, MEMBERS).id)
    drives.add("A/double.md", SWITCH, MEMBERS)
    drives.add("B/double.md", SWITCH + b"\nAutre texte du meme nom.\n", MEMBERS)
    report = await sync(reader)
    assert sorted(report.indexed) == ["A/double.md", "B/double.md", "bon.md"]
    told = {remark.path: remark.message for remark in report.failures}
    assert "OneNote" in told["Carnet"] and "VOLTAIRE_UPLOAD_LIMIT_MB" in told["lourd.md"]
    assert "verrouillé" in told["pris.md"] and "incomplet" in told["mouvant.md"]
    drives.locked.clear()
    drives.changing.clear()
    assert sorted((await sync(reader)).indexed) == ["mouvant.md", "pris.md"]


async def test_what_can_no_longer_be_fetched_stays_unless_fewer_may_read_it(
    reader: LibraryReader, drives: Drives
) -> None:
    entry = drives.add("PR-01.md", SWITCH, MEMBERS)
    await sync(reader)
    drives.change(entry, SWITCH + b"\nNouveau.\n")
    drives.locked.add(entry.id)
    await sync(reader)
    assert await find(reader) == {"PR-01"}
    entry.permissions[:] = [let_group("Qualité")]
    await sync(reader)
    assert await find(reader) == set()


async def test_what_can_no_longer_be_fetched_stays_when_more_may_read_it(
    reader: LibraryReader, drives: Drives, quality: Identity
) -> None:
    entry = drives.add("PR-01.md", SWITCH, let_group("Qualité"))
    await sync(reader)
    drives.change(entry, SWITCH + b"\nNouveau.\n")
    drives.locked.add(entry.id)
    entry.permissions[:] = [MEMBERS]
    await sync(reader)
    assert await find(reader, quality) == {"PR-01"}


async def test_a_document_is_read_by_who_may_read_all_its_versions(
    reader: LibraryReader, drives: Drives, quality: Identity
) -> None:
    _, first, second = add_versions(drives, MEMBERS, let_group("Qualité"))
    await sync(reader)
    assert await find(reader) == set() and await find(reader, quality) == {"GU-01"}
    # The version that cannot be fetched still counts: the other must not open it to everyone.
    drives.change(second, SWITCH + b"\nAutre.\n")
    drives.locked.add(second.id)
    drives.change(first, SWITCH + b"\nPremier, corrige.\n")
    assert (await sync(reader)).indexed == ["G1.md"]
    assert await find(reader) == set() and await find(reader, quality) == {"GU-01"}


async def test_versions_with_no_reader_in_common_are_shown_to_nobody_and_the_others_go_on(
    reader: LibraryReader, drives: Drives
) -> None:
    add_versions(drives, let_group("Ventes"), let_group("Qualité"))
    drives.add("PR-01.md", SWITCH, MEMBERS)
    report = await sync(reader)
    assert report.indexed == ["PR-01.md"] and await find(reader) == {"PR-01"}
    assert {one.path for one in report.failures} == {"G1.md", "G2.md"}
    assert "même groupe" in report.failures[0].message


async def test_what_nobody_may_read_is_not_fetched_and_leaves_the_disk(
    reader: LibraryReader, drives: Drives
) -> None:
    drives.add("prive.md", SWITCH, let_person("paul@cabinet.example"))
    shared = [drives.add(f"PR-{n}.md", SWITCH + b"\n%d.\n" % n, MEMBERS) for n in range(10)]
    await sync(reader)
    assert "prive.md" not in drives.fetched
    for entry in shared:
        entry.permissions[:] = [let_person("paul@cabinet.example")]
    report = await sync(reader)
    assert len(report.failures) == 11 and report.removed == [] and await find(reader) == set()
    assert list(reader.folder.rglob("*.md")) == []
    for entry in shared:
        entry.permissions[:] = [MEMBERS]
    await sync(reader)
    assert len(list(reader.folder.rglob("*.md"))) == 10 and await find(reader)


async def test_a_content_that_does_not_come_leaves_the_rights_of_the_others_followed(
    reader: LibraryReader, drives: Drives
) -> None:
    entry = drives.add("PR-01.md", SWITCH, MEMBERS)
    await sync(reader)
    broken = drives.add("PR-02.md", SWITCH, MEMBERS)
    drives.broken[broken.id] = 500
    entry.permissions[:] = [let_group("Direction")]
    report = await sync(reader)
    assert "PR-02.md" in {one.path for one in report.failures} and await find(reader) == set()
    # Addresses of contents lead to another host, which may be the only one out of reach.
    entry.permissions[:] = [MEMBERS]
    drives.content_host = "http://127.0.0.1:9"
    drives.broken.clear()
    for number in range(3, 7):
        drives.add(f"PR-0{number}.md", SWITCH, MEMBERS)
    drives.asked.clear()
    report = await sync(reader)
    assert len(report.failures) == 6 and "ne répond pas" in report.failures[0].message
    assert len(drives.asked) == PATIENCE, "the others wait for the next reading"
    drives.content_host = None
    assert len((await sync(reader)).indexed) == 6


async def test_a_name_longer_than_a_disk_takes_is_read(
    reader: LibraryReader, drives: Drives
) -> None:
    name = "é" * 200 + ".md"
    drives.add(name, SWITCH, MEMBERS)
    assert (await sync(reader)).indexed == [name]
    assert len(shorten_name(name).encode()) <= 255 and shorten_name(name).endswith(".md")
    assert shorten_name("PR-01.md") == "PR-01.md"


@pytest.mark.parametrize("name", ["cabinet.sharepoint.example", HOST + "/sites", "Qualité"])
async def test_a_library_written_otherwise_says_how_to_write_it(
    reader: LibraryReader, name: str
) -> None:
    reader.name = name
    with pytest.raises(ConfigurationError, match="hôte/sites/Site"):
        await sync(reader)
    assert (await read_state(reader)).ended_at is not None


async def test_two_readings_at_once_do_not_mix_their_contents(
    reader: LibraryReader, drives: Drives
) -> None:
    drives.add("PR-01.md", SWITCH, MEMBERS)
    report, refused = await asyncio.gather(sync(reader), sync(reader), return_exceptions=True)
    assert isinstance(report, IngestionReport) and report.indexed == ["PR-01.md"]
    assert isinstance(refused, ReadingUnderWay)
    assert (await read_state(reader)).message is None
    assert (await sync(reader)).unchanged == ["PR-01.md"]


async def test_a_reading_that_breaks_is_not_told_as_going_on(
    reader: LibraryReader, drives: Drives, monkeypatch: pytest.MonkeyPatch
) -> None:
    drives.add("PR-01.md", SWITCH, MEMBERS)

    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(LibraryReader, "_forget", fail)
    with pytest.raises(RuntimeError):
        await sync(reader)
    state = await read_state(reader)
    assert state.ended_at is not None and "Relancez la lecture" in (state.message or "")


async def test_a_library_no_longer_in_the_settings_is_shown_to_nobody(
    reader: LibraryReader, drives: Drives
) -> None:
    drives.add("PR-01.md", SWITCH, MEMBERS)
    drives.add("Carnet", None, MEMBERS)
    await sync(reader)
    assert await retire(reader, reader.source) == [] and await find(reader) == {"PR-01"}
    assert await retire(reader) == [reader.source] and await find(reader) == set()
    ledger = await read_ledger(reader)
    assert ledger["PR-01.md"][0] == "failed" and "Remettez-la" in (ledger["PR-01.md"][1] or "")
    assert ledger["Carnet"] == ("removed", None) and await retire(reader) == []
    await sync(reader)
    assert await find(reader) == {"PR-01"}


async def run_job(reader: LibraryReader, settings: Settings) -> None:
    """The background job, once, with those settings."""
    app = procrastinate.App(connector=InMemoryConnector())
    LibraryJobs(settings, reader.database, reader.identity).register(app)
    async with app.open_async():
        await app.configure_task(TASK).defer_async(timestamp=0)
        await app.run_worker_async(wait=False, install_signal_handlers=False)


@pytest.fixture
def followed(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings that name the library of the double."""

    def sign_in(_: object) -> Bearer:
        return Bearer()

    monkeypatch.setattr("api.libraries.build_credential", sign_in)
    monkeypatch.setattr("api.libraries.authenticate", sign_in)
    return Settings(
        data_dir=tmp_path, graph_base_url=address, libraries=NAME,
        library_roles="Membres=all", ingest_workers=1,
    )  # fmt: skip


def list_kept(settings: Settings) -> list[str]:
    return sorted(one.name for one in settings.libraries_dir.rglob("*") if one.suffix == ".md")


async def test_the_job_closes_a_library_out_of_the_settings_and_empties_its_folder(
    reader: LibraryReader, drives: Drives, followed: Settings
) -> None:
    drives.add("PR-01.md", SWITCH, MEMBERS)
    await run_job(reader, followed)
    assert await find(reader) == {"PR-01"} and list_kept(followed) == ["PR-01.md"]
    await run_job(reader, followed)
    assert drives.fetched == ["PR-01.md"] and list_kept(followed) == ["PR-01.md"]
    await run_job(reader, followed.model_copy(update={"libraries": ""}))
    assert await find(reader) == set() and list_kept(followed) == []
    assert "Remettez-la" in ((await read_ledger(reader))["PR-01.md"][1] or "")
    await run_job(reader, followed)
    assert await find(reader) == {"PR-01"} and list_kept(followed) == ["PR-01.md"]


async def test_the_job_keeps_the_contents_of_a_library_that_does_not_answer(
    reader: LibraryReader, drives: Drives, followed: Settings
) -> None:
    drives.add("PR-01.md", SWITCH, MEMBERS)
    await run_job(reader, followed)
    drives.is_closed = True
    await run_job(reader, followed)
    assert await find(reader) == {"PR-01"} and list_kept(followed) == ["PR-01.md"]


async def test_the_job_closes_what_left_the_settings_even_when_a_reading_breaks(
    reader: LibraryReader, drives: Drives, followed: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    drives.add("PR-01.md", SWITCH, MEMBERS)
    await run_job(reader, followed)
    read: list[str] = []

    async def fail(broken: LibraryReader, **_: object) -> None:
        read.append(broken.name)
        raise RuntimeError

    monkeypatch.setattr(LibraryReader, "sync", fail)
    others = ["drive:un", "drive:deux"]
    await run_job(reader, followed.model_copy(update={"libraries": ";".join(others)}))
    assert read == others, "one that breaks does not keep the others from being read"
    assert await find(reader) == set() and list_kept(followed) == []


async def test_a_library_written_otherwise_is_followed_under_its_new_name(
    reader: LibraryReader, drives: Drives
) -> None:
    entry = drives.add("PR-01.md", SWITCH, MEMBERS)
    await sync(reader)
    former, reader.name = reader.source, f"{HOST}/sites/{SITE}"
    await sync(reader)
    assert await retire(reader, reader.source) == [former] and await find(reader) == {"PR-01"}
    entry.permissions[:] = [let_group("Direction")]
    await sync(reader)
    assert await find(reader) == set()
    entry.permissions[:] = [MEMBERS]
    await sync(reader)
    drives.remove(entry)
    assert (await sync(reader)).removed == ["PR-01.md"] and await find(reader) == set()


async def test_what_an_emptied_library_held_is_shown_to_nobody_and_comes_back_when_restored(
    reader: LibraryReader, drives: Drives
) -> None:
    codes = [f"PR-{n}" for n in range(10, 20)]
    entries = [drives.add(f"{code}.md", SWITCH + code.encode(), MEMBERS) for code in codes]
    await sync(reader)
    assert await find(reader)
    context = Context(reader.identity, reader.database, OfflineEngine({}), system_clock)
    (version,) = await list_versions(context, code="PR-10")
    await acknowledge_reading(context, version.id)
    for entry in entries:
        drives.remove(entry)
    for _ in range(2):
        report = await sync(reader)
        assert len(report.failures) == 10 and "corbeille" in report.failures[0].message
        assert report.removed == [] and await find(reader) == set()
        assert (await read_state(reader)).message is None, "the library was read"
    assert list(reader.folder.rglob("*.md")) == []
    drives.restore(entries[0])
    assert (await sync(reader)).indexed == ["PR-10.md"] and await find(reader) == {"PR-10"}
    (version,) = await list_versions(context, code="PR-10")
    readings = await list_readers(context, version.id)
    assert [one.read_at for one in readings if one.read_at] != [], "nothing was lost"
    for entry in entries[1:]:
        drives.restore(entry)
    report = await sync(reader)
    assert len(report.indexed) == 9 and report.failures == []


async def test_a_library_told_in_part_changes_nothing_and_says_so(
    reader: LibraryReader, drives: Drives
) -> None:
    for number in range(10):
        drives.add(f"PR-{number}.md", SWITCH + b"%d" % number, MEMBERS)
    await sync(reader)
    found = await find(reader)
    drives.is_cut = True
    with pytest.raises(VoltaireError, match="la liste entière"):
        await sync(reader, full=True)
    assert await find(reader) == found != set()
    assert "la liste entière" in ((await read_state(reader)).message or "")
    drives.is_cut = False
    assert len((await sync(reader, full=True)).unchanged) == 10


@pytest.mark.parametrize("register", [b"- file: [", b"- file: PR-02.md\n- perdu\n"])
async def test_a_register_that_cannot_be_read_does_not_keep_open_what_fewer_may_read(
    reader: LibraryReader, drives: Drives, quality: Identity, register: bytes
) -> None:
    narrowed = drives.add("PR-01.md", SWITCH, MEMBERS)
    closed = drives.add("PR-02.md", SWITCH, MEMBERS)
    drives.add("PR-03.md", SWITCH, MEMBERS)
    await sync(reader)
    narrowed.permissions[:] = [let_group("Qualité")]
    closed.permissions[:] = [let_group("Direction")]
    faulty = drives.add("registre.yaml", register, MEMBERS)
    with suppress(InvalidInput):
        await sync(reader)
    assert await find(reader) == {"PR-03"}
    drives.remove(faulty)
    await sync(reader)
    assert await find(reader, quality) == {"PR-01", "PR-03"} and await find(reader) == {"PR-03"}


async def test_an_erased_content_leaves_the_disk_and_is_not_fetched_again(
    reader: LibraryReader, drives: Drives, conninfo: str
) -> None:
    entry = drives.add("PR-01.md", SWITCH, MEMBERS)
    await sync(reader)
    admin = make_identity(conninfo, "admin", tenant_id=reader.identity.tenant_id)
    context = Context(admin, reader.database, OfflineEngine({}), system_clock)
    subject = make_subject("document", ["PR-01"])
    shown = await preview_erasure(context, subject)
    await confirm_erasure(context, shown.id, subject, shown.digest)
    drives.fetched.clear()
    for _ in range(2):
        report = await sync(reader)
        assert "effacé" in report.failures[0].message
    assert drives.fetched == [] and await find(reader) == set()
    state, message = (await read_ledger(reader))["fichier effacé n°\u00a01"]
    assert state == "failed" and "donne son dossier et son identifiant" in (message or "")
    assert [one for one in reader.folder.rglob("*") if one.is_file()] == [reader.folder / LOCK]
    drives.change(entry, SWITCH + b"\nCorrige.\n")
    await sync(reader)
    assert await find(reader) == {"PR-01"}


async def test_a_register_in_the_library_gives_codes_not_rights(
    reader: LibraryReader, drives: Drives
) -> None:
    drives.add("guide.md", SWITCH, let_group("Qualité"))
    register = "- file: guide.md\n  code: GU-01\n  access: [all]\n"
    drives.add("registre.yaml", register.encode(), MEMBERS)
    assert (await sync(reader)).indexed == ["guide.md"]
    assert await find(reader) == set()


async def test_a_library_away_or_forbidden_changes_nothing_and_says_so(
    reader: LibraryReader, drives: Drives
) -> None:
    drives.add("PR-01.md", SWITCH, MEMBERS)
    await sync(reader)
    drives.is_closed = True
    with pytest.raises(VoltaireError, match=r"Sites\.Selected"):
        await sync(reader)
    assert await find(reader) == {"PR-01"}
    source = await read_state(reader)
    assert source.message is not None and "docs/sharepoint.md" in source.message


NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("expires", "is_open"),
    [
        ("2026-03-02T11:59:59Z", False),
        ("2026-03-02T12:00:01.1234567Z", True),
        ("2026-03-02T12:30:00+01:00", False),
        ("0001-01-01T00:00:00Z", True),
        (None, True),
        ("demain", False),
        (20260302, False),
        ("2026-03-02T13:00:00", True),
    ],
)
def test_a_permission_that_has_expired_gives_no_right(expires: object, is_open: bool) -> None:
    permission = {**let_group("Qualité"), "expirationDateTime": expires}
    rights = find_rights([permission], ROLES, NOW)
    assert bool(rights.access) == is_open
    kept = find_rights([permission, let_group("Ventes")], ROLES, NOW)
    assert ("sales" in kept.access, "quality" in kept.access) == (True, is_open)


async def test_a_right_that_expires_is_withdrawn_at_the_next_reading(
    reader: LibraryReader, drives: Drives
) -> None:
    now = dt.datetime.now(dt.UTC)
    link = let_organisation()
    link["expirationDateTime"] = (now + dt.timedelta(hours=1)).isoformat()
    drives.add("PR-01.md", SWITCH, link)
    await sync(reader)
    assert await find(reader) == {"PR-01"}
    reader.clock = lambda: now + dt.timedelta(hours=2)
    report = await sync(reader)
    assert await find(reader) == set() and "Partagez-le" in report.failures[0].message


def test_groups_are_told_in_profiles() -> None:
    assert find_rights([let_group("QUALITÉ", "write")], ROLES, NOW).access == ("quality", "admin")
    assert find_rights(None, ROLES, NOW).refusal is not None
    for text in ("Qualité", "Qualité=chef", "=all", "Qualité="):
        with pytest.raises(ConfigurationError, match="profils admis"):
            read_roles(text)
    assert read_roles("") == {}
