"""Detection of non-conformities: rules always, the model's reading verified beside them."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from agents.non_conformity.models import Detection, Family, Label, Severity, Step
from agents.non_conformity.proposals import make_changes
from agents.non_conformity.rules.reading import Reading, read_messages
from agents.non_conformity.severity import (
    SeverityTable,
    Stakes,
    rate_severity,
    read_delay,
    read_occurrences,
    read_table,
    sum_stakes,
)
from agents.non_conformity.steps import propose_steps
from agents.non_conformity.wording import Verdict, ask_model
from core.claims import find_unproved
from core.context import Context
from core.engine.errors import EngineError
from core.engine.provenance import Provenance
from core.engine.structured import reject_answer
from core.spans import Span, find_span
from ingest.mail.amounts import find_approximate_euros
from ingest.mail.anomalies import is_instruction
from ingest.mail.deadlines import add_working_days
from ingest.mail.facts import MailFacts
from ingest.mail.folding import fold
from ingest.mail.links import MailLinks
from ingest.mail.reading import list_incoming
from ingest.mail.recurrence import is_repeated
from ingest.mail.thread import CleanMessage, CleanThread

PARIS = ZoneInfo("Europe/Paris")
RULES = Provenance("moteur déterministe", is_model=False)


QUOTE_CHARS = 400
IF_CONFIRMED: dict[Severity, str] = {
    "major": "Si l’écart est confirmé, il sera majeur\u00a0: {reason}",
    "minor": "Si l’écart est confirmé, il sera mineur\u00a0: {reason}",
}


@dataclass(frozen=True)
class _Case:
    """What a detection is made of, whoever read the mail."""

    label: Label
    family: Family | None
    requirement: str | None
    evidence: Span | None
    structure: str
    is_complaint: bool
    reasons: tuple[str, ...]
    provenance: Provenance
    dropped: int = 0


async def detect(
    context: Context, thread: CleanThread, links: MailLinks, facts: MailFacts
) -> Detection:
    """The detection for a thread. With a model, its reading is kept where it is proved; where it
    and the rules disagree, a person decides. Never raises for the model's sake."""
    ruled = detect_by_rules(thread, links, facts)
    incoming = list_incoming(thread, links.own_domains)
    if not context.engine.is_model or facts.kind != "person" or not incoming:
        return ruled
    try:
        verdict, provenance = await ask_model(context, thread, facts, links.own_domains)
        case = _merge(_read(thread, facts, links), verdict, thread, facts, links, provenance)
        if case is None:
            await reject_answer(context.engine)
    except EngineError as error:
        return _with_fallback(ruled, error)
    return _conclude(case, thread, links, facts)


def detect_by_rules(thread: CleanThread, links: MailLinks, facts: MailFacts) -> Detection:
    """The rules' detection alone. Pure."""
    return _conclude(_read(thread, facts, links), thread, links, facts)


def confirm(
    found: Detection,
    thread: CleanThread,
    links: MailLinks,
    facts: MailFacts,
    family: Family,
    today: dt.date,
) -> Detection:
    """`found` as a person settled it `today`: «oui», in `family`; severity and dates computed."""
    evidence = found.evidence or _last_words(thread, links)
    case = replace(
        _read(thread, facts, links), label="oui", family=family, requirement=found.requirement,
        evidence=evidence, is_complaint=True, provenance=found.provenance,
        reasons=(*found.reasons, "Écart retenu après examen par une personne."),
    )  # fmt: skip
    return _conclude(case, thread, links, facts, today)


def _last_words(thread: CleanThread, links: MailLinks) -> Span | None:
    """What the other side wrote last, where nothing more precise was found."""
    for message in reversed(list_incoming(thread, links.own_domains)):
        for part in message.list_parts("new"):
            start, end = part.span.start, min(part.span.end, part.span.start + QUOTE_CHARS)
            if message.text[start:end].strip():
                return message.span(start, end)
    return None


def _read(thread: CleanThread, facts: MailFacts, links: MailLinks) -> _Case:
    incoming = list_incoming(thread, links.own_domains)
    if facts.kind != "person" or not incoming:
        return _case(Reading("non", reasons=("Message automatique, de liste ou du cabinet.",)))
    sent_on = incoming[-1].message.sent_at.astimezone(PARIS).date()
    return _case(read_messages(incoming, sent_on))


def _case(reading: Reading) -> _Case:
    found = reading.finding
    return _Case(
        label=reading.label,
        family=found.family if found else None,
        requirement=(found.requirement or None) if found else None,
        evidence=found.evidence if found else None,
        structure=found.structure if found else "",
        is_complaint=reading.is_complaint,
        reasons=reading.reasons,
        provenance=RULES,
    )


