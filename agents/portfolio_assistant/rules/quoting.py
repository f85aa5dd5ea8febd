"""Answers from documents: the best sentences, word for word, or an honest abstention."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents.portfolio_assistant.rules.transcript import Run
from core.formats import NBSP, flatten, join_words
from core.words import stems
from knowledge.contradictions import disagree, list_said
from knowledge.sentence_scores import has_blanks
from knowledge.statements import Statement
from tools.contradictions import STATUSES

NO_LONGER = {"superseded": " (version remplacée)", "withdrawn": " (version retirée)"}
QUOTED = 7
SECTIONS = 8
NEAR_BEST = 0.66
OPPOSED_NEAR = 0.8
UNSURE_QUOTED = 4
CAUTION = (
    "Je n’ai pas trouvé de réponse sûre. Ces passages s’en approchent le plus\u00a0; vérifiez "
    "qu’ils répondent à votre question."
)
# Tender files and dated market notes speak of their own matter alone.
OWN_MATTER = frozenset({"tender", "market"})
MISSING_SHOWN = 4
NUMBERS = re.compile(r"\d+")


@dataclass(frozen=True)
class Quoted:
    """Sentences quoted and cited, and whether they surely answer."""

    text: str
    is_sure: bool

    def alone(self) -> str:
        """The whole answer."""
        return self.text if self.is_sure else f"[STATUT a_verifier]{CAUTION}\n\n{self.text}"

    def after(self, told: str) -> str:
        """What they add to an answer from records."""
        label = "Dans les documents" + ("" if self.is_sure else ", à vérifier")
        return f"{told}\n\n{label}{NBSP}: {self.text}"


@dataclass(frozen=True)
class Bearing:
    """What a question names: only sentences that bear it answer.

    `records` are recognised names of clients, sites…, one of which is enough; `unknown` are names
    and codes no record answers to, all of which must be borne. A colleague among `people` may be
    there by the way, and so may the `obscure` words: what bears none of them is not sure.
    """

    records: Sequence[str] = ()
    people: Sequence[str] = ()
    unknown: Sequence[str] = ()
    obscure: Sequence[str] = ()


def tell_passages(
    runs: Sequence[Run], weakest: float, named: Bearing | None = None
) -> Quoted | None:
    """The best sentences quoted and cited, to be checked when none scores `weakest` or more; None
    when every search says that what it found is unlikely to answer.
    """
    named = named or Bearing()
    found = _list_found(runs, named)
    of_people = [s for s in found if any(_speaks_of(s, name) for name in named.people)]
    found = of_people or found
    chosen = choose_sentences(found)
    if not chosen:
        return None
    first = chosen[0]
    speaks = (bool(of_people) or not named.people) and _speak_of_all(found, named.obscure)
    is_sure = (
        speaks
        and float(first["pertinence"]) >= weakest
        and any(first in run.result["phrases"] for run in runs if run.result.get("niveau") == "sur")
    )
    opposed = _find_opposed(first, found, _list_reviews(runs))
    if opposed is not None:
        return Quoted(_tell_both(first, opposed), is_sure)
    if not is_sure:
        chosen = chosen[:UNSURE_QUOTED]
    lines = [f"{_source(first)}{NBSP}:", "", *(_quote(s) for s in chosen if _same(s, first))]
    others = [s for s in chosen if not _same(s, first)]
    if others:
        lines += ["", f"À lire aussi{NBSP}:", ""]
        lines += [f"{_quote(s)} – {s['document']}{_note_status(s)}" for s in others]
    return Quoted("\n".join(lines), is_sure)


def _list_found(runs: Sequence[Run], named: Bearing) -> list[Mapping[str, Any]]:
    """The sentences of the searches that may answer, on the records named."""
    kept = [run for run in runs if run.result.get("niveau") != "insuffisant"]
    found: list[Mapping[str, Any]] = [s for run in kept for s in run.result.get("phrases", [])]
    if not _speak_of_all(found, named.unknown):
        return []
    about = [s for s in found if any(_speaks_of(s, name) for name in named.records)]
    return about if named.records else found


def _speak_of_all(sentences: Sequence[Mapping[str, Any]], names: Sequence[str]) -> bool:
    return all(any(_speaks_of(sentence, name) for sentence in sentences) for name in names)


def list_bearing(runs: Sequence[Run], names: Sequence[str]) -> list[str]:
    """The documents found of which a sentence bears one of the names."""
    found: list[Mapping[str, Any]] = [s for run in runs for s in run.result.get("phrases", [])]
    bearing = [s for s in found if any(_speaks_of(s, name) for name in names)]
    return list(dict.fromkeys(str(sentence["document"]) for sentence in bearing))


def tell_document(runs: Sequence[Run]) -> str | None:
    """What one document says, a sentence of each of its sections, in their order."""
    found: list[Mapping[str, Any]] = [s for run in runs for s in run.result.get("phrases", [])]
    stating = [s for s in found if not has_blanks(str(s["texte"]))]
    by_section: dict[str, Mapping[str, Any]] = {}
    for sentence in sorted(filter(_is_in_section, stating), key=lambda s: (s["page"], _order(s))):
        by_section.setdefault(str(sentence["section"]), sentence)
    # A document may have no heading but its title.
    shown = list(by_section.values() or stating)[:SECTIONS]
    if not shown:
        return None
    title = f"**{shown[0]['document']}**{_note_status(shown[0])}{NBSP}:"
    lines = [_quote(one) + (f" – {_heading(one)}" if by_section else "") for one in shown]
    told = "Une phrase par partie" if by_section else "Aucune partie n’y est titrée"
    more = f"{told}{NBSP}; précisez ce que vous cherchez pour en lire davantage."
    return "\n".join([title, "", *lines, "", more])


def _is_in_section(sentence: Mapping[str, Any]) -> bool:
    """Tell a sentence of a section from the frame below the document's title."""
    document, heading = str(sentence["document"]), _heading(sentence)
    return not document.endswith(f" – {heading}") and not document.startswith(f"{heading} v")


