"""The charts one may ask for by name: each is a reading of figures, under the user's rights."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from core.context import Context
from core.errors import NotAllowed
from core.ledger.costs import SUM_CALLS, list_costs
from core.words import fold
from crm.query_parts import Bucket, Filter, Grouping, Measure, OutputColumn
from tools.outputs import Cell, Rows
from tools.reads import read_aggregate

DRAWING = r"(?:graphiques?|graphes?|courbes?|diagrammes?|histogrammes?|camemberts?)"
ASKED = re.compile(
    rf"^(?:(?:montrez?|affichez?|faites?|fais|donnez?|tracez?|dessinez?)(?:[ -]?(?:moi|nous))? |"
    rf"je (?:veux|voudrais)(?: voir)? |en )?(?:un |le |une |la |les |des )?{DRAWING}"
    r"(?: ?: ?| (?:avec |sur |pour )?(?:du |des |de la |de l'|de |d'|la |le |les )?|$)"
)
AFTER = re.compile(rf",? ?(?:en|sous forme de|dans un) {DRAWING} ?[?.!]*$")
COST_DAYS = 30
FIRM_ACCOUNTS = frozenset({"director", "admin"})
NOT_YOURS = (
    "La charge et le coût du modèle se lisent avec un profil de direction ou d’administration."
)
RUNNING = (Filter(field="status", operator="in", value=["active", "ending"]),)
PIPELINE = ["detected", "qualifying", "go", "submitted"]


@dataclass(frozen=True)
class Chart:
    """A chart known by name; `words` are looked for in a folded request."""

    key: str
    title: str
    words: re.Pattern[str]
    read: Callable[[Context], Awaitable[Rows]]

    @property
    def request(self) -> str:
        """The sentence that asks for it."""
        return f"Graphique{chr(0xA0)}: {self.title[0].lower()}{self.title[1:]}"


def find_drawing(question: str) -> str | None:
    """What a question wants drawn («par énergie»…), None when it asks for no chart."""
    folded = fold(question)
    if found := ASKED.search(folded):
        return question[found.end() :].strip(" \u00a0:")
    if found := AFTER.search(folded):
        return question[: found.start()].strip()
    return None


def find_chart(wanted: str) -> Chart | None:
    """The chart known by that name."""
    folded = " ".join(fold(wanted).split())
    return next((chart for chart in CHARTS if chart.words.search(folded)), None)


def _contracts(field: str, bucket: Bucket = "value") -> Callable[[Context], Awaitable[Rows]]:
    async def read(context: Context) -> Rows:
        measures = [
            Measure(function="sum", field="annual_amount_eur"),
            Measure(function="sum", field="annual_volume_mwh"), Measure(),
        ]  # fmt: skip
        group = Grouping(field=field, bucket=bucket)
        return await _read(context, "contracts", measures, group, RUNNING)

    return read


async def _read_deadlines(context: Context) -> Rows:
    """Contracts by the month in which their notice must be sent, for a year."""
    until = context.today + dt.timedelta(days=365)
    ahead = Filter(
        field="notice_deadline_on", operator="between",
        value=[context.today.isoformat(), until.isoformat()],
    )  # fmt: skip
    measures = [Measure(), Measure(function="sum", field="annual_amount_eur")]
    group = Grouping(field="notice_deadline_on", bucket="month")
    return await _read(context, "contracts", measures, group, (*RUNNING, ahead))


async def _read_pipeline(context: Context) -> Rows:
    measures = [Measure(function="sum", field="estimated_value_eur"), Measure()]
    running = Filter(field="status", operator="in", value=list(PIPELINE))
    rows = await _read(context, "tenders", measures, Grouping(field="status"), (running,))
    in_order = sorted(rows.rows, key=lambda row: PIPELINE.index(str(row["status"])))
    return rows.model_copy(update={"rows": tuple(in_order)})


async def _read_families(context: Context) -> Rows:
    still_open = Filter(field="status", operator="ne", value="closed")
    return await _read(
        context, "non_conformities", [Measure()], Grouping(field="family"), (still_open,)
    )


async def _read_costs(context: Context) -> Rows:
    """Model calls and their cost, by day. Raises NotAllowed for who may not see the firm's."""
    if not context.identity.roles & FIRM_ACCOUNTS:
        raise NotAllowed(NOT_YOURS)
    first = context.today - dt.timedelta(days=COST_DAYS - 1)
    lines = await list_costs(context.database, context.identity, "day", first, context.today)
    columns = (
        OutputColumn(name="day", label="Jour", kind="date"),
        OutputColumn(name="count", label="Appels au modèle", kind="number"),
        OutputColumn(name="sum_cost_eur", label="Coût", kind="money", unit="€"),
    )
    rows: tuple[dict[str, Cell], ...] = tuple(
        {"day": line.key, "count": line.calls, "sum_cost_eur": str(line.cost_eur)} for line in lines
    )
    return Rows(
        label="Charge et coût du modèle sur trente jours",
        columns=columns,
        rows=rows,
        total_rows=len(rows),
        totals={
            "count": sum(line.calls for line in lines),
            "sum_cost_eur": str(sum(line.cost_eur for line in lines)),
        },
        query=SUM_CALLS.strip(),
        executed_at=context.clock(),
    )


async def _read(
    context: Context,
    name: str,
    measures: list[Measure],
    group: Grouping,
    filters: tuple[Filter, ...],
) -> Rows:
    return await read_aggregate(context, name, measures, [group], filters, [], [], True, 50)


CHARTS = (
    Chart("energy", "Portefeuille par énergie",
          re.compile(r"portefeuille.*energie|contrats.*par energie|par energie$"),
          _contracts("energy")),
    Chart("end_date", "Portefeuille par échéance",
          re.compile(r"(?:portefeuille|contrats).*(?:echeance|date de fin|par (?:trimestre|an))"),
          _contracts("end_on", "quarter")),
    Chart("pipeline", "Appels d’offres en cours par étape",
          re.compile(r"pipeline|(?:appels? d'offres?|\bao\b).*(?:etape|statut|en cours)|"
                     r"^(?:(?:les|nos|mes) )?appels? d'offres?$"), _read_pipeline),
    Chart("deadlines", "Préavis à envoyer par mois",
          re.compile(r"preavis|^(?:(?:les|nos|mes) )?echeances"), _read_deadlines),
    Chart("families", "Non-conformités ouvertes par famille",
          re.compile(r"^(?:(?:les|nos|mes) )?(?:non[- ]conformites|nc)(?: ouvertes)?"
                     r"(?: par famille)?$"), _read_families),
    Chart("costs", "Charge et coût du modèle",
          re.compile(r"charge et (?:le )?cout|couts? (?:du modele|de l'ia)|cout et charge|^couts?$|"
                     r"^charge$"), _read_costs),
)  # fmt: skip
