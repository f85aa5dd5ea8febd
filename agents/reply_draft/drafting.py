"""Drafts of replies: rules always, the model's sentences where they are proved; never sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from agents.reply_draft.models import (
    MISSING,
    Article,
    Coverage,
    CoveredAsk,
    NoDraft,
    ReplyDraft,
    Style,
    Template,
)
from agents.reply_draft.rules.answers import Answer, answer_from_articles, answer_from_crm
from agents.reply_draft.rules.claims import find_commitments, hide_ibans
from agents.reply_draft.rules.phrases import Phrases, find_phrases, tell_intent
from agents.reply_draft.rules.recipients import Recipients, choose_recipients
from agents.reply_draft.rules.templates import choose_template, fill_template, list_values
from agents.reply_draft.wording import apply_wording, ask_model
from agents.reply_draft.writing import Body
from core.context import Context
from core.engine.errors import EngineError
from core.engine.provenance import Provenance
from core.engine.structured import reject_answer
from core.spans import Span
from ingest.mail.bodies import digest_body
from ingest.mail.classification import GRATITUDE
from ingest.mail.facts import Ask, MailFacts
from ingest.mail.folding import fold
from ingest.mail.links import MailLinks
from ingest.mail.reading import list_unanswered
from ingest.mail.subjects import reply_subject
from ingest.mail.thread import CleanMessage, CleanThread

RULES = Provenance("moteur déterministe", is_model=False)
WEIGHTS: dict[Coverage, float] = {"answered": 1.0, "deferred": 0.5, "unknown": 0.0}
DICTATES = (
    "Le message donne des consignes à un assistant et ne demande rien d’autre\u00a0: aucun "
    "brouillon. Vérifiez l’expéditeur."
)
NO_DRAFT = {
    "no_reply": "L’expéditeur ne lit pas les réponses\u00a0: aucun brouillon.",
    "list": "Message de liste ou lettre d’information\u00a0: aucun brouillon.",
    "auto_reply": "Réponse automatique\u00a0: aucun brouillon.",
}


@dataclass(frozen=True)
class Means:
    """What a reply may draw on, beside the thread: all of it approved or in force."""

    templates: Sequence[Template] = ()
    articles: Sequence[Article] = ()
    style: Style = field(default_factory=Style)
    signalled: Span | None = None
    author: str = ""


async def draft(
    context: Context,
    thread: CleanThread,
    facts: MailFacts,
    links: MailLinks,
    *,
    templates: Sequence[Template] = (),
    articles: Sequence[Article] = (),
    style: Style | None = None,
    signalled: Span | None = None,
) -> ReplyDraft | NoDraft:
    """A draft of reply to the last message of the other side, or why none is due.

    `signalled` is the evidence of a non-conformity found in the thread. Nothing is sent, nothing
    is stored; a model that fails leaves the rules' draft, with the reason.
    """
    author = context.identity.full_name
    means = Means(templates, articles, style or Style(), signalled, author)
    ruled = draft_by_rules(thread, facts, links, means)
    if isinstance(ruled, NoDraft) or not context.engine.is_model:
        return ruled
    try:
        wording, provenance = await ask_model(context, thread, facts, links, ruled, articles)
        told = apply_wording(wording, ruled, thread, links, articles)
        if told is None:
            await reject_answer(context.engine)
    except EngineError as error:
        return replace(ruled, provenance=Provenance(RULES.engine, False, None, error.message))
    body, coverage, dropped = told
    return _finish(ruled, body, coverage, provenance, dropped)


def draft_by_rules(
    thread: CleanThread, facts: MailFacts, links: MailLinks, means: Means
) -> ReplyDraft | NoDraft:
    """The rules' draft alone. Pure."""
    if facts.kind != "person":
        return NoDraft(facts.kind, NO_DRAFT[facts.kind])
    unanswered = list_unanswered(thread, links.own_domains)
    if not unanswered:
        return NoDraft("own_message", "Le dernier message est le vôtre\u00a0: rien à répondre.")
    answered = unanswered[-1]
    if means.signalled is None and _is_only_dictated(facts, answered):
        return NoDraft("instruction", DICTATES)
    recipients = choose_recipients(thread, answered.message, links)
    if not recipients.to:
        return NoDraft("no_recipient", " ".join(recipients.refused) or "Expéditeur inconnu.")
    return _write(facts, links, means, answered, recipients)


def _is_only_dictated(facts: MailFacts, answered: CleanMessage) -> bool:
    """Tell whether a message gives orders to a machine and asks nothing else."""
    orders = [a.span for a in facts.anomalies if a.kind == "instruction" and a.span is not None]
    return not facts.asks and any(o.source_id == answered.source_id for o in orders)


def _write(
    facts: MailFacts, links: MailLinks, means: Means, answered: CleanMessage, recipients: Recipients
) -> ReplyDraft:  # fmt: skip
    phrases = find_phrases(answered.language)
    body = Body()
    missing = _open(body, facts, links, means, answered, phrases)
    _tell_signalled(body, means, phrases)
    coverage = _cover(body, facts, links, means, phrases)
    _note_deadlines(body, facts, phrases)
    if not coverage:
        _close_without_asks(body, facts, means, answered, phrases)
    _sign(body, means, phrases)
    first = ReplyDraft(
        subject=reply_subject(answered.message.subject),
        body=body.text,
        language=answered.language if answered.language == "fr" else "en",
        to=recipients.to,
        cc=recipients.cc,
        in_reply_to=answered.source_id,
        sources=tuple(body.sources),
        missing=missing,
        coverage=coverage,
        confidence=0.0,
        review=(),
        refused=recipients.refused,
        body_sha256="",
        provenance=RULES,
    )
    return _finish(first, body, coverage, RULES, 0)


