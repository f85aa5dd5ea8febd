"""The embedded PostgreSQL: crashes, neighbours, sharing, accounts, closed folders."""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import psutil
import psycopg
import pytest

from core import embedded
from core.embedded import EmbeddedServer
from core.errors import ConfigurationError, DatabaseUnavailable, VoltaireError
from core.secrets import Secrets, load_secrets
from core.settings import PROJECT_ROOT, Settings, is_walkable_by_others
from crm.installation import open_installation

SECRETS = Secrets(b"k" * 32)
ORDINARY = "nobody"
MEMORY = Path("/dev/shm")  # noqa: S108 - a private folder is made in it
IS_ROOT = os.geteuid() == 0
HOLD = """
import sys
from pathlib import Path
from core.embedded import EmbeddedServer
from core.secrets import Secrets

server = EmbeddedServer(Path(sys.argv[1]), Secrets(b"k" * 32))
with server.running():
    print("ready", flush=True)
    sys.stdin.readline()
"""


def open_folder(prefix: str) -> Path:
    """A temporary folder that any account can walk through, in memory where there is room."""
    quick = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 1024**3
    folder = Path(tempfile.mkdtemp(prefix=f"voltaire-{prefix}-", dir=MEMORY if quick else None))
    folder.chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def shared() -> Iterator[EmbeddedServer]:
    """A cluster created once, which the tests start, kill and stop."""
    root = open_folder("shared")
    server = EmbeddedServer(root / "postgres", SECRETS)
    assert server.start() is True
    yield server
    if server.is_running():
        kill(server)
    shutil.rmtree(root)


@pytest.fixture
def server(shared: EmbeddedServer) -> EmbeddedServer:
    """The cluster, started."""
    shared.start()
    return shared


@pytest.fixture
def folder() -> Iterator[Path]:
    root = open_folder("alone")
    yield root
    root.chmod(0o755)
    shutil.rmtree(root)


def run(server: EmbeddedServer, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(server.conninfo(), autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def postmaster(server: EmbeddedServer) -> psutil.Process:
    return psutil.Process(int((server.folder / "postmaster.pid").read_text().split()[0]))


def kill(server: EmbeddedServer) -> None:
    process = postmaster(server)
    children = process.children(recursive=True)
    process.send_signal(signal.SIGKILL)
    psutil.wait_procs([process, *children], timeout=10)


def hold(server: EmbeddedServer) -> subprocess.Popen[str]:
    """Another process that uses the cluster until its input ends."""
    process = subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", HOLD, str(server.folder)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=PROJECT_ROOT,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def release(process: subprocess.Popen[str]) -> None:
    process.communicate("\n", timeout=40)


def test_data_survives_a_kill_of_the_server(server: EmbeddedServer) -> None:
    run(server, "DROP TABLE IF EXISTS kept; CREATE TABLE kept AS SELECT 42 AS n")
    kill(server)
    assert not server.is_running()
    assert (server.folder / "postmaster.pid").exists()
    assert server.start() is True
    assert run(server, "SELECT n FROM kept") == [(42,)]


def test_a_second_start_is_quick_and_says_it_started_nothing(server: EmbeddedServer) -> None:
    began = time.monotonic()
    assert server.start() is False
    assert EmbeddedServer(server.folder, SECRETS).start() is False
    assert time.monotonic() - began < 1


@pytest.mark.parametrize("content", ["999999\n/x\n", "1\n", "", "n’importe quoi\n"])
def test_a_stale_pid_file_is_seen_through(server: EmbeddedServer, content: str) -> None:
    server.stop()
    (server.folder / "postmaster.pid").write_text(content)
    assert not server.is_running()
    assert server.start() is True
    assert run(server, "SELECT 1") == [(1,)]


def test_the_server_listens_to_no_network_and_wants_its_password(server: EmbeddedServer) -> None:
    assert run(server, "SHOW listen_addresses") == [("",)]
    assert postmaster(server).net_connections(kind="inet") == []
    stranger = EmbeddedServer(server.folder, Secrets(b"z" * 32))
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(stranger.conninfo())


def test_two_installations_live_side_by_side(server: EmbeddedServer, folder: Path) -> None:
    other = EmbeddedServer(folder / "postgres", SECRETS)
    with other.running():
        run(other, "CREATE TABLE only_here (n int)")
        assert run(server, "SELECT to_regclass('only_here')") == [(None,)]
        assert postmaster(other).pid != postmaster(server).pid
    assert not other.is_running()
    assert run(server, "SELECT 1") == [(1,)]


def test_the_last_of_two_processes_stops_the_server(server: EmbeddedServer) -> None:
    server.stop()
    first, second = hold(server), hold(server)
    try:
        pid = postmaster(server).pid
        release(first)
        assert server.is_running()
        assert postmaster(server).pid == pid
    finally:
        release(second)
    assert (first.returncode, second.returncode) == (0, 0)
    assert not server.is_running()


def test_a_user_killed_outright_does_not_keep_the_server_up(server: EmbeddedServer) -> None:
    server.stop()
    victim = hold(server)
    victim.kill()
    victim.communicate()
    assert server.is_running()
    with server.running():
        pass
    assert not server.is_running()


def test_a_long_path_gets_a_short_socket_of_its_own(folder: Path) -> None:
    deep = folder / ("d" * 60) / ("e" * 60)
    one, two = EmbeddedServer(deep / "a", SECRETS), EmbeddedServer(deep / "b", SECRETS)
    assert len(str(one.socket_dir / ".s.PGSQL.5432")) < 107
    assert one.socket_dir != two.socket_dir


def test_a_folder_that_is_a_file_is_refused_in_french(folder: Path) -> None:
    (folder / "données").write_text("")
    server = EmbeddedServer(folder / "données" / "postgres", SECRETS)
    with pytest.raises(DatabaseUnavailable, match=r"verrouillé ou interdit.*VOLTAIRE_DATA_DIR"):
        server.start()


def test_a_folder_locked_by_another_start_is_told_in_french(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "START_TIMEOUT_S", 0.3)
    with (folder / ".postgres.lock").open("a") as held:
        fcntl.flock(held.fileno(), fcntl.LOCK_EX)
        with pytest.raises(DatabaseUnavailable, match="verrouillé par une autre instance"):
            EmbeddedServer(folder / "postgres", SECRETS).start()
    assert not (folder / "postgres").exists()


def test_a_full_disk_is_told_in_french_and_leaves_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(folder)
    monkeypatch.setattr(embedded.shutil, "disk_usage", lambda _: usage._replace(free=5 * 1024**2))
    with pytest.raises(DatabaseUnavailable, match="Il reste 5 Mo"):
        EmbeddedServer(folder / "postgres", SECRETS).start()
    assert not (folder / "postgres").exists()


def test_a_creation_cut_short_is_begun_again(folder: Path) -> None:
    left = folder / "postgres"
    (left / "base").mkdir(parents=True)
    (left / "PG_VERSION").write_text("18\n")
    server = EmbeddedServer(left, SECRETS)
    with server.running():
        assert run(server, "SELECT 1") == [(1,)]
    assert list(folder.glob(".password-*")) == []


def test_a_broken_cluster_is_told_in_french_with_the_log_s_words(
    server: EmbeddedServer,
) -> None:
    server.stop()
    settings = server.folder / "postgresql.conf"
    sound = settings.read_text()
    settings.write_text(sound + "\nno_such_setting = 1\n")
    try:
        with pytest.raises(DatabaseUnavailable, match="n’a pas pu démarrer") as failure:
            server.start()
        assert "no_such_setting" in failure.value.message
    finally:
        settings.write_text(sound)
    assert server.start() is True


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://a:s3cr3t-vrai@127.0.0.1:1/base",
        "postgresql://a:s3cr3t-vrai@hote.invalid/base",
        "pas une url",
        "postgresql://a:s3cr3t-vrai@[::1",
    ],
)
def test_a_wrong_server_url_is_told_in_french_without_its_password(folder: Path, url: str) -> None:
    settings = Settings.model_validate({"data_dir": folder, "database_url": url})
    with (
        pytest.raises((DatabaseUnavailable, ConfigurationError)) as failure,
        open_installation(settings),
    ):
        pass
    assert "VOLTAIRE_DATABASE_URL" in failure.value.message
    assert "s3cr3t-vrai" not in failure.value.message


