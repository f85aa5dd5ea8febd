"""Which object a question is about."""

from __future__ import annotations

import re

from agents.portfolio_assistant.rules import cues
from agents.portfolio_assistant.rules.scene import Scene, rank

VERB_MEASURES = (
    (re.compile(r"\bconsomm"), "delivery_points", "annual_consumption_mwh"),
    (re.compile(r"\b(?:pay|pai|cout|factur|depens)"), "contracts", "annual_amount_eur"),
)
ASKS_FOR = re.compile(
    r"\b(?:quel|quelle|quels|quelles|combien|liste|lequel|qui|montre|donne|affiche|nombre|top)\b"
)
IMPLYING = (
    (cues.TO_SUBMIT, "tenders", 2.0),
    (re.compile(r"\b(?:sous contrat|clause)\b"), "contracts", 2.0),
    (re.compile(r"\b(?:appel(?:le|er)|joindre|contacter)\b"), "contacts", 2.0),
    (re.compile(r"\b(?:aurai\w+ (?:deja )?du faire|trucs? a faire|choses? a faire|a faire)\b"),
     "tasks", 2.0),
    (re.compile(r"\b(?:filiales?|maison mere|demarch\w+)\b"), "accounts", 3.0),
    (cues.BID, "tenders", 2.0),
    (re.compile(r"\bportefeuille\b"), "contracts", 1.0),
    (re.compile(r"\b(?:se reconduit|se reconduisent|reconduits?)\b"), "contracts", 1.0),
)  # fmt: skip


def choose_target(scene: Scene) -> tuple[str | None, bool]:
    """The object, and whether the question names it outright."""
    spoken = [name for _, name in scene.spoken_objects()]
    if spoken:
        return _head(scene, spoken), True
    reference = next((n for n in scene.names if n.is_reference), None)
    if reference is not None:
        return reference.object, True
    implied = _implied(scene)
    if implied is not None:
        return implied, False
    named = next((n.object for n in scene.names if n.object), None)
    if named is not None:
        return named, False
    if any(n.kind == "supplier" for n in scene.names):
        return "contracts", False
    return None, False


def _head(scene: Scene, spoken: list[str]) -> str:
    """The first object named, unless a later one is what the question counts or wants."""
    first, others = spoken[0], [name for name in spoken[1:] if name != spoken[0]]
    if first == "competitors" and _names_tender(scene):
        return "tender_competitors"
    if first in ("accounts", "users") and others:
        opening = scene.before(scene.spoken_objects()[0][0])
        if opening.strip() and not ASKS_FOR.search(opening):
            return others[0]
    return first


def _names_tender(scene: Scene) -> bool:
    return any(n.kind == "reference:tenders" for n in scene.names)


def _implied(scene: Scene) -> str | None:
    """The object that the question's words, verbs, units and names point to most."""
    scores = _phrase_scores(scene)
    hints = [(name, weight) for pattern, name, weight in IMPLYING if scene.says(pattern)]
    hints += [(name, 2.0) for pattern, name, _ in VERB_MEASURES if scene.says(pattern)]
    hints += [("delivery_points", 1.0) for t in scene.thresholds if t.unit in ("kva", "mwh")]
    for name, weight in hints:
        scores[name] = scores.get(name, 0) + weight
    if not scores:
        return None
    kinds = {n.kind for n in scene.names}
    if "supplier" in kinds:
        scores["contracts"] = scores.get("contracts", 0) + 1.5
    if {"grid_operator", "account"} <= kinds:
        scores["grid_requests"] = scores.get("grid_requests", 0) + 1
    for named in scene.names:
        if named.object in scores:
            scores[named.object] += 0.5
    return max(scores, key=lambda name: (scores[name], -rank(name)))


def _phrase_scores(scene: Scene) -> dict[str, float]:
    scores: dict[str, float] = {}
    for phrase in scene.phrases:
        if scene.follows_grouping(phrase):
            continue
        for meaning in phrase.meanings:
            weight = 2.0 if meaning.kind == "field" else 1.0
            scores[meaning.object] = scores.get(meaning.object, 0) + weight
    return scores
