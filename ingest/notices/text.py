"""Notices printed as text: their headings lead to the values; what has no heading is not read."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

from core.words import fold
from ingest.notices.bare_text import read_bare_text
from ingest.notices.criteria import are_elsewhere, read_criteria
from ingest.notices.errors import NoticeUnreadable
from ingest.notices.labels import Passage, cut_passages
from ingest.notices.notice import Duration, Lot, Moment, Notice, Procedure, Proof
from ingest.notices.wording import (
    find_cpv,
    make_duration,
    parse_amount,
    parse_day,
    parse_duration,
    parse_moment,
    parse_yes,
    recognise_energy,
)

Word = TypeVar("Word", bound=str)
NATURES = (("fourniture", "supplies"), ("service", "services"), ("travaux", "works"))
PROCEDURES: tuple[tuple[str, Procedure], ...] = (
    ("negoci", "negotiated"), ("dialogue", "negotiated"), ("adaptee", "adapted"),
    ("restreint", "restricted"), ("ouvert", "open"), ("innovation", "negotiated"),
)  # fmt: skip
TELLING = {"cpv", "cpv_more", "deadline", "criteria", "division"}
"""Fields one of which a printed notice cannot do without."""
OF_LOTS = {"lot_number", "title", "cpv_more", "cpv", "place", "nuts", "prestations", "description",
           "criteria", "value", "duration", "start", "end", "renewal", "renewal_text", "variants",
           "options"}  # fmt: skip
REFERENCE = re.compile(r"num[ée]ro de r[ée]f[ée]rence\s*:?\s*(.+)", re.IGNORECASE)
LOT_HEADING = re.compile(
    r"^\s*(?P<number>\d{1,3}[a-z]?)\s*[:–—-]\s*(?P<title>\D.*)$", re.IGNORECASE
)
MONEY = re.compile(
    r"(?:(?P<before>eur|€)\s*)?(?P<amount>\d[\d .,’']*)\s*(?P<after>eur(?:os?)?|€|k€|m€)?", re.I
)
NUTS = re.compile(r"(?:\bnuts\s*:?\s*|^)([A-Z]{2}[A-Z0-9]{0,3})\b", re.IGNORECASE | re.MULTILINE)
DAYS, MONTHS = re.compile(r"en jours|\bjours?\b"), re.compile(r"en mois|\bmois\b")
NO_SUCH = re.compile(r"^(?:non|neant|sans objet|-+|n/?a)\.?$")
VARIANTS_REFUSED = re.compile(
    r"non autoris|pas autoris|interdit|exclu|non accept|refus|ne sont pas|aucune"
)
VARIANTS_ACCEPTED = re.compile(r"autoris|accept|admis|prises en consideration")


@dataclass
class _LotDraft:
    seen: set[str] = field(default_factory=set[str])
    number: str | None = None
    title: str | None = None
    passages: dict[str, Passage] = field(default_factory=dict[str, Passage])


def read_text(text: str) -> Notice:
    """The notice of a printed form. Raises NoticeUnreadable where no heading is known."""
    passages = list(cut_passages(text))
    fields = {passage.field for passage in passages}
    if not fields & {"cpv", "deadline"}:
        if bare := read_bare_text(text):
            return bare
        if not fields & TELLING:
            raise NoticeUnreadable("aucune rubrique d’avis reconnue dans ce texte")
    whole, drafts = _sort(passages)
    proofs: dict[str, Proof] = {}
    title, cpv = _take(whole, "title", proofs), _take(whole, "cpv", proofs)
    codes = find_cpv(cpv or "")
    total, total_text = _money(whole.get("total"))
    deadline = _read_deadline(passages, proofs)
    reference = _read_reference(passages, proofs)
    return Notice(
        source="ted",
        form="texte",
        kind="contract",
        buyer=_first_line(whole.get("buyer"), "buyer", proofs),
        buyer_id=_take(whole, "buyer_id", proofs),
        reference=reference,
        title=title,
        description=_take(whole, "description", proofs),
        nature=_match(NATURES, _line(whole, "nature")),
        procedure=_match(PROCEDURES, _line(whole, "procedure")),
        cpv=next(iter(codes), None),
        cpv_additional=tuple(codes[1:]),
        value=total,
        currency="EUR" if total_text else None,
        lots=tuple(_read_lot(draft, title or "", codes) for draft in drafts),
        announced_lots=len(drafts) if len(drafts) > 1 else None,
        deadline=deadline,
        validity=_read_validity(whole.get("validity")),
        published_on=None,
        is_framework=_read_framework(whole.get("framework")),
        platform_url=_find_url(whole.get("platform")),
        proofs=proofs,
    )


def _sort(passages: Sequence[Passage]) -> tuple[dict[str, Passage], list[_LotDraft]]:
    """The passages of the notice as a whole, and those of each lot."""
    whole: dict[str, Passage] = {}
    drafts: list[_LotDraft] = []
    past_head = False
    for passage in passages:
        name = passage.field
        if name in {"other", "section"} or not (passage.lines or name == "lot_section"):
            past_head = past_head or name == "division"
            continue
        if name == "lot_section":
            drafts.append(_LotDraft())
            past_head = True
        elif name in OF_LOTS and _is_of_lot(passage, whole, past_head or bool(drafts)):
            _hand(passage, drafts)
        else:
            if passage.lines:
                whole.setdefault(name, passage)
            past_head = past_head or name == "division"
    return whole, _keep_lots(drafts)


def _keep_lots(drafts: Sequence[_LotDraft]) -> list[_LotDraft]:
    """The lots; those that are only named stand in a list of lots, and are described elsewhere."""
    described = [draft for draft in drafts if draft.seen - {*OPENING}]
    if any(draft.seen & {*OPENING} for draft in described[1:]):
        described = [draft for draft in described if draft.seen & {*OPENING}]
    return described or [draft for draft in drafts if draft.seen] or [_LotDraft()]


def _is_of_lot(passage: Passage, whole: dict[str, Passage], past_head: bool) -> bool:
    """Tell whether a passage is of a lot: after the notice's own heading, or said once already."""
    number = passage.number or ""
    if number.startswith(("ii.1", "ii.2")):
        return number.startswith("ii.2")
    if past_head or passage.field == "lot_number":
        return True
    if passage.field in {"cpv", "title", "description"}:
        return passage.field in whole
    return True


