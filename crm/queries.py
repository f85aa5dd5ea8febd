"""Reads over any declared object, composed into one bound SQL statement each.

Names come from declarations, never from callers; values are always parameters. Row-level
security confines every statement to the firm of the transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from psycopg import sql

from core.errors import InvalidInput
from crm.catalogue import NUMERIC_KINDS, TEMPORAL_KINDS, BusinessObject
from crm.catalogue import Field as Column
from crm.objects import OBJECTS, expand_steps, get_object, resolve_field
from crm.query_parts import (
    Bound,
    Filter,
    Grouping,
    Measure,
    OutputColumn,
    RelatedFilter,
    Statement,
)
from crm.query_values import (
    as_day,
    as_list,
    cast_uuid,
    cast_value,
    check_pattern,
    escape_like,
    fold_column,
    is_free_text,
    read_number,
)

MAX_ROWS = 200
COMPARISONS = {
    "lt": sql.SQL("<"),
    "lte": sql.SQL("<="),
    "gt": sql.SQL(">"),
    "gte": sql.SQL(">="),
}
BUCKET_FORMATS = {"month": "YYYY-MM", "quarter": 'YYYY-"T"Q', "year": "YYYY"}


class _Composer:
    """Gathers joins and parameters of one statement over one object."""

    def __init__(self, declared: BusinessObject, prefix: str = "") -> None:
        self.declared = declared
        self.root = f"{prefix}{declared.name}"
        self.prefix = prefix
        self.joins: dict[str, sql.Composed] = {}
        self.parameters: list[Any] = []

    def column(self, dotted: str) -> tuple[sql.Composed, Column, BusinessObject]:
        holder, found = resolve_field(self.declared, dotted)
        *steps, name = dotted.split(".")
        alias = self._join(expand_steps(self.declared, steps))
        return sql.SQL("{}.{}").format(sql.Identifier(alias), sql.Identifier(name)), found, holder

    def link_id(self, path: str) -> sql.Composed:
        """The id of the record at the end of a link path, without joining its table."""
        *steps, last = expand_steps(self.declared, path.split("."))
        alias = self._join(steps)
        holder = self.declared
        for step in steps:
            holder = OBJECTS[holder.links[step].target]
        return sql.SQL("{}.{}").format(
            sql.Identifier(alias), sql.Identifier(holder.links[last].column)
        )

    def _join(self, steps: Sequence[str]) -> str:
        alias, holder = self.root, self.declared
        for step in steps:
            link = holder.links[step]
            joined = f"{alias}_{step}"
            if joined not in self.joins:
                self.joins[joined] = sql.SQL(
                    "LEFT JOIN {table} AS {joined} ON {joined}.tenant_id = {alias}.tenant_id"
                    " AND {joined}.id = {alias}.{column}"
                ).format(
                    table=sql.Identifier(link.target),
                    joined=sql.Identifier(joined),
                    alias=sql.Identifier(alias),
                    column=sql.Identifier(link.column),
                )
            alias, holder = joined, OBJECTS[link.target]
        return alias

    def source(self) -> sql.Composed:
        table = sql.SQL("FROM {} AS {}").format(
            sql.Identifier(self.declared.name), sql.Identifier(self.root)
        )
        return sql.SQL(" ").join([table, *self.joins.values()])

    def bind(self, value: Any) -> sql.Placeholder:
        self.parameters.append(value)
        return sql.Placeholder()

    def conditions(
        self, filters: Sequence[Filter], related: Sequence[RelatedFilter] = ()
    ) -> sql.Composable:
        parts = [self._condition(f) for f in filters]
        parts += [self._related(r) for r in related]
        if not parts:
            return sql.SQL("")
        return sql.SQL(" WHERE ") + sql.SQL(" AND ").join(parts)

    def _condition(self, wanted: Filter) -> sql.Composed:
        if wanted.field.endswith(".id") or wanted.field == "id":
            return self._identity_condition(wanted)
        column, declared, _ = self.column(wanted.field)
        operator = wanted.operator
        if operator in ("is_empty", "is_not_empty"):
            negation = sql.SQL("NOT ") if operator == "is_not_empty" else sql.SQL("")
            return negation + sql.SQL("({} IS NULL)").format(column)
        if declared.kind == "list":
            return self._list_condition(column, wanted)
        if operator == "contains":
            check_pattern(declared, wanted.value)
            pattern = f"%{escape_like(str(wanted.value))}%"
            return sql.SQL("unaccent({}) ILIKE unaccent({})").format(column, self.bind(pattern))
        if operator in ("in", "not_in"):
            values = [cast_value(declared, v) for v in as_list(wanted.value)]
            test = sql.SQL("{} = ANY({})").format(
                fold_column(column, declared), self._bound_list(declared, values)
            )
            return test if operator == "in" else sql.SQL("NOT ({})").format(test)
        if operator == "between":
            return self._between(column, declared, wanted)
        return self._comparison(column, declared, wanted)

    def _comparison(self, column: sql.Composed, declared: Column, wanted: Filter) -> sql.Composed:
        value = cast_value(declared, wanted.value)
        if wanted.operator in ("eq", "ne"):
            sign = sql.SQL("=" if wanted.operator == "eq" else "IS DISTINCT FROM")
            right = self.bind(value)
            compared: sql.Composable = sql.SQL("lower(unaccent({}))").format(right)
            left = fold_column(column, declared)
            return sql.SQL("{} {} {}").format(
                left, sign, compared if is_free_text(declared) else right
            )
        column = as_day(column, declared, value)
        sign = COMPARISONS[wanted.operator]
        return sql.SQL("{} {} {}").format(column, sign, self.bind(value))

    def _between(self, column: sql.Composed, declared: Column, wanted: Filter) -> sql.Composed:
        bounds = as_list(wanted.value)
        if len(bounds) != 2:
            raise InvalidInput(f"« {wanted.field} » : donnez deux bornes pour « between ».")
        low, high = (cast_value(declared, bound) for bound in bounds)
        column = as_day(column, declared, low)
        return sql.SQL("{} BETWEEN {} AND {}").format(column, self.bind(low), self.bind(high))

    def _bound_list(self, declared: Column, values: list[Any]) -> sql.Composable:
        if is_free_text(declared):
            return sql.SQL("ARRAY(SELECT lower(unaccent(v)) FROM unnest({}::text[]) v)").format(
                self.bind(values)
            )
        return self.bind(values)

    def _list_condition(self, column: sql.Composed, wanted: Filter) -> sql.Composed:
        if wanted.operator in (*COMPARISONS, "between"):
            raise InvalidInput(f"« {wanted.field} » est une liste : elle ne se compare pas.")
        values = [str(v) for v in as_list(wanted.value)]
        test = sql.SQL("{} && {}::text[]").format(column, self.bind(values))
        return sql.SQL("NOT ({})").format(test) if wanted.operator in ("ne", "not_in") else test

    def _identity_condition(self, wanted: Filter) -> sql.Composed:
        path = wanted.field.rpartition(".")[0]
        column: sql.Composable = (
            self.link_id(path)
            if path
            else sql.SQL("{}.{}").format(
                sql.Identifier(self.root), sql.Identifier(self.declared.key)
            )
        )
        if wanted.operator in ("is_empty", "is_not_empty"):
            return sql.SQL("{} IS {}NULL").format(
                column, sql.SQL("NOT " if wanted.operator == "is_not_empty" else "")
            )
        ids = [cast_uuid(v) for v in as_list(wanted.value)]
        test = sql.SQL("{} = ANY({})").format(column, self.bind(ids))
        return sql.SQL("NOT ({})").format(test) if wanted.operator in ("ne", "not_in") else test

    def _related(self, wanted: RelatedFilter) -> sql.Composed:
        child = get_object(wanted.object)
        path = _find_path(child, self.declared.name)
        if path is None:
            raise InvalidInput(
                f"« {child.plural} » et « {self.declared.plural} » ne sont pas liés."
            )
        inner = _Composer(child, f"{self.prefix}related_")
        link = inner.link_id(path)
        where = inner.conditions(wanted.filters)
        tie = sql.SQL("{} = {}.{}").format(
            link, sql.Identifier(self.root), sql.Identifier(self.declared.key)
        )
        glue = sql.SQL(" AND ") if wanted.filters else sql.SQL(" WHERE ")
        self.parameters.extend(inner.parameters)
        negation = sql.SQL("" if wanted.exists else "NOT ")
        return negation + sql.SQL("EXISTS (SELECT 1 {}{}{}{})").format(
            inner.source(), where, glue, tie
        )


def compose_list(
    name: str,
    filters: Sequence[Filter] = (),
    related: Sequence[RelatedFilter] = (),
    columns: Sequence[str] = (),
    order_by: str | None = None,
    descending: bool = False,
    limit: int = 20,
    most: int = MAX_ROWS,
) -> Statement:
    """Records of `name` meeting the conditions, with the count and the sums of them all.

    Column `record_id` is the id; `total_rows` counts beyond `limit`; `total_<i>` sums column i.
    """
    declared = get_object(name)
    composer = _Composer(declared)
    shown = [_output(composer, dotted) for dotted in (columns or declared.columns)]
    order, _, _ = composer.column(order_by or declared.order)
    where = composer.conditions(filters, related)
    summed = [c for c in shown if _is_summed(declared, c[1])]
    selected = [sql.SQL("{} AS {}").format(e, sql.Identifier(c.name)) for e, c in shown]
    selected += [
        sql.SQL("sum({}) OVER () AS {}").format(e, sql.Identifier(f"total_{c.name}"))
        for e, c in summed
    ]
    text = sql.SQL(
        "SELECT {root}.{key} AS record_id, count(*) OVER () AS total_rows, {columns}"
        " {source}{where}"
        " ORDER BY {order} {direction} NULLS LAST, {root}.{key} LIMIT {limit}"
    ).format(
        root=sql.Identifier(composer.root),
        key=sql.Identifier(declared.key),
        columns=sql.SQL(", ").join(selected),
        source=composer.source(),
        where=where,
        order=order,
        direction=sql.SQL("DESC" if descending else "ASC"),
        limit=composer.bind(max(1, min(limit, most))),
    )
    return Statement(
        text=text,
        parameters=tuple(composer.parameters),
        columns=tuple(c for _, c in shown),
        totals=tuple(c for _, c in summed),
    )


def _tell_apart(declared: BusinessObject, group_by: Sequence[Grouping]) -> list[Grouping]:
    """The groups, each name that is only known within its client followed by that client."""
    groups: list[Grouping] = []
    for wanted in group_by:
        groups.append(wanted)
        holder, found = resolve_field(declared, wanted.field)
        if found.name != holder.title or found.name != "name" or "account" not in holder.links:
            continue
        path = wanted.field.rpartition(".")[0]
        own = "account" if declared.link_path("account") else f"{path}.account".lstrip(".")
        client = f"{own}.{OBJECTS['accounts'].title}"
        if all(other.field != client for other in [*group_by, *groups]):
            groups.append(Grouping(field=client))
    return groups


def _is_summed(declared: BusinessObject, shown: OutputColumn) -> bool:
    found = declared.by_name.get(shown.name)
    return found is not None and found.kind in ("money", "energy") and found.is_additive


def compose_aggregate(
    name: str,
    measures: Sequence[Measure],
    group_by: Sequence[Grouping] = (),
    filters: Sequence[Filter] = (),
    related: Sequence[RelatedFilter] = (),
    having: Sequence[Bound] = (),
    descending: bool = True,
    limit: int = 50,
) -> Statement:
    """Counts, sums, averages, extremes, by groups if any; ordered by the first measure.

    Groups by the name of what several clients may have under one name (a site, a contact) are
    made by client too.
    """
    declared = get_object(name)
    composer = _Composer(declared)
    group_by = _tell_apart(declared, group_by)
    groups = [_group(composer, g) for g in group_by]
    computed = [_measure(composer, m) for m in (measures or [Measure()])]
    if groups and (not measures or measures[0].function in ("count", "sum")):
        computed.append(_share(computed[0][0]))
    selected = [
        sql.SQL("{} AS {}").format(e, sql.Identifier(c.name)) for e, c in (*groups, *computed)
    ]
    where = composer.conditions(filters, related)
    text = sql.SQL("SELECT {} {}{}").format(sql.SQL(", ").join(selected), composer.source(), where)
    if groups:
        by_date = any(g.bucket != "value" for g in group_by)
        order = 1 if by_date else len(groups) + 1
        bounds = sql.SQL(" AND ").join(
            sql.SQL("{} {} {}").format(
                computed[0][0], COMPARISONS[b.operator], composer.bind(_bound(b))
            )
            for b in having
        )
        text = text + sql.SQL(" GROUP BY {}{}{} ORDER BY {} {} NULLS LAST LIMIT {}").format(
            sql.SQL(", ").join(sql.Literal(i + 1) for i in range(len(groups))),
            sql.SQL(" HAVING " if having else ""),
            bounds,
            sql.Literal(order),
            sql.SQL("ASC" if by_date or not descending else "DESC"),
            composer.bind(max(1, min(limit, MAX_ROWS))),
        )
    return Statement(
        text=text,
        parameters=tuple(composer.parameters),
        columns=tuple(c for _, c in (*groups, *computed)),
    )


def compose_record(name: str, record_id: UUID) -> Statement:
    """One record, all its fields and the titles of what it is linked to."""
    declared = get_object(name)
    linked = [f"{step}.{OBJECTS[link.target].title}" for step, link in declared.links.items()]
    columns = [*linked, *(f.name for f in declared.fields)]
    condition = Filter(field="id", value=str(record_id))
    return compose_list(name, [condition], columns=columns, limit=1)


def render(text: sql.Composed, parameters: Sequence[Any]) -> str:
    """The statement with its values written in, for display only."""
    values = iter(parameters)
    return "".join(
        sql.Literal(next(values)).as_string() if isinstance(part, sql.Placeholder)
        else part.as_string()
        for part in _flatten(text)
    )  # fmt: skip


def _flatten(composable: sql.Composable) -> list[sql.Composable]:
    if isinstance(composable, sql.Composed):
        return [leaf for part in composable for leaf in _flatten(part)]
    return [composable]


def _output(composer: _Composer, dotted: str) -> tuple[sql.Composed, OutputColumn]:
    expression, declared, holder = composer.column(dotted)
    label = declared.label
    if "." in dotted and declared.name == holder.title:
        label = holder.singular[0].upper() + holder.singular[1:]
        step = dotted.split(".")[-2]
        if step in composer.declared.links:
            label = composer.declared.links[step].label
    return expression, OutputColumn(
        name=dotted, label=label, kind=declared.kind, unit=declared.unit,
        object=holder.name, field=declared.name,
    )  # fmt: skip


def _share(measure: sql.Composed) -> tuple[sql.Composed, OutputColumn]:
    """The part of each group in the whole of the groups kept, in percent."""
    whole = sql.SQL("nullif(sum({}) OVER (), 0)").format(measure)
    return sql.SQL("round(100.0 * {} / {}, 2)").format(measure, whole), OutputColumn(
        name="share", label="Part", kind="percent", unit="%"
    )


def _group(composer: _Composer, wanted: Grouping) -> tuple[sql.Composed, OutputColumn]:
    expression, shown = _output(composer, wanted.field)
    if wanted.bucket == "value":
        return expression, shown
    if shown.kind not in TEMPORAL_KINDS:
        raise InvalidInput(f"« {wanted.field} » n’est pas une date : regroupez par sa valeur.")
    label = {"month": "Mois", "quarter": "Trimestre", "year": "Année"}[wanted.bucket]
    bucketed = sql.SQL("to_char({}, {})").format(
        expression, sql.Literal(BUCKET_FORMATS[wanted.bucket])
    )
    return bucketed, OutputColumn(
        name=f"{wanted.field}_{wanted.bucket}", label=label, kind=wanted.bucket
    )


def _measure(composer: _Composer, wanted: Measure) -> tuple[sql.Composed, OutputColumn]:
    if wanted.function == "count" or wanted.field is None:
        label = f"Nombre de {composer.declared.plural}"
        if composer.declared.plural[0] in "aeiouéèêh":
            label = f"Nombre d’{composer.declared.plural}"
        return sql.SQL("count(*)").format(), OutputColumn(name="count", label=label, kind="number")
    expression, shown = _output(composer, wanted.field)
    if wanted.function in ("sum", "avg") and shown.kind not in NUMERIC_KINDS:
        raise InvalidInput(f"« {wanted.field} » n’est pas un nombre : on ne peut ni le sommer "
                           "ni en faire la moyenne.")  # fmt: skip
    words = {"sum": "total", "avg": "moyen", "min": "le plus bas", "max": "le plus haut"}
    computed = sql.SQL("{}({})").format(sql.SQL(wanted.function), expression)
    if wanted.function == "avg":
        computed = sql.SQL("round({}, 2)").format(computed)
    label = f"{shown.label} ({words[wanted.function]})"
    return computed, shown.model_copy(
        update={"name": f"{wanted.function}_{wanted.field}", "label": label}
    )


def _find_path(child: BusinessObject, parent: str) -> str | None:
    """The links that lead from `child` to records of `parent`."""
    for step, link in child.links.items():
        if link.target == parent and step not in ("parent", "opened_by"):
            return step
    for path in child.paths.values():
        holder = child
        for step in path.split("."):
            holder = OBJECTS[holder.links[step].target]
        if holder.name == parent:
            return path
    return None


def _bound(wanted: Bound) -> Decimal:
    try:
        return read_number(wanted.value)
    except (ValueError, InvalidOperation) as error:
        raise InvalidInput(f"« {wanted.value} » n’est pas un nombre.") from error
