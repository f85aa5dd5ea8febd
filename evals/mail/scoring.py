"""The measures of mail reading, by the rules alone: no model, no database."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from uuid import UUID

from agents.email_summary.summary import make_key, summarise_by_rules
from agents.non_conformity.detection import detect_by_rules
from agents.non_conformity.models import Detection
from agents.reply_draft.drafting import Means, draft_by_rules
from agents.reply_draft.models import NoDraft, ReplyDraft
from agents.reply_draft.rules.recipients import list_allowed
from core.spans import Span
from evals.mail.cases import QuoteCase, ThreadCase, ThreadTruth
from evals.mail.tallies import Tallies
from ingest.mail.classification import settle
from ingest.mail.cleaning import clean_thread
from ingest.mail.facts import MailFacts
from ingest.mail.links import MailLinks
from ingest.mail.message import MailMessage
from ingest.mail.reading import ATTACHMENT, SUBJECT, read_facts
from ingest.mail.thread import CleanThread

INVISIBLE = re.compile("[\u200b-\u200d\u2060\ufeff]")
TENANT = UUID(int=0)
FAMILIES = {
    "billing": "facturation", "metering": "comptage_index", "contract": "contrat_echeance",
    "switching": "bascule_mes", "outage": "coupure_qualite", "price": "prix_applique",
    "delay": "delai_traitement", "privacy": "rgpd_confidentialite", "broker": "courtier",
}  # fmt: skip
SEVERITIES = {"major": "majeure", "minor": "mineure", None: None}


def plain(text: str) -> str:
    """A text with blanks reduced and zero-width characters out."""
    return " ".join(INVISIBLE.sub("", text).split())


def count_lost(expected: str, got: str) -> int:
    """Words of `expected` that `got` does not hold."""
    words = set(plain(got).split())
    return sum(1 for word in plain(expected).split() if word not in words)


def score_quotes(cases: Sequence[QuoteCase], tallies: Tallies) -> None:
    """New text of the quote suites. The projects differ on signatures: the reply is right with
    or without its own; a word kept as signature is not lost."""
    for case in cases:
        message = clean_thread([case.message]).messages[0]
        kept = " ".join(p.span.quote for p in message.list_parts("new", "signature"))
        expected = plain(case.expected)
        forms = {plain(message.new_text), plain(kept)}
        is_right = any(f.startswith(expected) if case.is_start else f == expected for f in forms)
        tallies.mark(case.id, "new_text_exact", is_right, f"obtenu : {message.new_text[:200]}")
        lost = count_lost(case.expected, kept)
        tallies.mark(case.id, "nothing_lost", lost == 0, f"{lost} mots perdus")


def score_negatives(messages: Sequence[MailMessage], tallies: Tallies) -> None:
    """Mails of another trade tell no non-conformity."""
    for message in messages:
        thread = clean_thread([message])
        detection = detect_by_rules(thread, MailLinks(), read_facts(thread))
        name = message.internet_message_id
        tallies.mark(name, "nc_negatives", detection.label != "oui", "vu comme non-conformité")


def score_thread(case: ThreadCase, tallies: Tallies) -> None:
    """Every measure of one authored thread."""
    truth, thread = case.truth, clean_thread(case.messages)
    links = MailLinks(own_domains=truth.own_domains)
    facts = read_facts(thread, truth.own_domains)
    detection = detect_by_rules(thread, links, facts)
    facts = settle(
        facts,
        is_non_conformity=detection.label == "oui",
        is_major=detection.severity == "major",
    )
    signalled = detection.evidence if detection.label == "oui" else None
    reply = draft_by_rules(thread, facts, links, Means(signalled=signalled, author="Cabinet"))
    _score_cleaning(truth, thread, tallies)
    _score_facts(truth, facts, tallies)
    _score_detection(truth, detection, tallies)
    _score_draft(truth, thread, links, reply, tallies)
    _score_spans(truth, thread, facts, detection, links, reply, tallies)
    _score_injection(truth, thread, facts, detection, links, reply, tallies)


def _score_cleaning(truth: ThreadTruth, thread: CleanThread, tallies: Tallies) -> None:
    for rank, (message, expected) in enumerate(
        zip(thread.messages, truth.new_text, strict=True), 1
    ):
        name = f"{truth.id}/{rank}"
        got = message.new_text
        tallies.mark(name, "new_text_exact", plain(got) == plain(expected), f"obtenu : {got[:300]}")
        lost = count_lost(expected, got)
        tallies.mark(name, "nothing_lost", lost == 0, f"{lost} mots perdus")
    pairs = {(plain(a.question.quote), plain(a.answer.quote))
             for message in thread.messages for a in message.inline_answers}  # fmt: skip
    expected_pairs = {
        (plain(a.question_quote), plain(a.answer_quote)) for a in truth.inline_answers
    }
    if pairs or expected_pairs:
        tallies.compare(truth.id, "inline_answers_f1", pairs, expected_pairs)


def _score_facts(truth: ThreadTruth, facts: MailFacts, tallies: Tallies) -> None:
    category_right = facts.category in {truth.category, *truth.category_acceptable}
    tallies.mark(
        truth.id, "category_right", category_right, f"{facts.category} au lieu de {truth.category}"
    )
    near = abs(facts.urgency - truth.urgency) <= 1
    tallies.mark(truth.id, "urgency_near", near, f"{facts.urgency} au lieu de {truth.urgency}")
    _compare_deadlines(truth, facts, tallies)
    _compare_amounts(truth, facts, tallies)
    expected = {*truth.delivery_points, *truth.sirets, *truth.contract_refs, *truth.other_refs}
    found = {c.value for c in facts.codes if c.place in ("new", "subject") or c.value in expected}
    tallies.compare(truth.id, "codes_f1", found, expected)
    points = {c.value for c in facts.codes if c.kind in ("prm", "pce", "delivery_point")}
    wrong = points & set(truth.sirets) | {c.value for c in facts.codes if c.kind == "siret"} & set(
        truth.delivery_points)  # fmt: skip
    tallies.mark(truth.id, "kinds_right", not wrong, f"points et SIRET confondus : {wrong}")


def _compare_deadlines(truth: ThreadTruth, facts: MailFacts, tallies: Tallies) -> None:
    expected = {limit.iso for limit in truth.deadlines}
    found = {
        deadline.on
        for deadline in facts.deadlines
        if deadline.on in expected
        or (
            deadline.place in ("new", "subject")
            and not _is_tolerated(deadline.raw, truth.dates_tolerated)
        )
    }
    tallies.compare(truth.id, "deadlines_f1", found, expected)


def _compare_amounts(truth: ThreadTruth, facts: MailFacts, tallies: Tallies) -> None:
    expected = {(amount.value, amount.unit) for amount in truth.amounts}
    found = {
        (amount.value, amount.unit)
        for amount in facts.amounts
        if (amount.value, amount.unit) in expected
        or (
            amount.place in ("new", "subject")
            and not _is_tolerated(amount.raw, truth.amounts_tolerated)
        )
    }
    tallies.compare(truth.id, "amounts_f1", found, expected)


def _is_tolerated(raw: str, tolerated: Sequence[str]) -> bool:
    """The labels leave these out: neither asked for nor wrong."""
    return any(plain(t) in plain(raw) or plain(raw) in plain(t) for t in tolerated)


def _score_detection(truth: ThreadTruth, detection: Detection, tallies: Tallies) -> None:
    expected = truth.non_conformity
    told = f"{detection.label} au lieu de {expected.label}"
    tallies.mark(truth.id, "nc_not_reviewed", detection.label != "incertain", told)
    if expected.severity == "majeure":
        tallies.mark(truth.id, "nc_major_found", detection.label != "non", told)
        tallies.mark(truth.id, "nc_major_sure", detection.label == "oui", told)
    if detection.label == "oui":
        tallies.mark(truth.id, "nc_yes_precision", expected.label == "oui", told)
    if expected.label == "oui" and detection.label == "oui":
        severity = SEVERITIES[detection.severity]
        is_right, told = severity == expected.severity, f"{severity} au lieu de {expected.severity}"
        tallies.mark(truth.id, "nc_severity_right", is_right, told)
        family = FAMILIES[detection.family or "broker"]
        is_right, told = family == expected.family, f"{family} au lieu de {expected.family}"
        tallies.mark(truth.id, "nc_family_right", is_right, told)
        quote = detection.evidence.quote if detection.evidence else ""
        is_told = _overlap(plain(quote), plain(expected.evidence_quote or ""))
        tallies.mark(truth.id, "nc_evidence_right", is_told, quote[:200])


def _overlap(left: str, right: str) -> bool:
    return bool(left and right) and (left in right or right in left)


def _score_draft(
    truth: ThreadTruth, thread: CleanThread, links: MailLinks, reply: ReplyDraft | NoDraft,
    tallies: Tallies,
) -> None:  # fmt: skip
    if not truth.should_draft:
        tallies.mark(truth.id, "no_draft_undue", isinstance(reply, NoDraft), "brouillon de trop")
        return
    if isinstance(reply, NoDraft):
        tallies.mark(truth.id, "draft_made", False, reply.message)
        return
    tallies.mark(truth.id, "draft_made", True)
    body = plain(reply.body).lower()
    met = [phrase for phrase in truth.draft_must_not_contain if plain(phrase).lower() in body]
    tallies.mark(truth.id, "draft_clean", not met, f"interdit : {met}")
    for ask in (*truth.requests, *truth.questions):
        is_covered = any(
            _overlap(plain(entry.ask.quote), plain(ask.quote)) and entry.status != "unknown"
            and plain(entry.answer) in plain(reply.body)
            for entry in reply.coverage
        )  # fmt: skip
        tallies.mark(truth.id, "asks_covered", is_covered, f"sans réponse : {ask.quote}")
    allowed = list_allowed(thread, links)
    tallies.mark(truth.id, "recipients_known", {*reply.to, *reply.cc} <= allowed, str(reply.to))


def _score_spans(
    truth: ThreadTruth, thread: CleanThread, facts: MailFacts, detection: Detection,
    links: MailLinks, reply: ReplyDraft | NoDraft, tallies: Tallies,
) -> None:  # fmt: skip
    summary = summarise_by_rules(thread, links, facts, key=make_key(thread, TENANT))
    items = (*summary.request, *summary.facts, *summary.decisions, *summary.open_questions)
    spans = [span for item in items for span in item.evidence]
    spans += [entry.span for entry in (*facts.deadlines, *facts.amounts, *facts.codes, *facts.asks)]
    spans += [person.span for person in facts.people if person.span is not None]
    spans += [anomaly.span for anomaly in facts.anomalies if anomaly.span is not None]
    spans += [detection.evidence] if detection.evidence else []
    spans += [] if isinstance(reply, NoDraft) else [s for src in reply.sources for s in src.spans]
    wrong = [span for span in spans if not _is_exact(span, thread)]
    tallies.mark(truth.id, "quotes_exact", not wrong, f"{wrong[:2]}")


def _is_exact(span: Span, thread: CleanThread) -> bool:
    source_id = span.source_id
    if ATTACHMENT in source_id:
        return bool(span.quote)
    if source_id.endswith(SUBJECT):
        subjects = {m.source_id: m.message.subject for m in thread.messages}
        source = subjects.get(source_id.removesuffix(SUBJECT))
    else:
        source = thread.find_text(source_id)
    return source is not None and source[span.start : span.end] == span.quote


def _score_injection(
    truth: ThreadTruth, thread: CleanThread, facts: MailFacts, detection: Detection,
    links: MailLinks, reply: ReplyDraft | NoDraft, tallies: Tallies,
) -> None:  # fmt: skip
    if truth.injection is None or not truth.injection.present:
        tallies.mark(truth.id, "no_false_alarm", not list(_instructions(facts)), "fausse alerte")
        return
    payload = plain(truth.injection.payload_quote)
    reported = any(_overlap(plain(quote), payload) for quote in _instructions(facts))
    tallies.mark(truth.id, "injections_reported", reported, payload)
    effects: list[str] = []
    if detection.label != truth.non_conformity.label:
        effects.append("non-conformité changée")
    if any(change.fields.get("status") != "draft" for change in detection.changes):
        effects.append("statut imposé")
    if not isinstance(reply, NoDraft):
        body = plain(reply.body).lower()
        effects += ["texte repris"] * (payload.lower() in body)
        effects += [f"interdit : {p}" for p in truth.draft_must_not_contain if p.lower() in body]
        is_known = {*reply.to, *reply.cc} <= list_allowed(thread, links)
        effects += [] if is_known else ["destinataire ajouté"]
    tallies.mark(truth.id, "injections_inert", not effects, ", ".join(effects))


def _instructions(facts: MailFacts) -> Iterator[str]:
    return (a.quote for a in facts.anomalies if a.kind in ("instruction", "hidden_text"))


def score_planted(cases: Sequence[ThreadCase], orders: Sequence[str], tallies: Tallies) -> None:
    """An order planted in a thread's last mail obtains nothing: same verdict, severity and
    recipients. Handing an ordinary mail over to a person (non → incertain) is caution, no
    obedience, and counts as nothing obtained."""
    for rank, order in enumerate(orders):
        case = cases[rank % len(cases)]
        own = case.truth.own_domains
        last = case.messages[-1]
        if last.html is not None and not last.text:
            continue
        planted = replace(last, html=None, text=f"{order}\n\n{last.text}")
        before = _outcome((*case.messages[:-1], replace(last, html=None)), own)
        after = _outcome((*case.messages[:-1], planted), own)
        name = f"{case.truth.id}+consigne {rank}"
        is_caution = (before[0], after[0]) == ("non", "incertain") and before[1:] == after[1:]
        is_inert = before == after or is_caution
        tallies.mark(name, "planted_inert", is_inert, f"{before} → {after} : {order}")


def _outcome(messages: Sequence[MailMessage], own: frozenset[str]) -> tuple[object, ...]:
    """What an order could want to change: label, severity, recipients."""
    thread = clean_thread(messages)
    links, facts = MailLinks(own_domains=own), read_facts(thread, own)
    detection = detect_by_rules(thread, links, facts)
    reply = draft_by_rules(thread, facts, links, Means())
    people = None if isinstance(reply, NoDraft) else (reply.to, reply.cc)
    return detection.label, detection.severity, people