OPENING = ("title", "lot_number")


def _hand(passage: Passage, drafts: list[_LotDraft]) -> None:
    """Give `passage` to the lot it is of: a title or number after other things opens one."""
    name = passage.field
    opens = name in OPENING and drafts and (name in drafts[-1].seen or drafts[-1].seen - {*OPENING})
    repeats = (
        name in {"cpv_more", "criteria"}
        and drafts
        and name in drafts[-1].seen
        and (name == "cpv_more" and "criteria" in drafts[-1].seen)
    )
    if not drafts or opens or repeats:
        drafts.append(_LotDraft())
    draft = drafts[-1]
    draft.seen.add(name)
    if name == "lot_number":
        _number(draft, passage)
    elif name in draft.passages:
        draft.passages[name].lines.extend(passage.lines)
    else:
        draft.passages[name] = passage


def _number(draft: _LotDraft, passage: Passage) -> None:
    head = LOT_HEADING.match(passage.line)
    if head and "title" not in draft.seen:
        draft.number, draft.title = head["number"], head["title"].strip()
        draft.seen.add("title")
    else:
        draft.number = (passage.lines[0].strip() or None) if passage.lines else None


def _read_lot(draft: _LotDraft, title: str, codes: Sequence[str]) -> Lot:
    proofs = {name: Proof(f"ligne {p.place}", p.line) for name, p in draft.passages.items()}
    own = draft.passages
    name = draft.title or (own["title"].line or None if "title" in own else None)
    lot_codes = tuple(dict.fromkeys(find_cpv(_line(own, "cpv_more") + " " + _line(own, "cpv"))))
    value, _ = _money(own.get("value"))
    criteria = own.get("criteria")
    path = f"ligne {criteria.place}" if criteria else ""
    found = read_criteria(criteria.lines, path) if criteria else ()
    span = _line(own, "duration")
    return Lot(
        number=draft.number,
        title=name,
        description=_line(own, "prestations") or _line(own, "description") or None,
        energy=recognise_energy(name or title, lot_codes or codes),
        cpv=lot_codes,
        nuts=tuple(dict.fromkeys(_find_nuts(own))),
        value=value,
        currency="EUR" if value is not None else None,
        duration=_read_duration(own.get("duration")),
        start_on=parse_day(_line(own, "start")) or _after("debut", span),
        end_on=parse_day(_line(own, "end")) or _after("fin", span),
        criteria=found,
        are_criteria_elsewhere=bool(criteria) and are_elsewhere(criteria.lines),
        is_renewable=_read_renewal(own),
        renewal=_line(own, "renewal_text") or None,
        allows_variants=_read_variants(own.get("variants")),
        proofs=proofs,
    )


