"""The skeleton of the technical memo: the template's chapters, the buyer's criteria, our words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from agents.tender_scoring.facts import Criterion, Requirement
from agents.tender_scoring.models import TenderAnalysis
from agents.tender_scoring.outputs.document import FrenchDocument
from agents.tender_scoring.outputs.matrix import Proof, Proofs
from agents.tender_scoring.outputs.proofs import list_words, measure_share
from agents.tender_scoring.outputs.wording import (
    TO_FILL,
    name_lots,
    name_places,
    name_tender,
    value_of,
)
from core.formats import NBSP, format_number, of, with_article
from core.words import fold

PLACEHOLDER = re.compile(r"(?P<of>\b[Dd]e )?\{\{\s*(?P<name>[\w.]+)\s*\}\}")
CHAPTER = re.compile(r"(?:^|\s)(?:\d{1,2}[.)])\s+")
HEADING = re.compile(r"^#{1,3}\s+(.+)$", re.MULTILINE)
TITLE_END = re.compile(r"\s*:\s+|\.(?:\s+|$)")
PRICE = re.compile(r"\bprix\b|\bcouts?\b|\btarif|\bmontant|\bremuneration")
FORM = re.compile(r"acte d'engagement|\bbpu\b|\bdqe\b|\bdpgf\b|bordereau|\bdc ?[124]\b|\bdume\b"
                  r"|\brib\b|kbis|attestation|declaration|decomposition d")  # fmt: skip
WRITTEN = re.compile(r"memoire|\bnotes?\b|notice|method|descripti|presentation")
BODIES = frozenset({"client.nom", "acheteur.nom"})
MEMO_CATEGORIES = frozenset({"technical", "offer", "capacity"})
ENOUGH, SAME = 0.25, 0.6


@dataclass(frozen=True)
class Template:
    """A template of the library."""

    name: str
    version: str
    body: str


@dataclass(frozen=True)
class Chapter:
    """A chapter: what the buyer weighs in it, what must be answered, what we already write.

    `parts` are its sub-criteria, chapters of the level below.
    """

    title: str
    lead: str = ""
    requirements: tuple[Requirement, ...] = ()
    proofs: tuple[Proof, ...] = ()
    places: str = ""
    parts: tuple[Chapter, ...] = ()


@dataclass(frozen=True)
class Memo:
    """The skeleton; `heading` says whose tender it is, `source` the template it follows."""

    title: str
    heading: tuple[str, ...]
    source: str
    chapters: tuple[Chapter, ...]


def make_memo(analysis: TenderAnalysis, proofs: Proofs, template: Template | None) -> Memo:
    """The skeleton: the template's chapters first, then one per criterion that is not the price.

    A criterion that the template has a chapter for goes there. What nobody knows reads
    «[À COMPLÉTER]»; our words are quoted with document and page.
    """
    values = _list_values(analysis)
    chapters = [
        Chapter(_fill(title, values), _fill(text, values))
        for title, text in (cut_template(template.body) if template else ())
    ]
    left = [one for one in analysis.requirements if _is_answered_here(one)]
    for criteria in _group(analysis):
        made = _make_chapter(criteria, left, proofs)
        at = next((n for n, one in enumerate(chapters) if _is_same(one.title, made.title)), None)
        if at is None:
            chapters.append(made)
        else:
            lead = " ".join(filter(None, (chapters[at].lead, made.lead)))
            chapters[at] = replace(made, title=chapters[at].title, lead=lead)
    if left:
        chapters.append(_gather(Chapter("Autres exigences à traiter"), left, proofs))
    source = (
        f"{template.name}, version {template.version}"
        if template
        else ("aucun modèle en vigueur\u00a0: plan tiré des critères du dossier")
    )
    facts = analysis.facts
    heading = (f"Acheteur{NBSP}: {value_of(facts.buyer)}",
               f"Consultation{NBSP}: {value_of(facts.reference)}",
               f"Remise des offres{NBSP}: {value_of(facts.deadline)}")  # fmt: skip
    return Memo(f"Mémoire technique — {name_tender(analysis)}", heading, source, tuple(chapters))


def cut_template(body: str) -> list[tuple[str, str]]:
    """The chapters of a template: its Markdown headings, else its numbered sentences.

    Each title comes with the text below it, which is what follows its colon or full stop.
    """
    if HEADING.search(body):
        pieces = HEADING.split(body)
        return [(title.strip(), text.strip())
                for title, text in zip(pieces[1::2], pieces[2::2], strict=True)]  # fmt: skip
    parts = [part.strip() for part in CHAPTER.split(body) if part.strip()]
    if len(parts) == 1:
        parts = [part.strip() for part in parts[0].split(",") if part.strip()]
    return [_cut_title(part) for part in parts]


def write_memo(memo: Memo) -> bytes:
    """The DOCX file."""
    document = FrenchDocument(memo.title)
    for line in memo.heading:
        document.paragraph(line)
    document.paragraph(f"Modèle{NBSP}: {memo.source}. Brouillon à relire et à compléter.",
                       is_quiet=True)  # fmt: skip
    for number, chapter in enumerate(memo.chapters, 1):
        document.heading(f"{number}. {chapter.title}")
        _write_chapter(document, chapter)
        for rank, part in enumerate(chapter.parts, 1):
            document.heading(f"{number}.{rank} {part.title}", level=2)
            _write_chapter(document, part)
    return document.save()


def _write_chapter(document: FrenchDocument, chapter: Chapter) -> None:
    if chapter.lead:
        document.paragraph(chapter.lead)
    if chapter.places:
        document.paragraph(f"Dossier{NBSP}: {chapter.places}", is_quiet=True)
    if chapter.requirements:
        document.paragraph(f"L’acheteur demande{NBSP}:")
        document.bullets([_write_requirement(one) for one in chapter.requirements])
    for proof in chapter.proofs:
        document.paragraph(f"«{NBSP}{proof.text}{NBSP}»", style="Quote")
        document.paragraph(f"Source{NBSP}: {proof.title} ({proof.label})", is_quiet=True)
    if not chapter.parts and TO_FILL not in chapter.lead:
        document.paragraph(TO_FILL)


def _is_answered_here(one: Requirement) -> bool:
    """Tell what a memo answers from the forms and certificates joined beside it."""
    plain = fold(one.text)
    is_form = bool(FORM.search(plain)) and not WRITTEN.search(plain)
    return one.category in MEMO_CATEGORIES and not (one.category == "offer" and is_form)


def _group(analysis: TenderAnalysis) -> list[list[Criterion]]:
    """The criteria to write for, those of one name together: a lot's weight is not a chapter."""
    kept: dict[str, list[Criterion]] = {}
    for one in analysis.criteria:
        is_ours = not one.lots or not analysis.go_lots or set(one.lots) & set(analysis.go_lots)
        if one.stage == "offer" and is_ours and not PRICE.search(fold(one.name)):
            kept.setdefault(fold(one.name).strip(), []).append(one)
    return list(kept.values())


