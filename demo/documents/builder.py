"""Builds the firm's document folder: every source in its declared format, and the register."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import yaml

from demo.documents.pdf import build_pdf
from demo.documents.scan import build_scan
from demo.documents.source import SOURCES, Format, Properties, Source, SourceError, list_sources
from demo.documents.web import build_page
from demo.documents.word import build_word
from demo.documents.workbook import build_workbook

REGISTER = "registre.yaml"

Progress = Callable[[int, int, str], None]


def _build_text(source: Source) -> bytes:
    return source.unpaged_body.encode()


_BUILDERS: dict[Format, Callable[[Source], bytes]] = {
    "docx": build_word,
    "pdf": build_pdf,
    "pdf_scan": build_scan,
    "xlsx": build_workbook,
    "md": _build_text,
    "html": build_page,
}


def build_documents(
    target: Path, *, progress: Progress | None = None, folder: Path = SOURCES
) -> int:
    """Build all documents of `folder` under `target` and return how many there are.

    `progress` receives (done, total, file) after each document. A file whose bytes would not
    change is left alone. Raises SourceError on a bad source or on two sources for one file,
    before anything is written.
    """
    sources = list_sources(folder)
    _refuse_duplicates(sources)
    for done, source in enumerate(sources, start=1):
        file = source.properties.file
        _write_if_changed(target / file, _BUILDERS[source.properties.format](source))
        if progress is not None:
            progress(done, len(sources), file)
    _write_if_changed(target / REGISTER, _build_register(sources))
    return len(sources)


def _refuse_duplicates(sources: Sequence[Source]) -> None:
    seen: set[str] = set()
    for source in sources:
        file = source.properties.file.casefold()
        if file in seen:
            raise SourceError(f"deux sources pour le fichier {source.properties.file}")
        seen.add(file)


def _build_register(sources: Sequence[Source]) -> bytes:
    in_order = sorted((source.properties for source in sources), key=lambda each: each.file)
    entries = [_to_entry(properties) for properties in in_order]
    return yaml.safe_dump(entries, allow_unicode=True, sort_keys=False, width=100).encode()


def _to_entry(properties: Properties) -> dict[str, Any]:
    fields = properties.model_dump(exclude={"format", "file"})
    lists = {name: list(value) for name, value in fields.items() if isinstance(value, tuple)}
    return {"file": properties.file, **fields, **lists}


def _write_if_changed(path: Path, data: bytes) -> None:
    if path.is_file() and path.read_bytes() == data:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
