"""A triaged thread as a person reads it: its summary, its mails, its draft."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from typing import Any

from agents.email_summary.models import TONE_LABELS, EmailSummary
from agents.non_conformity.models import FAMILY_LABELS, Detection
from agents.reply_draft.models import COVERAGE_LABELS, NoDraft, ReplyDraft
from agents.triage.steps import DETECTION, DRAFT, SUMMARY
from core.formats import NBSP, flatten, format_date, format_instant
from ingest.mail.facts import CATEGORY_LABELS, Deadline

URGENCY = {3: "à traiter aujourd’hui", 2: "à traiter cette semaine", 1: "sans urgence"}
SEVERITIES = {"major": "majeure", "minor": "mineure"}
STATES = {
    "ready": "à relire", "placed": "il attend dans votre messagerie",
    "edited": "vous l’avez modifié dans votre messagerie, Voltaire n’y touche plus",
    "approved": "approuvé",
}  # fmt: skip
NATURES = {"contract_end": "fin de contrat", "event": "date citée", "limit": ""}
UNDER_WAY = "Le tri de ce fil est en cours. Rouvrez-le dans un instant."
BY_MODEL = "Rédigé par un modèle, vérifié sur le courriel."
BY_RULES = "Établi par règles, sans modèle."
SHORT = "Ce courriel est court\u00a0: il se lit tel quel."
MOST_CHARS = 6000
MARKUP = re.compile(r"([\\`*_\[\]<>|#!~])")


def escape_words(text: str | None, limit: int = 300) -> str:
    """Untrusted text as plain words on one line: no markup, no link, no new cell."""
    flat = flatten(text or "")[:limit]
    return MARKUP.sub(r"\\\1", flat)


def write_head(row: dict[str, Any]) -> str:
    """The subject and the client, then nature and urgency."""
    subject = escape_words(row["subject"]) or "(sans objet)"
    account = escape_words(row["account"]) or "client non identifié"
    label = CATEGORY_LABELS.get(row["category"])
    told = " · ".join(filter(None, (label, URGENCY.get(row["urgency"]))))
    return f"**{subject}** ({account})" + (f"\n\n{told}" if told else "")


def write_summary(row: dict[str, Any]) -> str:
    """What a thread asks, tells and is due, with what the portfolio knows of it."""
    kept = row["steps"].get("summarise")
    if kept is None:
        return UNDER_WAY
    summary = SUMMARY.validate_python(kept)
    parts = [
        *(f"**Attention{NBSP}:** {escape_words(a.message)}" for a in summary.anomalies),
        *_list_items(summary),
        _section("Échéances", (_date(d) for d in _own(summary) if d.nature == "limit")),
        _section("Autres dates", (_date(d) for d in _own(summary) if d.nature != "limit")),
        _section("D’après le portefeuille", (escape_words(one.text) for one in summary.records)),
        f"Ton{NBSP}: {TONE_LABELS[summary.tone]}.",
        f"**Suite proposée{NBSP}:** {escape_words(summary.next_action)}",
        _maker(summary),
    ]
    return "\n\n".join(part for part in parts if part)


def write_short(row: dict[str, Any]) -> str:
    """A mail too short to be summed up, as it is; empty for the others."""
    kept = row["steps"].get("summarise")
    if kept is None or not SUMMARY.validate_python(kept).is_short:
        return ""
    return f"{SHORT}\n\n{write_mails(row)}"


def _list_items(summary: EmailSummary) -> list[str]:
    asked = {item.text for item in summary.request}
    lists = (
        ("Demandes", summary.request), ("Faits", summary.facts), ("Décisions", summary.decisions),
        ("Questions ouvertes", [i for i in summary.open_questions if i.text not in asked]),
    )  # fmt: skip
    return [_section(title, (escape_words(item.text) for item in items)) for title, items in lists]


def _own(summary: EmailSummary) -> Sequence[Deadline]:
    return [one for one in summary.deadlines if one.place in ("new", "subject")]


def _date(one: Deadline) -> str:
    nature = f", {NATURES[one.nature]}" if NATURES[one.nature] else ""
    hour = f" à {one.at:%H}{NBSP}h{NBSP}{one.at:%M}" if one.at else ""
    return (
        f"{format_date(one.on)}{hour}{nature} («{NBSP}{escape_words(one.raw.rstrip(' .,'))}{NBSP}»)"
    )


def _section(title: str, lines: Iterable[str]) -> str:
    told = "\n".join(f"- {line}" for line in lines)
    return f"**{title}**\n\n{told}" if told else ""


def _maker(made: EmailSummary | ReplyDraft) -> str:
    by = BY_MODEL if made.provenance.is_model else BY_RULES
    return f"*{' '.join(filter(None, (by, made.provenance.fallback_reason)))}*"


def write_detection(row: dict[str, Any], due_on: dt.date | None, today: dt.date) -> str:
    """The non-conformity that a thread tells or may tell; empty where it tells none."""
    kept = row["steps"].get("detect")
    found: Detection | None = DETECTION.validate_python(kept) if kept else None
    if found is None or found.label == "non":
        return ""
    severity = SEVERITIES.get(found.severity or "")
    family = FAMILY_LABELS[found.family] if found.family else ""
    label = "Non-conformité" if found.label == "oui" else "Non-conformité à confirmer"
    head = f"**{label}**" + "".join(f", {part}" for part in (severity, family) if part)
    lines = [f"«{NBSP}{escape_words(found.evidence.quote)}{NBSP}»"] if found.evidence else []
    lines += [escape_words(reason) for reason in (*found.reasons, *found.severity_reasons)]
    if due_on is not None:
        late = "**en retard**, à décider depuis le" if due_on < today else "à décider avant le"
        lines.append(f"{late} {format_date(due_on)}")
    return f"{head}\n\n" + "\n".join(f"- {line}" for line in lines)


def write_draft(row: dict[str, Any], stored: dict[str, Any] | None) -> str:
    """The draft of reply, its state, and what it covers; or why there is none."""
    kept = row["steps"].get("draft")
    made: ReplyDraft | NoDraft | None = DRAFT.validate_python(kept) if kept else None
    if made is None and stored is None:
        return UNDER_WAY
    if stored is None:
        reason = made.message if isinstance(made, NoDraft) else "Aucun brouillon n’attend."
        return f"**Brouillon{NBSP}:** aucun. {escape_words(reason)}"
    addresses = (*stored["to_addresses"], *stored["cc_addresses"])
    people = ", ".join(map(escape_words, addresses))
    parts = [
        f"**Brouillon de réponse**, {STATES.get(stored['state'], 'à relire')}",
        f"À{NBSP}: {people}  \nObjet{NBSP}: {escape_words(stored['subject'])}",
        quote_text(stored["body"]),
    ]
    if isinstance(made, ReplyDraft):
        covered = (
            f"«{NBSP}{escape_words(c.ask.quote)}{NBSP}»{NBSP}: {COVERAGE_LABELS[c.status]}"
            for c in made.coverage
        )
        parts += [
            _section("Points du courriel", covered),
            _section("À vérifier", (escape_words(one) for one in made.review)),
            _maker(made),
        ]
    return "\n\n".join(part for part in parts if part)


def write_mails(row: dict[str, Any]) -> str:
    """Each message's own words, oldest first."""
    kept: list[dict[str, Any]] = row["steps"].get("clean") or []
    if not kept:
        return UNDER_WAY
    return "\n\n".join(map(_write_mail, kept))


def _write_mail(one: dict[str, Any]) -> str:
    sent = format_instant(dt.datetime.fromisoformat(one["sent_at"]))
    return f"{escape_words(one['from'])}, le {sent}\n\n{quote_text(one['new_text'])}"


def quote_text(text: str) -> str:
    """A text of several lines as a quotation, its words taken as they are."""
    lines = text.strip()[:MOST_CHARS].splitlines()
    return "\n".join(f"> {escape_words(line, 2000)}  " if line.strip() else ">" for line in lines)
