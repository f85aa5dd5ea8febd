"""A thread summed up by rules: what is asked, told, decided, left open."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Sequence

from agents.email_summary.models import Item, Tone
from agents.thread_contracts import find_contracts, speaks_of_end
from core.formats import format_date
from core.spans import Span
from ingest.mail.anomalies import is_instruction
from ingest.mail.asks import list_asks
from ingest.mail.facts import CATEGORY_LABELS, MailFacts
from ingest.mail.folding import fold
from ingest.mail.links import ContractRow, MailLinks
from ingest.mail.reading import list_incoming, list_unanswered
from ingest.mail.sentences import Sentence, split_sentences
from ingest.mail.signatures import is_closing
from ingest.mail.thread import CleanMessage, CleanThread

SHORT_WORDS = 25
FACT_LIMIT = 8
GREETING = re.compile(
    r"^(?:re,?|(?:re)?bonjour|bonsoir|salut|hello|hi|dear|cher|chere|coucou|madame|monsieur|mesdames|messieurs)\b.{0,40}$"
)
DECISION = re.compile(
    r"\b(?:nous (?:acceptons|retenons|confirmons|validons|avons (?:decide|signe|choisi|retenu))|c'est (?:d'accord|valide|ok|note)|je (?:valide|confirme|retiens)|on (?:part|valide|signe)|vous pouvez (?:lancer|signer|y aller)|ci-joint .{0,40}sign|bon pour accord|decision (?:prise|votee)|deliberation .{0,30}votee?|oui volontiers|d'accord pour|we (?:agree|accept|confirm))\b"
)
CALM: tuple[Tone, ...] = ("neutral", "friendly", "worried")
FIGURE = re.compile(r"\d")
TONES: tuple[tuple[Tone, re.Pattern[str]], ...] = (
    ("angry", re.compile(r"\b(?:vol|voleurs?|scandal\w*|hont\w*|inadmissible|inacceptable|lamentable|furieu\w*|escro\w*|se moqu\w*|a quoi vous serv)\b|!!!|\?\?\?")),
    ("annoyed", re.compile(r"\b(?:nous exigeons|(?:deux|trois|quatr|cinqu|eni)ieme fois que|mediateur|chapeau|bravo|reactivite|penible|decu\w*|mecontent\w*|toujours (?:pas|rien)|avant d'aller (?:plus loin|voir ailleurs)|j'exige|mettre en demeure|imbecile|prouesse|justement|marre|agac\w*|deuxieme fois|erreur grossiere)\b")),
    ("worried", re.compile(r"\b(?:inquiet\w*|inquiete|urgent\w*|doute|bizarre|peur|souci|crains?|au plus vite|en attente)\b")),
    ("friendly", re.compile(r"\b(?:merci beaucoup|un grand merci|super|parfait|top|bises|coucou|amicale?|avec plaisir|volontiers|beau boulot|merci !!)")),
)  # fmt: skip


def is_short(thread: CleanThread) -> bool:
    """A single short message says it all."""
    words = sum(len(message.new_text.split()) for message in thread.messages)
    return len(thread.messages) == 1 and words < SHORT_WORDS


def list_requests(facts: MailFacts) -> tuple[Item, ...]:
    """What is asked, in the client's words."""
    return tuple(_item(ask.span) for ask in facts.asks)


def list_facts(thread: CleanThread, own_domains: Collection[str]) -> tuple[Item, ...]:
    """The sentences that tell something, those with figures first to be kept; thread order."""
    told: list[tuple[int, Item, bool]] = []
    for rank, message in enumerate(list_incoming(thread, own_domains) or thread.messages):
        asked = {ask.span.start for ask in list_asks(message)}
        for sentence in split_sentences(message.mask("new")):
            if sentence.start not in asked and is_telling(sentence):
                span = message.span(sentence.start, sentence.end)
                told.append((rank, _item(span), bool(FIGURE.search(span.quote))))
    kept = sorted(told, key=lambda entry: not entry[2])[:FACT_LIMIT]
    return tuple(item for _, item, _ in sorted(kept, key=lambda e: (e[0], e[1].evidence[0].start)))


