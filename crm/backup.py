"""One file that holds a whole installation, made while it runs, and its return on a bare machine.

The file is a tar: a manifest with the SHA-256 of every other member, the database as `pg_dump`
writes it, the secret where the data folder keeps one, and the folder's other files.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO

from psycopg import conninfo

from core.embedded import find_programs
from core.errors import ConfigurationError, InvalidInput
from core.settings import Settings
from crm.installation import Installation, open_bare
from crm.migrations.runner import current_revision, head_revision, migrate, prepare_bare

MANIFEST = "sauvegarde.json"
DUMP = "base.dump"
FILES = "fichiers/"
SECRET = "secret"  # noqa: S105 - the name of a file
# What another machine makes anew: the cluster, which the dump replaces, and where this one runs.
LEFT_OUT = ("postgres", "run")
CHUNK = 1 << 20
TAKEN = "« {path} » existe déjà. Donnez à la sauvegarde un nom nouveau."
UNWRITABLE = "« {path} » ne peut pas être écrit ({why}). Choisissez un autre dossier."
NOT_A_BACKUP = "« {path} » n’est pas une sauvegarde de Voltaire, ou n’est pas entière."
DAMAGED = (
    "« {path} » est abîmée : « {member} » n’est plus ce qui a été sauvegardé. Prenez une autre "
    "sauvegarde ; rien n’a été restauré."
)
NEWER = (
    "Cette sauvegarde vient d’une version plus récente de Voltaire (base {theirs}, ici {ours}). "
    "Installez cette version, puis recommencez."
)
IN_USE = (
    "Une installation existe déjà dans {where}. Restaurez dans un dossier neuf "
    "(VOLTAIRE_DATA_DIR) et une base neuve, ou mettez l’ancienne de côté."
)
NO_KEY = (
    "La sauvegarde ne contient pas le secret de l’installation : donnez à VOLTAIRE_SECRET_KEY la "
    "valeur qu’elle avait, puis recommencez."
)


@dataclass(frozen=True)
class Content:
    """What a backup says of itself: when it was made, at which revision, each member's SHA-256."""

    made_at: dt.datetime
    revision: str
    members: dict[str, str]


def write_backup(installation: Installation, target: Path) -> Content:
    """Write the installation to `target` (mode 0600), whole or not at all.

    The database is one snapshot; files are read after it. Raises InvalidInput for a `target` that
    exists or cannot be written, ConfigurationError when `pg_dump` refuses.
    """
    if target.exists():
        raise InvalidInput(TAKEN.format(path=target))
    draft = target.with_name(f".{target.name}.en-cours")
    try:
        with TemporaryDirectory(dir=target.parent) as scratch:
            dump = Path(scratch) / DUMP
            _run("pg_dump", installation.admin_conninfo, "--format=custom", f"--file={dump}")
            with tarfile.open(draft, "x", format=tarfile.PAX_FORMAT) as archive:
                draft.chmod(0o600)
                content = _fill(archive, installation, dump)
            draft.rename(target)
    except OSError as error:
        raise InvalidInput(UNWRITABLE.format(path=target, why=error.strerror)) from error
    finally:
        draft.unlink(missing_ok=True)
    return content


def read_backup(source: Path) -> Content:
    """What `source` holds, each member's SHA-256 checked. Raises InvalidInput."""
    try:
        with tarfile.open(source) as archive:
            content = _read_manifest(archive)
            seen = {
                member.name: _digest(_open(archive, member))
                for member in archive
                if member.name != MANIFEST
            }
    except (OSError, tarfile.TarError, ValueError, KeyError, TypeError) as error:
        raise InvalidInput(NOT_A_BACKUP.format(path=source)) from error
    for name, sha256 in content.members.items():
        if seen.get(name) != sha256:
            raise InvalidInput(DAMAGED.format(path=source, member=name))
    if DUMP not in content.members or set(seen) != set(content.members):
        raise InvalidInput(NOT_A_BACKUP.format(path=source))
    if content.revision > head_revision():
        raise InvalidInput(NEWER.format(theirs=content.revision, ours=head_revision()))
    return content


def restore_backup(settings: Settings, source: Path) -> Content:
    """Put the installation of `source` where `settings` say, all of it or nothing.

    Raises InvalidInput for a damaged backup, a place that is taken, or a missing secret.
    """
    content = read_backup(source)
    folder = settings.data_dir
    if settings.postgres_dir.exists() or (folder / SECRET).exists():
        raise InvalidInput(IN_USE.format(where=folder))
    if settings.secret_key is None and SECRET not in content.members:
        raise InvalidInput(NO_KEY)
    with _undone_on_failure(folder), tarfile.open(source) as archive:
        if settings.secret_key is None:
            _extract(archive, SECRET, folder / SECRET)
        with open_bare(settings) as (admin, name, secrets):
            prepare_bare(admin, name, secrets)
            if current_revision(admin) is not None:
                raise InvalidInput(IN_USE.format(where="la base de VOLTAIRE_DATABASE_URL"))
            with TemporaryDirectory(dir=folder) as scratch:
                dump = Path(scratch) / DUMP
                _extract(archive, DUMP, dump)
                _run("pg_restore", admin, "--exit-on-error", "--single-transaction", str(dump))
            migrate(admin, name, secrets)
        for member in content.members:
            if member.startswith(FILES):
                _extract(archive, member, folder / PurePosixPath(member).relative_to(FILES))
    return content


