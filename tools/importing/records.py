"""The records already there, found by what people know them by: SIRET, PRM, reference, name."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from psycopg import sql

from core.context import Context
from core.database import Connection
from core.formats import NBSP
from core.words import fold
from crm.objects import OBJECTS
from crm.proposals.errors import InvalidChange
from tools.importing.headings import LINK_KEYS, Layout

Row = Mapping[str, Any]
SELECT_ALL = sql.SQL("SELECT * FROM {} WHERE tenant_id = %s")
# The columns by which two records are the same, the surest first.
NATURAL_KEYS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "accounts": (("siret",), ("siren",), ("name",)),
    "contacts": (("email",), ("account_id", "name")),
    "sites": (("account_id", "name"),),
    "delivery_points": (("code",),),
    "contracts": (("reference",),),
    "tenders": (("reference",),),
    "non_conformities": (("reference",),),
    "competitors": (("name",),),
}
# How the key that two records share is told, and the one that parts them.
THIS = {"siren": "ce SIREN", "name": "ce nom"}
OTHER = {"siret": "un autre SIRET", "siren": "un autre SIREN", "email": "une autre adresse"}
TO_IMPORT_FIRST = frozenset({"accounts", "sites", "contracts", "tenders"})


@dataclass(frozen=True)
class Match:
    """The record a line speaks of (None: a new one), and what is to be said about it."""

    row: Row | None
    remark: str = ""


class Records:
    """The firm's records of an object as the user sees them, and those its links lead to."""

    def __init__(self, name: str, rows: Mapping[str, tuple[Row, ...]]) -> None:
        self.name = name
        self._rows = rows
        self._by_key = {
            key: _index(rows[name], key) for key in NATURAL_KEYS[name]
        }  # fmt: skip
        self._linked: dict[tuple[str, str], dict[str, list[Row]]] = {}

    def match(self, values: Mapping[str, object]) -> Match:
        """The one record that these values name. Raises InvalidChange when several do."""
        keys = NATURAL_KEYS[self.name]
        remark = ""
        for rank, key in enumerate(keys):
            wanted = _key_of(values, key)
            if wanted is None:
                continue
            found = self._by_key[key].get(wanted, [])
            agreeing = [row for row in found if not _disagrees(row, values, keys[:rank])]
            if len(found) > len(agreeing) and not agreeing:
                remark = remark or _tell_namesake(key, _find_dispute(found[0], values, keys[:rank]))
            if len(agreeing) > 1:
                agreeing = _narrow(agreeing, values, keys[rank + 1 :])
            if len(agreeing) > 1:
                raise InvalidChange(_tell_several(self.name, key, values))
            if agreeing:
                return Match(agreeing[0])
        return Match(None, remark)

    def find_linked(
        self, target: str, given: Mapping[str, str], account_id: UUID | None = None
    ) -> Row | None:
        """The record of `target` that these values name, by the surest first; None when they say
        nothing. Raises InvalidChange when none or several are."""
        last: tuple[str, str] | None = None
        for key in LINK_KEYS[target]:
            text = given.get(key, "")
            if not text:
                continue
            last = (key, text)
            found = self._index_linked(target, key).get(_plain(text), [])
            if target == "sites" and account_id is not None:
                found = [row for row in found if row["account_id"] == account_id]
            if len(found) == 1:
                return found[0]
            if len(found) > 1:
                raise InvalidChange(_tell_several_linked(target, text))
        if last is None:
            return None
        raise InvalidChange(_tell_none(target, last[1]))

    def list_sites(self, account_id: UUID) -> list[Row]:
        """The sites of a client."""
        return [row for row in self._rows.get("sites", ()) if row["account_id"] == account_id]

    def _index_linked(self, target: str, key: str) -> dict[str, list[Row]]:
        if (target, key) not in self._linked:
            index: dict[str, list[Row]] = defaultdict(list)
            for row in self._rows[target]:
                if row[key] and row.get("is_active", True):
                    index[_plain(str(row[key]))].append(row)
            self._linked[target, key] = index
        return self._linked[target, key]


