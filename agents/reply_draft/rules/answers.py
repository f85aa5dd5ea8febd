"""Answers that the CRM or the knowledge base gives to an ask; none is guessed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agents.reply_draft.models import Article, SourceKind
from core.formats import format_date, format_quantity
from ingest.mail.folding import fold
from ingest.mail.links import ContractRow, MailLinks
from ingest.mail.sentences import split_sentences

NOTICE = re.compile(r"\bpreavis\b|\bnotice period\b")
END = re.compile(
    r"\b(?:date de fin|echeance|se termine|prend fin|fin du contrat|expire|arrive a terme|end date)\b"
)
PRICE = re.compile(
    r"\b(?:quel (?:est le |est notre )?prix|prix (?:du|de notre|actuel)|combien (?:paie|payons)|tarif actuel)\b"
)
INDEXED = re.compile(r"\bindex(?:e|ation)\w*\b")
WORDS = re.compile(r"[a-z]{4,}")
IDLE = frozenset(
    """vous nous avec pour dans cette votre notre leur mais donc alors etre avoir faire est-ce peut
    peuvent pouvez pourriez merci bien aussi comme plus tout tous toute quel quelle quels""".split()
)
ENOUGH = 0.6


@dataclass(frozen=True)
class Answer:
    """An answer and the record or article it comes from."""

    text: str
    kind: SourceKind
    record: str


def answer_from_crm(ask: str, links: MailLinks) -> Answer | None:
    """What the one contract the thread speaks of says of its notice, end or price."""
    contract = find_contract(links)
    if contract is None:
        return None
    folded = fold(ask)
    text = None
    if NOTICE.search(folded) and contract.notice_days is not None:
        text = f"selon notre dossier, le préavis du contrat {contract.reference} est de {format_quantity(contract.notice_days, 'jours')}."
    elif END.search(folded) and contract.end_on is not None:
        text = f"selon notre dossier, le contrat {contract.reference} se termine le {format_date(contract.end_on)}."
    elif PRICE.search(folded) and contract.price_eur_per_mwh is not None:
        price = format_quantity(contract.price_eur_per_mwh, "€/MWh")
        text = f"selon notre dossier, le prix du contrat {contract.reference} est de {price}."
    return Answer(text, "crm", f"contracts:{contract.id}") if text else None


def find_contract(links: MailLinks) -> ContractRow | None:
    """The contract surely named, else the client's only running one."""
    named = links.find_record("contracts")
    if named is not None:
        return next((c for c in links.contracts if c.id == named.id), None)
    return links.contracts[0] if len(links.contracts) == 1 else None


def answer_from_articles(ask: str, articles: Sequence[Article]) -> Answer | None:
    """The sentence in force that holds most of the ask's telling words, quoted with its title."""
    wanted = set(WORDS.findall(fold(ask))) - IDLE
    if len(wanted) < 2:
        return None
    best: tuple[float, str, Article] | None = None
    for article in articles:
        for sentence in split_sentences(article.text):
            share = len(wanted & set(WORDS.findall(fold(sentence.text)))) / len(wanted)
            if best is None or share > best[0]:
                best = (share, sentence.text, article)
    if best is None or best[0] < ENOUGH:
        return None
    text = f"«\u00a0{' '.join(best[1].split())}\u00a0» ({best[2].title})."
    return Answer(text, "knowledge", f"kb_articles:{best[2].id}")
