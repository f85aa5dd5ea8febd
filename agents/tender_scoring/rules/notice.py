"""What the notice says, as far as the scoring needs it, each value with its place."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from agents.tender_scoring.models import Evidence, Fact
from core.context import PARIS
from core.spans import Span


@dataclass(frozen=True)
class Notice:
    """A notice reduced to what is compared with the file; `source` is its stored text."""

    name: str = ""
    id: str = ""
    source: str = ""
    buyer: str | None = None
    title: str | None = None
    procedure: str | None = None
    contract_type: str | None = None
    deadline: dt.datetime | None = None
    published_on: dt.date | None = None
    departments: tuple[str, ...] = ()
    cpv: tuple[str, ...] = ()
    lot_count: int | None = None
    lot_titles: tuple[tuple[int, str], ...] = ()
    estimated_value_eur: Decimal | None = None
    criteria: str | None = None
    description: str | None = None
    quotes: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def is_known(self) -> bool:
        """Tell whether there is a notice at all."""
        return bool(self.source)

    def cite(self, quote: str | None, loc: str) -> tuple[Evidence, ...]:
        """Evidence of `quote` in the notice's stored text; empty when it is not there."""
        if not quote:
            return ()
        start = self.source.find(quote)
        if start < 0:
            return ()
        span = Span(self.id, start, start + len(quote), quote)
        return (Evidence(span=span, file=self.name, loc=loc),)

    def fact(self, key: str, label: str, value: str | None, loc: str) -> Fact | None:
        """A fact that only the notice states."""
        if not value:
            return None
        return Fact(key=key, label=label, value=value, evidence=self.cite(value, loc),
                    read_by="notice")  # fmt: skip


def read_notice(name: str, text: str, identifier: str) -> Notice:
    """The notice of a BOAMP record, its `donnees` unfolded. Raises ValueError when it is none."""
    record: Any = json.loads(text)
    record = record.get("fields", record.get("record", record))
    inner: Any = record.get("donnees") or {}
    if isinstance(inner, str):
        inner = json.loads(inner)
    source = json.dumps({**record, "donnees": inner}, ensure_ascii=False, indent=1)
    deadline = _text(record.get("datelimitereponse")) or _find(inner, "RECEPT_OFFRES")
    published = _text(record.get("dateparution"))
    value = _find(inner, "VALEUR_ESTIMEE") or _find(inner, "VALEUR")
    codes = re.findall(r"\b\d{8}(?:-\d)?\b", json.dumps(_get(inner, "CPV") or ""))
    count = _find(inner, "NOMBRE_LOTS") or _find(inner, "NB_LOTS")
    types: Any = record.get("type_marche_facette") or []
    return Notice(
        name=name,
        id=identifier,
        source=source,
        buyer=_text(record.get("nomacheteur")) or _find(inner, "DENOMINATION"),
        title=_text(record.get("objet")) or _find(inner, "TITRE_MARCHE"),
        procedure=_text(record.get("procedure_libelle")),
        contract_type=", ".join(types) if isinstance(types, list) else _text(types),
        deadline=_instant(deadline),
        published_on=dt.date.fromisoformat(published[:10]) if published else None,
        departments=tuple(map(str, record.get("code_departement_prestation")
                              or record.get("code_departement") or ())),
        cpv=tuple(dict.fromkeys(codes)),
        lot_count=int(count) if count and count.isdigit() else None,
        lot_titles=_lot_titles(inner),
        estimated_value_eur=Decimal(value) if value and value.replace(".", "").isdigit() else None,
        criteria=_find(inner, "CRITERES_ATTRIBUTION"),
        description=_find(inner, "OBJET_COMPLET"),
        quotes={"deadline": deadline or ""},
    )  # fmt: skip


def _text(value: Any) -> str | None:
    return str(value).strip() or None if value is not None else None


def _get(tree: Any, key: str) -> Any:
    """The first value of `key` anywhere in a tree."""
    if isinstance(tree, dict):
        if key in tree:
            return tree[key]
        tree = list(tree.values())
    if isinstance(tree, list):
        for each in tree:
            found = _get(each, key)
            if found is not None:
                return found
    return None


def _find(tree: Any, key: str) -> str | None:
    found = _get(tree, key)
    return None if isinstance(found, dict | list) else _text(found)


def _instant(text: str | None) -> dt.datetime | None:
    if not text:
        return None
    try:
        instant = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return (instant if instant.tzinfo else instant.replace(tzinfo=PARIS)).astimezone(PARIS)


def _lot_titles(inner: Any) -> tuple[tuple[int, str], ...]:
    lots = _get(inner, "LOTS")
    if not isinstance(lots, list):
        return ()
    return tuple(
        (int(lot["NUM"]), str(lot.get("INTITULE", "")))
        for lot in lots
        if isinstance(lot, dict) and str(lot.get("NUM", "")).isdigit()
    )
