"""The one way into the readers: checks, dispatch by true type, time limit, clean errors."""

from __future__ import annotations

import re
import signal
import threading
import unicodedata
import warnings
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import FrameType

from core.settings import get_settings
from ingest.errors import UnreadableFile
from ingest.readers.file_types import FileType, corrupt, describe_mismatch, detect_type
from ingest.readers.titles import is_part
from knowledge.models import Block, ParsedDocument

TIME_LIMIT_S = 180.0

# Module and function of each family; imported at first use, for some take seconds to load.
_READERS = {
    "pdf": ("pdf", "read_pdf"),
    "docx": ("word", "read_word"),
    "pptx": ("slides", "read_slides"),
    "xlsx": ("workbook", "read_workbook"),
    "html": ("texts", "read_html"),
    "markdown": ("texts", "read_markdown"),
    "text": ("texts", "read_plain_text"),
    "csv": ("texts", "read_csv"),
    "email": ("mail", "read_mail"),
}
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


class _TimeIsUp(BaseException):
    """Raised by the alarm through any library's `except Exception`."""


def read_document(
    path: Path, *, size_limit_mb: int | None = None, time_limit_s: float = TIME_LIMIT_S
) -> ParsedDocument:
    """Read `path` whatever its extension says it is.

    Raises UnreadableFile, whose French message says what to do, and nothing else. The time
    limit acts in a process's main thread, which is where ingestion's workers read.
    """
    limit = get_settings().upload_limit_mb if size_limit_mb is None else size_limit_mb
    try:
        found = detect_type(path, size_limit_mb=limit)
        with warnings.catch_warnings(), _alarm(time_limit_s):
            warnings.simplefilter("ignore")
            parsed = _reader(found)(path)
    except UnreadableFile:
        raise
    except _TimeIsUp as error:
        raise too_slow(time_limit_s) from error
    except OSError as error:
        raise UnreadableFile(
            f"Le fichier n’a pas pu être ouvert ({error.strerror or error}). Vérifiez qu’il "
            "existe et que ses droits de lecture le permettent."
        ) from error
    except Exception as error:
        raise corrupt(error) from error
    return _checked(parsed, describe_mismatch(path, found))


def too_slow(time_limit_s: float) -> UnreadableFile:
    """The refusal of a file whose reading took too long."""
    return UnreadableFile(
        f"La lecture du fichier dépasse {time_limit_s:.0f} secondes. Découpez-le ou "
        "enregistrez-le dans un format plus simple."
    )


def _reader(found: FileType) -> Callable[[Path], ParsedDocument]:
    module, function = _READERS[found.name]
    return getattr(import_module(f"ingest.readers.{module}"), function)


@contextmanager
def _alarm(seconds: float) -> Generator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(_number: int, _frame: FrameType | None) -> None:
        raise _TimeIsUp

    previous = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def _checked(parsed: ParsedDocument, notice: str | None) -> ParsedDocument:
    blocks = tuple(block for block in map(_clean_block, parsed.blocks) if block is not None)
    if not any(block.kind != "heading" or block.text for block in blocks):
        raise UnreadableFile(_emptiness(parsed))
    title = _clean(parsed.title).strip() if parsed.title else None
    title = None if not title or is_part(title) else title
    return replace(parsed, title=title, blocks=blocks, notice=parsed.notice or notice)


def _emptiness(parsed: ParsedDocument) -> str:
    if parsed.ocr_pages:
        return (
            "Aucun texte n’a été reconnu sur les pages numérisées. Numérisez de nouveau à "
            "300 points par pouce, page droite et contrastée."
        )
    return "Le fichier ne contient aucun texte. Vérifiez que c’est le bon document."


def _clean_block(block: Block) -> Block | None:
    rows = tuple(tuple(_clean(cell) for cell in row) for row in block.rows)
    text = _clean(block.text).strip()
    return replace(block, text=text, rows=rows) if text or rows else None


def _clean(text: str) -> str:
    return unicodedata.normalize("NFC", _CONTROLS.sub("", text))
