"""Answers from documents: the best sentences, word for word, or an honest abstention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agents.portfolio_assistant.rules.transcript import Run
from core.formats import NBSP
from core.words import stems

QUOTED = 7
NEAR_BEST = 0.66


def tell_passages(
    runs: Sequence[Run], weakest: float, subjects: Sequence[str] = (), unknown: Sequence[str] = ()
) -> str | None:
    """The best sentences quoted and cited; None when none scores `weakest` or more.

    `subjects` are recognised names: only what speaks of one of them is quoted. `unknown` are
    names and codes no record answers to: something found must bear each of them.
    """
    found: list[Mapping[str, Any]] = [s for run in runs for s in run.result.get("phrases", [])]
    if not all(any(_speaks_of(sentence, name) for sentence in found) for name in unknown):
        return None
    about = [s for s in found if any(_speaks_of(s, name) for name in subjects)]
    chosen = choose_sentences(about if subjects else found, weakest)
    if not chosen:
        return None
    first = chosen[0]
    lines = [f"{_source(first)}{NBSP}:", "", *(_quote(s) for s in chosen if _same(s, first))]
    others = [s for s in chosen if not _same(s, first)]
    if others:
        lines += ["", f"À lire aussi{NBSP}:", ""]
        lines += [f"{_quote(s)} – {s['document']}" for s in others]
    return "\n".join(lines)


def choose_sentences(
    sentences: Sequence[Mapping[str, Any]], weakest: float
) -> list[Mapping[str, Any]]:
    """A few sentences: the best, then those nearly as good, the best one's document first."""
    ranked = sorted(sentences, key=lambda s: -float(s["pertinence"]))
    if not ranked or float(ranked[0]["pertinence"]) < weakest:
        return []
    top = float(ranked[0]["pertinence"])
    kept = [s for s in ranked[:QUOTED] if float(s["pertinence"]) >= top * NEAR_BEST]
    best = kept[0]
    return [best, *sorted(kept[1:], key=lambda s: (not _same(s, best), -float(s["pertinence"])))]


def _speaks_of(sentence: Mapping[str, Any], name: str) -> bool:
    place = f"{sentence['texte']} {sentence['section']} {sentence['document']}"
    return set(stems(name)) <= set(stems(place))


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return bool(one["document"] == other["document"])


def _source(sentence: Mapping[str, Any]) -> str:
    section = str(sentence["section"]).split(" › ")[-1]
    replaced = " (version remplacée)" if sentence["statut"] == "superseded" else ""
    return (
        f"**{sentence['document']}**{replaced}, «{NBSP}{section}{NBSP}», p.{NBSP}{sentence['page']}"
    )


def _quote(sentence: Mapping[str, Any]) -> str:
    text = " ".join(str(sentence["texte"]).split())
    return f"- «{NBSP}{text}{NBSP}» [{sentence['repere']}]"
