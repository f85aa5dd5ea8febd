"""The model's sentences for a reply, each kept only when everything it asserts is known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from agents.reply_draft.models import Article, CoveredAsk, ReplyDraft, SourceKind
from agents.reply_draft.rules.claims import admits_fact, hide_ibans
from agents.reply_draft.writing import Body
from core.claims import ADDRESS, find_unproved
from core.context import Context
from core.engine.protocol import Message, Request, Text
from core.engine.provenance import Provenance
from core.engine.structured import ask_structured
from core.formats import format_date, format_quantity
from core.prompts import read_prompt
from core.spans import Span, find_span
from ingest.mail.anomalies import is_instruction
from ingest.mail.facts import MailFacts
from ingest.mail.fencing import fence_thread
from ingest.mail.links import MailLinks
from ingest.mail.thread import CleanThread

PROMPT = Path(__file__).parent / "prompt.md"
MAX_TOKENS = 2500


class Sentence(BaseModel):
    """Une phrase du brouillon et ce qui la prouve."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(max_length=600)]
    source: Annotated[
        Literal["thread", "crm", "knowledge", "courtesy"], Field(description="d’où elle vient")
    ]
    quote: Annotated[
        str, Field(max_length=600, description="passage du fil ou de la base, mot pour mot")
    ] = ""
    answers: Annotated[list[int], Field(description="numéros des points auxquels elle répond")] = []
    is_deferred: Annotated[bool, Field(description="vrai si elle annonce une réponse")] = False


class Wording(BaseModel):
    """Le corps du brouillon, phrase par phrase, sans formule de politesse finale."""

    model_config = ConfigDict(extra="forbid")

    sentences: Annotated[list[Sentence], Field(max_length=25)]


async def ask_model(
    context: Context, thread: CleanThread, facts: MailFacts, links: MailLinks, ruled: ReplyDraft,
    articles: Sequence[Article],
) -> tuple[Wording, Provenance]:  # fmt: skip
    """The model's wording and who gave it. Raises EngineError."""
    request = make_request(context, thread, facts, links, ruled, articles)
    wording = await ask_structured(context.engine, request, Wording)
    return wording, Provenance(context.engine.name, True, request.prompt_sha256)


def make_request(
    context: Context, thread: CleanThread, facts: MailFacts, links: MailLinks, ruled: ReplyDraft,
    articles: Sequence[Article],
) -> Request:  # fmt: skip
    """The request as sent: the prompt, then the thread fenced as data, then what is known."""
    prompt = read_prompt(PROMPT)
    points = "\n".join(f"{n}. {c.ask.quote}" for n, c in enumerate(ruled.coverage, 1))
    warning = "\n".join(f"Anomalie déjà relevée : {a.message}" for a in facts.anomalies)
    content = (
        f"{fence_thread(thread, links.own_domains)}\n{warning}\n"
        f"Points à traiter :\n{points or '(aucun)'}\n"
        f"Dossier :\n{describe_records(links) or '(rien)'}\n"
        f"Base de connaissances :\n{_describe_articles(articles) or '(rien)'}\n"
        f"Langue de la réponse : {ruled.language}. Rendez le brouillon en JSON."
    )
    return Request(
        use_case="reply_draft",
        tier="balanced",
        system=prompt.text,
        messages=(Message("user", (Text(content),)),),
        tools=(),
        today=context.today,
        max_tokens=MAX_TOKENS,
        prompt_sha256=prompt.sha256,
        record=f"emails:{ruled.in_reply_to}",
    )


def describe_records(links: MailLinks) -> str:
    """The rows a reply may quote, one a line."""
    lines = [f"Client : {links.account.name}"] if links.account else []
    for contract in links.contracts:
        cells = [f"Contrat {contract.reference}", contract.supplier]
        if contract.price_eur_per_mwh is not None:
            cells.append(format_quantity(contract.price_eur_per_mwh, "€/MWh"))
        if contract.end_on is not None:
            cells.append(f"fin le {format_date(contract.end_on)}")
        if contract.notice_days is not None:
            cells.append(f"préavis de {contract.notice_days} jours")
        lines.append(", ".join(cells))
    return "\n".join(lines)


