"""What a file truly is, by its first bytes rather than its name; refusals before any parsing."""

from __future__ import annotations

import codecs
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

from core.office import SHEET_TYPE, SLIDES_TYPE, WORD_TYPE
from ingest.encodings import guess_one_byte
from ingest.errors import UnreadableFile

HEAD_BYTES = 8192
MIB = 1024 * 1024
UNPACKED_LIMIT = 600 * MIB
BOMB_FLOOR = 50 * MIB
BOMB_RATIO = 100
MEMBER_LIMIT = 20_000

SUPPORTED = "PDF, DOCX, PPTX, XLSX, HTML, Markdown, texte, CSV et EML"


@dataclass(frozen=True)
class FileType:
    """A supported family: its usual extensions, its media type, its French name."""

    name: str
    media_type: str
    extensions: tuple[str, ...]
    label: str


PDF = FileType("pdf", "application/pdf", (".pdf",), "PDF")
DOCX = FileType("docx", WORD_TYPE, (".docx", ".docm"), "document Word")
PPTX = FileType("pptx", SLIDES_TYPE, (".pptx", ".pptm"), "présentation PowerPoint")
XLSX = FileType("xlsx", SHEET_TYPE, (".xlsx", ".xlsm"), "classeur Excel")
HTML = FileType("html", "text/html", (".html", ".htm", ".xhtml"), "page HTML")
MARKDOWN = FileType("markdown", "text/markdown", (".md", ".markdown"), "texte Markdown")
TEXT = FileType("text", "text/plain", (".txt", ".text"), "texte brut")
CSV = FileType("csv", "text/csv", (".csv", ".tsv"), "tableau CSV")
EMAIL = FileType("email", "message/rfc822", (".eml",), "courriel EML")
FILE_TYPES = (PDF, DOCX, PPTX, XLSX, HTML, MARKDOWN, TEXT, CSV, EMAIL)

_OPEN_XML_MEMBERS = {"word/": DOCX, "ppt/": PPTX, "xl/": XLSX}
_REFUSED_SIGNATURES = (
    (b"{\\rtf", "au format RTF", "Enregistrez-le en DOCX ou en PDF"),
    (b"\x89PNG", "une image", "Numérisez le document en PDF"),
    (b"\xff\xd8\xff", "une image", "Numérisez le document en PDF"),
    (b"GIF8", "une image", "Numérisez le document en PDF"),
    (b"II*\x00", "une image TIFF", "Numérisez le document en PDF"),
    (b"MM\x00*", "une image TIFF", "Numérisez le document en PDF"),
    (b"Rar!", "une archive RAR", "Décompressez-la et déposez les fichiers"),
    (b"7z\xbc\xaf", "une archive 7z", "Décompressez-la et déposez les fichiers"),
    (b"\x1f\x8b", "une archive GZIP", "Décompressez-la et déposez les fichiers"),
    (b"MZ", "un programme", "Retirez-le du dossier"),
)
_RARE_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\x1b"))
_HTML_START = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", re.I | re.S
)
_MAIL_HEADER = re.compile(
    r"^(?:from|to|subject|date|received|message-id|mime-version|return-path|x-[\w-]+):", re.I | re.M
)


def detect_type(path: Path, *, size_limit_mb: int) -> FileType:
    """The true type of `path`; raises UnreadableFile on a file that must not be opened."""
    size = path.stat().st_size
    if size == 0:
        raise UnreadableFile(
            "Le fichier est vide (0 octet). Déposez-le de nouveau depuis l’original."
        )
    if size > size_limit_mb * MIB:
        raise UnreadableFile(
            f"Le fichier pèse {size / MIB:.0f} Mo, au-delà de la limite de {size_limit_mb} Mo. "
            "Découpez-le ou relevez VOLTAIRE_UPLOAD_LIMIT_MB."
        )
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    if b"%PDF-" in head[:1024]:
        return PDF
    if head.startswith(b"PK"):
        return _detect_archive(path)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise _ole_refusal(path)
    _refuse_signatures(head)
    return _detect_text(path, head)


def describe_mismatch(path: Path, found: FileType) -> str | None:
    """A remark when the extension of `path` announces something else than `found`."""
    extension = path.suffix.lower()
    known = any(extension in each.extensions for each in FILE_TYPES)
    if extension in found.extensions or (found is TEXT and not known):
        return None
    return (
        f"L’extension « {extension or 'absente'} » ne correspond pas au contenu : "
        f"le fichier a été lu comme {found.label}."
    )


