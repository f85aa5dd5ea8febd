"""A demonstration document as its author wrote it: YAML front matter and a Markdown body."""

import csv
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

SOURCES = Path(__file__).parent / "sources"
FIRM = "Cabinet Alizé Énergie Conseil"

OWNERS = {
    "camille.ferrand@alize-energie.example": "Camille Ferrand, directrice",
    "hugo.lemaitre@alize-energie.example": "Hugo Lemaître, responsable qualité",
    "sarah.benali@alize-energie.example": "Sarah Benali, commerciale",
    "thomas.rivoal@alize-energie.example": "Thomas Rivoal, commercial",
    "ines.garnier@alize-energie.example": "Inès Garnier, analyste marchés",
    "paul.nguyen@alize-energie.example": "Paul Nguyen, administrateur",
}

STATUS_LABELS = {
    "in_force": "En vigueur",
    "superseded": "Remplacé",
    "draft": "Projet",
    "in_review": "En relecture",
    "withdrawn": "Retiré",
}

Status = Literal["in_force", "superseded", "draft", "in_review", "withdrawn"]
Kind = Literal[
    "manual",
    "procedure",
    "instruction",
    "record",
    "guide",
    "template",
    "tender",
    "regulation",
    "market",
    "memo",
]
Format = Literal["docx", "pdf", "pdf_scan", "xlsx", "md", "html"]
Access = Literal["all", "reader", "sales", "quality", "director", "admin"]

_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n(.*)\Z", re.DOTALL)
_CSV_LINE = re.compile(r"^\{\{csv:\s*([^}]+?)\s*\}\}$", re.MULTILINE)
_PAGE_BREAK = re.compile(r"^\\newpage$\n?", re.MULTILINE)


class SourceError(ValueError):
    """A source file that cannot be built; the message names the file."""


class Properties(BaseModel):
    """The front matter: what the firm's documentary register says of one version."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    title: str
    version: str
    status: Status
    kind: Kind
    standards: tuple[str, ...] = ()
    clause: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    review_due_on: date | None = None
    owner: str
    access: tuple[Access, ...] = ("all",)
    tags: tuple[str, ...] = ()
    source: str | None = None
    format: Format
    file: str

    @field_validator("owner")
    @classmethod
    def _is_known(cls, owner: str) -> str:
        if owner not in OWNERS:
            raise ValueError(f"propriétaire inconnu : {owner}")
        return owner

    @field_validator("file")
    @classmethod
    def _stays_inside(cls, file: str) -> str:
        path = PurePosixPath(file)
        if path.is_absolute() or ".." in path.parts:
            raise ValueError(f"chemin hors du dossier documentaire : {file}")
        return file

    @property
    def owner_name(self) -> str:
        return OWNERS[self.owner]

    @property
    def status_label(self) -> str:
        return STATUS_LABELS[self.status]


@dataclass(frozen=True)
class Source:
    """One version of one document; the body is Markdown with its CSV tables already inserted."""

    properties: Properties
    body: str

    @property
    def unpaged_body(self) -> str:
        """The body without its page breaks, for formats that have no pages."""
        return _PAGE_BREAK.sub("", self.body)


def list_sources(folder: Path = SOURCES) -> list[Source]:
    """Every document under `folder`, in path order; raises SourceError on the first bad one."""
    return [read_source(path) for path in sorted(folder.rglob("*.md"))]


def read_source(path: Path) -> Source:
    """Read one source file; raises SourceError when front matter or a CSV table is wrong."""
    found = _FRONT_MATTER.match(path.read_text(encoding="utf-8"))
    if found is None:
        raise SourceError(f"{path.name} : en-tête YAML absent")
    try:
        properties = Properties.model_validate(yaml.safe_load(found[1]))
    except (ValidationError, yaml.YAMLError) as error:
        raise SourceError(f"{path.name} : {error}") from error
    return Source(properties, _insert_csv(found[2].strip() + "\n", path))


def _insert_csv(body: str, path: Path) -> str:
    def replace(line: re.Match[str]) -> str:
        table = path.parent / line[1]
        if not table.is_file():
            raise SourceError(f"{path.name} : table introuvable {line[1]}")
        return _to_pipe_table(table)

    return _CSV_LINE.sub(replace, body)


def _to_pipe_table(path: Path) -> str:
    text = path.read_text(encoding="utf-8-sig")
    first_line = text.split("\n", 1)[0]
    delimiter = ";" if ";" in first_line else ","
    rows = [row for row in csv.reader(text.splitlines(), delimiter=delimiter) if row]
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    lines.insert(1, "|" + " --- |" * len(rows[0]))
    return "\n".join(lines)
