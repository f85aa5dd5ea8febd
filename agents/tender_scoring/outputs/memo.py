"""The skeleton of the technical memo: the template's chapters, the buyer's criteria, our words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from agents.tender_scoring.facts import Criterion, Requirement
from agents.tender_scoring.models import TenderAnalysis
from agents.tender_scoring.outputs.document import FrenchDocument
from agents.tender_scoring.outputs.matrix import Proof, Proofs
from agents.tender_scoring.outputs.proofs import list_words, measure_share
from agents.tender_scoring.outputs.wording import TO_FILL, name_lots, name_places
from core.formats import NBSP, format_number
from core.words import fold

PLACEHOLDER = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")
CHAPTER = re.compile(r"(?:^|\s)(?:\d{1,2}[.)])\s+")
HEADING = re.compile(r"^#{1,3}\s+(.+)$", re.MULTILINE)
PRICE = re.compile(r"\bprix\b|\bcouts?\b|\btarif|\bmontant|\bremuneration")
MEMO_CATEGORIES = frozenset({"technical", "offer", "capacity"})
ENOUGH = 0.25


@dataclass(frozen=True)
class Template:
    """A template of the library."""

    name: str
    version: str
    body: str


@dataclass(frozen=True)
class Chapter:
    """A chapter: what the buyer weighs in it, what must be answered, what we already write."""

    title: str
    lead: str
    requirements: tuple[Requirement, ...] = ()
    proofs: tuple[Proof, ...] = ()
    places: str = ""


@dataclass(frozen=True)
class Memo:
    """The skeleton; `source` names the template it follows."""

    title: str
    source: str
    chapters: tuple[Chapter, ...]


def make_memo(analysis: TenderAnalysis, proofs: Proofs, template: Template | None) -> Memo:
    """The skeleton: the template's chapters first, then one per criterion that is not the price.

    What nobody knows reads «[À COMPLÉTER]»; our words are quoted with document and page.
    """
    values = _list_values(analysis)
    chapters = [
        Chapter(title, _fill(text, values)) for title, text in cut_template(template.body)
    ] if template else []  # fmt: skip
    wanted = [r for r in analysis.requirements if r.category in MEMO_CATEGORIES]
    left = list(wanted)
    for criterion in analysis.criteria:
        if criterion.stage != "offer" or PRICE.search(fold(criterion.name)):
            continue
        chapters += _make_chapters(criterion, left, proofs)
    if left:
        chapters.append(_gather("Autres exigences à traiter", "", left, proofs))
    source = (
        f"{template.name}, version {template.version}"
        if template
        else ("aucun modèle en vigueur\u00a0: plan tiré des critères du dossier")
    )
    return Memo(f"Mémoire technique — {analysis.label}", source, tuple(chapters))


def cut_template(body: str) -> list[tuple[str, str]]:
    """The chapters of a template: its Markdown headings, else its numbered sentences."""
    if HEADING.search(body):
        pieces = HEADING.split(body)
        return [(title.strip(), text.strip())
                for title, text in zip(pieces[1::2], pieces[2::2], strict=True)]  # fmt: skip
    parts = [part.strip() for part in CHAPTER.split(body) if part.strip()]
    if len(parts) == 1:
        parts = [part.strip() for part in parts[0].split(",") if part.strip()]
    return [(_title_of(part), part) for part in parts]


def write_memo(memo: Memo) -> bytes:
    """The DOCX file."""
    document = FrenchDocument(memo.title)
    document.paragraph(f"Modèle{NBSP}: {memo.source}. Brouillon à relire et à compléter.",
                       is_quiet=True)  # fmt: skip
    for number, chapter in enumerate(memo.chapters, 1):
        document.heading(f"{number}. {chapter.title}")
        if chapter.lead:
            document.paragraph(chapter.lead)
        if chapter.places:
            document.paragraph(f"Dossier{NBSP}: {chapter.places}", is_quiet=True)
        if chapter.requirements:
            document.heading("Ce que demande l’acheteur", level=2)
            document.bullets([_write_requirement(one) for one in chapter.requirements])
        document.heading("Notre réponse", level=2)
        for proof in chapter.proofs:
            document.paragraph(f"«{NBSP}{proof.text}{NBSP}»", style="Quote")
            document.paragraph(f"Source{NBSP}: {proof.title} ({proof.label})", is_quiet=True)
        document.paragraph(TO_FILL)
    return document.save()


def _make_chapters(criterion: Criterion, left: list[Requirement], proofs: Proofs) -> list[Chapter]:
    weight = f" ({_write_weight(criterion.weight)})" if criterion.weight is not None else ""
    lead = f"Critère de jugement{weight}, {name_lots(criterion.lots)}."
    parts = criterion.subcriteria
    if not parts:
        return [_take(criterion.name, lead, left, proofs, criterion)]
    return [
        _take(f"{criterion.name}{NBSP}: {part.name}",
              lead + (f" Sous-critère sur {format_number(part.points)}{NBSP}points."
                      if part.points is not None else ""),
              left, proofs, criterion)
        for part in parts
    ]  # fmt: skip


def _take(
    title: str, lead: str, left: list[Requirement], proofs: Proofs, criterion: Criterion
) -> Chapter:
    """A chapter with the requirements that speak of it, taken from those left."""
    words = list_words(title)
    taken = [one for one in left if measure_share(words, one.text) >= ENOUGH]
    for one in taken:
        left.remove(one)
    places = name_places(criterion.evidence)
    return _gather(title, lead, taken, proofs, places)


def _gather(
    title: str, lead: str, requirements: Sequence[Requirement], proofs: Proofs, places: str = ""
) -> Chapter:
    found = [proof for one in requirements for proof in (proofs.get(one.key) or ())]
    return Chapter(title, lead, tuple(requirements), tuple(dict.fromkeys(found)), places)


def _write_requirement(one: Requirement) -> str:
    places = name_places(one.evidence)
    return one.text + (f" ({places})" if places else "")


def _write_weight(weight: Decimal) -> str:
    return f"poids{NBSP}: {format_number(weight)}"


def _list_values(analysis: TenderAnalysis) -> Mapping[str, str]:
    facts = analysis.facts
    known = {
        "client.nom": facts.buyer, "acheteur.nom": facts.buyer, "objet": facts.title,
        "reference": facts.reference, "appel_offres.reference": facts.reference,
        "duree": facts.duration,
    }  # fmt: skip
    return {name: fact.value for name, fact in known.items() if fact}


def _fill(text: str, values: Mapping[str, str]) -> str:
    """A template's text, its placeholders filled from the file alone."""
    return PLACEHOLDER.sub(lambda found: values.get(found[1], TO_FILL), text)


def _title_of(part: str) -> str:
    """The words of a chapter before its first placeholder or full stop."""
    head = PLACEHOLDER.split(part)[0].split(".")[0]
    head = re.sub(r"\s+(?:de|du|des|pour|à|d’|:)\s*$", "", head.strip(" :"))
    return (head or "Chapitre")[:120]