def _merge(
    ruled: _Case, verdict: Verdict, thread: CleanThread, facts: MailFacts, links: MailLinks,
    provenance: Provenance,
) -> _Case | None:  # fmt: skip
    """The model's verdict with a proved quote; a disagreement with the rules is «incertain».

    None for a verdict that nothing proves, and for a «non» of a mail that gives machines orders.
    """
    evidence = find_evidence(verdict.quote, list_incoming(thread, links.own_domains))
    if verdict.label != "non" and evidence is None:
        return None
    is_ordered = any(anomaly.kind in ("instruction", "hidden_text") for anomaly in facts.anomalies)
    if verdict.label == "non" and ruled.label != "non" and is_ordered:
        return None
    requirement, reason = (
        _keep_proved(words, thread) for words in (verdict.requirement, verdict.reason)
    )
    if verdict.label == "non" and ruled.label == "non":
        return replace(ruled, provenance=provenance)
    if {verdict.label, ruled.label} == {"oui", "non"}:
        label: Label = "incertain"
        reasons = (*ruled.reasons, "Le modèle et les règles ne concluent pas de même.")
    elif "incertain" in (verdict.label, ruled.label):
        label, reasons = "incertain", ruled.reasons or ((reason,) if reason else ())
    else:
        label, reasons = "oui", ruled.reasons
    return _Case(
        label=label,
        family=ruled.family or verdict.family,
        requirement=ruled.requirement or requirement,
        evidence=evidence or ruled.evidence,
        structure=ruled.structure,
        is_complaint=True,
        reasons=reasons,
        provenance=provenance,
        dropped=[requirement, reason].count(None)
        - [verdict.requirement, verdict.reason].count(None),
    )


def _keep_proved(words: str | None, thread: CleanThread) -> str | None:
    """The model's words unless they hold a number, address or name that the thread does not."""
    told = "\n".join(
        f"{m.message.subject}\n{m.message.sender.name}\n{m.text}" for m in thread.messages
    )
    return None if words is None or find_unproved(words, told) or is_instruction(words) else words


def find_evidence(quote: str, messages: Sequence[CleanMessage]) -> Span | None:
    """Where the other side wrote `quote` in its own words; None when nowhere."""
    for message in reversed(messages):
        span = find_span(message.source_id, message.mask("new"), quote)
        if span is not None and not is_instruction(span.quote):
            return message.span(span.start, span.end)
    return None


def _conclude(
    case: _Case,
    thread: CleanThread,
    links: MailLinks,
    facts: MailFacts,
    from_on: dt.date | None = None,
) -> Detection:
    table = read_table()
    key = make_key(thread, links)
    severity: Severity | None = None
    why: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    if case.label != "non" and case.family is not None:
        stakes = _stakes(case, case.family, thread, links, facts)
        rated, why = rate_severity(stakes, table)
        if case.label == "oui":
            severity, steps = rated, propose_steps(case.family)
        else:
            why = _foretell(rated, why) if rated == "major" or stakes.is_repeated else ()
    detection = Detection(
        label=case.label,
        severity=severity,
        family=case.family if case.label != "non" else None,
        requirement=case.requirement if case.label == "oui" else None,
        evidence=case.evidence if case.label != "non" else None,
        is_complaint=case.is_complaint,
        reasons=case.reasons,
        severity_reasons=why,
        steps=steps,
        changes=(),
        key=key,
        review_days=_review_days(case.label, table),
        provenance=case.provenance,
        dropped=case.dropped,
    )
    sent_on = thread.last.message.sent_at.astimezone(PARIS).date()
    return make_changes(detection, links, sent_on, from_on)


def _foretell(rated: Severity, reasons: Sequence[str]) -> tuple[str, ...]:
    """What an uncertain case will weigh if a person confirms it."""
    return tuple(
        IF_CONFIRMED[rated].format(reason=reason[:1].lower() + reason[1:]) for reason in reasons
    )


def _review_days(label: Label, table: SeverityTable) -> int | None:
    return table.review_days if label == "incertain" else None


def _stakes(
    case: _Case, family: Family, thread: CleanThread, links: MailLinks, facts: MailFacts
) -> Stakes:
    words = "\n".join(m.new_text for m in list_incoming(thread, links.own_domains))
    folded = fold(words)
    told = [a.value for a in facts.amounts if a.unit == "EUR" and a.place in ("new", "subject")]
    points = {c.value for c in facts.codes if c.kind in ("prm", "pce", "delivery_point")}
    return Stakes(
        family=family,
        structure=case.structure,
        eur=sum_stakes([*told, *find_approximate_euros(words)]),
        points=len(points),
        delay_days=read_delay(folded),
        occurrences=read_occurrences(folded),
        is_repeated=is_repeated(folded),
    )


def make_key(thread: CleanThread, links: MailLinks) -> str:
    """One key per thread and incident: the thread's root (its first reference, so that a later
    mail of the thread finds it too) and the record it speaks of."""
    first = thread.messages[0].message
    root = (first.references or (first.in_reply_to or first.internet_message_id,))[0]
    record = links.find_record("delivery_points", "contracts")
    about = str(record.id) if record else ""
    digest = hashlib.sha256(f"{root}|{about}".encode()).hexdigest()[:24]
    return f"non_conformity:{digest}"


def _with_fallback(ruled: Detection, error: EngineError) -> Detection:
    provenance = Provenance(RULES.engine, False, None, error.message)
    return replace(ruled, provenance=provenance)


def review_due_on(detection: Detection, received_on: dt.date) -> dt.date | None:
    """The day by which an uncertain case is to be decided, in working days; None otherwise."""
    if detection.review_days is None:
        return None
    return add_working_days(received_on, detection.review_days)
