"""A question read against the declarations, and follow-ups completed by what came before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from agents.portfolio_assistant.rules.aims import read_aim, read_order
from agents.portfolio_assistant.rules.conditions import read_conditions
from agents.portfolio_assistant.rules.doubts import (
    LOST,
    asks_beyond,
    find_unknown_names,
    list_obscure,
    weigh_doubt,
)
from agents.portfolio_assistant.rules.reading import Reading
from agents.portfolio_assistant.rules.scene import Named, make_scene, path_to
from agents.portfolio_assistant.rules.targets import choose_target
from crm.objects import OBJECTS
from crm.query_parts import Filter


def read_question(
    question: str,
    names: Sequence[Named],
    unknown_codes: Sequence[str],
    today: dt.date,
    default_target: str | None = None,
) -> Reading:
    """Read one question; nothing is looked up.

    `default_target` is the object of the question before, for a follow-up that names none.
    """
    scene = make_scene(question, names, unknown_codes, today)
    target, is_explicit = choose_target(scene)
    if default_target is not None and not is_explicit:
        target = default_target
    reading = Reading(question, target, names=tuple(names), has_explicit_target=is_explicit)
    if target is not None:
        scene = scene.about(target)
        read_aim(scene, reading)
        scene = scene.about(reading.declared.name)
        read_conditions(scene, reading)
        read_order(scene.about(reading.declared.name), reading)
        scene = scene.about(reading.declared.name)
    reading.doubt = weigh_doubt(scene, reading)
    reading.obscure = list_obscure(scene, reading)
    reading.is_beyond = asks_beyond(scene, reading)
    reading.unknown = (*unknown_codes, *find_unknown_names(scene, reading))
    return reading


def merge_readings(before: Reading, now: Reading) -> Reading:
    """A follow-up («et en gaz ?», «et pour Le Goff ?») completes the question before it."""
    if now.has_explicit_target and now.target != before.target:
        kept = [f for f in before.filters if f.field.split(".")[-1] == "id"]
        moved = _moved(kept, before, now)
        told = before.told[: len(moved)]
        if before.filters and not moved:
            now = replace(now, doubt=now.doubt + LOST)
        return replace(now, filters=[*moved, *now.filters], told=[*told, *now.told])
    settled = {_subject(f) for f in now.filters}
    filters = [f for f in before.filters if _subject(f) not in settled]
    told = [t for f, t in zip(before.filters, before.told, strict=False) if f in filters]
    return replace(
        before,
        question=now.question,
        filters=[*filters, *now.filters],
        related=[*before.related, *now.related],
        told=[*told, *now.told],
        operation=now.operation if now.operation != "list" else before.operation,
        measure=now.measure or before.measure,
        groups=now.groups or before.groups,
        columns=now.columns or before.columns,
        order_by=now.order_by or before.order_by,
        limit=now.limit or before.limit,
        names=now.names,
        unknown=now.unknown,
        doubt=now.doubt,
        obscure=now.obscure,
        is_beyond=now.is_beyond,
        has_explicit_target=before.has_explicit_target,
    )


def _subject(condition: Filter) -> str:
    """What a condition is about: a later one on the same subject replaces it."""
    holder, _, column = condition.field.rpartition(".")
    return f"{holder}.id" if column == "id" else column


def _moved(kept: Sequence[Filter], before: Reading, now: Reading) -> list[Filter]:
    """Conditions on a client carried over to another object."""
    moved: list[Filter] = []
    path = path_to(OBJECTS[now.declared.name], "accounts")
    for condition in kept:
        holder = condition.field.rpartition(".")[0]
        is_account = holder.endswith("account") or (not holder and before.target == "accounts")
        if is_account and now.target == "accounts":
            moved.append(condition.model_copy(update={"field": "id"}))
        elif is_account and path is not None:
            moved.append(condition.model_copy(update={"field": f"{path}.id"}))
    return moved