def _finish(
    first: ReplyDraft, body: Body, coverage: tuple[CoveredAsk, ...], provenance: Provenance,
    dropped: int,
) -> ReplyDraft:  # fmt: skip
    """The draft with what follows from its final text: confidence, review, digest."""
    review = tuple(f"Engagement\u00a0: {name}." for name in find_commitments(body.text))
    if first.missing or MISSING in body.text:
        review += ("Éléments à compléter.",)
    if any(entry.status != "answered" for entry in coverage):
        review += ("Réponse annoncée ou absente sur au moins un point.",)
    return replace(
        first,
        body=body.text,
        sources=tuple(body.sources),
        coverage=coverage,
        confidence=rate_confidence(coverage, len(first.missing)),
        review=review + tuple(f"Destinataire écarté\u00a0: {r}" for r in first.refused),
        body_sha256=digest_body(body.text),
        provenance=provenance,
        dropped=dropped,
    )


def rate_confidence(coverage: Sequence[CoveredAsk], missing: int) -> float:
    """The mean weight of the points (1 answered, 0.5 deferred, 0 unknown; 1 without a point),
    less a tenth for each missing fact."""
    mean = sum(WEIGHTS[c.status] for c in coverage) / len(coverage) if coverage else 1.0
    return round(max(0.0, mean - 0.1 * missing), 2)


def _open(
    body: Body, facts: MailFacts, links: MailLinks, means: Means, answered: CleanMessage,
    phrases: Phrases,
) -> tuple[str, ...]:  # fmt: skip
    template = choose_template(means.templates, facts, answered.language)
    if template is not None:
        values = list_values(answered, links, means.author)
        text, missing = fill_template(template.body, values)
        body.add(hide_ibans(text), "template", record=f"document_templates:{template.id}")
        return missing
    name = answered.message.sender.name
    greeting = means.style.greeting or phrases.greeting.format(name=f" {name}" if name else "")
    body.add(greeting, "style" if means.style.greeting else "template")
    if GRATITUDE.search(fold(answered.new_text)) and not facts.asks:
        body.add(phrases.thanks, "template")
    else:
        subject = " ".join(answered.message.subject.split()) or "(sans objet)"
        body.add(hide_ibans(phrases.received.format(subject=subject)), "thread")
    return ()


def _tell_signalled(body: Body, means: Means, phrases: Phrases) -> None:
    if means.signalled is not None:
        quote = hide_ibans(" ".join(means.signalled.quote.split()).rstrip(" .,;:!"))
        body.add(phrases.signalled.format(quote=quote), "thread", means.signalled)


def _cover(
    body: Body, facts: MailFacts, links: MailLinks, means: Means, phrases: Phrases
) -> tuple[CoveredAsk, ...]:
    """A line for each ask: answered from the CRM or the knowledge base, else announced."""
    if facts.asks:
        body.add(phrases.points, "template")
    coverage: list[CoveredAsk] = []
    has_fraud = any(a.kind in ("bank_details", "look_alike") for a in facts.anomalies)
    for ask in facts.asks:
        answer, status = _answer(ask, links, means, phrases, has_fraud=has_fraud)
        line = (
            f"- «\u00a0{hide_ibans(' '.join(ask.span.quote.split()))}\u00a0»\u00a0: {answer.text}"
        )
        body.add(line, answer.kind, ask.span, record=answer.record or None, before="\n")
        coverage.append(CoveredAsk(ask.span, status, answer.text))
    return tuple(coverage)


def _answer(
    ask: Ask, links: MailLinks, means: Means, phrases: Phrases, *, has_fraud: bool
) -> tuple[Answer, Coverage]:
    text = ask.span.quote
    found = answer_from_crm(text, links) or answer_from_articles(text, means.articles)
    if found is not None:
        return found, "answered"
    intent = tell_intent(text, is_question=ask.kind == "question", has_fraud=has_fraud)
    status: Coverage = "answered" if intent in ("bank", "contact_update") else "deferred"
    return Answer(str(getattr(phrases, intent)), "template", ""), status


def _note_deadlines(body: Body, facts: MailFacts, phrases: Phrases) -> None:
    told = [d for d in facts.deadlines if d.place == "new"][:3]
    for deadline in sorted(told, key=lambda d: d.on):
        raw = " ".join(deadline.raw.split())
        body.add(phrases.noted_deadline.format(raw=raw), "thread", deadline.span)


def _close_without_asks(
    body: Body, facts: MailFacts, means: Means, answered: CleanMessage, phrases: Phrases
) -> None:
    if GRATITUDE.search(fold(answered.new_text)):
        return
    needs_detail = means.signalled is not None or facts.category in ("relance", "injection")
    body.add(phrases.detail if needs_detail else phrases.nothing_asked, "template")


def _sign(body: Body, means: Means, phrases: Phrases) -> None:
    body.add(means.style.closing or phrases.closing, "style" if means.style.closing else "template")
    signature = means.style.signature or means.author
    if signature:
        body.add(signature, "style")
