"""A whole installation in one file, made while it runs, and put back on a bare machine."""

from __future__ import annotations

import asyncio
import io
import shutil
import stat
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.context import Identity
from core.errors import InvalidInput
from core.secrets import load_secrets
from core.settings import Settings
from crm.backup import read_backup, restore_backup, write_backup
from crm.installation import Installation, open_installation
from crm.migrations.runner import head_revision
from crm.proposals.audit import verify_chain
from tests.conftest import make_identity
from tests.integration.changes import approve_all, executing, make_context, submit, wish
from tests.integration.portfolio import build_portfolio
from tests.integration.test_embedded import open_folder

COUNT = (
    "SELECT (SELECT count(*) FROM contracts) AS contracts, (SELECT count(*) FROM notes) AS notes"
)


@dataclass(frozen=True)
class Saved:
    """An installation that runs, its backup, and who works there."""

    root: Path
    settings: Settings
    file: Path
    identity: Identity
    account: str


def settings_of(folder: Path) -> Settings:
    return Settings.model_validate({"data_dir": folder})


async def read_counts(installation: Installation, identity: Identity) -> tuple[dict[str, int], int]:
    """Contracts and notes that the person sees, and the events of a chain found whole."""
    context = make_context(installation.database, identity)
    async with installation.database.transaction(identity) as connection:
        row = await (await connection.execute(COUNT)).fetchone()
    chain = await verify_chain(context)
    assert chain.fault is None
    await installation.database.close()
    return dict(row or {}), chain.events


async def work_a_little(installation: Installation, identity: Identity) -> str:
    """A portfolio and one of its clients; a note is approved and executed."""
    portfolio = await build_portfolio(installation.database, identity)
    account = str(portfolio.ids["dijon"])
    await write_note(installation, identity, account)
    await installation.database.close()
    return account


async def write_note(installation: Installation, identity: Identity, account: str) -> None:
    context = make_context(installation.database, identity)
    note = await submit(context, wish("notes", account_id=account, body="Point fait"))
    await approve_all(context, note)
    async with executing(installation.database) as executor:
        await executor.run_once()


@pytest.fixture(scope="module")
def saved() -> Iterator[Saved]:
    root = open_folder("backup")
    settings = settings_of(root / "avant")
    with open_installation(settings) as installation:
        identity = make_identity(installation.admin_conninfo, "reader", "director")
        account = asyncio.run(work_a_little(installation, identity))
        kept = settings.documents_dir / "2026" / "procédure.txt"
        kept.parent.mkdir(parents=True)
        kept.write_text("Conserver dix ans.", encoding="utf-8")
        (settings.data_dir / "run").mkdir(exist_ok=True)
        (settings.data_dir / "run" / "instance.json").write_text("{}")
        write_backup(installation, root / "cabinet.tar")
        yield Saved(root, settings, root / "cabinet.tar", identity, account)
    shutil.rmtree(root)


async def test_a_backup_gives_back_data_audit_and_files_under_the_same_secret(saved: Saved) -> None:
    elsewhere = settings_of(saved.root / "apres")
    content = restore_backup(elsewhere, saved.file)
    assert content.revision == head_revision()
    assert load_secrets(elsewhere).root == load_secrets(saved.settings).root
    with open_installation(saved.settings) as before, open_installation(elsewhere) as after:
        assert await read_counts(after, saved.identity) == await read_counts(before, saved.identity)
        await change_again(after, saved)
    document = elsewhere.documents_dir / "2026" / "procédure.txt"
    assert document.read_text(encoding="utf-8") == "Conserver dix ans."
    assert not (elsewhere.data_dir / "run").exists()


async def change_again(installation: Installation, saved: Saved) -> None:
    """What was restored works on: a change passes, and lengthens the chain."""
    _, before = await read_counts(installation, saved.identity)
    await write_note(installation, saved.identity, saved.account)
    counts, after = await read_counts(installation, saved.identity)
    assert counts["notes"] == 2
    assert after > before


def test_only_its_owner_reads_a_backup_which_replaces_no_file(saved: Saved) -> None:
    assert stat.S_IMODE(saved.file.stat().st_mode) == 0o600
    with (
        open_installation(saved.settings) as installation,
        pytest.raises(InvalidInput, match="existe déjà"),
    ):
        write_backup(installation, saved.file)


def test_a_place_that_cannot_be_written_is_said_and_leaves_nothing(saved: Saved) -> None:
    with (
        open_installation(saved.settings) as installation,
        pytest.raises(InvalidInput, match="ne peut pas être écrit"),
    ):
        write_backup(installation, saved.root / "absent" / "cabinet.tar")


def rewrite(source: Path, target: Path, member: str, body: bytes) -> None:
    """A copy of a backup in which one member is another."""
    with tarfile.open(source) as old, tarfile.open(target, "w") as new:
        for entry in old:
            stream = old.extractfile(entry)
            assert stream is not None
            written = body if entry.name == member else stream.read()
            entry.size = len(written)
            new.addfile(entry, io.BytesIO(written))


def test_a_damaged_backup_restores_nothing(saved: Saved) -> None:
    damaged, elsewhere = saved.root / "abime.tar", settings_of(saved.root / "abime")
    rewrite(saved.file, damaged, "base.dump", b"autre chose")
    with pytest.raises(InvalidInput, match=r"base\.dump.*n’est plus ce qui a été sauvegardé"):
        restore_backup(elsewhere, damaged)
    assert not elsewhere.data_dir.exists()


def test_what_is_not_a_backup_is_refused(saved: Saved) -> None:
    text = saved.root / "notes.tar"
    text.write_text("pas une archive")
    cut = saved.root / "coupe.tar"
    cut.write_bytes(saved.file.read_bytes()[: saved.file.stat().st_size // 2])
    for file in (text, cut, saved.root / "absente.tar"):
        with pytest.raises(InvalidInput, match="n’est pas une sauvegarde de Voltaire"):
            read_backup(file)


def test_a_member_outside_its_folder_is_refused(saved: Saved) -> None:
    evil = saved.root / "evil.tar"
    shutil.copy(saved.file, evil)
    with tarfile.open(evil, "a") as archive:
        entry = tarfile.TarInfo("fichiers/../../ailleurs")
        archive.addfile(entry)
    with pytest.raises(InvalidInput, match="n’est pas une sauvegarde de Voltaire"):
        read_backup(evil)


def test_an_installation_is_never_overwritten(saved: Saved) -> None:
    with pytest.raises(InvalidInput, match="existe déjà"):
        restore_backup(saved.settings, saved.file)


def test_a_restoration_that_fails_leaves_the_place_as_it_was(
    saved: Saved, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = settings_of(saved.root / "echec")
    elsewhere.data_dir.mkdir()
    (elsewhere.data_dir / "note.txt").write_text("là avant")

    def fail(*_: object) -> None:
        raise InvalidInput("panne")

    monkeypatch.setattr("crm.backup.migrate", fail)
    with pytest.raises(InvalidInput, match="panne"):
        restore_backup(elsewhere, saved.file)
    assert [path.name for path in elsewhere.data_dir.iterdir()] == ["note.txt"]
