"""A question as it stands: its words, the names, dates, thresholds and phrases found in it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from agents.portfolio_assistant.rules import cues
from agents.portfolio_assistant.rules.lexicon import Meaning, Phrase, find_phrases
from core.dates import Period, find_period
from core.words import Token, fold, tokenize
from crm.catalogue import BusinessObject
from crm.mentions import name_words
from crm.objects import OBJECTS

PREFERENCE = (
    "contracts", "delivery_points", "tenders", "non_conformities", "accounts", "sites", "tasks",
    "contacts", "incidents", "grid_requests", "emails", "meetings", "competitors", "amendments",
    "ppa_projects", "flexibility_opportunities", "efficiency_opportunities", "market_watch",
    "tender_lots", "tender_criteria", "kb_articles", "document_templates", "users",
    "tender_competitors", "contract_delivery_points",
)  # fmt: skip
SIDE_LINKS = frozenset({"parent", "opened_by"})
GROUPING = re.compile(
    r"\b(?:(?:par|et par|repartition par)(?: type de| nature de)?|"
    r"(?:selon|pour chaque|chaque|en fonction d[eu]s?|compar\w+ .*\bentre)"
    r"(?: l[ea]s?| l'| leur| nos)?) ?$"
)
CLAUSE = re.compile(r"[,;:]|\b(?:avec|dont|mais|et)\b")
NEGATION_REACH = 32
NEGATION_WORDS = 3


@dataclass(frozen=True)
class Named:
    """A recognised name of the question and the records it may stand for."""

    kind: str
    start: int
    end: int
    text: str
    candidates: tuple[tuple[str, UUID | None], ...]

    @property
    def is_reference(self) -> bool:
        """Tell whether it is a code (a contract, a tender, a delivery point…)."""
        return self.kind.startswith("reference:")

    @property
    def object(self) -> str:
        """The object that the records belong to; empty for a value without record."""
        if self.is_reference:
            return self.kind.partition(":")[2]
        known = {"account", "site", "competitor", "contact", "ppa_project"}
        return f"{self.kind}s" if self.kind in known else ""

    @property
    def ids(self) -> list[str | int | float | bool]:
        """The ids of the candidates."""
        return [str(record_id) for _, record_id in self.candidates if record_id is not None]


COMPOUND = re.compile(r"\baccords?[- ]cadres?\b", re.IGNORECASE)


@dataclass(frozen=True)
class Scene:
    """Everything recognised in a question, before any of it is interpreted."""

    question: str
    folded: str
    tokens: tuple[Token, ...]
    names: tuple[Named, ...]
    codes: tuple[str, ...]
    today: dt.date
    period: Period | None
    thresholds: tuple[cues.Threshold, ...]
    taken: frozenset[int]
    phrases: tuple[Phrase, ...]
    target: str | None = None

    @property
    def declared(self) -> BusinessObject:
        """The object the question is about."""
        assert self.target is not None  # noqa: S101 - asked once the target is chosen
        return OBJECTS[self.target]

    def about(self, target: str) -> Scene:
        """The same question, read as being about `target`."""
        return replace(self, target=target)

    def says(self, pattern: re.Pattern[str]) -> bool:
        """Tell whether the question holds a turn of phrase."""
        return pattern.search(self.folded) is not None

    def before(self, phrase: Phrase) -> str:
        """What stands before a phrase."""
        return self.folded[: self.tokens[phrase.first].start]

    def follows_grouping(self, phrase: Phrase) -> bool:
        """«… par fournisseur» : the phrase says how to group."""
        return GROUPING.search(self.before(phrase)) is not None

    def spoken_objects(self) -> list[tuple[Phrase, str]]:
        """The objects named, in order, groupings left aside."""
        return [
            (phrase, meaning.object)
            for phrase in self.phrases
            for meaning in phrase.meant("object")[:1]
            if not self.follows_grouping(phrase)
        ]

    def other_objects(self) -> list[str]:
        """The objects named besides the target."""
        return [name for _, name in self.spoken_objects() if name != self.target]

    def has_entity(self) -> bool:
        """Tell whether a client, a site or a reference is named."""
        return any(n.kind in ("account", "site") or n.is_reference for n in self.names)

    def dotted(self, meaning: Meaning) -> str | None:
        """A field as the target reaches it."""
        if meaning.object == self.target:
            return meaning.field
        path = path_to(self.declared, meaning.object)
        return None if path is None else f"{path}.{meaning.field}"

    def affinity(self, meaning: Meaning, phrase: Phrase) -> float:
        """How well a meaning fits the target and the words around; 0 when it cannot apply."""
        if self.target is None:
            return 1.0
        if meaning.object == self.target:
            score = 3.0
        elif path_to(self.declared, meaning.object) is not None:
            score = 1.5
        elif path_to(OBJECTS[meaning.object], self.target) is not None:
            score = 1.0
        else:
            return 0.0
        if self.nearest_object(phrase) == meaning.object:
            score += 2.0
        return score - rank(meaning.object) / 1000

    def nearest_object(self, phrase: Phrase) -> str | None:
        """The object named closest before a phrase, or after it when none is."""
        best: tuple[int, str] | None = None
        for other in self.phrases:
            objects = other.meant("object")
            if not objects or other is phrase:
                continue
            if other.first < phrase.first:
                gap = phrase.first - other.last
            else:
                gap = (other.first - phrase.last) * 3
            if best is None or gap < best[0]:
                best = gap, objects[0].object
        return best[1] if best is not None else None

    def is_negated(self, phrase: Phrase) -> bool:
        """«sans …», «n’ont pas de …» just before a phrase."""
        return self.is_negated_at(self.tokens[phrase.first].start)

    def is_value_negated(self, position: int) -> bool:
        """The same for a value, unless the negation is that of the object it describes."""
        if not self.is_negated_at(position):
            return False
        before = [p for p, _ in self.spoken_objects() if self.tokens[p.last].end <= position]
        return not (before and self.is_negated(before[-1]))

    def is_negated_at(self, position: int) -> bool:
        """Tell whether a negation governs what stands at `position`."""
        near = CLAUSE.split(self._without_phrases()[:position])[-1][-NEGATION_REACH:]
        found = list(cues.NEGATION.finditer(near))
        return bool(found) and len(near[found[-1].end() :].split()) <= NEGATION_WORDS

    def _without_phrases(self) -> str:
        """The question without its recognised phrases, whose own words negate nothing."""
        text = self.folded
        for phrase in self.phrases:
            start, end = self.tokens[phrase.first].start, self.tokens[phrase.last].end
            text = text[:start] + "_" * (end - start) + text[end:]
        return text


def make_scene(
    question: str, names: Sequence[Named], codes: Sequence[str], today: dt.date
) -> Scene:
    """Recognise what a question holds."""
    tokens = tokenize(question)
    spans = [(n.start, n.end) for n in names]
    bare = _without(question, spans)
    period = find_period(bare, today)
    thresholds = cues.find_thresholds(bare)
    spans += [t.span for t in thresholds]
    if period is not None:
        spans.append(period.span)
    spans += [match.span() for match in cues.RULE_NOUN.finditer(question)]
    taken = frozenset(
        index
        for index, token in enumerate(tokens)
        if any(token.start < end and start < token.end for start, end in spans)
    )
    known = frozenset(word for n in names for name, _ in n.candidates for word in name_words(name))
    found = find_phrases(tokens, taken, known)
    return Scene(
        question=question,
        folded=fold(question),
        tokens=tuple(tokens),
        names=tuple(names),
        codes=tuple(codes),
        today=today,
        period=period,
        thresholds=tuple(thresholds),
        taken=taken,
        phrases=tuple(one for one in found if not _is_part(question, tokens, one)),
    )


def _is_part(question: str, tokens: Sequence[Token], phrase: Phrase) -> bool:
    """Tell a part of a compound that means something else: an « accord-cadre » is no consent."""
    start, end = tokens[phrase.first].start, tokens[phrase.last].end
    return any(one.start() <= start and end <= one.end() for one in COMPOUND.finditer(question))


def path_to(declared: BusinessObject, name: str) -> str | None:
    """The shortest link path from `declared` to an object, parents and openers left aside."""
    for step, link in declared.links.items():
        if link.target == name and step not in SIDE_LINKS:
            return step
    for short, path in declared.paths.items():
        holder = declared
        for step in path.split("."):
            holder = OBJECTS[holder.links[step].target]
        if holder.name == name:
            return short
    return None


def owner_path(declared: BusinessObject) -> str | None:
    """Where the person in charge is found: on the record, else on its client."""
    if "owner" in declared.links:
        return "owner"
    account = path_to(declared, "accounts")
    return None if account is None else f"{account}.owner"


def rank(name: str) -> int:
    """How readily an object is meant; 0 first."""
    return PREFERENCE.index(name) if name in PREFERENCE else len(PREFERENCE)


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text
