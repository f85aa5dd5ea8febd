"""The document and the version that a request names, as they were typed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.context import Context
from core.errors import InvalidInput, NotFound
from core.formats import NBSP
from core.words import fold
from knowledge.control import STANDINGS, ControlledVersion
from tools import library

# How a request names a document: « la procédure PR-08 », « PR-08 version 3.1 ».
THE = (
    r"(?:(?:la |le |l')?(?:procedure|document|instruction|note|version)s? )*(?:la |le |de |du |d')*"
)
SUBJECT = r"(?P<subject>.+?)"
# A document's code, its version at most: records have a year in theirs.
CODE_ALONE = r"[a-z]{2,5}-\d{1,3}(?: (?:version |v\.? ?)\d[\w.]*)?"
CODE = re.compile(
    r"«\s*(?P<quoted>[^»]+?)\s*»|\b(?![vV]\.?\d)(?P<code>[A-Za-z]{1,10}(?:-[A-Za-z]{1,6}){0,2}[-_]?\d[\w.-]*)\b"
)
LABEL = re.compile(r"\b(?:version|v)\.? ?(?P<label>\d[\w.]*)\b")


@dataclass(frozen=True)
class Designation:
    """A version as a person names it."""

    code: str
    label: str | None


def find_designation(question: str) -> Designation | None:
    """The document's code and the version's label in a request, as they were typed."""
    label = LABEL.search(fold(question))
    for match in CODE.finditer(question):
        found = match["quoted"] or match["code"]
        if label is None or fold(found) != label.group().replace(" ", ""):
            return Designation(found, label["label"] if label else None)
    return None


async def find_named(
    context: Context, question: str, *, pending: bool = False
) -> ControlledVersion:
    """The version a request names; with `pending`, the one that awaits a decision by default."""
    named = find_designation(question)
    if named is None:
        raise InvalidInput(f"Donnez le code du document, par exemple «{NBSP}PR-08{NBSP}».")
    if pending and named.label is None:
        found = await library.list_versions(context, code=named.code)
        waiting = [one for one in found if one.standing in ("draft", "in_review")]
        if len(waiting) == 1:
            return waiting[0]
        if found:
            known = ", ".join(f"{one.label} ({STANDINGS[one.standing]})" for one in found)
            raise NotFound(
                f"Quelle version de {found[0].code} mettre en vigueur{NBSP}? Versions{NBSP}: "
                f"{known}."
            )
    return await library.find_version(context, named.code, named.label)
