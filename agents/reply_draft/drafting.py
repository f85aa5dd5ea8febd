"""Drafts of replies: rules always, the model's sentences where they are proved; never sent."""

from __future__ import annotations

import datetime as dt
import re
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
from agents.reply_draft.rules.answers import (
    MOST_TOLD,
    Answer,
    answer_from_articles,
    answer_from_crm,
    asks_term,
)
from agents.reply_draft.rules.claims import find_commitments, hide_ibans
from agents.reply_draft.rules.phrases import Phrases, find_phrases, tell_intent
from agents.reply_draft.rules.recipients import Recipients, choose_recipients
from agents.reply_draft.rules.templates import (
    choose_template,
    fill_template,
    is_signed,
    list_values,
)
from agents.reply_draft.style import greet
from agents.reply_draft.wording import apply_wording, ask_model
from agents.reply_draft.writing import Body
from agents.thread_contracts import find_contracts
from core.context import PARIS, Context
from core.engine.errors import EngineError
from core.engine.provenance import Provenance
from core.engine.structured import reject_answer
from core.formats import format_date
from core.spans import Span
from ingest.mail.bodies import digest_body
from ingest.mail.classification import GRATITUDE
from ingest.mail.facts import Ask, Deadline, MailFacts
from ingest.mail.folding import fold
from ingest.mail.links import ContractRow, MailLinks
from ingest.mail.reading import list_unanswered
from ingest.mail.recurrence import is_repeated
from ingest.mail.subjects import bare_subject, reply_subject
from ingest.mail.thread import CleanMessage, CleanThread

RULES = Provenance("moteur déterministe", is_model=False)
WEIGHTS: dict[Coverage, float] = {"answered": 1.0, "deferred": 0.5, "unknown": 0.0}
ASKS_TO_KNOW = re.compile(
    r"\b(?:savoir|dire|dites|indiquer|indiquez|preciser|precisez|confirmer|confirmez|rappeler|communiquer|connaitre)\b"
)
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
    today: dt.date | None = None
    """The day the reply is written; that of the message it answers when not given."""


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
    means = Means(templates, articles, style or Style(), signalled, author, context.today)
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
    return _write(_Scene(thread, facts, links, means, answered), recipients)


def _is_only_dictated(facts: MailFacts, answered: CleanMessage) -> bool:
    """Tell whether a message gives orders to a machine and asks nothing else."""
    orders = [a.span for a in facts.anomalies if a.kind == "instruction" and a.span is not None]
    return not facts.asks and any(o.source_id == answered.source_id for o in orders)


@dataclass(frozen=True)
class _Scene:
    """What a reply is written from."""

    thread: CleanThread
    facts: MailFacts
    links: MailLinks
    means: Means
    answered: CleanMessage

    @property
    def phrases(self) -> Phrases:
        return find_phrases(self.answered.language)

    @property
    def today(self) -> dt.date:
        return self.means.today or self.answered.message.sent_at.astimezone(PARIS).date()

    @property
    def words(self) -> str:
        """What the other side wrote since our last message, and its subject."""
        waiting = list_unanswered(self.thread, self.links.own_domains)
        return "\n".join((self.answered.message.subject, *(m.new_text for m in waiting)))

    @property
    def contracts(self) -> tuple[ContractRow, ...]:
        return find_contracts(self.facts, self.links, self.words)

    @property
    def limits(self) -> tuple[Deadline, ...]:
        """The days still to come by which something is asked."""
        return tuple(one for one in self.facts.limits if one.on >= self.today)

    @property
    def is_complaint(self) -> bool:
        return self.means.signalled is not None or self.facts.category == "non_conformite"


def _write(scene: _Scene, recipients: Recipients) -> ReplyDraft:
    answered, body = scene.answered, Body()
    missing, is_closed = _open(body, scene)
    _tell_signalled(body, scene)
    coverage = _cover(body, scene)
    _note_deadlines(body, scene)
    if not coverage:
        _close_without_asks(body, scene)
    if not is_closed:
        _sign(body, scene.means, scene.phrases)
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


def _open(body: Body, scene: _Scene) -> tuple[tuple[str, ...], bool]:
    """The first words: what an approved template lacks, and whether it closes the reply too."""
    facts, means, answered, phrases = scene.facts, scene.means, scene.answered, scene.phrases
    template = choose_template(means.templates, facts, answered.language)
    if template is not None:
        limit = scene.limits[0].on if scene.limits else None
        values = list_values(answered, scene.links, means.author, scene.contracts, limit)
        text, missing = fill_template(template.body, values)
        body.add(hide_ibans(text), "template", record=f"document_templates:{template.id}")
        return missing, is_signed(text)
    contact = scene.links.contact
    name = answered.message.sender.name or (contact.name if contact else "")
    usual = phrases.greeting.format(name=f" {name}" if name else "")
    greeting = greet(means.style.greeting, name) if means.style.greeting else usual
    body.add(greeting, "style" if means.style.greeting else "template")
    subject = bare_subject(answered.message.subject)
    if GRATITUDE.search(fold(answered.new_text)) and not (facts.asks or scene.is_complaint):
        body.add(phrases.thanks, "template")
    elif subject:
        body.add(hide_ibans(phrases.received.format(subject=subject)), "thread")
    else:
        body.add(phrases.received_bare, "template")
    return (), False


