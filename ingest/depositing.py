"""A document that a person hands over: read at once, and kept as a draft until it is approved."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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
# What a document is said to be, accents and capitals aside: « cette procédure », « : procédure »,
# « la procédure PR-21 ». Elsewhere the same words speak of something else.
KINDS: Mapping[DocumentKind, str] = {
    "manual": "manuel",
    "procedure": "procedure",
    "instruction": "instruction|mode operatoire",
    "record": "enregistrement|formulaire",
    "guide": "guide",
    "template": "modele|trame",
    "tender": "cahier des charges|reglement de (?:la )?consultation|dce|cctp|ccap",
    "regulation": "loi|decret|arrete|reglementation",
    "market": "note de marche",
    "memo": "memo|note de service|note interne",
}
SAID = r"(?:^|[:,;(] ?|\b(?:ce|cet|cette|une?|nouveau|nouvel|nouvelle|notre) )(?:{words})\b"
NAMED = r"\b(?:{words})(?= [a-z]{{2,5}}-\d)"
STANDARDS = re.compile(
    r"\biso(?:/(?:iec|cei))?[ -]?\d{4,5}\b(?:,? ?(?:et )?(?:iso[ -]?)?\b\d{4,5}\b)*"
)
CLAUSE = re.compile(r"(?:§|\b(?:clauses?|paragraphe|chapitre)) ?(\d{1,2}(?:\.\d{1,2}){0,3})\b")
NOT_KEEPER = (
    "Votre profil ne permet pas d’ajouter un document à la base de connaissances. Confiez-le à la "
    "qualité ou à la direction."
)
TAKEN = (
    "{code}, version {label}, existe déjà ({standing}). Donnez un autre numéro de version, par "
    f"exemple «{NBSP}version {{free}}{NBSP}»."
)
# Said again in a sentence, a code is one word.
CODE_FORM = re.compile(r"\w+(?:[./-]\w+)*")
ILL_FORMED = (
    f"«{NBSP}{{code}}{NBSP}» n’a pas la forme d’un code de document. Donnez des lettres et des "
    f"chiffres, séparés au besoin par un tiret, un point ou une barre, comme «{NBSP}PR-21{NBSP}»."
)


@dataclass(frozen=True)
class Wish:
    """What is said of the document; code and version not said are read in its file's name.

    The rest is that of a new document: a known one keeps its own, unless this draft is all of it.
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
    kind: DocumentKind
    standards: tuple[str, ...]
    clause: str | None


def read_wish(said: str, name: str) -> Wish:
    """The code and version that words or a file's name give («PR-21 Achats v2.0.pdf»).

    The words may tell its kind, the standards it serves and their clause («procédure, ISO 9001
    § 8.4»).
    """
    named, code, label = read_name(name), CODE.search(said), LABEL.search(said)
    spoken = fold(" ".join(said.split()))
    starts: dict[DocumentKind, int] = {}
    for kind, words in KINDS.items():
        cues = (re.search(form.format(words=words), spoken) for form in (SAID, NAMED))
        if found := [match.start() for match in cues if match]:
            starts[kind] = min(found)
    standards = [
        number for match in STANDARDS.finditer(spoken) for number in re.findall(r"\d+", match[0])
    ]
    clause = CLAUSE.search(spoken) if standards or "§" in spoken else None
    return Wish(
        code[0] if code else named.code,
        label["label"] if label else named.label,
        kind=min(starts, key=starts.__getitem__) if starts else "other",
        standards=tuple(dict.fromkeys(f"ISO {number}" for number in standards)),
        clause=clause[1] if clause else None,
    )


async def deposit(
    context: Context, path: Path, name: str, wish: Wish, workshop: Workshop | None = None
) -> Deposited:
    """Read the file `path`, known as `name`, and keep it as a draft version.

    A new version of a document keeps its title, kind, standards, rights, owner and readers. A draft
    handed over again, in the same format, is replaced, and what the document is with it if no other
    version stands. Raises NotAllowed, InvalidInput for a version that stands or a new code that is
    not one, or UnreadableFile.
    """
    if not context.identity.roles & SUPERVISORS:
        raise NotAllowed(NOT_KEEPER)
    named = read_wish("", name)
    code = wish.code or named.code or read_name(name).rest[-LONGEST_CODE:]
    label = wish.label or named.label or FIRST_LABEL
    async with context.database.transaction(context.identity, WRITER) as connection:
        stored = await list_versions(connection, context.identity.tenant_id)
    versions = [one for one in stored if one.document.code == code]
    if wish.code is not None and not versions and CODE_FORM.fullmatch(code) is None:
        raise InvalidInput(ILL_FORMED.format(code=code[:60]))
    source = f"{UPLOADS}/{code} {label}{PurePosixPath(name).suffix.lower()}"
    same = next((one.version for one in versions if one.version.label == label), None)
    if same is not None and (same.status != "draft" or same.source_path != source):
        standing = STANDINGS[same.status]
        free = _find_free_label([one.version.label for one in versions])
        raise InvalidInput(TAKEN.format(code=code, label=label, standing=standing, free=free))
    entry = Entry(
        file=source, code=code, version=label, title=wish.title, status="draft", kind=wish.kind,
        standards=wish.standards, clause=wish.clause, access=wish.access,
    )  # fmt: skip
    document = versions[0].document if versions else None
    if document is not None and same is not None and len(versions) == 1:
        document = replace(
            document,
            kind=document.kind if wish.kind == "other" else wish.kind,
            standards=wish.standards or document.standards,
            clause=wish.clause or document.clause,
        )
    version_id = await ingest_file(
        context.database, context.identity, path, name=name, entry=entry, workshop=workshop,
        document=document,
    )  # fmt: skip
    async with context.database.transaction(context.identity, WRITER) as connection:
        held = await find_versions(connection, context.identity.tenant_id, source, code)
    kept = next(one for one in held if one.id == version_id)
    document = kept.document
    return Deposited(
        version_id, code, label, kept.version.title or document.title, document.kind,
        tuple(document.standards), document.clause,
    )  # fmt: skip


def _find_free_label(labels: Sequence[str]) -> str:
    """The number after the highest of these labels («3.0» after «1.0» and «2.1»)."""
    numbers = [int(found[0]) for label in labels if (found := re.search(r"\d+", label))]
    return f"{max(numbers, default=0) + 1}.0"
