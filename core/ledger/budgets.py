"""What a firm allows itself to spend on models, by day and month."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from core.context import PARIS, Identity
from core.database import Database
from core.engine.errors import BudgetExhausted
from core.errors import InvalidInput, NotAllowed
from core.formats import format_quantity, join_words
from core.ledger.labels import USE_CASES, label_use_case
from core.settings import Settings

Period = Literal["day", "month"]
PERIODS: tuple[Period, ...] = ("day", "month")
SCOPE = re.compile(r"tenant|user|use_case|user:[0-9a-f-]{36}|use_case:[a-z_]+")
LEADERS = frozenset({"director", "admin"})
NBSP = "\u00a0"
LARGEST_EUR = Decimal(10) ** 10

LIST_BUDGETS = "SELECT scope, period, limit_eur FROM budgets WHERE tenant_id = %s"
SET_BUDGET = """
INSERT INTO budgets (tenant_id, scope, period, limit_eur, updated_by) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (tenant_id, scope, period) DO UPDATE
SET limit_eur = excluded.limit_eur, updated_by = excluded.updated_by, updated_at = now()
"""
LIST_WARNINGS = """
SELECT w.scope, w.period, w.starts_on, coalesce(x.spent_eur, w.spent_eur) AS spent_eur,
       w.limit_eur, w.warned_at, u.full_name
FROM budget_warnings w
LEFT JOIN model_spending x USING (tenant_id, scope, period, starts_on)
LEFT JOIN users u ON u.tenant_id = w.tenant_id AND w.scope = 'user:' || u.id
WHERE w.tenant_id = %s
  AND w.starts_on = date_trunc(w.period, %s::timestamptz AT TIME ZONE 'Europe/Paris')::date
