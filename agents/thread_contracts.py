"""The contracts a thread speaks of, and what the portfolio knows of their end and notice."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Sequence

from core.formats import format_date, format_quantity
from ingest.mail.facts import MailFacts
from ingest.mail.folding import fold
from ingest.mail.links import ContractRow, MailLinks

ENERGIES = {"electricity": "électricité", "gas": "gaz"}
ENERGY_WORDS = {"electricity": re.compile(r"\belec\w*\b"), "gas": re.compile(r"\bgaz\b|\bgas\b")}
ENDS = re.compile(
    r"\bpreavis\b|\bdenonc\w+|\bresili\w+|\breconduc\w+|\breconduit\w*|\bnotice period\b|"
    r"\b(?:fin|echeance|terme) (?:de |du |des )?(?:notre |nos |mon |mes |votre |vos |ce |l')?"
    r"(?:contrats?|marches?)\b|"
    r"\b(?:contrats?|marches?)\b.{0,40}\b(?:fini\w*|se termin\w+|pren\w+ fin|expir\w+|arriv\w+ a)\b"
)
MOST_TOLD = 5
Fits = Callable[[ContractRow], bool]


def find_contracts(facts: MailFacts, links: MailLinks, words: str) -> tuple[ContractRow, ...]:
    """The contracts of the client that a thread may speak of, narrowed by what it says of them.

    Those it surely names; else the running ones that end on a day it gives, of an energy or a
    supplier that `words` name. A clue that fits none narrows nothing.
    """
    named = {
        link.records[0].id
        for link in links.codes
        if link.certainty == "certain" and link.records[0].object == "contracts"
    }
    if named:
        return tuple(c for c in links.contracts if c.id in named)
    ends = {d.on for d in facts.deadlines if d.nature == "contract_end"}
    folded = fold(words)
    found = links.contracts
    for fits in (_ends_within(ends), _is_of_energy(folded), _is_of_supplier(folded)):
        found = tuple(contract for contract in found if fits(contract)) or found
    return found


def _ends_within(ends: Collection[dt.date]) -> Fits:
    return lambda contract: contract.end_on in ends


def _is_of_energy(folded: str) -> Fits:
    named = {energy for energy, words in ENERGY_WORDS.items() if words.search(folded)}
    return lambda contract: contract.energy in named


def _is_of_supplier(folded: str) -> Fits:
    return lambda contract: bool(contract.supplier) and fold(contract.supplier) in folded


def speaks_of_end(words: str) -> bool:
    """Tell whether a text speaks of the end of a contract, of its notice or of its renewal."""
    return ENDS.search(fold(words)) is not None


def list_terms(
    facts: MailFacts, contracts: Sequence[ContractRow], today: dt.date
) -> tuple[tuple[ContractRow, str], ...]:
    """Each contract with its end and the last day of its notice, in French, nearest end first."""
    ends = sorted({d.on for d in facts.deadlines if d.nature == "contract_end"})
    dated = sorted((c for c in contracts if c.end_on), key=lambda c: c.end_on or today)
    return tuple((c, tell_term(c, today) + _differ(c, ends)) for c in dated[:MOST_TOLD])


def tell_term(contract: ContractRow, today: dt.date) -> str:
    """«Contrat X (fournisseur, énergie) : fin le …, préavis de …, dénonciation au plus tard …»."""
    about = ", ".join(filter(None, (contract.supplier, ENERGIES.get(contract.energy, ""))))
    parts = [f"fin le {format_date(contract.end_on)}"] if contract.end_on else []
    if contract.notice_days is not None:
        parts.append(f"préavis de {format_quantity(contract.notice_days, 'jours')}")
    if contract.notice_limit_on is not None:
        is_over = contract.notice_limit_on < today
        parts.append(
            f"dénonciation au plus tard le {format_date(contract.notice_limit_on)}"
            + (" (date passée)" if is_over else "")
        )
    elif contract.end_on is not None:
        parts.append("préavis non renseigné")
    named = f"Contrat {contract.reference}" + (f" ({about})" if about else "")
    return f"{named}\u00a0: {', '.join(parts)}."


def _differ(contract: ContractRow, ends: Sequence[dt.date]) -> str:
    """That the mail gives another end than the portfolio, to be checked."""
    if not ends or contract.end_on is None or contract.end_on in ends:
        return ""
    return f" Le courriel parle du {format_date(ends[0])}\u00a0: à vérifier."
