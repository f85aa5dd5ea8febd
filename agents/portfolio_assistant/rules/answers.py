"""The French of the deterministic answers, with the marks that cite each fact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agents.portfolio_assistant.rules.quoting import list_bearing
from agents.portfolio_assistant.rules.reading import Reading, lower_label
from agents.portfolio_assistant.rules.scene import Named
from agents.portfolio_assistant.rules.transcript import Run
from core.formats import NBSP, count_noun, format_number, join_words
from crm.catalogue import BusinessObject
from crm.objects import OBJECTS, resolve_field

SHOWN_IN_SENTENCE = 3
SHOWN_AS_LINES = 6
BEARING_SHOWN = 3
UNKNOWN = "–"


def tell_records(reading: Reading, runs: Sequence[Run]) -> str:
    """The answer of the CRM reads, chosen by what was asked."""
    declared, first = reading.declared, runs[0]
    if first.tool == "get_account_overview":
        return _tell_overview(first)
    if first.tool == "get_record":
        return _tell_record(declared, first)
    if first.tool == "aggregate_records":
        return _tell_aggregate(reading, declared, runs)
    if first.result["total"] == 0:
        return _tell_none(reading, declared, first)
    if reading.operation == "count":
        return _tell_count(reading, declared, runs)
    told = _tell_list(reading, declared, first)
    if first.result["total"] == 1 or reading.limit == 1:
        told = _tell_one(reading, declared, first)
    return f"Oui{NBSP}: {_lower_first(told)}" if reading.operation == "exists" else told


def _tell_aggregate(reading: Reading, declared: BusinessObject, runs: Sequence[Run]) -> str:
    if reading.operation == "share":
        return _tell_shares(reading, declared, runs[0])
    if reading.groups:
        return _tell_groups(reading, declared, runs[0])
    return _tell_figure(reading, declared, runs)


def has_result(runs: Sequence[Run]) -> bool:
    """Tell whether the first read found anything."""
    result = runs[0].result
    rows = result.get("lignes", [])
    if runs[0].failure is not None or not rows:
        return False
    if runs[0].tool == "aggregate_records":
        return any(value not in (UNKNOWN, "0") for row in rows for value in row.values())
    return True


def _tell_overview(run: Run) -> str:
    row: Mapping[str, Any] = run.result["lignes"][0]
    cite = f"[{run.mark}]"
    major = row["major_non_conformities"]
    lines = [
        f"**{row['name']}** – {lower_label(row['segment'])}, {lower_label(row['status'])}, "
        f"{row['city']} ({row['region']}). Responsable{NBSP}: {row['owner']}. {cite}",
        "",
    ]
    lines += [f"- **{title}**{NBSP}: {fact}. {cite}" for title, fact in _overview_facts(row, major)]
    return "\n".join(lines)


def _overview_facts(row: Mapping[str, str], major: str) -> list[tuple[str, str]]:
    """The facts of the 360° view that say something."""
    contracts = [row["active_contracts"]]
    if row["active_contracts"] != "0":
        contracts[0] += f", pour {row['active_revenue_eur']} par an"
    for name, words in (("next_end_on", "prochaine échéance le"),
                        ("next_notice_on", "prochaine limite de préavis le")):  # fmt: skip
        if row[name] != UNKNOWN:
            contracts.append(f"{words} {row[name]}")
    points = [
        f"{row[f'{energy}_points']} en {word} ({row[f'{energy}_mwh']})"
        for energy, word in (("electricity", "électricité"), ("gas", "gaz"))
        if row[f"{energy}_points"] != "0"
    ]
    tenders = row["open_tenders"]
    if tenders != "0" and row["pipeline_eur"] != UNKNOWN:
        tenders += f", pour {row['pipeline_eur']}"
    quality = row["open_non_conformities"]
    if major not in ("0", UNKNOWN):
        quality += f", dont {major} de gravité majeure"
    exchanges = [
        f"{word} du {row[name]}"
        for name, word in (("last_email_at", "courriel"), ("last_meeting_at", "réunion"))
        if row[name] != UNKNOWN
    ]
    return [
        ("Contrats en cours", f"{NBSP}; ".join(contracts)),
        ("Points de livraison",
         f"{join_words(points)}, sur {row['sites']} sites" if points else "aucun"),
        ("Appels d’offres en cours", tenders),
        ("Non-conformités ouvertes", quality),
        ("Opportunités ouvertes", row["open_opportunities"]),
        ("Tâches ouvertes", row["open_tasks"]),
        ("Derniers échanges", join_words(exchanges) or "aucun enregistré"),
    ]  # fmt: skip


def _tell_figure(reading: Reading, declared: BusinessObject, runs: Sequence[Run]) -> str:
    row: Mapping[str, str] = runs[0].result["lignes"][0]
    cite = f"[{runs[0].mark}]"
    name = next(iter(k for k in row if k not in ("count", "id")))
    if row[name] == UNKNOWN:
        return _tell_none(reading, declared, runs[0])
    assert reading.measure is not None  # noqa: S101 - figures come from a measure
    measured = OBJECTS[reading.measure[0]].by_name[reading.measure[1]]
    label = lower_label(measured.label)
    noun = _noun(declared, row["count"])
    opening = {"sum": "Au total", "avg": "En moyenne"}.get(reading.operation, "Résultat")
    sentence = f"{opening}, **{row[name]}** ({label}), sur **{noun}**{_conditions(reading)}. {cite}"
    return sentence + _tell_statuses(runs[1:], name)


def _tell_record(declared: BusinessObject, run: Run) -> str:
    """A whole record, field by field, the empty ones left out."""
    row: Mapping[str, str] = run.result["lignes"][0]
    cite = f"[{run.mark}]"
    title = row.get(declared.title, UNKNOWN)
    labels: Mapping[str, str] = run.result["colonnes"]
    lines = [
        f"- {labels[name]}{NBSP}: {value}"
        for name, value in row.items()
        if name in labels and value != UNKNOWN and name != declared.title
    ]
    return "\n".join([f"**{declared.singular[:1].upper()}{declared.singular[1:]} {title}** {cite}",
                      "", *lines])  # fmt: skip


def _tell_shares(reading: Reading, declared: BusinessObject, run: Run) -> str:
    rows: Sequence[Mapping[str, str]] = run.result["lignes"]
    if not rows:
        return _tell_none(reading, declared, run)
    key = next(iter(run.result["colonnes"]))
    label = lower_label(str(run.result["colonnes"][key]))
    for condition in [f for f in reading.filters if f.field == key]:
        reading.drop(condition)  # its values are those compared
    parts = [f"{row[key]} **{row['share']}** ({row['count']})" for row in rows]
    return (
        f"Répartition des {declared.plural} par {label}{_conditions(reading)}{NBSP}: "
        f"{join_words(parts)}. [{run.mark}]\n\n[TABLEAU {run.mark}]"
    )


def _tell_count(reading: Reading, declared: BusinessObject, runs: Sequence[Run]) -> str:
    total = runs[0].result["total"]
    cite = f"[{runs[0].mark}]"
    sentence = f"**{_noun(declared, total)}**{_conditions(reading)}. {cite}"
    sentence += _tell_statuses(runs[1:], "count")
    if total <= 12 or reading.filters:
        sentence += f"\n\n[TABLEAU {runs[0].mark}]"
    return sentence


def _tell_statuses(runs: Sequence[Run], name: str) -> str:
    if not runs or runs[0].failure is not None or len(runs[0].result["lignes"]) < 2:
        return ""
    rows = runs[0].result["lignes"]
    parts = [f"{row['status'].lower()} {row[name]}" for row in rows]
    return f"\n\nPar statut{NBSP}: {join_words(parts)}. [{runs[0].mark}]"


def _tell_groups(reading: Reading, declared: BusinessObject, run: Run) -> str:
    rows: Sequence[Mapping[str, str]] = run.result["lignes"]
    if not rows:
        return _tell_none(reading, declared, run)
    cite = f"[{run.mark}]"
    keys = [name for name in run.result["colonnes"] if not _is_measure(name)]
    figure = next(name for name in run.result["colonnes"] if _is_measure(name))
    first = rows[0]
    lead = " – ".join(first[key] for key in keys)
    if reading.operation in ("max", "min") and (reading.limit or 1) == 1:
        return (
            f"**{lead}** arrive en tête avec **{_figure(first, figure, declared)}**"
            f"{_conditions(reading)}. {cite}"
            if reading.operation == "max"
            else f"**{lead}** est au plus bas avec **{_figure(first, figure, declared)}**"
            f"{_conditions(reading)}. {cite}"
        )
    shown = [
        f"{' – '.join(row[k] for k in keys)} ({_figure(row, figure, declared)})"
        for row in rows[:SHOWN_IN_SENTENCE]
    ]
    if reading.having:
        return (
            f"**{count_noun(len(rows), 'résultat', 'résultats')}**{_conditions(reading)}{NBSP}: "
            f"{join_words(shown)}{', puis les autres ci-dessous' if len(rows) > 3 else ''}. {cite}"
            f"\n\n[TABLEAU {run.mark}]"
        )
    labels = join_words([str(run.result["colonnes"][key]).lower() for key in keys])
    opening = f"Répartition par {labels}{_conditions(reading)}{NBSP}: {join_words(shown)}"
    more = ", puis les autres ci-dessous" if len(rows) > SHOWN_IN_SENTENCE else ""
    return f"{opening}{more}. {cite}\n\n[TABLEAU {run.mark}]"


def _figure(row: Mapping[str, str], name: str, declared: BusinessObject) -> str:
    if name == "count":
        return _noun(declared, row[name])
    return row[name]


def _is_measure(name: str) -> bool:
    return name in ("count", "share") or name.startswith(("sum_", "avg_", "min_", "max_"))


def _tell_one(reading: Reading, declared: BusinessObject, run: Run) -> str:
    row: Mapping[str, str] = run.result["lignes"][0]
    cite = f"[{run.mark}]"
    title = row.get(declared.title) or next(iter(row.values()))
    account = f" ({row['account.name']})" if row.get("account.name", UNKNOWN) != UNKNOWN else ""
    asked = [
        column
        for column in dict.fromkeys([*reading.columns, *filter(None, [reading.order_by])])
        if column in row and column not in (declared.title, "account.name")
    ]
    if not asked:
        head = f"**{title}**{account}"
        if reading.told:
            return (
                f"Un résultat{_conditions(reading)}{NBSP}: {head}. {cite}\n\n[TABLEAU {run.mark}]"
            )
        return f"{head}. {cite}\n\n[TABLEAU {run.mark}]"
    facts = join_words([f"{_column_label(declared, c)} **{row[c]}**" for c in asked])
    return f"**{title}**{account}{NBSP}: {facts}. {cite}\n\n[TABLEAU {run.mark}]"


def _column_label(declared: BusinessObject, dotted: str) -> str:
    if dotted.endswith("owner.full_name"):
        return "responsable"
    return lower_label(resolve_field(declared, dotted)[1].label)


def _tell_list(reading: Reading, declared: BusinessObject, run: Run) -> str:
    total = run.result["total"]
    cite = f"[{run.mark}]"
    asked = [c for c in reading.columns if c in run.result["colonnes"] and c != declared.title]
    if asked and total <= SHOWN_AS_LINES and reading.order_by is None:
        return _tell_lines(reading, declared, run, asked)
    sums = [
        f"{lower_label(str(run.result['colonnes'][name]))}, **{value}** au total"
        for name, value in run.result["sommes"].items()
        if value != UNKNOWN
    ]
    shown = len(run.result["lignes"])
    if reading.limit is not None and total > shown:
        opening = f"Les {format_number(shown)} premiers résultats sur {_noun(declared, total)}"
        if shown == 1:
            opening = f"Premier résultat sur {_noun(declared, total)}"
    else:
        opening = f"**{_noun(declared, total)}**"
    summed = f"{NBSP}: {' ; '.join(sums)}" if sums and shown == total else ""
    return f"{opening}{_conditions(reading)}{summed}. {cite}\n\n[TABLEAU {run.mark}]"


def _tell_lines(reading: Reading, declared: BusinessObject, run: Run, asked: Sequence[str]) -> str:
    """A few records with the fields asked for, a line each."""
    lines = [
        f"- **{row.get(declared.title) or row['account.name']}**{NBSP}: "
        + join_words([f"{_column_label(declared, c)} {row[c]}" for c in asked])
        + f" [{run.mark}]"
        for row in run.result["lignes"]
    ]
    opening = f"**{_noun(declared, run.result['total'])}**{_conditions(reading)}{NBSP}:"
    return "\n".join([opening, "", *lines, "", f"[TABLEAU {run.mark}]"])


def _tell_none(reading: Reading, declared: BusinessObject, run: Run) -> str:
    none = "Aucune" if declared.is_feminine else "Aucun"
    found = "enregistrée" if declared.is_feminine else "enregistré"
    return (
        f"{none} {declared.singular} {found}{_conditions(reading)} dans les données que vous "
        f"pouvez consulter. [{run.mark}]"
    )


def _conditions(reading: Reading) -> str:
    told = list(dict.fromkeys(reading.told))
    return f" ({' ; '.join(told)})" if told else ""


def _noun(declared: BusinessObject, count: int | str) -> str:
    if isinstance(count, str):
        singular = count in ("0", "1")
        return f"{count}{NBSP}{declared.singular if singular else declared.plural}"
    return count_noun(count, declared.singular, declared.plural)


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


def tell_proposal(run: Run) -> str:
    """A change now waiting, field by field; or why it could not be proposed."""
    result = run.result
    if run.failure is not None:
        return f"[STATUT refus]Je n’ai pas pu préparer ce changement. {run.failure}"
    waits = "Rien n’est écrit tant qu’une personne habilitée ne l’a pas approuvé."
    if result["accords_necessaires"] > 1:
        waits = "Rien n’est écrit tant que deux personnes habilitées ne l’ont pas approuvé."
    is_named = result["client"] and result["client"] in result["proposition"]
    client = f", client {result['client']}" if result["client"] and not is_named else ""
    title = f"J’ai préparé ce changement{NBSP}: {_lower_first(result['proposition'])}{client}."
    return f"[STATUT accueil]{title} {waits}"


def ask_which(named: Named) -> str:
    """The question back when a name fits several records."""
    options = "\n".join(f"- {name}" for name, _ in named.candidates[:8])
    return (
        f"[STATUT precision]« {named.text} » peut désigner plusieurs enregistrements. Duquel "
        f"parlez-vous{NBSP}?\n\n{options}"
    ).replace("« ", f"«{NBSP}").replace(" »", f"{NBSP}»")  # fmt: skip


def tell_unknown(names: Sequence[str], searches: Sequence[Run] = ()) -> str:
    """No record answers to a name or a code of the question, which documents found may bear."""
    quoted = join_words([f"«{NBSP}{name}{NBSP}»" for name in names], "ni")
    line = (
        f"[STATUT sans_reponse]Je ne trouve pas {quoted} parmi les fiches que vous pouvez "
        "consulter."
    )
    bearing = list_bearing(searches, names)
    if not bearing:
        return f"{line} Vérifiez l’orthographe ou la référence, ou donnez le nom complet."
    places = join_words(bearing[:BEARING_SHOWN])
    return (
        f"{line} Les documents en parlent ({places}), mais aucun passage n’y répond assez "
        "sûrement à votre question."
    )
