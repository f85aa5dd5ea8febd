"""Answers that the CRM or the knowledge base gives to an ask; none is guessed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from agents.reply_draft.models import Article, SourceKind
from core.formats import format_date, format_quantity
from ingest.mail.folding import fold
from ingest.mail.links import ContractRow
from ingest.mail.sentences import split_sentences

NOTICE = re.compile(
    r"\bpreavis\b|\bnotice period\b|\bdenonc\w+|\bresili\w+|\bsortir du contrat\b|\bmettre fin\b|"
    r"\bquitter\b|\bne pas (?:renouveler|reconduire)\b|\bgive notice\b|\bterminat\w+"
)
WHEN = re.compile(
    r"\bpreavis\b|\bnotice\b|\bquand\b|\bquelles? (?:\w+ )?(?:date|delai|limite|echeance)|\bdate limite\b|\bdelais?\b|"
    r"\bderni(?:er|ere) (?:jour|date|limite)|\bcombien de (?:temps|jours|mois)|\btrop tard\b|\ba temps\b|"
    r"\bencore (?:temps|possible|denoncer|resilier)|\btoujours possible\b|\bavant quel\w*|\ba partir de quel\w*|\bwhen\b"
)
EARLY = re.compile(
    r"\bavant (?:l'echeance|son echeance|le terme|son terme|la fin|terme)\b|\banticip\w+|\bpenalit\w+|\bsans frais\b|\bindemnit\w+"
)
"""Leaving before the end: the dates alone do not tell."""
FORM = re.compile(
    r"\brecommandee?s?\b|\blrar\b|\baccuse de reception\b|\bpar (?:mail|courriel|courrier|ecrit|lettre|quel moyen)\b|\bquelle forme\b|\bsuffit\b"
)
RENEWAL = re.compile(
    r"\btacite\w*|\breconduc\w+|\b(?:reconduit|renouvelle|reconduire|renouvelable)\b.{0,20}\b(?:automatiquement|tout seul|d'office)|\bse (?:reconduit|renouvelle|reconduira|renouvellera)\b"
)
END = re.compile(
    r"\b(?:date de fin|echeance|se termine\w*|prend fin|prennent fin|fin (?:du|de notre|de mon|de nos|des) (?:contrats?|marches?)|expire\w*|finit|finissent|arrive\w* a (?:echeance|terme)|end date)\b"
)
PRICE = re.compile(
    r"\b(?:quel (?:est le |est notre )?prix|prix (?:du|de notre|actuel)|combien (?:paie|payons)|tarif actuel)\b"
)
WORDS = re.compile(r"[a-z]{4,}")
IDLE = frozenset(
    """quoi sert faut faudrait doit dois devons doivent avons avez sont quand comment combien pourquoi
    savoir dire bonjour etes suis serait possible pouvons puis souhaite souhaitons question
    vous nous avec pour dans cette votre notre leur mais donc alors etre avoir faire est-ce peut
    peuvent pouvez pourriez merci bien aussi comme plus tout tous toute quel quelle quels""".split()
)
ENOUGH = 0.75
MOST_TOLD = 3
CHECK_FORM = "\u00a0; nous vérifions la forme à respecter et vous l’indiquerons par écrit"
RENEWALS = {
    True: "se reconduit tacitement, sauf dénonciation,",
    False: "ne se reconduit pas tacitement et prend fin",
}


@dataclass(frozen=True)
class Answer:
    """An answer and the record or article it comes from; `is_partial`: the rest is announced."""

    text: str
    kind: SourceKind
    record: str
    is_partial: bool = False


def answer_from_crm(ask: str, contracts: Sequence[ContractRow], today: dt.date) -> Answer | None:
    """What the contracts that the thread speaks of say of their notice, end or price."""
    folded = fold(ask)
    told = [text for c in contracts[:MOST_TOLD] if (text := _tell(folded, c, today)) is not None]
    if not told or len(told) < len(contracts):
        return None
    record = f"contracts:{contracts[0].id}" if len(contracts) == 1 else ""
    is_dated = all(contract.notice_limit_on is not None for contract in contracts)
    asks_form = FORM.search(folded) is not None
    rest = CHECK_FORM if asks_form else ""
    is_partial = asks_form or (NOTICE.search(folded) is not None and not is_dated)
    known = "\u00a0; ".join(told)
    return Answer(f"selon notre dossier, {known}{rest}.", "crm", record, is_partial)


def asks_term(ask: str) -> bool:
    """Tell whether an ask is after the end, the notice, the renewal or the price of a contract."""
    folded = fold(ask)
    is_notice = NOTICE.search(folded) is not None and WHEN.search(folded) is not None
    return is_notice or any(one.search(folded) is not None for one in (RENEWAL, END, PRICE))


def _tell(folded: str, contract: ContractRow, today: dt.date) -> str | None:
    """What one contract answers, without a final stop; None when it does not."""
    named = f"contrat {contract.reference}"
    if NOTICE.search(folded) and WHEN.search(folded) and not EARLY.search(folded):
        return _tell_notice(contract, today)
    if RENEWAL.search(folded) and contract.tacit_renewal is not None:
        return f"le {named} {RENEWALS[contract.tacit_renewal]}" + _end(contract)
    is_end = END.search(folded) and not (NOTICE.search(folded) or EARLY.search(folded))
    if is_end and contract.end_on is not None:
        return f"le {named} se termine le {format_date(contract.end_on)}"
    if PRICE.search(folded) and contract.price_eur_per_mwh is not None:
        return f"le prix du {named} est de {format_quantity(contract.price_eur_per_mwh, '€/MWh')}"
    return None


def _end(contract: ContractRow) -> str:
    return f" à son échéance du {format_date(contract.end_on)}" if contract.end_on else ""


def _tell_notice(contract: ContractRow, today: dt.date) -> str | None:
    """The notice of a contract, its end and the last day, gone by or not."""
    named = f"contrat {contract.reference}"
    if contract.notice_days is None:
        if contract.end_on is None:
            return None
        end = format_date(contract.end_on)
        return f"le {named} se termine le {end}\u00a0; nous vérifions son préavis et vous l’indiquerons par écrit"
    text = f"le préavis du {named} est de {format_quantity(contract.notice_days, 'jours')}"
    if contract.end_on is None or contract.notice_limit_on is None:
        return text
    limit = format_date(contract.notice_limit_on)
    text += f" et son échéance le {format_date(contract.end_on)}\u00a0: "
    if contract.notice_limit_on < today:
        return f"{text}la date limite de dénonciation, le {limit}, est passée et nous vérifions ce qui reste possible"
    return f"{text}la dénonciation est à adresser au plus tard le {limit}"


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