def _tell_signalled(body: Body, scene: _Scene) -> None:
    signalled = scene.means.signalled
    if signalled is not None:
        quote = hide_ibans(" ".join(signalled.quote.split()).rstrip(" .,;:!"))
        body.add(scene.phrases.signalled.format(quote=quote), "thread", signalled)
    if scene.is_complaint and is_repeated(fold(scene.words)):
        body.add(scene.phrases.repeated, "template", before=" " if signalled else "\n\n")


def _cover(body: Body, scene: _Scene) -> tuple[CoveredAsk, ...]:
    """A line for each ask, numbered where there are several: answered from the CRM or the
    knowledge base, else announced."""
    asks, phrases = scene.facts.asks, scene.phrases
    if len(asks) > 1:
        body.add(phrases.points, "template")
    coverage: list[CoveredAsk] = []
    for number, ask in enumerate(asks, 1):
        answer, status = _answer(ask, scene)
        line = _take_up(ask, answer.text, scene)
        told = line if len(asks) == 1 else f"{number}. {line}"
        before = "\n\n" if len(asks) == 1 else "\n"
        body.add(told, answer.kind, ask.span, record=answer.record or None, before=before)
        coverage.append(CoveredAsk(ask.span, status, answer.text))
    return tuple(coverage)


def _take_up(ask: Ask, answer: str, scene: _Scene) -> str:
    """An ask, quoted unless the reply has just quoted it, and its answer."""
    signalled = scene.means.signalled
    if signalled is not None and _overlap(signalled, ask.span):
        return scene.phrases.point.format(answer=answer)
    phrases, quote = scene.phrases, hide_ibans(" ".join(ask.span.quote.split()).rstrip(" ."))
    if len(scene.facts.asks) > 1:
        return phrases.numbered.format(quote=quote, answer=answer)
    frame = phrases.question if ask.kind == "question" else phrases.request
    return frame.format(quote=quote, answer=answer)


def _overlap(left: Span, right: Span) -> bool:
    return left.source_id == right.source_id and left.start < right.end and right.start < left.end


def _answer(ask: Ask, scene: _Scene) -> tuple[Answer, Coverage]:
    text, contracts = ask.span.quote, scene.contracts
    crm = answer_from_crm(text, contracts, scene.today) if ask.kind == "question" or (
        ASKS_TO_KNOW.search(fold(text))) else None  # fmt: skip
    found = crm or answer_from_articles(text, scene.means.articles)
    if found is not None:
        return found, "deferred" if found.is_partial else "answered"
    intent = _tell_intent(ask, scene)
    status: Coverage = "answered" if intent in ("bank", "contact_update") else "deferred"
    return Answer(str(getattr(scene.phrases, intent)), "template", ""), status


def _tell_intent(ask: Ask, scene: _Scene) -> str:
    text, is_question = ask.span.quote, ask.kind == "question"
    has_fraud = any(a.kind in ("bank_details", "look_alike") for a in scene.facts.anomalies)
    intent = tell_intent(text, is_question=is_question, has_fraud=has_fraud)
    if intent == "action" and scene.is_complaint:
        return "demand"
    if intent == "deferred" and len(scene.contracts) > MOST_TOLD and asks_term(text):
        return "which_contract"
    return intent


def _note_deadlines(body: Body, scene: _Scene) -> None:
    """The days by which something is asked, with the date of those told from the mail's day."""
    for limit in [one for one in scene.limits if one.place == "new"][:3]:
        if format_date(limit.on) in body.text:
            continue
        raw = " ".join(limit.raw.rstrip(" .,;").split())
        is_dated = not limit.is_relative
        frame = scene.phrases.noted_deadline if is_dated else scene.phrases.noted_relative
        body.add(frame.format(raw=raw, day=format_date(limit.on)), "thread", limit.span)


def _close_without_asks(body: Body, scene: _Scene) -> None:
    phrases, category = scene.phrases, scene.facts.category
    if scene.is_complaint:
        body.add(phrases.followed, "template")
    elif GRATITUDE.search(fold(scene.answered.new_text)):
        return
    elif category == "relance":
        body.add(phrases.chased, "template")
    else:
        body.add(phrases.detail if category == "injection" else phrases.nothing_asked, "template")


def _sign(body: Body, means: Means, phrases: Phrases) -> None:
    body.add(means.style.closing or phrases.closing, "style" if means.style.closing else "template")
    signature = means.style.signature or means.author
    if signature:
        body.add(signature, "style")
