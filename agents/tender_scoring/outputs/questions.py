"""Questions to the buyer, ready to be sent on the platform before its deadline."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from agents.tender_scoring.models import TenderAnalysis
from agents.tender_scoring.outputs.document import FrenchDocument
from agents.tender_scoring.outputs.wording import (
    TO_FILL,
    name_lots,
    name_places,
    name_tender,
    quote_all,
)
from core.formats import NBSP, format_instant

NO_DEADLINE = (
    "Le dossier ne donne pas de date limite pour les questions\u00a0: posez-les au plus tôt."
)


@dataclass(frozen=True)
class Question:
    """A question, and the words of the file that raise it."""

    number: int
    subject: str
    text: str
    lots: str
    places: str
    quote: str


@dataclass(frozen=True)
class Questions:
    """The questions and their deadline; `is_late` when it has passed."""

    title: str
    buyer: str
    reference: str
    deadline: dt.datetime | None
    is_late: bool
    items: tuple[Question, ...]


def make_questions(analysis: TenderAnalysis, now: dt.datetime) -> Questions:
    """The clarifications that are to be asked of the buyer; the firm's own are left out."""
    asked = [one for one in analysis.to_clarify if one.question]
    fact = analysis.facts.question_deadline
    deadline = fact.instant if fact else None
    return Questions(
        title=f"Questions à l’acheteur — {name_tender(analysis)}",
        buyer=analysis.facts.buyer.value if analysis.facts.buyer else TO_FILL,
        reference=analysis.facts.reference.value if analysis.facts.reference else TO_FILL,
        deadline=deadline,
        is_late=deadline is not None and deadline < now,
        items=tuple(
            Question(number, one.subject, one.question or "", name_lots(one.lots),
                     name_places(one.evidence), quote_all(one.evidence))
            for number, one in enumerate(asked, 1)
        ),
    )  # fmt: skip


def write_questions(questions: Questions) -> str:
    """The text to paste on the platform."""
    lines = [f"Consultation{NBSP}: {questions.reference}", f"Acheteur{NBSP}: {questions.buyer}",
             tell_deadline(questions), ""]  # fmt: skip
    for one in questions.items:
        lines.append(f"Question {one.number} ({one.lots}) — {one.subject}")
        lines.append(one.text)
        if one.places:
            lines.append(f"Référence{NBSP}: {one.places}")
        lines.append("")
    if not questions.items:
        lines.append("Aucune question à poser d’après l’analyse du dossier.")
    return "\n".join(lines).rstrip() + "\n"


def write_questions_document(questions: Questions) -> bytes:
    """The same, as a DOCX file."""
    document = FrenchDocument(questions.title)
    document.paragraph(f"Consultation{NBSP}: {questions.reference}")
    document.paragraph(f"Acheteur{NBSP}: {questions.buyer}")
    document.paragraph(tell_deadline(questions))
    for one in questions.items:
        document.heading(f"Question {one.number} — {one.subject}", level=2)
        document.paragraph(one.text)
        source = " ".join(part for part in (one.places, one.quote) if part)
        document.paragraph(f"Lots{NBSP}: {one.lots}. {source}", is_quiet=True)
    if not questions.items:
        document.paragraph("Aucune question à poser d’après l’analyse du dossier.")
    return document.save()


def tell_deadline(questions: Questions) -> str:
    """The deadline for questions, in a sentence."""
    if questions.deadline is None:
        return NO_DEADLINE
    when = format_instant(questions.deadline)
    return (
        f"La date limite des questions est passée ({when}). Voyez si l’acheteur répond encore."
        if questions.is_late
        else f"À envoyer avant le {when}."
    )