ORDER BY w.warned_at
"""


@dataclass(frozen=True)
class Budget:
    """A limit a firm has set; `scope` as in the table."""

    scope: str
    period: Period
    limit_eur: Decimal


@dataclass(frozen=True)
class BudgetUse:
    """What is spent, or about to be, of a budget."""

    scope: str
    period: Period
    spent_eur: Decimal
    limit_eur: Decimal

    @property
    def percent(self) -> int:
        """The share spent."""
        return round(100 * self.spent_eur / self.limit_eur) if self.limit_eur else 100

    @property
    def subject(self) -> str:
        """The budget in words: « Le budget du jour du cabinet »."""
        when = "du jour" if self.period == "day" else "du mois"
        return f"Le budget {when} {describe_scope(self.scope)}"


@dataclass(frozen=True)
class BudgetWarning(BudgetUse):
    """A budget of the present period of which 80 % was spent at `warned_at`."""

    starts_on: dt.date
    warned_at: dt.datetime
    full_name: str | None

    @property
    def message(self) -> str:
        """What a director or an administrator reads."""
        name = f" ({self.full_name})" if self.full_name else ""
        spent, limit = format_euros(self.spent_eur), format_euros(self.limit_eur)
        return (
            f"{self.subject}{name} est consommé à {self.percent}{NBSP}% ({spent} sur {limit}). À "
            f"100{NBSP}%, le moteur déterministe répondra."
        )


def default_limits(settings: Settings) -> Mapping[str, str]:
    """The limits of the settings, by «scope_period»."""
    values = {
        "tenant_day": settings.budget_tenant_day_eur,
        "tenant_month": settings.budget_tenant_month_eur,
        "user_day": settings.budget_user_day_eur,
        "user_month": settings.budget_user_month_eur,
        "use_case_day": settings.budget_use_case_day_eur,
        "use_case_month": settings.budget_use_case_month_eur,
    }
    return {name: str(value) for name, value in values.items() if value is not None}


def describe_scope(scope: str) -> str:
    """Whose budget, in French."""
    kind, _, name = scope.partition(":")
    match kind:
        case "tenant":
            return "du cabinet"
        case "user":
            return "de l’utilisateur" if name else "de chaque utilisateur"
        case _:
            return f"de l’usage «{NBSP}{label_use_case(name)}{NBSP}»" if name else "de chaque usage"


def describe_exhaustion(use: BudgetUse, now: dt.datetime) -> BudgetExhausted:
    """The error a call meets when `use` is spent."""
    whose = "Votre budget" if use.scope.startswith("user:") else use.subject
    retry_at = next_period(use.period, now)
    return BudgetExhausted(
        f"{whose} pour le modèle est épuisé ({format_euros(use.limit_eur)}). Il reprendra le "
        f"{retry_at:%d/%m}{NBSP}; un administrateur peut le relever.",
        retry_at,
        scope=use.scope,
        period=use.period,
    )


def next_period(period: Period, now: dt.datetime) -> dt.datetime:
    """The first instant of the next day or month in Paris."""
    today = now.astimezone(PARIS).date()
    first = today if period == "day" else today.replace(day=28) + dt.timedelta(days=4)
    day = first + dt.timedelta(days=1) if period == "day" else first.replace(day=1)
    return dt.datetime.combine(day, dt.time(), PARIS)


def format_euros(amount: Decimal) -> str:
    """Euros and cents, in French."""
    return format_quantity(amount, "€", 2)


async def list_budgets(database: Database, identity: Identity) -> list[Budget]:
    """The limits that the firm has set itself."""
    async with database.transaction(identity) as connection:
        cursor = await connection.execute(LIST_BUDGETS, (identity.tenant_id,))
        return [Budget(**row) for row in await cursor.fetchall()]


async def set_budget(
    database: Database, identity: Identity, scope: str, period: str, limit_eur: Decimal
) -> None:
    """Set one limit. Raises NotAllowed but for an administrator, InvalidInput on a bad scope."""
    if "admin" not in identity.roles:
        raise NotAllowed("Seul un administrateur règle les budgets. Adressez-vous au vôtre.")
    check_budget(scope, period, limit_eur)
    async with database.transaction(identity) as connection:
        await connection.execute(
            SET_BUDGET, (identity.tenant_id, scope, period, limit_eur, identity.user_id)
        )


def check_budget(scope: str, period: str, limit_eur: Decimal) -> None:
    """Raises InvalidInput, naming the one thing to correct and what it may be."""
    kind, _, name = scope.partition(":")
    if kind == "use_case" and name and name not in USE_CASES:
        raise InvalidInput(
            f"«{NBSP}{name}{NBSP}» n’est pas un usage du modèle. Choisissez "
            f"{join_words(list(USE_CASES), 'ou')}."
        )
    if not SCOPE.fullmatch(scope):
        raise InvalidInput(
            f"«{NBSP}{scope}{NBSP}» n’est pas une portée. Choisissez tenant (le cabinet), user "
            "(chaque utilisateur), use_case (chaque usage), user:IDENTIFIANT (un utilisateur) ou "
            "use_case:NOM (un usage)."
        )
    if period not in PERIODS:
        raise InvalidInput(
            f"«{NBSP}{period}{NBSP}» n’est pas une période. Choisissez day (le jour) ou month (le "
            "mois)."
        )
    if not is_amount(limit_eur):
        raise InvalidInput(
            "La limite est un montant positif en euros, avec deux décimales au plus. Écrivez par "
            "exemple 25 ou 25,50."
        )


def is_amount(value: Decimal) -> bool:
    """A number of euros that the table can hold."""
    return value.is_finite() and 0 <= value < LARGEST_EUR and value == round(value, 2)


async def list_warnings(
    database: Database, identity: Identity, now: dt.datetime
) -> list[BudgetWarning]:
    """The budgets of the present day and month that are nearly spent; none but for leaders."""
    if not identity.roles & LEADERS:
        return []
    async with database.transaction(identity) as connection:
        cursor = await connection.execute(LIST_WARNINGS, (identity.tenant_id, now))
        return [BudgetWarning(**row) for row in await cursor.fetchall()]
