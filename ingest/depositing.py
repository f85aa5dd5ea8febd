"""A document that a person hands over: read at once, and kept as a draft until it is approved."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from uuid import UUID

from core.context import Context
from core.errors import InvalidInput, NotAllowed
from core.formats import NBSP
from core.roles import SUPERVISORS
from core.words import fold
from ingest.placing import CODE, LABEL, LONGEST_CODE, read_name
from ingest.preparation import Workshop
from ingest.register import Entry
from ingest.storage import WRITER
from ingest.upload import ingest_file
from knowledge.control import STANDINGS
from knowledge.documents import AccessRole, DocumentKind, find_versions, list_versions
from knowledge.ingestion_runs import UPLOADS

FIRST_LABEL = "1.0"
# What is said of a document's kind, accents and capitals aside; the first that is said holds.
KINDS: Mapping[DocumentKind, re.Pattern[str]] = {
    "manual": re.compile(r"\bmanuels?\b"),
    "procedure": re.compile(r"\bprocedures?\b"),
    "instruction": re.compile(r"\b(?:instructions?|modes? operatoires?)\b"),
    "record": re.compile(r"\b(?:enregistrements?|formulaires?)\b"),
    "guide": re.compile(r"\bguides?\b"),
    "template": re.compile(r"\b(?:modeles?|trames?)\b"),
    "tender": re.compile(
        r"\b(?:cahiers? des charges|reglements? de (?:la )?consultation|dce|cctp|ccap)\b"
    ),
    "regulation": re.compile(r"\b(?:lois?|decrets?|arretes?|reglementations?)\b"),
    "market": re.compile(r"\bnotes? de marche\b"),
    "memo": re.compile(r"\bnotes? (?:de service|internes?)\b"),
}
STANDARD = re.compile(r"\biso[ -]?(\d{4,5})\b", re.I)
CLAUSE = re.compile(
    r"(?:§|\b(?:clause|paragraphe|chapitre))\s{0,2}(\d{1,2}(?:\.\d{1,2}){0,3})\b", re.IGNORECASE
)
NOT_KEEPER = (
    "Votre profil ne permet pas d’ajouter un document à la base de connaissances. Confiez-le à la "
    "qualité ou à la direction."
)
TAKEN = (
    "{code}, version {label}, existe déjà ({standing}). Donnez un autre numéro de version, par "
    f"exemple «{NBSP}version 2.0{NBSP}»."
)


@dataclass(frozen=True)
class Wish:
    """What is said of the document; code and version not said are read in its file's name.

    The rest is that of a new document: a known one keeps its own.
    """

    code: str | None = None
    label: str | None = None
    title: str | None = None
    kind: DocumentKind = "other"
    standards: tuple[str, ...] = ()
    clause: str | None = None
    access: tuple[AccessRole, ...] = ("all",)


@dataclass(frozen=True)
class Deposited:
    """The version kept, a draft: no answer cites it before it is in force."""

    version_id: UUID
    code: str
    label: str
    title: str


def read_wish(said: str, name: str) -> Wish:
    """The code and version that words or a file's name give («PR-21 Achats v2.0.pdf»).

    The words may tell its kind, the standards it serves and their clause («procédure, ISO 9001
    § 8.4»).
    """
    named, code, label = read_name(name), CODE.search(said), LABEL.search(said)
    spoken = fold(said)
    starts: dict[DocumentKind, int] = {
        kind: match.start() for kind, cue in KINDS.items() if (match := cue.search(spoken))
    }
    kind: DocumentKind = min(starts, key=starts.__getitem__) if starts else "other"
    clause = CLAUSE.search(said)
    return Wish(
        code[0] if code else named.code,
        label["label"] if label else named.label,
        kind=kind,
        standards=tuple(dict.fromkeys(f"ISO {number}" for number in STANDARD.findall(said))),
        clause=clause[1] if clause else None,
    )


async def deposit(
    context: Context, path: Path, name: str, wish: Wish, workshop: Workshop | None = None
) -> Deposited:
    """Read the file `path`, known as `name`, and keep it as a draft version.

    A new version of a document keeps its title, kind, rights, owner and readers; a draft handed
    over again, in the same format, is replaced. Raises NotAllowed, InvalidInput for a version that
    stands, or UnreadableFile.
    """
    if not context.identity.roles & SUPERVISORS:
        raise NotAllowed(NOT_KEEPER)
    named = read_wish("", name)
    code = wish.code or named.code or read_name(name).rest[-LONGEST_CODE:]
    label = wish.label or named.label or FIRST_LABEL
    async with context.database.transaction(context.identity, WRITER) as connection:
        stored = await list_versions(connection, context.identity.tenant_id)
    versions = [one for one in stored if one.document.code == code]
    source = f"{UPLOADS}/{code} {label}{PurePosixPath(name).suffix.lower()}"
    same = next((one.version for one in versions if one.version.label == label), None)
    if same is not None and (same.status != "draft" or same.source_path != source):
        standing = STANDINGS[same.status]
        raise InvalidInput(TAKEN.format(code=code, label=label, standing=standing))
    entry = Entry(
        file=source, code=code, version=label, title=wish.title, status="draft", kind=wish.kind,
        standards=wish.standards, clause=wish.clause, access=wish.access,
    )  # fmt: skip
    version_id = await ingest_file(
        context.database, context.identity, path, name=name, entry=entry, workshop=workshop,
        document=versions[0].document if versions else None,
    )  # fmt: skip
    async with context.database.transaction(context.identity, WRITER) as connection:
        held = await find_versions(connection, context.identity.tenant_id, source, code)
    kept = next(one for one in held if one.id == version_id)
    return Deposited(version_id, code, label, kept.version.title or kept.document.title)