def _fill(archive: tarfile.TarFile, installation: Installation, dump: Path) -> Content:
    settings = installation.settings
    members: dict[str, str] = {DUMP: _add(archive, dump, DUMP)}
    secret = settings.data_dir / SECRET
    if settings.secret_key is None and secret.exists():
        members[SECRET] = _add(archive, secret, SECRET)
    for path in _list_files(settings.data_dir):
        name = FILES + path.relative_to(settings.data_dir).as_posix()
        members[name] = _add(archive, path, name)
    revision = current_revision(installation.admin_conninfo) or head_revision()
    content = Content(dt.datetime.now(dt.UTC).replace(microsecond=0), revision, members)
    body = json.dumps(
        {"made_at": content.made_at.isoformat(), "revision": revision, "members": members},
        ensure_ascii=False, indent=1,
    ).encode()  # fmt: skip
    entry = tarfile.TarInfo(MANIFEST)
    entry.size, entry.mode = len(body), 0o600
    archive.addfile(entry, io.BytesIO(body))
    return content


def _list_files(folder: Path) -> Iterator[Path]:
    """The files of a data folder that a backup keeps; links are not followed."""
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder).parts
        is_lock = len(place) == 1 and path.name.startswith(".")
        is_kept = not is_lock and place[0] not in (*LEFT_OUT, SECRET)
        if is_kept and path.is_file() and not path.is_symlink():
            yield path


def _add(archive: tarfile.TarFile, path: Path, name: str) -> str:
    """Add one file as it is now; its SHA-256, of the very bytes that went in."""
    entry = tarfile.TarInfo(name)
    with path.open("rb") as stream:
        entry.size = os.fstat(stream.fileno()).st_size
        entry.mode, entry.mtime = 0o600, int(path.stat().st_mtime)
        reader = _Hashing(stream)
        archive.addfile(entry, reader)
    return reader.digest.hexdigest()


class _Hashing(io.RawIOBase):
    """A stream that hashes what is read from it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream, self.digest = stream, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        block = self.stream.read(size)
        self.digest.update(block)
        return block


def _read_manifest(archive: tarfile.TarFile) -> Content:
    written = json.loads(_open(archive, archive.getmember(MANIFEST)).read())
    members = {str(name): str(sha256) for name, sha256 in dict(written["members"]).items()}
    return Content(dt.datetime.fromisoformat(written["made_at"]), str(written["revision"]), members)


def _open(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    """The member's bytes; ValueError for anything but a plain file at a plain place."""
    place = PurePosixPath(member.name)
    stream = archive.extractfile(member) if member.isfile() else None
    if stream is None or place.is_absolute() or ".." in place.parts:
        raise ValueError(member.name)
    return stream


def _digest(stream: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while block := stream.read(CHUNK):
        digest.update(block)
    return digest.hexdigest()


def _extract(archive: tarfile.TarFile, name: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.touch(mode=0o600)
    with target.open("wb") as written:
        shutil.copyfileobj(_open(archive, archive.getmember(name)), written, CHUNK)


def _run(program: str, admin_conninfo: str, *arguments: str) -> None:
    """Run a PostgreSQL client; its password goes through the environment, unseen by others."""
    parts = conninfo.conninfo_to_dict(admin_conninfo)
    password = str(parts.pop("password", ""))
    done = subprocess.run(  # noqa: S603 - fixed program, no shell
        [str(find_programs() / program), f"--dbname={conninfo.make_conninfo('', **parts)}",
         *arguments],
        capture_output=True, text=True, check=False,
        env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin", "PGPASSWORD": password},
    )  # fmt: skip
    if done.returncode != 0:
        raise ConfigurationError(
            f"PostgreSQL n’a pas terminé ({program}). Détail : {done.stderr.strip()[-400:]}"
        )


@contextmanager
def _undone_on_failure(folder: Path) -> Generator[None]:
    """Take away what a restoration that fails has put in `folder`."""
    before = set(folder.iterdir()) if folder.exists() else set[Path]()
    try:
        yield
    except BaseException:
        for path in set(folder.iterdir()) - before if folder.exists() else ():
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        raise
