"""The whole tender file read: each piece recognised, ordered, or listed with why it is not used."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from ingest.errors import UnreadableFile
from ingest.readers.file_types import corrupt, describe_mismatch, detect_type
from ingest.tenders.intake import FILE_SIZE_LIMIT, MIB, Intake, SourceFile
from ingest.tenders.kinds import LABELS, Kind, acts_as_rules, recognize_kind
from ingest.tenders.office import read_text_piece, read_word_piece, read_workbook_piece
from ingest.tenders.pdf_pages import read_pdf_piece
from ingest.tenders.texts import PieceText
from ingest.tenders.versions import Version, are_alike, read_version

Status = Literal["used", "outdated", "unreadable", "foreign", "duplicate"]
OnPiece = Callable[[str, int, int], None]
READERS: dict[str, Callable[[Path], PieceText]] = {
    "pdf": read_pdf_piece,
    "docx": read_word_piece,
    "xlsx": read_workbook_piece,
    "text": read_text_piece,
    "markdown": read_text_piece,
    "csv": read_text_piece,
    "html": read_text_piece,
}
NOTICE_ENDINGS = (".json", ".xml")
NOTICE_KEYS = frozenset(
    {"idweb", "donnees", "nomacheteur", "datelimitereponse", "fields", "record"}
)
EMPTY = PieceText("", (), ())


@dataclass(frozen=True)
class ReadPiece:
    """A file of the tender with its text, its kind and whether it counts."""

    source: SourceFile
    text: PieceText
    kind: Kind
    version: Version
    status: Status = "used"
    reason: str | None = None
    replaced_by: str | None = None
    mismatch: str | None = None

    @property
    def id(self) -> str:
        """The piece's id: its checksum and its path, for the same bytes may come twice."""
        return f"{self.source.sha256[:16]}:{self.source.path}"

    @property
    def name(self) -> str:
        """The file's name."""
        return self.source.name


@dataclass(frozen=True)
class Dossier:
    """Every piece; `notices` are the files that hold a machine-readable notice."""

    pieces: tuple[ReadPiece, ...]
    notices: tuple[SourceFile, ...]
    intake: Intake = field(default_factory=Intake)

    def used(self, *kinds: Kind) -> Iterator[ReadPiece]:
        """Pieces that count, of `kinds` in their order, or all."""
        for kind in kinds or tuple(LABELS):
            yield from (p for p in self.pieces if p.status == "used" and p.kind == kind)


def read_dossier(intake: Intake, on_piece: OnPiece | None = None) -> Dossier:
    """Read every file of `intake`; `on_piece` hears each name, its rank and their number."""
    pieces: list[ReadPiece] = []
    notices: list[SourceFile] = []
    seen: dict[str, str] = {}
    for rank, file in enumerate(intake.files, 1):
        if on_piece:
            on_piece(file.name, rank, len(intake.files))
        if _is_notice(file):
            notices.append(file)
        elif file.sha256 in seen:
            pieces.append(_refused(file, f"Copie de « {seen[file.sha256]} ».", "duplicate"))
        else:
            seen[file.sha256] = file.name
            pieces.append(_read(file))
    return Dossier(tuple(_order_versions(_find_rules(pieces))), tuple(notices), intake)


def _find_rules(pieces: Sequence[ReadPiece]) -> Sequence[ReadPiece]:
    """`pieces`, the first that acts as the rules of consultation taken for them where none is."""
    used = [piece for piece in pieces if piece.status == "used"]
    if any(piece.kind in ("rc", "ccp") for piece in used):
        return pieces
    own = next((p for p in used if p.kind in ("other", "annex") and acts_as_rules(p.text)), None)
    return [replace(piece, kind="rc") if piece is own else piece for piece in pieces]


def _is_notice(file: SourceFile) -> bool:
    if not file.name.lower().endswith(NOTICE_ENDINGS) or file.size_bytes > 20 * MIB:
        return False
    start = file.disk.read_bytes()[:4000].lstrip(b"\xef\xbb\xbf \r\n\t")
    if start.startswith(b"<"):
        return b"Notice" in start or b"NOTICE" in start
    if not start.startswith(b"{"):
        return False
    try:
        held = json.loads(file.disk.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError):
        return False
    return isinstance(held, dict) and not NOTICE_KEYS.isdisjoint(held)


def _read(file: SourceFile) -> ReadPiece:
    try:
        found = detect_type(file.disk, size_limit_mb=FILE_SIZE_LIMIT // MIB)
        reader = READERS.get(found.name)
        if reader is None:
            return _refused(file, f"Un fichier de ce type ({found.label}) n’est pas lu ici.")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            text = reader(file.disk)
    except UnreadableFile as error:
        return _refused(file, error.message)
    except Exception as error:
        return _refused(file, corrupt(error).message)
    mismatch = describe_mismatch(Path(file.name), found)
    if not text.text.strip():
        return _refused(file, "Le fichier ne contient aucun texte. Demandez-en une autre copie.")
    kind = recognize_kind(file.name, text)
    return ReadPiece(file, text, kind, read_version(file.name, text.head), mismatch=mismatch)


def _refused(file: SourceFile, reason: str, status: Status = "unreadable") -> ReadPiece:
    kind = recognize_kind(file.name, EMPTY)
    return ReadPiece(file, EMPTY, kind, Version(None, False, None, None), status, reason)


def _order_versions(pieces: Sequence[ReadPiece]) -> list[ReadPiece]:
    """Mark what a later version replaces; alike pieces that state no order are all kept."""
    ordered = list(pieces)
    for at, piece in enumerate(ordered):
        if piece.status != "used" or piece.text.sheets:
            continue
        for other in ordered:
            if (
                other is not piece
                and other.status == "used"
                and other.kind == piece.kind
                and other.version.order > piece.version.order
                and are_alike(piece.text.text, other.text.text)
            ):
                told = other.version.label or "version suivante"
                ordered[at] = replace(
                    piece, status="outdated", replaced_by=other.id,
                    reason=f"Remplacée par « {other.name} » ({told}).",
                )  # fmt: skip
                break
    return ordered
