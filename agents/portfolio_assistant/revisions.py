"""What a version of a document changes, and who approved it, asked for in the conversation."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.portfolio_assistant.conversations import Surface
from agents.portfolio_assistant.designation import (
    CHAIN,
    NUMBER,
    find_designation,
    find_named,
    is_of_document_alone,
    reduce_request,
)
from agents.triage.card import MARKUP
from core.addresses import API
from core.context import Context
from core.errors import InvalidInput
from core.formats import NBSP, count_noun, flatten, format_date, format_instant
from core.words import fold
from knowledge.control import STANDINGS, ControlledVersion
from knowledge.version_changes import SentenceChange, mark_words
from tools import library
from tools.revisions import Revision, count_changes, find_revision, order_versions

CHANGES = re.compile(
    r"\b(?:chang\w*|modifi\w*|ajoute\w*|retire\w*|differ\w*|nouveaut\w*|neuf|nouveau|apport\w*|"
    r"compar\w*|evolu\w*)\b"
)
APPROVES = re.compile(r"\b(?:approuv\w*|valide\w*|approbat\w*|validation|sign(?:e|ee|ature))\b")
SIGNS = re.compile(r"\bsign(?:e|ee|ature)\b")
# « Modifiez PR-08 », « Validez la version 2 » are orders.
ORDER = re.compile(
    r"^(?:(?:peux-tu|pouvez-vous|veuillez|merci de|il faut) )?(?:modifi|ajout|retir|chang|valid|"
    r"approuv|sign)(?:e|es|ez|er|ons)\b"
)
WHO_OR_WHEN = re.compile(r"\b(?:qui|quand|date|approbateur|a[ -]t[ -](?:elle|il)|a ete)\b")
SINCE = re.compile(r"\b(?:depuis|par rapport a|avec|apres) (?:(?:la )?(?:version|v\b)|la \d)")
MOST = 40


def is_revision_asked(question: str) -> bool:
    """Tell a request for what a version changes from a question on the document's matter."""
    asked = reduce_request(question)
    if CHANGES.search(asked) is None or ORDER.search(asked):
        return False
    return is_of_document_alone(question, CHANGES.sub(" ", asked))


def is_approval_asked(question: str) -> bool:
    """Tell a request for who approved a version from an order to approve it."""
    asked = reduce_request(question)
    if APPROVES.search(asked) is None or ORDER.search(asked) or not WHO_OR_WHEN.search(asked):
        return False
    if SIGNS.search(asked) and not re.search(r"\b(?:version|procedure|document)\b", asked):
        return False
    return is_of_document_alone(question, APPROVES.sub(" ", asked))


async def tell_revision(context: Context, question: str, surface: Surface) -> str:
    """The sentences that differ between two versions, as they were and as they become.

    Two versions named are compared; one is compared with what it follows, or, after « depuis », is
    what the version in force is compared with; none stands for the one in force.
    """
    before, after = await _find_pair(context, question)
    found = await find_revision(context, after.id, before.id if before else None)
    return write_revision(found, surface)


async def _find_pair(
    context: Context, question: str
) -> tuple[ControlledVersion | None, ControlledVersion]:
    named = find_designation(question)
    code, labels = named.code if named else "", find_labels(question)
    if len(labels) > 2:
        raise InvalidInput(
            f"Comparez deux versions à la fois, par exemple {labels[0]} et {labels[1]}."
        )
    found = [await library.find_version(context, code, label) for label in labels]
    if not found:
        return None, await library.find_version(context, code, None)
    if len(found) == 1:
        if SINCE.search(reduce_request(question)) is None:
            return None, found[0]
        found.append(await library.find_version(context, code, None))
    if found[0].id == found[1].id:
        told = f"Nommez deux versions différentes de {found[0].code} à comparer"
        raise InvalidInput(f"{told}, par exemple «{NBSP}versions 1 et 2{NBSP}».")
    versions = await library.list_versions(context, code=code)
    ids = {one.id for one in found}
    oldest, newest = [one for one in order_versions(versions) if one.id in ids]
    return oldest, newest