def _make_chapter(
    criteria: Sequence[Criterion], left: list[Requirement], proofs: Proofs
) -> Chapter:
    first = criteria[0]
    parts = tuple(
        _take(Chapter(title, lead), f"{first.name} {title}", left, proofs)
        for title, lead in _list_parts(criteria)
    )
    places = name_places(evidence for one in criteria for evidence in one.evidence)
    chapter = Chapter(first.name, _write_weights(criteria), places=places, parts=parts)
    return _take(chapter, first.name, left, proofs)


def _list_parts(criteria: Iterable[Criterion]) -> Iterator[tuple[str, str]]:
    """The sub-criteria, each once, with its points and the lots they are of."""
    told: dict[str, tuple[str, list[str]]] = {}
    for one in criteria:
        for part in one.subcriteria:
            _, points = told.setdefault(fold(part.name), (part.name, []))
            if part.points is not None:
                lots = f" ({name_lots(one.lots)})" if one.lots else ""
                points.append(f"{format_number(part.points)}{NBSP}points{lots}")
    for name, points in told.values():
        yield name, f"Sous-critère{NBSP}: {', '.join(points)}." if points else "Sous-critère."


def _write_weights(criteria: Sequence[Criterion]) -> str:
    """« Critère de jugement, poids 55 sur 100 (lot 1), 60 (lot 2). »"""
    weights = [
        f"{format_number(one.weight)} sur 100" + (f" ({name_lots(one.lots)})" if one.lots else "")
        for one in criteria if one.weight is not None
    ]  # fmt: skip
    return (
        f"Critère de jugement, poids {', '.join(weights)}." if weights else ("Critère de jugement.")
    )


def _take(chapter: Chapter, words: str, left: list[Requirement], proofs: Proofs) -> Chapter:
    """The chapter with the requirements that speak of it, taken from those left."""
    wanted = list_words(words)
    taken = [one for one in left if measure_share(wanted, one.text) >= ENOUGH]
    for one in taken:
        left.remove(one)
    return _gather(chapter, taken, proofs)


def _gather(chapter: Chapter, requirements: Sequence[Requirement], proofs: Proofs) -> Chapter:
    found = [proof for one in requirements for proof in (proofs.get(one.key) or ())]
    return replace(chapter, requirements=tuple(requirements), proofs=tuple(dict.fromkeys(found)))


def _is_same(one: str, other: str) -> bool:
    """Tell whether two titles are of one subject: most words of the shorter are in both."""
    a, b = list_words(one), list_words(other)
    return bool(a and b) and len(a & b) >= SAME * min(len(a), len(b))


def _write_requirement(one: Requirement) -> str:
    places = name_places(one.evidence)
    told = one.text + (f" ({places})" if places else "")
    return f"{told} — éliminatoire" if one.is_eliminatory else told


def _list_values(analysis: TenderAnalysis) -> Mapping[str, str]:
    facts = analysis.facts
    known = {
        "client.nom": facts.buyer, "acheteur.nom": facts.buyer, "objet": facts.title,
        "reference": facts.reference, "appel_offres.reference": facts.reference,
        "duree": facts.duration,
    }  # fmt: skip
    return {name: fact.value for name, fact in known.items() if fact}


def _fill(text: str, values: Mapping[str, str]) -> str:
    """A template's text, its placeholders filled from the file alone: « besoin du Syndicat »."""

    def put(found: re.Match[str]) -> str:
        name, lead = found["name"], found["of"] or ""
        value = values.get(name, TO_FILL)
        if name not in BODIES or name not in values:
            return lead + value
        return of(with_article(value)) if lead else value

    return PLACEHOLDER.sub(put, text).strip()


def _cut_title(part: str) -> tuple[str, str]:
    """The words of a chapter up to its colon or full stop, and what follows."""
    found = TITLE_END.search(part)
    title, rest = (part[: found.start()], part[found.end() :]) if found else (part, "")
    return (title.strip() or "Chapitre")[:160], rest.strip().rstrip(".")
