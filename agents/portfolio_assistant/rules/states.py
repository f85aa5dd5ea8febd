"""Conditions told by a turn of phrase: open, late, still to submit, «lot 2»."""

from __future__ import annotations

from agents.portfolio_assistant.rules import cues
from agents.portfolio_assistant.rules.reading import OPEN_STATUSES, Reading, tell_open
from agents.portfolio_assistant.rules.scene import Scene
from crm.query_parts import Filter

TO_SUBMIT = ("detected", "qualifying", "go")
NATIONAL_OPERATORS = ["Enedis", "GRDF"]


def read_states(scene: Scene, reading: Reading) -> None:
    """States of the target itself: open, late, present, not begun, numbered."""
    target = reading.declared
    is_late = scene.says(cues.LATE)
    if is_late:
        _add_late(scene, reading)
    if target.name == "tenders":
        _read_tender_cues(scene, reading)
    if target.name == "contracts":
        _read_contract_states(scene, reading)
    if target.name == "tender_lots":
        _read_lot_numbers(scene, reading)
    is_future = target.name == "contracts" and scene.says(cues.NOT_STARTED)
    if target.name in OPEN_STATUSES and not is_future and (is_late or _asks_open(scene)):
        reading.add_statuses(OPEN_STATUSES[target.name], tell_open(target))
    if scene.says(cues.LOCAL_OPERATOR):
        condition = Filter(field="grid_operator", operator="not_in", value=[*NATIONAL_OPERATORS])
        reading.place("delivery_points", condition, "entreprises locales de distribution")


def _read_contract_states(scene: Scene, reading: Reading) -> None:
    if _is_present_figure(scene, reading):
        reading.add_statuses(OPEN_STATUSES["contracts"], "contrats en cours")
    if scene.says(cues.FROM_TENDER):
        reading.add(Filter(field="tender.id", operator="is_not_empty"), "nés d’un appel d’offres")
    if scene.says(cues.NOT_STARTED):
        reading.add(Filter(field="start_on", operator="gt", value=scene.today.isoformat()),
                    "pas encore commencés")  # fmt: skip


def _asks_open(scene: Scene) -> bool:
    return scene.says(cues.OPEN) or (scene.target == "tasks" and scene.says(cues.MY_ERRANDS))


def _read_lot_numbers(scene: Scene, reading: Reading) -> None:
    numbers = [int(m["number"]) for m in cues.LOT_NUMBER.finditer(scene.folded)]
    if numbers:
        told = f"lot {' et '.join(map(str, numbers))}"
        reading.add(
            Filter.model_validate({"field": "number", "operator": "in", "value": numbers}), told
        )


def _is_present_figure(scene: Scene, reading: Reading) -> bool:
    """A total over contracts speaks of those in force, unless the question says otherwise."""
    is_figure = reading.operation in ("sum", "avg") or bool(reading.groups)
    is_settled = scene.period is not None or scene.says(cues.ALL_TIMES)
    return is_figure and not is_settled


def _add_late(scene: Scene, reading: Reading) -> None:
    today = scene.today.isoformat()
    if "due_on" in reading.declared.by_name:
        reading.add(Filter(field="due_on", operator="lt", value=today), "en retard")
    elif reading.target == "contracts":
        reading.add(
            Filter(field="notice_deadline_on", operator="lt", value=today), "préavis dépassé"
        )


def _read_tender_cues(scene: Scene, reading: Reading) -> None:
    if scene.says(cues.TO_SUBMIT):
        reading.add_statuses(TO_SUBMIT, "encore à remettre")
    if scene.says(cues.FROM_WATCH):
        reading.add(Filter(field="market_watch.id", operator="is_not_empty"), "venus de la veille")