def _find_nuts(own: dict[str, Passage]) -> list[str]:
    named = [code for p in own.values() if p.field == "nuts" for code in NUTS.findall(p.text)]
    placed = [c for p in own.values() if p.field == "place" for line in p.lines
              if "nuts" in line.lower() for c in NUTS.findall(line)]  # fmt: skip
    return [code for code in (*named, *placed) if code.isupper()]


def _read_deadline(passages: Sequence[Passage], proofs: dict[str, Proof]) -> Moment | None:
    """The first passage about the deadline that holds a date; its hour may be a line below."""
    for rank, passage in enumerate(passages):
        if passage.field != "deadline":
            continue
        following = passages[rank + 1] if rank + 1 < len(passages) else None
        text = passage.line
        if following is not None and following.field == "hour":
            text = f"{text} {following.line}"
        if moment := parse_moment(text):
            proofs["deadline"] = Proof(f"ligne {passage.place}", text)
            return moment
    return None


def _read_reference(passages: Sequence[Passage], proofs: dict[str, Proof]) -> str | None:
    for passage in passages:
        if passage.field == "reference" and passage.lines and not NO_SUCH.match(fold(passage.line)):
            proofs["reference"] = Proof(f"ligne {passage.place}", passage.line)
            return passage.lines[0]
    return None


def _read_validity(passage: Passage | None) -> Duration | None:
    if passage is None:
        return None
    found = parse_duration(passage.line)
    number = re.search(r"\d+", passage.line)
    if found or number is None:
        return found
    label = fold(passage.label + " " + passage.line)
    unit = "month" if MONTHS.search(label) else "day" if DAYS.search(label) else None
    return make_duration(number.group(), unit) if unit else None


def _read_duration(passage: Passage | None) -> Duration | None:
    if passage is None:
        return None
    label = fold(f"{passage.label} {passage.text}")
    for pattern, unit in ((r"en mois\s*:?\s*(\d+)", "month"), (r"en jours\s*:?\s*(\d+)", "day")):
        if found := re.search(pattern, label):
            return make_duration(found[1], unit)
    return parse_duration(passage.line)


def _after(word: str, text: str) -> dt.date | None:
    found = re.search(rf"\b{word}\s*:?\s*(.{{6,30}})", fold(text))
    return parse_day(found[1]) if found else None


def _read_renewal(own: dict[str, Passage]) -> bool | None:
    if "renewal" in own:
        return parse_yes(own["renewal"].line)
    span = fold(_line(own, "duration"))
    found = re.search(r"reconduction\s*:?\s*(oui|non)\b", span)
    return found[1] == "oui" if found else None


def _read_variants(passage: Passage | None) -> bool | None:
    if passage is None:
        return None
    told = parse_yes(passage.line)
    folded = fold(passage.line)
    if told is None and (found := re.search(r"consideration\s*:?\s*(oui|non)\b", folded)):
        return found[1] == "oui"
    if told is not None:
        return told
    if VARIANTS_REFUSED.search(folded):
        return False
    return True if VARIANTS_ACCEPTED.search(folded) else None


def _read_framework(passage: Passage | None) -> bool | None:
    if passage is None:
        return None
    told = parse_yes(passage.line)
    return (
        True if told is None and "accord-cadre" in fold(f"{passage.label} {passage.line}") else told
    )


def _money(passage: Passage | None) -> tuple[Decimal | None, str | None]:
    """The amount of a passage and its words; thousands of euros are not guessed."""
    if passage is None:
        return None, None
    for line in passage.lines:
        if re.search(r"\d", line) and (value := parse_amount(line)) is not None:
            return value, line
    return None, None


def _first_line(passage: Passage | None, name: str, proofs: dict[str, Proof]) -> str | None:
    if passage is None or not passage.lines:
        return None
    proofs[name] = Proof(f"ligne {passage.place}", passage.lines[0])
    return passage.lines[0]


def _take(whole: dict[str, Passage], name: str, proofs: dict[str, Proof]) -> str | None:
    passage = whole.get(name)
    if passage is None or not passage.line:
        return None
    proofs[name] = Proof(f"ligne {passage.place}", passage.line)
    return passage.line


def _line(passages: dict[str, Passage], name: str) -> str:
    return passages[name].line if name in passages else ""


def _match(pairs: Sequence[tuple[str, Word]], text: str) -> Word | None:
    folded = fold(text)
    return next((value for word, value in pairs if word in folded), None)


def _find_url(passage: Passage | None) -> str | None:
    found = re.search(r"https?://[^\s)>\"]+", passage.text) if passage else None
    return found.group().rstrip(".,;") if found else None
