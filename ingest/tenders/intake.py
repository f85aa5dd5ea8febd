"""A tender file unpacked: zip in zip, folder or single files, within limits, never outside."""

from __future__ import annotations

import hashlib
import re
import shutil
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from core.errors import InvalidInput
from ingest.readers.file_types import BOMB_FLOOR, BOMB_RATIO, MIB, UNPACKED_LIMIT

DEPTH_LIMIT = 3
FILE_LIMIT = 400
LISTED_LIMIT = 20_000
FILE_SIZE_LIMIT = 100 * MIB
NOISE = re.compile(r"(^|/)(__MACOSX/|\.DS_Store$|Thumbs\.db$|~\$|desktop\.ini$)", re.IGNORECASE)
FIRST_READ = re.compile(
    r"(?<![a-z])(rc|reglement|cctp|ccap|ccp|ccatp|ae|acte|attri|bpu|dqe|dpgf|bordereau|annexe|pdl"
    r"|pce|prm|notice|avis|rectif|programme|dce)(?![a-z])"
)


@dataclass(frozen=True)
class SourceFile:
    """A file of the tender: `path` within the file, `disk` where its bytes are."""

    path: str
    disk: Path
    size_bytes: int
    sha256: str

    @property
    def name(self) -> str:
        """The last part of the path."""
        return PurePosixPath(self.path).name


@dataclass(frozen=True)
class Refusal:
    """A member that was not unpacked, and why, in French."""

    path: str
    reason: str


@dataclass
class Intake:
    """What a tender file holds; `skipped` counts the files beyond the limit, not read."""

    files: list[SourceFile] = field(default_factory=list[SourceFile])
    refusals: list[Refusal] = field(default_factory=list[Refusal])
    skipped: int = 0
    unpacked_bytes: int = 0


def unpack(sources: Sequence[Path], workspace: Path) -> Intake:
    """The files of `sources` (archives, folders, files), archives unpacked below `workspace`.

    At most `FILE_LIMIT` files are kept, those named like a tender's pieces first. Raises
    InvalidInput when a source does not exist.
    """
    found: list[tuple[str, Path]] = []
    intake = Intake()
    for source in sources:
        if not source.exists():
            raise InvalidInput(
                f"« {source.name} » est introuvable. Vérifiez le chemin du fichier ou du dossier."
            )
        base = source.parent if source.is_file() else source
        for path in _walk(source):
            _take(path, path.relative_to(base).as_posix(), workspace, intake, found, 0)
    found.sort(key=lambda each: (_rank(each[0]), each[0]))
    intake.skipped = max(0, len(found) - FILE_LIMIT)
    for name, disk in found[:FILE_LIMIT]:
        size = disk.stat().st_size
        if size > FILE_SIZE_LIMIT:
            intake.refusals.append(
                Refusal(name, f"Le fichier pèse {size // MIB} Mo : il dépasse la limite de lecture "
                              f"de {FILE_SIZE_LIMIT // MIB} Mo.")
            )  # fmt: skip
            continue
        intake.files.append(SourceFile(name, disk, size, _digest(disk)))
    return intake


def _rank(name: str) -> int:
    plain = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
    return 0 if FIRST_READ.search(plain) else 1


def _walk(source: Path) -> Iterator[Path]:
    if source.is_file():
        yield source
        return
    root = source.resolve()
    for path in sorted(source.rglob("*"))[:LISTED_LIMIT]:
        if path.is_file() and not path.is_symlink() and path.resolve().is_relative_to(root):
            yield path


def _take(
    path: Path,
    name: str,
    workspace: Path,
    intake: Intake,
    found: list[tuple[str, Path]],
    depth: int,
) -> None:
    if NOISE.search(name):
        return
    if not _is_plain_archive(path):
        found.append((name, path))
        return
    if depth >= DEPTH_LIMIT:
        intake.refusals.append(Refusal(name, "L’archive est emboîtée trop profondément."))
        return
    prefix = "" if depth == 0 else f"{PurePosixPath(name).with_suffix('').as_posix()}/"
    for inner, disk in _extract(path, name, workspace, intake):
        _take(disk, prefix + inner, workspace, intake, found, depth + 1)


def _is_plain_archive(path: Path) -> bool:
    """Tell a zip from an Office file, which is one too."""
    with path.open("rb") as stream:
        if stream.read(4) not in (b"PK\x03\x04", b"PK\x05\x06"):
            return False
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
    return "[Content_Types].xml" not in names and "mimetype" not in names


def _extract(path: Path, name: str, workspace: Path, intake: Intake) -> Iterator[tuple[str, Path]]:
    with zipfile.ZipFile(path) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        if (refused := _refuse_bomb(members, intake)) is not None:
            intake.refusals.append(Refusal(name, refused))
            return
        for number, member in enumerate(members):
            inner = _decode_name(member)
            reason = _refuse_member(member, inner)
            if reason:
                intake.refusals.append(Refusal(f"{name} › {inner}"[:300], reason))
                continue
            disk = workspace / f"{hashlib.sha256(name.encode()).hexdigest()[:12]}-{number}"
            try:
                with archive.open(member) as packed, disk.open("wb") as unpacked:
                    shutil.copyfileobj(packed, unpacked, MIB)
            except (zipfile.BadZipFile, OSError, NotImplementedError, EOFError):
                intake.refusals.append(
                    Refusal(inner, "Le fichier est endommagé dans l’archive. Redemandez-le.")
                )
                continue
            intake.unpacked_bytes += member.file_size
            yield PurePosixPath(inner).as_posix(), disk


def _refuse_bomb(members: Sequence[zipfile.ZipInfo], intake: Intake) -> str | None:
    unpacked = sum(member.file_size for member in members)
    packed = max(1, sum(member.compress_size for member in members))
    is_bomb = unpacked > BOMB_FLOOR and unpacked / packed > BOMB_RATIO
    too_much = intake.unpacked_bytes + unpacked > UNPACKED_LIMIT
    if is_bomb or too_much or len(members) > LISTED_LIMIT:
        return (
            f"L’archive se décompresse en {unpacked / MIB:.0f} Mo ({len(members)} fichiers) : elle "
            "est refusée pour protéger le serveur. Découpez-la ou retirez ce qui n’est pas une "
            "pièce du dossier."
        )
    return None


def _refuse_member(member: zipfile.ZipInfo, name: str) -> str | None:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if name.startswith(("/", "\\")) or ".." in parts or re.match(r"[A-Za-z]:", name):
        return "Le nom du fichier sort de l’archive : il n’a pas été ouvert."
    if (member.external_attr >> 16) & 0o170000 == 0o120000:
        return "Le fichier est un lien : il n’a pas été suivi."
    if member.flag_bits & 1:
        return "Le fichier est protégé par un mot de passe. Demandez-le à l’acheteur."
    return None


def _decode_name(member: zipfile.ZipInfo) -> str:
    """Names without the UTF-8 flag come from Windows or old tools (code page 850)."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        raw = member.filename.encode("cp437")
    except UnicodeEncodeError:
        return member.filename
    for encoding in ("utf-8", "cp850"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return member.filename


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while part := stream.read(MIB):
            digest.update(part)
    return digest.hexdigest()
