"""Reports on what was spent: by day, use case, user, record or model."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, LiteralString, get_args

from core.context import Identity
from core.database import Database
from core.engine.protocol import Usage
from core.ledger.footprint import load_footprint
from core.ledger.labels import label_key

Grouping = Literal["day", "use_case", "user", "record", "model"]
GROUPINGS: tuple[Grouping, ...] = get_args(Grouping)

KEYS: dict[Grouping, LiteralString] = {
    "day": "to_char(c.started_at AT TIME ZONE 'Europe/Paris', 'YYYY-MM-DD')",
    "use_case": "c.use_case",
    "user": "u.full_name",
    "record": "coalesce(c.record, '(aucun)')",
    "model": "c.model",
}
SUM_CALLS = """
SELECT {key} AS key, c.tier, count(*) AS calls,
       count(*) FILTER (WHERE c.is_fallback) AS fallbacks,
       sum(c.input_tokens) AS input_tokens, sum(c.cache_read_tokens) AS cache_read_tokens,
       sum(c.cache_write_tokens) AS cache_write_tokens, sum(c.output_tokens) AS output_tokens,
       sum(c.cost_eur) AS cost_eur, bool_or(c.is_estimated) AS is_estimated,
       bool_and(c.is_priced) AS is_priced
FROM model_calls c JOIN users u ON u.tenant_id = c.tenant_id AND u.id = c.user_id
WHERE c.tenant_id = %(tenant)s
  AND c.started_at >= %(since)s::timestamp AT TIME ZONE 'Europe/Paris'
  AND c.started_at < (%(until)s::date + 1)::timestamp AT TIME ZONE 'Europe/Paris'
GROUP BY 1, 2 ORDER BY 1, 2
"""
HEADERS = (
    "clé", "appels", "replis", "jetons d’entrée", "jetons lus en cache",
    "jetons écrits en cache", "jetons de sortie", "coût (€)", "gCO2e estimés", "coût estimé",
    "prix connu",
)  # fmt: skip


@dataclass(frozen=True)
class CostLine:
    """The calls of one group; `is_estimated` when some count is ours, not the server's."""

    key: str
    calls: int
    fallbacks: int
    usage: Usage
    cost_eur: Decimal
    gco2e: Decimal
    is_estimated: bool
    is_priced: bool

    def __add__(self, other: CostLine) -> CostLine:
        """The two groups as one, under the name of the first."""
        mine, theirs = self.usage, other.usage
        return CostLine(
            self.key,
            self.calls + other.calls,
            self.fallbacks + other.fallbacks,
            Usage(
                mine.input_tokens + theirs.input_tokens,
                mine.output_tokens + theirs.output_tokens,
                mine.cache_read_tokens + theirs.cache_read_tokens,
                mine.cache_write_tokens + theirs.cache_write_tokens,
            ),
            self.cost_eur + other.cost_eur,
            self.gco2e + other.gco2e,
            self.is_estimated or other.is_estimated,
            self.is_priced and other.is_priced,
        )


async def list_costs(
    database: Database, identity: Identity, by: Grouping, since: dt.date, until: dt.date
) -> list[CostLine]:
    """What was spent between two days of Paris, both included.

    A director or an administrator sees the firm's calls, anyone else their own.
    """
    values = {"tenant": identity.tenant_id, "since": since, "until": until}
    statement = SUM_CALLS.format(key=KEYS[by])
    async with database.transaction(identity) as connection:
        rows = await (await connection.execute(statement.encode(), values)).fetchall()
    return fold(_read_line(row) for row in rows)


def fold(lines: Iterable[CostLine]) -> list[CostLine]:
    """One line per key, in the order of first appearance."""
    folded: dict[str, CostLine] = {}
    for line in lines:
        folded[line.key] = folded[line.key] + line if line.key in folded else line
    return list(folded.values())


def total(lines: Sequence[CostLine]) -> CostLine:
    """All the lines as one, called « Total »."""
    nothing = CostLine("Total", 0, 0, Usage(), Decimal(0), Decimal(0), False, True)
    return sum(lines, start=nothing)


def write_csv(lines: Sequence[CostLine]) -> bytes:
    """A file for a French spreadsheet: UTF-8 with BOM, semicolons, decimal commas."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEADERS)
    for line in (*lines, total(lines)):
        writer.writerow(
            [
                f"'{line.key}" if line.key[:1] in tuple("=+-@\t\r") else label_key(line.key),
                line.calls, line.fallbacks, line.usage.input_tokens,
                line.usage.cache_read_tokens, line.usage.cache_write_tokens,
                line.usage.output_tokens, _comma(line.cost_eur, 6), _comma(line.gco2e, 2),
                _yes_no(line.is_estimated), _yes_no(line.is_priced),
            ]
        )  # fmt: skip
    return b"\xef\xbb\xbf" + buffer.getvalue().encode()


def _read_line(row: dict[str, Any]) -> CostLine:
    usage = Usage(
        row["input_tokens"], row["output_tokens"], row["cache_read_tokens"],
        row["cache_write_tokens"],
    )  # fmt: skip
    return CostLine(
        row["key"], row["calls"], row["fallbacks"], usage, row["cost_eur"],
        load_footprint().estimate(row["tier"], usage), row["is_estimated"], row["is_priced"],
    )  # fmt: skip


def _comma(value: Decimal, places: int) -> str:
    return f"{value:.{places}f}".replace(".", ",")


def _yes_no(value: bool) -> str:
    return "oui" if value else "non"
