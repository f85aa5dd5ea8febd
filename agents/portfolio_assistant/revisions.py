"""What a version of a document changes, and who approved it, asked for in the conversation."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.portfolio_assistant.conversations import Surface
from agents.portfolio_assistant.designation import find_designation, find_named
from agents.triage.card import escape_words
from core.addresses import API
from core.context import Context
from core.errors import InvalidInput
from core.formats import NBSP, count_noun, format_date, format_instant
from core.words import fold
from knowledge.control import STANDINGS, ControlledVersion
from knowledge.version_changes import SentenceChange, mark_words
from tools import library
from tools.revisions import Revision, count_changes, find_revision

ASKS = re.compile(
    r"^(?:(?:dites[ -]moi |montrez?[ -]moi |peux-tu (?:me )?dire |pouvez-vous (?:me )?dire )?"
    r"(?:ce|qu'est[ -]ce) qui (?:a change|change|changera|differe|est nouveau)|"
    r"(?:que|qu'a|qu'est[ -]ce que) (?:change|changera|modifie|apporte)|"
    r"(?:(?:quel(?:le)?s sont |montrez?[ -](?:moi )?|liste[rz]? |donnez?[ -](?:moi )?|voir )?"
    r"(?:les? |la )?|quel(?:le)?s )"
    r"(?:differences?|changements?|modifications?|nouveautes?)|comparez?|comparer|compare)\b"
    r"(?P<rest>.+)$"
)
# What may stand around a document's code and its versions in such a request.
FILLING = frozenset(
    "a a-t-il au aux apport apportees apporte change changements d'une dans de depuis derniere des "
    "deux document du en entre et il instruction introduites la l' le les nouvelle par "
    "precedente procedure rapport son sur t une v version versions y avec celle note".split()
)
LABEL = re.compile(r"\b(?:v\.? ?)?(\d+(?:\.\w+)*)\b")
MOST = 40
QUOTE_CHARS = 1_500
ENTRY = "\n"


def is_revision_asked(question: str) -> bool:
    """Tell a request for what a version changes from a question on the document's matter."""
    asked = " ".join(fold(question).split()).strip(" ?!.")
    match = ASKS.search(asked)
    named = find_designation(question)
    if match is None or named is None:
        return False
    rest = LABEL.sub(" ", match["rest"].replace(fold(named.code), " "))
    words = re.findall(r"[\w'-]+", rest.replace("d'", "de ").replace("l'", "la "))
    return all(word in FILLING for word in words)


async def tell_revision(context: Context, question: str, surface: Surface) -> str:
    """The sentences that differ between two versions, as they were and as they become.

    Two versions named are compared; one is compared with what it follows; none stands for the
    one in force.
    """
    before, after = await _find_pair(context, question)
    return write_revision(
        await find_revision(context, after.id, before.id if before else None), surface
    )


async def _find_pair(
    context: Context, question: str
) -> tuple[ControlledVersion | None, ControlledVersion]:
    named = find_designation(question)
    code = named.code if named else ""
    labels = _find_labels(question)
    if len(labels) < 2:
        return None, await library.find_version(context, code, labels[0] if labels else None)
    pair = [await library.find_version(context, code, label) for label in labels[:2]]
    if pair[0].id == pair[1].id:
        told = f"Nommez deux versions différentes de {pair[0].code} à comparer"
        raise InvalidInput(f"{told}, par exemple «{NBSP}versions 1 et 2{NBSP}».")
    order = [one.id for one in await library.list_versions(context, code=code)]
    newest, oldest = sorted(pair, key=lambda one: order.index(one.id))
    return oldest, newest


def _find_labels(question: str) -> list[str]:
    """The labels of versions, as they were typed (« les versions 1 et 2.1 »)."""
    named = find_designation(question)
    code = named.code if named else ""
    rest = fold(question).replace(fold(code), " ")
    return LABEL.findall(rest)


def write_revision(revision: Revision, surface: Surface) -> str:
    """A revision in Markdown: a summary, then each section's sentences."""
    before, after = revision.before, revision.after
    title = f"**Ce qui change dans {after.code}, de la version {before.label} à la {after.label}**"
    state = f"Version {after.label}{NBSP}: {STANDINGS[after.standing]}."
    if not revision.changes:
        return f"{title}\n\n{state} Les deux textes disent la même chose, phrase pour phrase."
    parts = [title, f"{state} {summarise(revision.changes)}"]
    section: str | None = None
    for one in revision.changes[:MOST]:
        lines = [_tell_change(one)]
        if one.section != section:
            section = one.section
            lines.insert(0, f"*{escape_words(section) or 'Début du document'}*\n")
        parts.append(ENTRY.join(lines))
    if (rest := len(revision.changes) - MOST) > 0:
        parts.append(f"Et {count_noun(rest, 'autre phrase', 'autres phrases')}.")
    if surface == "chat":
        parts.append(
            f"[Lire la version {before.label}]({API}/documents/{before.id}) · "
            f"[Lire la version {after.label}]({API}/documents/{after.id})"
        )
    return "\n\n".join(parts)


def summarise(changes: Sequence[SentenceChange]) -> str:
    """« 2 phrases modifiées, 1 ajoutée, 1 retirée. »"""
    reworded, new, removed = count_changes(changes)
    told = [
        count_noun(reworded, "phrase modifiée", "phrases modifiées"),
        count_noun(new, "phrase ajoutée", "phrases ajoutées"),
        count_noun(removed, "phrase retirée", "phrases retirées"),
    ]
    kept = [one for one, count in zip(told, (reworded, new, removed), strict=True) if count]
    return ", ".join(kept) + "."


def _tell_change(one: SentenceChange) -> str:
    if one.before is None:
        return f"- Ajouté{NBSP}: {_quote(one.after or '')}"
    if one.after is None:
        return f"- Retiré{NBSP}: {_quote(one.before)}"
    runs = list(mark_words(one.before, one.after))
    was = " ".join(_mark(old, same) for old, _, same in runs if old)
    becomes = " ".join(_mark(new, same) for _, new, same in runs if new)
    return f"- Avant{NBSP}: «{NBSP}{was}{NBSP}»\n- Désormais{NBSP}: «{NBSP}{becomes}{NBSP}»"


def _mark(words: str, is_same: bool) -> str:
    told = escape_words(words, QUOTE_CHARS)
    return told if is_same else f"**{told}**"


def _quote(text: str) -> str:
    return f"«{NBSP}{escape_words(text, QUOTE_CHARS)}{NBSP}»"


async def tell_approval(context: Context, question: str, _: Surface) -> str:
    """Who approved a version, or that no approval is kept."""
    version = await find_named(context, question)
    name = f"{version.code}, version {version.label} ({STANDINGS[version.standing]})"
    if version.approver and version.decided_at:
        when = format_instant(version.decided_at)
        return f"{name}{NBSP}: approuvée par {version.approver} le {when}."
    told = f"{name}{NBSP}: aucune approbation n’est enregistrée dans Voltaire."
    if version.standing not in library.APPLIED:
        return told
    since = f" depuis le {format_date(version.valid_from)}" if version.valid_from else ""
    return (
        f"{told} Elle a été lue comme applicable{since} dans le dossier ou la bibliothèque d’où "
        f"vient le document{NBSP}: la preuve de sa validation est à y chercher."
    )