def _describe_articles(articles: Sequence[Article]) -> str:
    return "\n".join(f"[{article.title}] {article.text[:1500]}" for article in articles[:8])


def apply_wording(
    wording: Wording, ruled: ReplyDraft, thread: CleanThread, links: MailLinks,
    articles: Sequence[Article],
) -> tuple[Body, tuple[CoveredAsk, ...], int] | None:  # fmt: skip
    """The body of the model's proved sentences, the coverage they make, how many were dropped;
    None where no sentence is proved.

    A point that no kept sentence takes up gets the rules' sentence, so that none is forgotten;
    greeting and closing stay the rules'.
    """
    known = _everything(thread, links, articles, ruled)
    kept = [
        (s, span)
        for s in wording.sentences
        if (span := _prove(s, thread, articles, links, known)) is not False
    ]
    if not kept:
        return None
    body = Body()
    first, last = (
        ruled.sources[0],
        [s for s in ruled.sources[-2:] if s.kind in ("style", "template")],
    )
    body.add(ruled.body[first.start : first.end], first.kind, record=first.record)
    for sentence, span in kept:
        spans = (span,) if isinstance(span, Span) else ()
        body.add(hide_ibans(sentence.text), _kind(sentence), *spans)
    coverage = tuple(_cover(n, entry, kept, body) for n, entry in enumerate(ruled.coverage, 1))
    for source in last:
        body.add(ruled.body[source.start : source.end], source.kind)
    return body, coverage, len(wording.sentences) - len(kept)


def _cover(
    number: int, ruled: CoveredAsk, kept: Sequence[tuple[Sentence, Span | None]], body: Body
) -> CoveredAsk:
    for sentence, _ in kept:
        if number in sentence.answers:
            is_answer = not sentence.is_deferred and sentence.source in (
                "crm",
                "knowledge",
                "thread",
            )
            return CoveredAsk(ruled.ask, "answered" if is_answer else "deferred", sentence.text)
    line = f"- «\u00a0{hide_ibans(' '.join(ruled.ask.quote.split()))}\u00a0»\u00a0: {ruled.answer}"
    body.add(line, "template", ruled.ask, before="\n")
    return ruled


def _kind(sentence: Sentence) -> SourceKind:
    return "template" if sentence.source == "courtesy" else sentence.source


def _prove(
    sentence: Sentence,
    thread: CleanThread,
    articles: Sequence[Article],
    links: MailLinks,
    known: str,
) -> Span | Literal[False] | None:
    """The span of the sentence's quote, None when it needs none, False when it is not proved."""
    if (
        find_unproved(sentence.text, known)
        or ADDRESS.search(sentence.text)
        or is_instruction(sentence.text)
    ):
        return False
    if sentence.source == "courtesy":
        return False if admits_fact(sentence.text) else None
    if sentence.source == "thread":
        for message in reversed(thread.messages):
            visible = message.mask("new", "quoted", "forwarded")
            span = find_span(message.source_id, visible, sentence.quote)
            if span is not None:
                return False if is_instruction(span.quote) else span
        return False
    sources = (
        [(a.id, a.text) for a in articles]
        if sentence.source == "knowledge"
        else [("crm", describe_records(links))]
    )
    for source_id, text in sources:
        if span := find_span(source_id, text, sentence.quote):
            return span
    return False


def _everything(
    thread: CleanThread, links: MailLinks, articles: Sequence[Article], ruled: ReplyDraft
) -> str:
    texts = [f"{m.message.subject}\n{m.text}\n{m.message.sender.name}" for m in thread.messages]
    return "\n".join((*texts, describe_records(links), _describe_articles(articles), ruled.body))