def find_labels(question: str) -> list[str]:
    """The labels of the versions that a request names (« les versions 1 et 2.1 »), folded."""
    named = find_designation(question)
    rest = reduce_request(question).replace(fold(named.code) if named else "", " ")
    found = [label for match in CHAIN.finditer(rest) for label in re.findall(NUMBER, match[1])]
    return list(dict.fromkeys(found))


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
        told = _tell_change(one, surface)
        if one.section != section:
            section = one.section
            told = f"*{_escape(section, surface) or 'Début du document'}*\n\n{told}"
        parts.append(told)
    if (rest := len(revision.changes) - MOST) > 0:
        parts.append(f"Et {count_noun(rest, 'autre phrase', 'autres phrases')}.")
    if surface == "chat":
        parts.append(
            f"[Lire la version {before.label}]({API}/documents/{before.id}) · "
            f"[Lire la version {after.label}]({API}/documents/{after.id})"
        )
    return "\n\n".join(parts)


def summarise(changes: Sequence[SentenceChange]) -> str:
    """« 2 phrases modifiées, 1 phrase ajoutée. »"""
    reworded, new, removed = count_changes(changes)
    told = [
        count_noun(reworded, "phrase modifiée", "phrases modifiées"),
        count_noun(new, "phrase ajoutée", "phrases ajoutées"),
        count_noun(removed, "phrase retirée", "phrases retirées"),
    ]
    kept = [one for one, count in zip(told, (reworded, new, removed), strict=True) if count]
    return ", ".join(kept) + "."


def _tell_change(one: SentenceChange, surface: Surface) -> str:
    if one.before is None:
        return f"- Ajouté{NBSP}: {_quote(_escape(one.after or '', surface))}"
    if one.after is None:
        return f"- Retiré{NBSP}: {_quote(_escape(one.before, surface))}"
    runs = list(mark_words(one.before, one.after))
    was = "".join(_mark(old, same, surface) for old, _, same in runs)
    becomes = "".join(_mark(new, same, surface) for _, new, same in runs)
    return f"- Avant{NBSP}: {_quote(was)}\n- Désormais{NBSP}: {_quote(becomes)}"


def _mark(words: str, is_same: bool, surface: Surface) -> str:
    """Words that differ in bold, between brackets in the terminal; blanks stay outside."""
    told = _escape(words, surface)
    core = told.strip()
    if is_same or not core:
        return told
    start, _, end = told.partition(core)
    return f"{start}[{core}]{end}" if surface == "cli" else f"{start}**{core}**{end}"


def _escape(words: str, surface: Surface) -> str:
    """Words as they are in the terminal, without markup of their own elsewhere."""
    return words if surface == "cli" else MARKUP.sub(r"\\\1", words)


def _quote(told: str) -> str:
    return f"«{NBSP}{flatten(told)}{NBSP}»"


async def tell_approval(context: Context, question: str, _: Surface) -> str:
    """Who approved a version, or that no approval is kept."""
    version = await find_named(context, question)
    name = f"{version.code}, version {version.label} ({STANDINGS[version.standing]})"
    if version.approved_by and version.decided_at:
        when = format_instant(version.decided_at)
        return f"{name}{NBSP}: mise en vigueur approuvée par {version.approved_by} le {when}."
    told = f"{name}{NBSP}: aucune approbation n’est enregistrée dans Voltaire."
    if version.standing not in library.APPLIED:
        return told
    since = f" depuis le {format_date(version.valid_from)}" if version.valid_from else ""
    return (
        f"{told} Elle a été lue comme applicable{since} dans le dossier ou la bibliothèque d’où "
        f"vient le document{NBSP}: la preuve de sa validation est à y chercher."
    )