def _refuse_signatures(head: bytes) -> None:
    for signature, what, advice in _REFUSED_SIGNATURES:
        if head.startswith(signature):
            raise UnreadableFile(
                f"Le fichier est {what}, type non pris en charge. {advice} "
                f"(types lus : {SUPPORTED})."
            )


def _detect_archive(path: Path) -> FileType:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise corrupt(error) from error
    _refuse_bomb(members)
    if any(member.flag_bits & 1 for member in members):
        raise encrypted()
    for prefix, found in _OPEN_XML_MEMBERS.items():
        if any(member.filename.startswith(prefix) for member in members):
            return found
    raise UnreadableFile(
        "Le fichier est une archive ZIP ou un format bureautique non pris en charge (ODT, ODS…). "
        f"Décompressez-le ou enregistrez-le dans un des types lus : {SUPPORTED}."
    )


def _refuse_bomb(members: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(member.file_size for member in members)
    packed = max(1, sum(member.compress_size for member in members))
    is_bomb = unpacked > BOMB_FLOOR and unpacked / packed > BOMB_RATIO
    if is_bomb or unpacked > UNPACKED_LIMIT or len(members) > MEMBER_LIMIT:
        raise UnreadableFile(
            f"Le fichier se décompresse en {unpacked / MIB:.0f} Mo : il est refusé pour protéger "
            "le serveur. S’il est sain, enregistrez-le de nouveau ou découpez-le."
        )


def _ole_refusal(path: Path) -> UnreadableFile:
    if "EncryptedPackage".encode("utf-16-le") in path.read_bytes():
        return encrypted()
    return UnreadableFile(
        "Le fichier est dans un ancien format Office (DOC, XLS, PPT ou MSG). "
        "Enregistrez-le en DOCX, XLSX, PPTX ou EML, puis déposez-le de nouveau."
    )


def _detect_text(path: Path, head: bytes) -> FileType:
    text = _decode_head(head)
    if text is None:
        raise UnreadableFile(
            "Le contenu du fichier n’est ni du texte ni un format reconnu : il est peut-être "
            f"endommagé. Déposez-le de nouveau ou convertissez-le (types lus : {SUPPORTED})."
        )
    if _HTML_START.match(text):
        return HTML
    extension = path.suffix.lower()
    declared = next((each for each in FILE_TYPES if extension in each.extensions), TEXT)
    if declared in (EMAIL, TEXT) and len(_MAIL_HEADER.findall(text[:3000])) >= 3:
        return EMAIL
    return declared if declared in (MARKDOWN, CSV, HTML, EMAIL) else TEXT


def _decode_head(head: bytes) -> str | None:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return head.decode(encoding, errors="ignore")
    encoding = _unmarked_utf16(head)
    if encoding is not None:
        return head.decode(encoding, errors="ignore")
    controls = len(head) - len(head.translate(None, _RARE_CONTROLS))
    if b"\x00" in head or controls > len(head) // 50:
        return None
    return head.decode("utf-8", errors="replace")


def _unmarked_utf16(data: bytes) -> str | None:
    """UTF-16 without its mark: every other byte of European text is zero."""
    sample = data[:200]
    half = len(sample) // 2
    if half >= 8 and sample[1::2].count(0) > 0.9 * half:
        return "utf-16-le"
    if half >= 8 and sample[::2].count(0) > 0.9 * half:
        return "utf-16-be"
    return None


_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_text(path: Path) -> str:
    """The text of `path`: UTF-8, UTF-16 with its mark, else line by line.

    A file pasted from several sources mixes encodings: each line is UTF-8, else of the one-byte
    encoding that suits the others best.
    """
    data = path.read_bytes()
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    unmarked = _unmarked_utf16(data)
    if unmarked is not None:
        return data.decode(unmarked, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        lines = data.splitlines(keepends=True)
    others = guess_one_byte(b"".join(line for line in lines if not _is_utf8(line)))
    return "".join(line.decode("utf-8" if _is_utf8(line) else others, "replace") for line in lines)


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def corrupt(error: BaseException) -> UnreadableFile:
    """The refusal of a file whose structure is broken."""
    return UnreadableFile(
        "Le fichier est endommagé ou incomplet. Ouvrez l’original, enregistrez-le de nouveau "
        "et redéposez-le.",
        cause=f"{type(error).__name__}: {error}"[:300],
    )


def encrypted() -> UnreadableFile:
    """The refusal of a file that asks for a password."""
    return UnreadableFile(
        "Le fichier est protégé par un mot de passe. Enregistrez-en une copie sans mot de passe "
        "et redéposez-la."
    )