def _order(sentence: Mapping[str, Any]) -> list[int]:
    return [int(number) for number in NUMBERS.findall(_heading(sentence))]


def _heading(sentence: Mapping[str, Any]) -> str:
    return str(sentence["section"]).split(" › ")[-1]


def choose_sentences(sentences: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """A few sentences: the best, then those nearly as good, the best one's document first.

    What that document says is not quoted again from a copy.
    A template's sentence, whose blanks state nothing, comes only where none states anything.
    """
    ranked = sorted(sentences, key=lambda s: -float(s["pertinence"]))
    if not ranked:
        return []
    top = float(ranked[0]["pertinence"])
    said = {s["texte"] for s in ranked if _same(s, ranked[0])}
    own = [s for s in ranked if _same(s, ranked[0]) or s["texte"] not in said]
    near = [s for s in own if float(s["pertinence"]) >= top * NEAR_BEST]
    stating = [s for s in near if not has_blanks(str(s["texte"]))][:QUOTED]
    if not stating:
        return ranked[:1]
    best, *others = stating
    return [best, *sorted(others, key=lambda s: (not _same(s, best), -float(s["pertinence"])))]


def _list_reviews(runs: Sequence[Run]) -> Mapping[frozenset[str], str]:
    """What people concluded of two sentences, by their marks."""
    return {
        frozenset(one["reperes"]): str(one["etat"])
        for run in runs
        for one in run.result.get("contradictions_relues", [])
    }


def _find_opposed(
    first: Mapping[str, Any],
    found: Sequence[Mapping[str, Any]],
    reviews: Mapping[frozenset[str], str],
) -> Mapping[str, Any] | None:
    """A sentence of another document in force, nearly as good, that says something else.

    What people concluded in the register goes before what the two sentences say.
    """
    if first["nature"] in OWN_MATTER:
        return None
    best = float(first["pertinence"])
    left = _as_statement(first)
    said = list_said(map(_as_statement, found))
    for other in found:
        near = float(other["pertinence"]) >= best * OPPOSED_NEAR
        is_peer = other["statut"] == first["statut"] and other["nature"] not in OWN_MATTER
        if near and is_peer and not _same(first, other):
            state = reviews.get(frozenset((first["repere"], other["repere"])))
            is_open = state is None and disagree(left, _as_statement(other), said)
            if is_open or state == STATUSES["confirmed"]:
                return other
    return None


def _as_statement(sentence: Mapping[str, Any]) -> Statement:
    code = str(sentence["document"])
    return Statement(code, code, "", str(sentence["section"]), str(sentence["texte"]))


def _tell_both(first: Mapping[str, Any], second: Mapping[str, Any]) -> str:
    lines = [f"Deux documents en vigueur se contredisent{NBSP}; voici les deux.", ""]
    for sentence in (first, second):
        lines += [f"{_source(sentence)}{NBSP}:", "", _quote(sentence), ""]
    return "\n".join([*lines, "Faites trancher la question par le responsable des documents."])


def tell_gap(runs: Sequence[Run]) -> str:
    """That the documents do not answer: why, or the words of which they say nothing."""
    notes = list(dict.fromkeys(run.result["remarque"] for run in runs if "remarque" in run.result))
    if notes:
        return f"[STATUT sans_reponse]{' '.join(notes)}"
    words = list(dict.fromkeys(w for run in runs for w in run.result.get("mots_absents", [])))
    line = (
        "[STATUT sans_reponse]Je n’ai pas trouvé de réponse sûre dans les documents que vous "
        "pouvez consulter."
    )
    if words:
        quoted = join_words([f"«{NBSP}{word}{NBSP}»" for word in words[:MISSING_SHOWN]])
        line += f" Les passages les plus proches ne disent rien de {quoted}."
    asked = "Votre question est transmise à qui tient la base de connaissances."
    return f"{line}\n\n{asked}"


def _speaks_of(sentence: Mapping[str, Any], name: str) -> bool:
    place = f"{sentence['texte']} {sentence['section']} {sentence['document']}"
    return set(stems(name)) <= set(stems(place))


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return bool(one["document"] == other["document"])


def _source(sentence: Mapping[str, Any]) -> str:
    section = f"«{NBSP}{_heading(sentence)}{NBSP}», " if _is_in_section(sentence) else ""
    told = f"**{sentence['document']}**{_note_status(sentence)}"
    return f"{told}, {section}p.{NBSP}{sentence['page']}"


def _note_status(sentence: Mapping[str, Any]) -> str:
    return NO_LONGER.get(str(sentence["statut"]), "")


def _quote(sentence: Mapping[str, Any]) -> str:
    return f"- «{NBSP}{flatten(str(sentence['texte']))}{NBSP}» [{sentence['repere']}]"
