"""The words by which a person opens and closes their replies, learnt from what they sent.

A form is learnt when most of the latest replies bear it; only forms of courtesy are, with the
place of the name in them: nothing of a client stays in what is learnt.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from agents.reply_draft.models import Style
from agents.reply_draft.rules.phrases import find_phrases
from core.words import fold
from ingest.mail.signatures import is_closing

LATEST, ENOUGH, LONGEST = 5, 3, 80
FIRST, WHOLE = "{first}", "{name}"
COURTESY = frozenset(
    "bonjour bonsoir hello hi good morning madame monsieur mesdames messieurs".split()
)
GENDERED = re.compile(r"\b(?:madame|monsieur)\b")
PAIR = re.compile(r"\bmadame,? (?:et |ou )?monsieur\b")
NAMED = re.compile(r"^\w+ (?P<name>[^,!]{2,60}?) ?[,!]?$")
NAMING = re.compile(r"\d|@|//|(?<=\s)[A-ZÀ-Ý]")
WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*|\{\w+\}")


@dataclass(frozen=True)
class Forms:
    """How a reply opens (the name's place as `{first}` or `{name}`) and closes; empty where the
    words are none of courtesy's."""

    greeting: str = ""
    closing: str = ""


def read_forms(drafted: str, used: str) -> Forms:
    """The forms of what a person used of a draft, which names who is answered."""
    lines = _list_lines(used)
    opened = NAMED.match(next(iter(_list_lines(drafted)), ""))
    if not lines:
        return Forms()
    closings = [line for line in lines[1:] if _is_form(line)]
    name = opened["name"] if opened else ""
    return Forms(_generalise(lines[0], name), closings[-1] if closings else "")


def _list_lines(body: str) -> list[str]:
    return [" ".join(line.split()) for line in body.splitlines() if line.strip()]


def _is_form(line: str) -> bool:
    """A closing of courtesy alone: no figure, no address, no name."""
    return len(line) <= LONGEST and is_closing(line) and not NAMING.search(line)


def learn(latest: Sequence[Forms], language: str) -> Style:
    """The form that `ENOUGH` of the latest replies bear, where it is not the usual one."""
    usual = find_phrases(language)
    greeting = usual.greeting.format(name=f" {WHOLE}")
    return Style(
        _most([one.greeting for one in latest], greeting),
        _most([one.closing for one in latest], usual.closing),
    )


def greet(form: str, recipient: str) -> str:
    """The greeting for `recipient`; without its name, where the form has a place for one."""
    first = recipient.partition(" ")[0]
    told = form.replace(FIRST, first).replace(WHOLE, recipient)
    return re.sub(r"\s+([,.!])", r"\1", " ".join(told.split()))


def _generalise(line: str, recipient: str) -> str:
    if len(line) > LONGEST:
        return ""
    words = recipient.split()
    form = line
    if recipient and recipient in form:
        form = form.replace(recipient, WHOLE)
    elif words and re.search(rf"\b{re.escape(words[0])}\b", form):
        form = re.sub(rf"\b{re.escape(words[0])}\b", FIRST, form)
    folded = fold(form)
    kept = [word for word in WORD.findall(folded) if not word.startswith("{")]
    if not kept or not COURTESY.issuperset(set(kept) - {"et", "ou"}):
        return ""
    return "" if GENDERED.search(PAIR.sub("", folded)) else form


def _most(forms: Sequence[str], usual: str) -> str:
    counted = Counter(form for form in forms if form)
    form, count = counted.most_common(1)[0] if counted else ("", 0)
    return form if count >= ENOUGH and form != usual else ""
