"""The folder's register: what `registre.yaml` says of each file, sensible defaults otherwise."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import InvalidInput
from knowledge.documents import AccessRole, DocumentKind, VersionStatus

REGISTER = "registre.yaml"


class Entry(BaseModel):
    """One version of one document, as the firm registers it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str
    code: str = Field(min_length=1, max_length=200)
    title: str | None = None
    version: str = Field(default="1", min_length=1, max_length=40)
    status: VersionStatus = "in_force"
    kind: DocumentKind = "other"
    standards: tuple[str, ...] = ()
    clause: str | None = None
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    review_due_on: dt.date | None = None
    owner: str | None = None
    access: tuple[AccessRole, ...] = Field(default=("all",), min_length=1)
    tags: tuple[str, ...] = ()
    source: str | None = None


def read_register(root: Path) -> dict[str, Entry]:
    """Entries of the folder's register by file path; empty when there is none.

    Raises InvalidInput, naming the entry, when the register cannot be understood.
    """
    path = root / REGISTER
    if not path.is_file():
        return {}
    try:
        listed = yaml.safe_load(path.read_text(encoding="utf-8")) or []
        entries = [_read_entry(each) for each in listed]
    except (yaml.YAMLError, UnicodeDecodeError, TypeError) as error:
        raise InvalidInput(
            f"Le registre {path.name} n’est pas un fichier YAML lisible : {error}. Corrigez-le "
            "(une liste d’entrées « - file: … »), puis relancez l’ingestion."
        ) from error
    return {PurePosixPath(entry.file).as_posix(): entry for entry in entries}


def _read_entry(raw: object) -> Entry:
    try:
        return Entry.model_validate(raw)
    except ValidationError as error:
        name = raw.get("file", "sans nom de fichier") if isinstance(raw, dict) else str(raw)[:60]
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "entrée"
        raise InvalidInput(
            f"Dans {REGISTER}, l’entrée « {name} » est incorrecte : {place}, {first['msg']}. "
            "Corrigez-la, puis relancez l’ingestion."
        ) from error


def default_entries(paths: Iterable[str]) -> dict[str, Entry]:
    """Entries for unregistered files: the code is the file's name, with its folder if needed."""
    listed = list(paths)
    stems = Counter(PurePosixPath(path).stem for path in listed)
    places = Counter(str(PurePosixPath(path).with_suffix("")) for path in listed)
    return {path: Entry(file=path, code=_default_code(path, stems, places)) for path in listed}


def _default_code(path: str, stems: Counter[str], places: Counter[str]) -> str:
    pure = PurePosixPath(path)
    without_suffix = str(pure.with_suffix(""))
    if stems[pure.stem] == 1:
        return pure.stem[-200:]
    return (without_suffix if places[without_suffix] == 1 else path)[-200:]
