"""The folder's register: what `registre.yaml` says of each file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import InvalidInput
from core.formats import NBSP
from ingest.errors import name_os_error
from knowledge.documents import AccessRole, DocumentKind, VersionStatus

REGISTER = "registre.yaml"
GONE = (
    f"Le registre {REGISTER} n’est plus dans le dossier, ou il est vide, alors que des documents "
    f"en ont reçu leur code, leur version ou leurs droits{NBSP}: rien n’a été changé. Remettez-le. "
    f"S’il ne doit plus y en avoir, mettez à sa place un fichier {REGISTER} qui contient seulement "
    f"«{NBSP}[]{NBSP}»{NBSP}: tous les documents du dossier deviennent alors lisibles par tout le "
    "cabinet."
)
CLOSED = (
    f"Le registre {REGISTER} n’a pas pu être ouvert ({{cause}}){NBSP}: les droits des documents "
    "ne peuvent pas être connus, rien n’a été changé. Donnez à Voltaire le droit de le lire, ainsi "
    "que son dossier, puis relancez l’ingestion."
)
NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
EXPECTED = {
    "extra_forbidden": "champ inconnu",
    "missing": "champ manquant",
    "literal_error": "valeurs admises : {expected}",
    "date_from_datetime_parsing": "date attendue sous la forme AAAA-MM-JJ",
    "date_parsing": "date attendue sous la forme AAAA-MM-JJ",
    "string_type": "texte attendu",
    "string_too_short": "texte vide",
    "string_too_long": "texte trop long",
    "tuple_type": "liste attendue",
    "too_short": "liste vide",
}


class _PlainNumbers(yaml.SafeLoader):
    """Reads what looks like a number as it is written: « version: 2.10 » is no 2.1."""


_PlainNumbers.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in forms if tag not in NUMBERS]
    for first, forms in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


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
    must_read: tuple[AccessRole, ...] | None = None
    tags: tuple[str, ...] = ()
    source: str | None = None


@dataclass(frozen=True)
class Register:
    """Entries by file path, and why the other files' entries cannot be understood.

    The rights of a file in `faults` are unknown: it is not to be read. `strays` are the entries
    that name no file, by their place: any file without an entry may be theirs. `is_absent` tells
    that the folder has no register, or one that is empty.
    """

    entries: Mapping[str, Entry] = field(default_factory=dict[str, Entry])
    faults: Mapping[str, str] = field(default_factory=dict[str, str])
    strays: Mapping[str, str] = field(default_factory=dict[str, str])
    is_absent: bool = False


def read_register(root: Path) -> Register:
    """The folder's register; without entries when there is none, or nothing in it.

    Raises InvalidInput when it cannot be opened or is no list at all: no right can then be known.
    """
    listed = _load(root / REGISTER)
    if listed is None:
        return Register(is_absent=True)
    entries: dict[str, Entry] = {}
    faults: dict[str, str] = {}
    strays: dict[str, str] = {}
    for number, raw in enumerate(listed, start=1):
        name: object = raw.get("file") if isinstance(raw, dict) else None
        if not isinstance(name, str) or not name.strip():
            strays[f"{REGISTER}, entrée n° {number}"] = _explain_stray(number, raw)
            continue
        path = PurePosixPath(name).as_posix()
        try:
            entries[path] = Entry.model_validate(raw)
        except ValidationError as error:
            faults[path] = _explain(name[:60], error)
    known = {path: entry for path, entry in entries.items() if path not in faults}
    return Register(_end_former(known), faults, strays)


def _load(path: Path) -> list[Any] | None:
    """The entries of the register at `path`, as written; None where it is absent or empty."""
    try:
        written = path.read_text(encoding="utf-8")
        # A safe loader, but for numbers, which stay as written.
        listed = yaml.load(written, _PlainNumbers)  # noqa: S506
    except FileNotFoundError:
        return None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InvalidInput(_unreadable(_place_of(error))) from error
    except OSError as error:
        raise InvalidInput(CLOSED.format(cause=name_os_error(error))) from error
    if listed is not None and not isinstance(listed, list):
        raise InvalidInput(_unreadable(""))
    return listed


def _unreadable(where: str) -> str:
    return (
        f"Le registre {REGISTER} n’est pas un fichier YAML lisible{where} : les droits des "
        "documents ne peuvent pas être connus, rien n’a été changé. Corrigez-le (une liste "
        "d’entrées « - file: … »), puis relancez l’ingestion."
    )


def _place_of(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    return f" (ligne {mark.line + 1})" if mark is not None else ""


def _explain(name: str, error: ValidationError) -> str:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"]) or "entrée"
    context: dict[str, Any] = first.get("ctx", {})
    expected = str(context.get("expected", "")).replace(" or ", ", ").replace("'", "")
    reason = EXPECTED.get(first["type"], "valeur refusée").format(expected=expected)
    return (
        f"Dans {REGISTER}, l’entrée « {name} » est incorrecte : {place}, {reason}. Le fichier "
        "n’est consultable par personne tant qu’elle n’est pas corrigée ; corrigez-la, puis "
        "relancez l’ingestion."
    )


def _explain_stray(number: int, raw: object) -> str:
    code: object = raw.get("code") if isinstance(raw, dict) else raw
    named = f" («{NBSP}{str(code)[:60]}{NBSP}»)" if code else ""
    return (
        f"Dans {REGISTER}, l’entrée n°{NBSP}{number}{named} ne dit pas de quel fichier elle parle. "
        "Tant qu’elle n’est pas corrigée, les fichiers sans entrée ne sont ni lus ni changés"
        f"{NBSP}: l’un d’eux est peut-être le sien. Ajoutez-lui «{NBSP}file: …{NBSP}», puis "
        "relancez l’ingestion."
    )


def _end_former(entries: Mapping[str, Entry]) -> dict[str, Entry]:
    """A superseded version without an end is valid up to the eve of the next one."""
    starts: dict[str, list[dt.date]] = {}
    for entry in entries.values():
        if entry.valid_from is not None:
            starts.setdefault(entry.code, []).append(entry.valid_from)
    ended = dict(entries)
    for path, entry in entries.items():
        if entry.status == "superseded" and entry.valid_to is None:
            later = [day for day in starts.get(entry.code, ())
                     if entry.valid_from is None or day > entry.valid_from]  # fmt: skip
            if later:
                eve = min(later) - dt.timedelta(days=1)
                ended[path] = entry.model_copy(update={"valid_to": eve})
    return ended
