"""Character recognition of scanned pages: tesseract where installed, else rapidocr."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from dataclasses import replace
from functools import lru_cache
from importlib.util import find_spec
from statistics import median
from typing import TYPE_CHECKING, Any, Literal

from ingest.errors import UnreadableFile
from ingest.readers.layout import Word

if TYPE_CHECKING:
    from PIL.Image import Image

Recognizer = Literal["tesseract", "rapidocr"]
LANGUAGE = "fra"
PAGE_TIMEOUT_S = 90
LEAST_CONFIDENCE = 5
HEADING_WIDTH = 1.2
HEADING_SIZE = 1.5


@lru_cache(maxsize=1)
def find_recognizer() -> Recognizer | None:
    """The engine this machine offers: tesseract with French, else rapidocr, else None."""
    tesseract = shutil.which("tesseract")
    if tesseract is not None:
        listed = subprocess.run(  # noqa: S603 - a fixed program found on the path
            [tesseract, "--list-langs"], capture_output=True, text=True, timeout=20, check=False
        )
        if LANGUAGE in listed.stdout.split():
            return "tesseract"
    return "rapidocr" if find_spec("rapidocr") and find_spec("onnxruntime") else None


def recognize(image: Image, *, scale: float) -> list[Word]:
    """Words of a page's upright `image`, placed in points (`scale` pixels per point).

    Raises UnreadableFile when this machine has no recognition engine.
    """
    engine = find_recognizer()
    if engine is None:
        raise UnreadableFile(
            "Le document est une image numérisée et aucun moteur de reconnaissance n’est "
            "installé. Installez tesseract avec le français "
            "(« apt install tesseract-ocr tesseract-ocr-fra »), puis relancez l’ingestion."
        )
    lines = _run_tesseract(image, scale) if engine == "tesseract" else _run_rapidocr(image, scale)
    return _with_even_sizes(lines)


def _run_tesseract(image: Image, scale: float) -> list[list[Word]]:
    program = shutil.which("tesseract") or "tesseract"
    buffer = io.BytesIO()
    image.save(buffer, "PNG", dpi=(scale * 72, scale * 72))
    finished = subprocess.run(  # noqa: S603 - a fixed program, the page on its input
        [program, "stdin", "stdout", "-l", LANGUAGE, "--psm", "4", "tsv"],
        input=buffer.getvalue(),
        capture_output=True,
        timeout=PAGE_TIMEOUT_S,
        check=False,
    )
    rows = csv.DictReader(
        io.StringIO(finished.stdout.decode("utf-8", "replace")),
        delimiter="\t",
        quoting=csv.QUOTE_NONE,
    )
    lines: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for row in rows:
        if float(row["conf"]) >= LEAST_CONFIDENCE and row["text"].strip():
            key = (row["block_num"], row["par_num"], row["line_num"])
            lines.setdefault(key, []).append(row)
    return [_line_words(line, scale) for line in lines.values()]


def _line_words(line: list[dict[str, str]], scale: float) -> list[Word]:
    """Words of a recognised line, given one common top and bottom."""
    top = median(int(row["top"]) for row in line) / scale
    bottom = median(int(row["top"]) + int(row["height"]) for row in line) / scale
    return [
        Word(
            row["text"],
            int(row["left"]) / scale,
            top,
            (int(row["left"]) + int(row["width"])) / scale,
            bottom,
            bottom - top,
        )
        for row in line
    ]


def _run_rapidocr(image: Image, scale: float) -> list[list[Word]]:
    import numpy as np

    result: Any = _rapidocr_engine()(np.asarray(image.convert("RGB")))
    if result.boxes is None:
        return []
    lines: list[list[Word]] = []
    for corners, text in zip(result.boxes, result.txts, strict=True):
        xs, ys = [float(x) / scale for x, _ in corners], [float(y) / scale for _, y in corners]
        word = Word(str(text), min(xs), min(ys), max(xs), max(ys), max(ys) - min(ys))
        lines.append([word])
    return lines


@lru_cache(maxsize=1)
def _rapidocr_engine() -> Any:
    from rapidocr import RapidOCR

    # Smaller pictures and one line at a time: a page then peaks near 600 MB instead of 800.
    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.max_side_len": 1600,
            "Rec.rec_batch_num": 1,
        }
    )


def _with_even_sizes(lines: list[list[Word]]) -> list[Word]:
    """Heights vary with the letters, so a line's size is told by the width of its characters."""
    if not lines:
        return []
    usual = median(word.size for line in lines for word in line)
    widths = [_character_width(line) for line in lines]
    body = median(width for line, width in zip(lines, widths, strict=True) for _ in line)
    return [
        replace(word, size=usual * (HEADING_SIZE if width > HEADING_WIDTH * body else 1))
        for line, width in zip(lines, widths, strict=True)
        for word in line
    ]


def _character_width(line: list[Word]) -> float:
    characters = sum(len(word.text) for word in line)
    return sum(word.x1 - word.x0 for word in line) / max(characters, 1)
