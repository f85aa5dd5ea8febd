"""Official forms whose headings are gone: the order and the shape of their values remain.

The forms give their values in one order; codes, dates and weights have shapes of their own. What
neither tells for sure is left out: weights count as such only when they make a whole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ingest.notices.criteria import guess_kind, parse_weight
from ingest.notices.notice import Criterion, Lot, Moment, Notice, Proof
from ingest.notices.wording import (
    parse_day,
    parse_duration,
    parse_time,
    recognise_energy,
    to_decimal,
)

CPV_LINE = re.compile(r"^(\d{8})(?:-\d)?$")
NUTS_LINE = re.compile(r"^[A-Z]{2}[A-Z0-9]{0,3}$")
DAY_LINE = re.compile(r"^(?:\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{4})$")
HOUR_LINE = re.compile(r"^\d{1,2}[:h]\d{2}$")
LANGUAGE_LINE = re.compile(r"^[A-Z]{2}$")
WEIGHT_LINE = re.compile(r"^(\d{1,3}(?:[.,]\d+)?)\s?(?:%|points?|pts?)?$")
AMOUNT_LINE = re.compile(r"^\d{3,}(?:[.,]\d{1,2})?(?: EUR)?$")
HEADER = re.compile(r"^(?:https?://|www\.)|@|^\+?\d[\d .]{7,}$|^[A-Z]{2}[A-Z0-9]{0,3}$|^[A-Z_]{6,}$"
                    r"|^\d{5}$", re.IGNORECASE)  # fmt: skip
UPPER_CODE = re.compile(r"^[A-Z][A-Z_]{4,}$")
REFERENCE = re.compile(r"^(?=.*\d)\S{1,25}(?: \S{1,15}){0,3}$")
LOT_NUMBER = re.compile(
    r"^(?:lots?\b.{0,60}|[0-9]{1,3}[A-Z]?(?: -)?|[A-Z][0-9]{0,2})$", re.IGNORECASE
)
NATURES = {"SERVICES": "services", "SUPPLIES": "supplies", "WORKS": "works"}
WHOLE, LEAST_AMOUNT = Decimal(100), Decimal(500)


@dataclass(frozen=True)
class _Group:
    """Where the codes of a lot stand: [start, end) of its CPV and NUTS lines; `head` its first."""

    head: int
    start: int
    end: int
    number: str | None
    title: str | None


def read_bare_text(text: str) -> Notice | None:
    """The notice of a form's values alone; None where no main CPV code or deadline is found."""
    lines = [stripped for line in text.splitlines() if (stripped := line.strip())]
    main = _find_main(lines)
    if main is None:
        return None
    deadline_at, deadline = _find_deadline(lines, main)
    if deadline is None:
        return None
    title, reference = _read_title(lines, main)
    nature = next((n for n in range(main + 1, min(main + 6, len(lines))) if lines[n] in NATURES),
                  main)  # fmt: skip
    groups = _list_groups(lines, nature + 1, deadline_at) or [_whole(main + 1)]
    ends = [*(group.head for group in groups[1:]), deadline_at]
    cpv = lines[main][:8]
    return Notice(
        source="ted",
        form="texte sans rubriques",
        kind="contract",
        buyer=lines[0] if main > 0 and not HEADER.search(lines[0]) else None,
        reference=reference,
        title=title,
        nature=NATURES.get(lines[nature]),
        cpv=cpv,
        lots=tuple(_read_lot(lines, group, end, title or "", cpv)
                   for group, end in zip(groups, ends, strict=True)),
        announced_lots=len(groups) if len(groups) > 1 else None,
        deadline=deadline,
        proofs={
            "cpv": Proof(f"ligne {main + 1}", lines[main]),
            "deadline": Proof(f"ligne {deadline_at + 1}", lines[deadline_at]),
        },
    )  # fmt: skip


def _find_main(lines: Sequence[str]) -> int | None:
    """The CPV code that the contract's nature follows, else the first code."""
    codes = [n for n, line in enumerate(lines) if CPV_LINE.match(line)]
    followed = [n for step in (1, 2) for n in codes if lines[n + step : n + step + 1]
                and lines[n + step] in NATURES]  # fmt: skip
    return next(iter([*followed, *codes]), None)


def _whole(start: int) -> _Group:
    return _Group(start, start, start, None, None)


def _find_deadline(lines: Sequence[str], main: int) -> tuple[int, Moment | None]:
    """The first day that an hour, or the code of a language, follows."""
    for n in range(main + 1, len(lines) - 1):
        hour = HOUR_LINE.match(lines[n + 1])
        if DAY_LINE.match(lines[n]) and (hour or LANGUAGE_LINE.match(lines[n + 1])):
            day = parse_day(lines[n])
            return n, Moment(day, parse_time(lines[n + 1]) if hour else None) if day else None
    return len(lines), None