def is_telling(sentence: Sentence) -> bool:
    """Neither a greeting, a formula nor an order to a machine, and more than a word or two."""
    folded = fold(sentence.text)
    return not (
        GREETING.match(folded.rstrip(" ,!")) or is_closing(sentence.text)
        or is_instruction(sentence.text)
        or (len(folded.split()) < 4 and not FIGURE.search(folded))
    )  # fmt: skip


def list_decisions(thread: CleanThread) -> tuple[Item, ...]:
    """What either side says it decides, accepts or confirms."""
    return tuple(
        _item(message.span(sentence.start, sentence.end))
        for message in thread.messages
        for sentence in split_sentences(message.mask("new"))
        if DECISION.search(fold(sentence.text))
        and not sentence.text.rstrip().endswith("?")
        and not is_instruction(sentence.text)
    )


def list_open_questions(thread: CleanThread, facts: MailFacts, own_domains: Collection[str]) -> tuple[Item, ...]:  # fmt: skip
    """The client's questions without answer, then ours that they have not answered."""
    theirs = tuple(_item(ask.span) for ask in facts.questions)
    if list_unanswered(thread, own_domains) or not thread.messages:
        return theirs
    return theirs + tuple(
        _item(ask.span) for ask in list_asks(thread.last) if ask.kind == "question"
    )


def tell_tone(messages: Sequence[CleanMessage]) -> Tone:
    """The tone of the last message."""
    if not messages:
        return "neutral"
    text = messages[-1].new_text
    folded = fold(text)
    letters = [char for char in text if char.isalpha()]
    if letters and sum(char.isupper() for char in letters) > 0.5 * len(letters) > 20:
        return "angry"
    for tone, pattern in TONES:
        if pattern.search(folded):
            return tone
    return "neutral"


def list_ending(thread: CleanThread, facts: MailFacts, links: MailLinks) -> tuple[ContractRow, ...]:
    """The client's contracts whose end or notice the thread speaks of; none when it does not."""
    messages = list_incoming(thread, links.own_domains) or list(thread.messages)
    words = "\n".join((messages[-1].message.subject, *(m.new_text for m in messages)))
    is_told = any(d.nature == "contract_end" for d in facts.deadlines) or speaks_of_end(words)
    return find_contracts(facts, links, words) if is_told else ()


def tell_next_action(
    facts: MailFacts,
    ending: Sequence[ContractRow] = (),
    today: dt.date | None = None,
    tone: Tone = "neutral",
) -> str:
    """What the broker would do next, with the nearest limit and, where the thread speaks of the
    end of the contracts `ending`, the last day of their notice."""
    if facts.kind != "person":
        return "Aucune réponse attendue."
    if any(a.kind in ("bank_details", "look_alike") for a in facts.anomalies):
        return "Appeler le client à un numéro connu avant toute réponse\u00a0: tentative de fraude possible."
    if not facts.asks and any(a.kind == "instruction" for a in facts.anomalies):
        return "Ne pas répondre avant d’avoir vérifié l’expéditeur\u00a0: consignes adressées à un assistant."
    limits = [one.on for one in facts.limits if today is None or one.on >= today]
    limit = f" au plus tard le {format_date(limits[0])}" if limits else ""
    notice = _tell_notice(ending, today)
    if not facts.asks:
        told = "aucune demande relevée" if tone in CALM else "mécontentement à traiter"
        return f"Prendre connaissance\u00a0; {told}{limit}.{notice}"
    count = len(facts.asks)
    what = "à la demande" if count == 1 else f"aux {count} demandes"
    return f"{CATEGORY_LABELS[facts.category]}\u00a0: répondre {what}{limit}.{notice}"


def _tell_notice(ending: Sequence[ContractRow], today: dt.date | None) -> str:
    """The nearest last day of notice, as a sentence after another; empty when none is known."""
    dated = [(c.notice_limit_on, c.reference) for c in ending if c.notice_limit_on is not None]
    if not dated:
        return ""
    coming = [one for one in dated if today is None or one[0] >= today]
    day, reference = min(coming or dated)
    if not coming:
        late = f"limite passée depuis le {format_date(day)}, à vérifier"
        return f" Dénonciation du contrat {reference}\u00a0: {late}."
    return f" Dénonciation du contrat {reference} au plus tard le {format_date(day)}."


def _item(span: Span) -> Item:
    return Item(" ".join(span.quote.split()), (span,))