def use_as_ordinary_user(folder: Path) -> str:
    """Use a cluster of `folder` from a process of the ordinary account; what it had to say."""
    if not IS_ROOT:
        pytest.skip("changer de compte demande d’être root")
    if not is_walkable_by_others(embedded.find_programs()):
        pytest.skip("les programmes de PostgreSQL sont fermés au compte ordinaire")
    entry = pwd.getpwnam(ORDINARY)
    receiver, sender = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.get_context("fork").Process(
        target=_use_as, args=(entry.pw_uid, entry.pw_gid, folder, sender)
    )
    child.start()
    sender.close()
    try:
        return str(receiver.recv())
    finally:
        child.join(timeout=60)


def _use_as(uid: int, gid: int, folder: Path, sender: Connection) -> None:
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
    server = EmbeddedServer(folder, SECRETS)
    try:
        with server.running():
            sender.send(f"répond {run(server, 'SELECT 1')}")
    except VoltaireError as error:
        sender.send(error.message)
    except BaseException as error:
        sender.send(repr(error))
        raise


@pytest.mark.skipif(
    not is_walkable_by_others(PROJECT_ROOT),
    reason="Le projet est dans un dossier privé : un autre compte n’y lit pas PostgreSQL.",
)
def test_an_ordinary_user_starts_uses_and_stops_a_server_of_their_own(folder: Path) -> None:
    os.chown(folder, pwd.getpwnam(ORDINARY).pw_uid, -1)
    assert use_as_ordinary_user(folder / "postgres") == "répond [(1,)]"
    assert (folder / "postgres").owner() == ORDINARY
    assert not EmbeddedServer(folder / "postgres", SECRETS).is_running()


def test_an_ordinary_user_is_told_of_a_read_only_folder(folder: Path) -> None:
    folder.chmod(0o555)
    said = use_as_ordinary_user(folder / "postgres")
    assert "verrouillé ou interdit" in said
    assert "VOLTAIRE_DATA_DIR" in said


def test_an_ordinary_user_is_told_of_another_account_s_cluster(
    server: EmbeddedServer, folder: Path
) -> None:
    folder.chmod(0o777)
    (folder / "postgres").symlink_to(server.folder)
    assert "appartient à un autre compte" in use_as_ordinary_user(folder / "postgres")
    assert run(server, "SELECT 1") == [(1,)]


def test_the_secret_of_a_read_only_folder_is_told_in_french(folder: Path) -> None:
    (folder / "données").write_text("")
    with pytest.raises(ConfigurationError, match=r"n’est pas accessible.*VOLTAIRE_DATA_DIR"):
        load_secrets(Settings(data_dir=folder / "données"))
