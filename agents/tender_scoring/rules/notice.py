"""The published notice beside the file: read by `ingest.notices`, each value with its place."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from agents.tender_scoring.evidence import Evidence
from agents.tender_scoring.facts import Fact
from core.spans import Span
from core.words import fold
from ingest.notices import reading
from ingest.notices.notice import Criterion, Procedure
from ingest.notices.notice import Notice as PublishedNotice
from ingest.notices.tree import Node, grow_tree, parse_json, parse_xml

CALLED = "avis de marché"
ELEMENTS: tuple[tuple[str, str], ...] = (
    (r"(?:date.?limite|deadline|tenderreceipt|bt-131|receptoffres|reponse).*|enddate|endtime",
     "date limite de remise"),
    (r"criter|award|bt-5\d\d", "critères d’attribution"),
    (r"lot|division", "lots"),
    (r"cpv|itemclassification|classprincipale", "codes CPV"),
    (r"nomacheteur|acheteur|organi[sz]|denomination|partyname|pouvoir|correspondant", "acheteur"),
    (r"objet|title|titre|description|name", "objet"),
    (r"proced", "procédure"), (r"nature|typemarche|contracttype|type_marche", "nature du marché"),
    (r"departement|lieu|nuts|region|subentity", "lieu d’exécution"),
    (r"valeur|montant|amount|value", "valeur"), (r"dur|period", "durée"),
)  # fmt: skip
"""What an element of a BOAMP or TED notice is about, by its name once folded; the first holds."""
NOTHING = PublishedNotice("boamp", "", "contract")
PROCEDURES: dict[Procedure, str] = {
    "open": "appel d’offres ouvert",
    "restricted": "appel d’offres restreint",
    "adapted": "procédure adaptée",
    "negotiated": "procédure avec négociation",
    "framework_call": "marché subséquent",
    "private": "consultation privée",
}


@dataclass(frozen=True)
class Notice:
    """A notice; `source` is its stored text, a line per element: « chemin : valeur ».

    Without a notice, `source` is empty and every value is None or empty.
    """

    name: str = ""
    id: str = ""
    source: str = ""
    published: PublishedNotice = field(default=NOTHING)

    @property
    def is_known(self) -> bool:
        """Tell whether there is a notice at all."""
        return bool(self.source)

    @property
    def buyer(self) -> str | None:
        """The buyer's name."""
        return self.published.buyer

    @property
    def title(self) -> str | None:
        """The object."""
        return self.published.title

    @property
    def description(self) -> str | None:
        """The object in full."""
        return self.published.description

    @property
    def procedure(self) -> str | None:
        """The procedure, in French."""
        held = self.published.procedure
        return PROCEDURES[held] if held else None

    @property
    def contract_type(self) -> str | None:
        """Supplies, services or works, as the notice says."""
        return self.published.nature

    @property
    def deadline(self) -> dt.datetime | None:
        """The instant offers are due; the beginning of the day where no hour is given."""
        moment = self.published.deadline
        return moment.earliest if moment else None

    @property
    def departments(self) -> tuple[str, ...]:
        """Codes of the departments."""
        return self.published.departments

    @property
    def cpv(self) -> tuple[str, ...]:
        """CPV codes, the main one first."""
        return self.published.all_cpv

    @property
    def lot_count(self) -> int | None:
        """Into how many lots the notice says the contract is divided."""
        return self.published.announced_lots

    @property
    def estimated_value_eur(self) -> Decimal | None:
        """The estimated value, where it is in euros."""
        return self.published.value if self.published.currency in (None, "EUR") else None

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        """Award criteria with a weight, where every lot has the same."""
        held = {tuple((c.name, c.weight) for c in lot.criteria): lot.criteria
                for lot in self.published.lots}  # fmt: skip
        return next(iter(held.values())) if len(held) == 1 else ()

    def prove(self, name: str) -> tuple[Evidence, ...]:
        """Evidence of a value of the notice, by its field in `ingest.notices`."""
        proof = self.published.proofs.get(name)
        return self.cite(proof.quote, proof.path) if proof else ()

    def cite(self, quote: str | None, loc: str) -> tuple[Evidence, ...]:
        """Evidence of `quote` in the notice's stored text; empty when it is not there."""
        element = loc.rsplit("/", 1)[-1]
        start = self._find(quote, element) if quote else -1
        if not quote or start < 0:
            return ()
        span = Span(self.id, start, start + len(quote), quote)
        return (Evidence(span=span, file=self.name, loc=name_element(element), called=CALLED),)

    def _find(self, quote: str, element: str) -> int:
        """Where `quote` stands on the line of `element`, else anywhere; -1 when nowhere."""
        for found in re.finditer(rf"/{re.escape(element)} : ", self.source):
            end = self.source.find("\n", found.end())
            at = self.source.find(quote, found.end(), end if end >= 0 else None)
            if at >= 0:
                return at
        return self.source.find(quote)

    def fact(self, key: str, label: str, value: str | None, proof: str) -> Fact | None:
        """A fact that only the notice states; `proof` is a field, else the words' own place."""
        if not value:
            return None
        evidence = self.prove(proof) or self.cite(value, proof)
        return Fact(key=key, label=label, value=value, evidence=evidence, read_by="notice")


def name_element(element: str) -> str | None:
    """What an element of a notice is about, in French; None for one no reader would know."""
    plain = fold(element)
    if plain.startswith("ligne "):
        return element
    return next((label for pattern, label in ELEMENTS if re.search(pattern, plain)), None)


def read_notice(name: str, data: bytes | str, identifier: str) -> Notice:
    """The notice of a file, whatever its form. Raises NoticeUnreadable."""
    published = reading.read_notice(data)
    return Notice(name, identifier, _write_source(data), published)


def _write_source(data: bytes | str) -> str:
    raw = (data.encode() if isinstance(data, str) else data).lstrip(b"\xef\xbb\xbf \t\r\n")
    if raw[:1] == b"<":
        return "\n".join(_list_lines(parse_xml(raw)))
    if raw[:1] in (b"{", b"["):
        return "\n".join(_list_lines(grow_tree(_unfold(parse_json(raw)))))
    return raw.decode("utf-8", errors="replace")


def _unfold(value: Any) -> Any:
    """A BOAMP record with its `donnees`, JSON within JSON, as a tree."""
    if isinstance(value, dict) and isinstance(value.get("donnees"), str):
        try:
            return {**value, "donnees": json.loads(value["donnees"])}
        except ValueError:
            return value
    return value


def _list_lines(root: Node) -> Iterator[str]:
    for node in root.walk():
        if node.line and not node.children:
            yield f"{node.path} : {node.line}"
