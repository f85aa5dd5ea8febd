"""Bytes of a text file as text, whatever encoding a recorder chose."""

from __future__ import annotations

import codecs

from ingest.encodings import ONE_BYTE, guess_one_byte
from ingest.errors import UnreadableFile

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
TWICE_ENCODED = ("Ã©", "Ã¨", "Ã ", "â€™", "Ã§", "Ãª")
EMPTY = (
    "Le fichier est vide. Exportez de nouveau la transcription depuis Teams (Transcription → "
    "Télécharger en .vtt)."
)
BINARY = (
    "Ce fichier n’est pas un texte. Donnez une transcription .vtt, .srt, .docx ou .txt, ou un "
    "enregistrement audio si l’option audio est installée."
)


def decode_text(content: bytes) -> tuple[str, tuple[str, ...]]:
    """The text, line ends as LF, and remarks on how it had to be read. Raises UnreadableFile."""
    if not content.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise UnreadableFile(EMPTY)
    text, remarks = _decode(content)
    if text.count("\0") > len(text) // 50:
        raise UnreadableFile(BINARY)
    return text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n"), remarks


def _decode(content: bytes) -> tuple[str, tuple[str, ...]]:
    for mark, encoding in BOMS:
        if content.startswith(mark):
            return content.decode(encoding, "replace"), ()
    if guessed := _guess_utf16(content):
        return content.decode(guessed, "replace"), ("Encodage UTF-16 sans marque, reconnu.",)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        if _is_damaged_utf8(content):
            return content.decode("utf-8", "replace"), (
                "Quelques caractères du fichier sont abîmés.",
            )
        return _decode_old(content)
    return _undo_double_encoding(text)


def _decode_old(content: bytes) -> tuple[str, tuple[str, ...]]:
    encoding = guess_one_byte(content)
    remark = f"Fichier non UTF-8, lu comme du texte {ONE_BYTE[encoding]}."
    return content.decode(encoding, "replace"), (remark,)


def _is_damaged_utf8(content: bytes) -> bool:
    """Mostly right UTF-8, with a few broken characters: a file cut or patched."""
    text = content.decode("utf-8", "replace")
    accents = sum(1 for char in text if "\u00a0" <= char < "\ufffd")
    return text.count("\ufffd") <= accents // 10


def _guess_utf16(content: bytes) -> str | None:
    sample = content[:4000]
    if len(sample) < 4:
        return None
    if sample[1::2].count(0) > len(sample) // 4:
        return "utf-16-le"
    return "utf-16-be" if sample[0::2].count(0) > len(sample) // 4 else None


def _undo_double_encoding(text: str) -> tuple[str, tuple[str, ...]]:
    if not any(mark in text for mark in TWICE_ENCODED):
        return text, ()
    try:
        return text.encode("cp1252").decode("utf-8"), ("Texte encodé deux fois, rétabli.",)
    except UnicodeError:
        return text, ("Des caractères accentués sont altérés dans le fichier.",)
