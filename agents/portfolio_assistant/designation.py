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
# References of records have a year in theirs, and a standard is no document of the firm.
CODE_SHAPE = re.compile(r"(?!iso\b)[a-z]{2,5}(?:-[a-z]{1,6}){0,2}-\d{1,3}")
LABEL = re.compile(r"\b(?:version|v)\.? ?(?P<label>\d[\w.]*)\b")

# All that may stand around the code, the versions and the word that asks.
FILLING = frozenset(
    """
    a actuelle afficher affichez apres ait approbateur au aussi aux avant avec avoir bien ca ce
    celle ces cette d dans date de depuis derniere derniers des deux dire dis dites document donne
    donner donnez du elle en encore entre est et ete existe faites fait force il
    instruction je l la le les lequel lesquelles liste lister listez me merci moi montre montrer
    montrez nous nouvelle note on ont ou par peux plait pour pouvez precedente procedure qu quand
    que quel quelle quelles quels qui quoi rapport s sa savoir se sommes son sont sur t te tout
    toutes tu un une va version versions vigueur voir voudrais vous vs y
    """.split()
)
NUMBER = r"\d+(?:\.\w+)*"
# « la 2 » is a version, « la 9001 » a standard.
NAMED = r"(?:(?:versions?|v\.?) ?|la (?=\d{1,2}(?:\.\w+)*(?!\w)))"
CHAIN = re.compile(
    rf"\b{NAMED}({NUMBER}(?:(?: ?,| et| a| ou| vs| /) (?:(?:de )?la |celle )?"
    rf"(?:version |v\.? ?)?{NUMBER})*)"
)


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


def reduce_request(question: str) -> str:
    """A request folded, its spaces, hyphens and closing marks made plain."""
    return " ".join(fold(question).replace("\u2011", "-").split()).strip(" ?!.")


def is_of_document_alone(question: str, rest: str) -> bool:
    """Tell whether nothing is left of a request but a document, its versions and small words.

    `rest` is the reduced request without the words that say what is asked.
    """
    named = find_designation(question)
    if named is None:
        return False
    code = fold(named.code)
    is_quoted = f"«{NBSP}{named.code}" in question or f"« {named.code}" in question
    if not is_quoted and CODE_SHAPE.fullmatch(code) is None:
        return False
    rest = CHAIN.sub(" version ", rest.replace(code, " "))
    return all(word in FILLING for word in re.findall(r"\w+", rest))


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