def _read_title(lines: Sequence[str], main: int) -> tuple[str | None, str | None]:
    before = lines[max(0, main - 2) : main]
    if len(before) < 2:
        return None, None
    if REFERENCE.match(before[1]) and not HEADER.search(before[0]):
        return before[0], before[1]
    return (None, None) if UPPER_CODE.match(before[1]) else (before[1], None)


def _list_groups(lines: Sequence[str], first: int, last: int) -> list[_Group]:
    """The runs of CPV lines followed by NUTS lines, each with the lot's number and title above."""
    groups: list[_Group] = []
    n = first
    while n < last:
        end = n
        while end < last and (CPV_LINE.match(lines[end]) or _is_place(lines[end])):
            end += 1
        if any(_is_place(line) for line in lines[n:end]):
            groups.append(_make_group(lines, n, end))
        n = max(end, n + 1)
    return groups


def _is_place(line: str) -> bool:
    """A NUTS code, or a supplementary CPV code, which has the same shape."""
    return bool(NUTS_LINE.match(line)) and line not in NATURES


def _make_group(lines: Sequence[str], start: int, end: int) -> _Group:
    number = lines[start - 1] if LOT_NUMBER.match(lines[start - 1]) else None
    if number is None or AMOUNT_LINE.match(number):
        return _Group(start, start, end, None, None)
    above = lines[start - 2]
    is_value = AMOUNT_LINE.match(above) or WEIGHT_LINE.match(above) or DAY_LINE.match(above)
    return _Group(start - 1 if is_value else start - 2, start, end, number,
                  None if is_value else above)  # fmt: skip


def _read_lot(lines: Sequence[str], group: _Group, end: int, title: str, main: str) -> Lot:
    codes = tuple(dict.fromkeys(
        found[1] for line in lines[group.start : group.end] if (found := CPV_LINE.match(line))
    ))  # fmt: skip
    nuts = tuple(line for line in lines[group.start : group.end] if NUTS_LINE.match(line))
    body = lines[group.end : end]
    criteria, after = _read_criteria(body, group.end)
    amount = next((line for line in body[after:] if AMOUNT_LINE.match(line)), None)
    value = to_decimal(amount.removesuffix(" EUR")) if amount else None
    span = next((line for line in body[after:] if len(line) < 15 and parse_duration(line)), None)
    return Lot(
        number=group.number,
        title=group.title,
        energy=recognise_energy(group.title or title, codes or (main,)),
        cpv=codes,
        nuts=tuple(dict.fromkeys(nuts)),
        value=value if value is not None and value >= LEAST_AMOUNT else None,
        currency="EUR" if value is not None and value >= LEAST_AMOUNT else None,
        duration=parse_duration(span) if span else None,
        criteria=criteria,
    )


def _read_criteria(body: Sequence[str], offset: int) -> tuple[tuple[Criterion, ...], int]:
    """The run of names and weights that makes 100, the price bare at its end; where it ends."""
    for start in range(len(body) - 1):
        if WEIGHT_LINE.match(body[start]) or not WEIGHT_LINE.match(body[start + 1]):
            continue
        pairs: list[tuple[str, str, int]] = []
        total, n = Decimal(0), start
        while n < len(body) and total < WHOLE:
            if WEIGHT_LINE.match(body[n]):
                name, weight, step = "Prix", body[n], 1
            elif n + 1 < len(body) and WEIGHT_LINE.match(body[n + 1]):
                name, weight, step = body[n], body[n + 1], 2
            else:
                break
            pairs.append((name, weight, n))
            total += parse_weight(weight) or Decimal(0)
            n += step
        if total == WHOLE and sum(name == "Prix" for name, _, _ in pairs) <= 1:
            return tuple(_make(pair, offset) for pair in _name_price(pairs)), n
    return (), 0


def _name_price(pairs: Sequence[tuple[str, str, int]]) -> list[tuple[str, str, int]]:
    """A single weight of 100 is the price's: what stands above it is the description."""
    return [("Prix", pairs[0][1], pairs[0][2])] if len(pairs) == 1 else list(pairs)


def _make(pair: tuple[str, str, int], offset: int) -> Criterion:
    name, weight, place = pair
    return Criterion(name, guess_kind(name), parse_weight(weight), weight,
                     Proof(f"ligne {offset + place + 1}", f"{name} {weight}"))  # fmt: skip
