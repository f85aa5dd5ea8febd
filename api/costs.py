"""The reports of `voltaire costs` and `voltaire budgets`, on the data folder itself."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from functools import partial

from api.answers import terminal_width, write_table
from api.offline import run_here
from api.routes.costs import choose_span
from api.services import build_ledger
from core.context import Identity, system_clock
from core.errors import InvalidInput
from core.formats import format_date, format_number, format_quantity
from core.ledger.budgets import (
    Budget,
    describe_scope,
    format_euros,
    list_budgets,
    list_warnings,
    set_budget,
)
from core.ledger.costs import CostLine, Grouping, list_costs, total, write_csv
from core.ledger.footprint import load_footprint
from core.ledger.labels import label_key
from core.settings import Settings
from crm.installation import Installation

PERIODS = {"day": "par jour", "month": "par mois"}
TITLES: dict[Grouping, str] = {
    "day": "Jour",
    "use_case": "Usage",
    "user": "Utilisateur",
    "record": "Dossier",
    "model": "Modèle",
}


def report_costs(
    settings: Settings,
    by: Grouping,
    since: dt.date | None,
    until: dt.date | None,
    user: str | None,
    *,
    as_csv: bool,
) -> bytes:
    """The costs that `user` (the leader by default) may see, as CSV or for the terminal."""
    first, last = choose_span(since, until)
    lines, warnings = run_here(settings, user, partial(_read, by=by, first=first, last=last))
    if as_csv:
        return write_csv(lines)
    return "\n\n".join([write_report(lines, by, first, last), *warnings]).encode()


def report_budgets(settings: Settings, user: str | None) -> list[str]:
    """The limits in force, the firm's own first."""
    return run_here(settings, user, _read_budgets)


def set_budget_here(
    settings: Settings, user: str | None, scope: str, period: str, limit_eur: Decimal
) -> None:
    """Set a limit of the firm. Raises NotAllowed, InvalidInput."""
    work = partial(_set, scope=scope, period=period, limit_eur=limit_eur)
    run_here(settings, user, work)


def read_amount(text: str) -> Decimal:
    """Euros as a French keyboard types them. Raises InvalidInput."""
    plain = re.sub(r"[\s€]", "", text).replace(",", ".")
    try:
        return Decimal(plain)
    except InvalidOperation as error:
        raise InvalidInput(
            f"« {text} » n’est pas un montant. Écrivez la limite en euros, par exemple 25 ou 25,50."
        ) from error


def write_report(lines: Sequence[CostLine], by: Grouping, first: dt.date, last: dt.date) -> str:
    """A table, and how its emissions are estimated."""
    span = f"du {format_date(first)} au {format_date(last)}"
    if not lines:
        return f"Aucun appel du modèle {span}."
    labels = (TITLES[by], "Appels", "Replis", "Entrée", "Cache lu", "Sortie", "Coût", "gCO2e")
    table = {
        "title": f"Coût du modèle {span}",
        "columns": [{"label": label, "is_numeric": label != TITLES[by]} for label in labels],
        "rows": [_cells(line) for line in lines],
        "totals": ["", *_cells(total(lines))[1:]],
        "total_rows": len(lines),
    }
    factor = load_footprint().factor
    note = (
        f"Émissions\u00a0: ordre de grandeur, {factor} fois moins à {factor} fois plus "
        "(docs/couts.md)."
    )
    return "\n\n".join([write_table(table, terminal_width()), note])


def _cells(line: CostLine) -> list[str]:
    usage = line.usage
    return [
        label_key(line.key),
        format_number(line.calls),
        format_number(line.fallbacks),
        format_number(usage.input_tokens + usage.cache_write_tokens),
        format_number(usage.cache_read_tokens),
        format_number(usage.output_tokens),
        format_quantity(line.cost_eur, "€", 4),
        format_number(line.gco2e, 1),
    ]


async def _read(
    installation: Installation, identity: Identity, by: Grouping, first: dt.date, last: dt.date
) -> tuple[list[CostLine], list[str]]:
    lines = await list_costs(installation.database, identity, by, first, last)
    warnings = await list_warnings(installation.database, identity, system_clock())
    return lines, [warning.message for warning in warnings]


async def _read_budgets(installation: Installation, identity: Identity) -> list[str]:
    own = await list_budgets(installation.database, identity)
    limits = build_ledger(installation.database, installation.settings).limits
    known = {(budget.scope, budget.period) for budget in own}
    defaults = [
        Budget(scope, period, Decimal(limits[f"{scope}_{period}"]))
        for scope in ("tenant", "user", "use_case")
        for period in ("day", "month")
        if f"{scope}_{period}" in limits and (scope, period) not in known
    ]
    return [
        *(f"{_describe(budget)} (fixé par le cabinet)" for budget in own),
        *(f"{_describe(budget)} (réglage par défaut)" for budget in defaults),
    ]


async def _set(
    installation: Installation, identity: Identity, scope: str, period: str, limit_eur: Decimal
) -> None:
    await set_budget(installation.database, identity, scope, period, limit_eur)


def _describe(budget: Budget) -> str:
    amount = format_euros(budget.limit_eur)
    return f"Budget {describe_scope(budget.scope)} {PERIODS[budget.period]}\u00a0: {amount}"