async def load_records(context: Context, layout: Layout) -> Records:
    """What a sheet's lines are compared with."""
    declared = OBJECTS[layout.object]
    names = {layout.object}
    for heading in layout.filled:
        link = heading.target.link if heading.target else None
        if link is not None:
            names.add(declared.links[link].target if link in declared.links else "accounts")
    if layout.object == "delivery_points":
        names.add("sites")
    async with context.database.transaction(context.identity) as connection:
        tenant = context.identity.tenant_id
        rows = {name: await _read(connection, name, tenant) for name in sorted(names)}
    return Records(layout.object, rows)


async def _read(connection: Connection, name: str, tenant: UUID) -> tuple[Row, ...]:
    cursor = await connection.execute(SELECT_ALL.format(sql.Identifier(name)), (tenant,))
    return tuple(await cursor.fetchall())


def _index(rows: Iterable[Row], key: tuple[str, ...]) -> dict[tuple[str, ...], list[Row]]:
    index: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        wanted = _key_of(row, key)
        if wanted is not None:
            index[wanted].append(row)
    return index


def key_of(name: str, values: Mapping[str, object]) -> tuple[str, ...] | None:
    """What a line of a sheet is known by: two lines with the same one speak of one record."""
    for key in NATURAL_KEYS[name]:
        found = _key_of(values, key)
        if found is not None:
            return (*key, *found)
    return None


def _key_of(values: Mapping[str, object], key: tuple[str, ...]) -> tuple[str, ...] | None:
    found = [values.get(column) for column in key]
    return None if any(value is None for value in found) else tuple(_plain(str(v)) for v in found)


@lru_cache(maxsize=65536)
def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9@]+", " ", fold(text)).strip()


def _disagrees(row: Row, values: Mapping[str, object], keys: Iterable[tuple[str, ...]]) -> bool:
    """Tell whether a surer key, known on both sides, says that these are two records."""
    return _find_dispute(row, values, keys) is not None


def _find_dispute(
    row: Row, values: Mapping[str, object], keys: Iterable[tuple[str, ...]]
) -> tuple[str, ...] | None:
    """The surest key that is known on both sides and differs."""
    pairs = {key: (_key_of(row, key), _key_of(values, key)) for key in keys}
    return next((k for k, (left, right) in pairs.items() if left and right and left != right), None)


def _narrow(
    rows: list[Row], values: Mapping[str, object], keys: Iterable[tuple[str, ...]]
) -> list[Row]:
    for key in keys:
        wanted = _key_of(values, key)
        kept = [row for row in rows if wanted is not None and _key_of(row, key) == wanted]
        rows = kept or rows
    return rows


def _tell_namesake(key: tuple[str, ...], dispute: tuple[str, ...] | None) -> str:
    other = OTHER[dispute[-1]] if dispute else "un autre identifiant"
    return f"Une fiche porte déjà {THIS[key[-1]]}, avec {other}."


def _tell_several(name: str, key: tuple[str, ...], values: Mapping[str, object]) -> str:
    declared = OBJECTS[name]
    label = declared.by_name[key[-1]].label
    value = str(values.get(key[-1]))[:80]
    return (f"plusieurs {declared.plural} ont «{NBSP}{value}{NBSP}» au champ «{NBSP}{label}{NBSP}»."
            " Ajoutez une colonne qui les distingue.")  # fmt: skip


def _tell_several_linked(target: str, text: str) -> str:
    more = "le SIRET" if target == "accounts" else "le client"
    return (f"plusieurs {OBJECTS[target].plural} répondent à «{NBSP}{text[:80]}{NBSP}». Ajoutez "
            f"une colonne avec {more}.")  # fmt: skip


def _tell_none(target: str, text: str) -> str:
    declared = OBJECTS[target]
    first = f" Importez d’abord les {declared.plural}." if target in TO_IMPORT_FIRST else ""
    none = "aucune" if declared.is_feminine else "aucun"
    return (f"{none} {declared.singular} ne répond à «{NBSP}{text[:80]}{NBSP}» dans votre "
            f"portefeuille.{first}")  # fmt: skip
