"""Lines of a page or paragraphs of a document turned into units: headings, items, sentences."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.words import fold
from ingest.tenders.texts import Unit
from knowledge.sentences import split_sentences

BULLET = re.compile(r"\s*(?:\(cid:\d+\)|[•▪‣·●○◦■□➢➔→*]|[-–—]|[n§ü](?=\s[a-zéèàA-Z]))\s+")
ENUMERATED = re.compile(r"\s*(?:[a-z]\)|\d{1,2}[°)]|\d+°\))\s+")
NUMBERED = re.compile(
    r"\s*(?:(?:article|art\.?|chapitre|section|titre|partie|annexe|phase|lot)\s+"
    r"(?:n\s?°\s?)?[\divxlc]{1,5}(?:[.\-]\d+)*\b|[IVX]{1,5}(?:\.\d+)*[.)\s–-]"
    r"|[A-H]\s?[.)–-]\s|\d{1,2}(?:\.\d{1,2}){0,4}\s?[.)–:-]?\s)",
    re.IGNORECASE,
)
DOTS = re.compile(r"(?:\.\s?){5,}|…{2,}|_{5,}")
TOC_LINE = re.compile(r".{3,100}\s\d{1,3}$")
UNFINISHED = re.compile(r"(?:^|\s)(?:n ?[°o]|de|du|des|la|le|les|et|ou|a|au|aux|d'|l'|pour|sur)$")
VERB = re.compile(r"\b(?:est|sont|doit|doivent|peut|peuvent|sera|seront|devra|devront|a ete)\b")
SUMMARY = re.compile(r"\s*(sommaire|table des matieres|contents|table of contents)\s*$")
LONGEST_HEADING = 110


@dataclass(frozen=True)
class Line:
    """A line of text at `start`; `weight` over 1 when it is set larger or bolder than the body."""

    text: str
    start: int
    weight: float = 1.0
    top: float = 0.0
    bottom: float = 0.0
    x1: float = 0.0
    is_break: bool = False


@dataclass
class Reader:
    """What is carried from one page to the next: the section, and the sentence leading a list."""

    section: str = ""
    lead: str = ""


def is_heading(line: Line, previous: str = "", following: str = "") -> bool:
    """Tell whether a line is a heading: short, not ended, and numbered, bold or in capitals.

    `previous` and `following` are the lines around it, which a heading neither ends nor begins.
    """
    text = line.text.strip()
    if UNFINISHED.search(fold(previous.rstrip())[-12:]) or text.count("(") != text.count(")"):
        return False
    if not text or len(text) > LONGEST_HEADING or text[-1] in ".;,":
        return False
    if BULLET.match(text) or DOTS.search(text):
        return False
    letters = [char for char in text if char.isalpha()]
    if len(letters) < 3:
        return False
    found = NUMBERED.match(text)
    if found:
        rest = text[found.end() :].lstrip(" –-:.)")
        is_title = (not rest or rest[:1].isupper()) and not re.search(r"[€%]|\d\s*$", rest[-4:])
        return is_title and (line.weight > 1 or ":" not in rest[:-1] or len(rest) < 60)
    if line.weight > 1:
        is_sentence = VERB.search(fold(text)) or (following[:1].islower() and len(text) > 75)
        return (text[0].isupper() or text[0].isdigit()) and not is_sentence
    return all(char.isupper() for char in letters) and len(letters) > 4


def drop_summary(lines: Sequence[Line]) -> list[Line]:
    """`lines` without a table of contents."""
    kept: list[Line] = []
    in_summary = False
    for line in lines:
        plain = fold(line.text)
        if SUMMARY.match(plain):
            in_summary = True
            continue
        if DOTS.search(line.text) and re.search(r"\d\s*$", line.text):
            continue
        if in_summary and TOC_LINE.match(line.text):
            continue
        in_summary = False
        kept.append(line)
    return kept


def make_units(lines: Sequence[Line], reader: Reader, source: str) -> list[Unit]:
    """The units of consecutive lines of `source`."""
    units: list[Unit] = []
    held: list[Line] = []
    weight = 0.0
    for at, line in enumerate(lines):
        before = held[-1].text if held else ""
        after = lines[at + 1].text if at + 1 < len(lines) else ""
        goes_on = not held and _continues_title(units, line, weight)
        if goes_on or is_heading(line, before, after):
            units += _flush(held, reader, source)
            held = []
            start = units.pop().start if goes_on else line.start
            end = line.start + len(line.text)
            text = " ".join(source[start:end].split())
            reader.section, reader.lead, weight = text, "", line.weight
            units.append(Unit("heading", text, start, end, text))
            continue
        starts_item = BULLET.match(line.text) or ENUMERATED.match(line.text)
        if held and (starts_item or line.is_break):
            units += _flush(held, reader, source)
            held = []
        held.append(line)
    return units + _flush(held, reader, source)


def _continues_title(units: Sequence[Unit], line: Line, weight: float) -> bool:
    """A line set alike, right after a heading left open, goes on with it."""
    if not units or units[-1].kind != "heading" or line.weight <= 1 or NUMBERED.match(line.text):
        return False
    is_next = 0 <= line.start - units[-1].end <= 2 and abs(line.weight - weight) < 0.05
    is_open = line.text[:1].islower() or bool(UNFINISHED.search(fold(units[-1].text)[-12:]))
    return is_next and is_open and not line.text.rstrip().endswith((".", ";"))


def _flush(held: Sequence[Line], reader: Reader, source: str) -> list[Unit]:
    if not held:
        return []
    start, end = held[0].start, held[-1].start + len(held[-1].text)
    mark = BULLET.match(source, start, end) or ENUMERATED.match(source, start, end)
    text = re.sub(r"\s", " ", source[start:end])
    if mark:
        begin = mark.end()
        return _item_units(text[begin - start :], begin, reader)
    units: list[Unit] = []
    for s, e in split_sentences(text):
        lead = reader.lead if text[s:e][:1].islower() and text[s:e].rstrip().endswith(";") else ""
        kind = "item" if lead else "sentence"
        units.append(Unit(kind, text[s:e], start + s, start + e, reader.section, lead))
    if units:
        last = units[-1].text.rstrip()
        if last.endswith(":"):
            reader.lead = units[-1].text
        elif units[-1].kind == "sentence":
            reader.lead = ""
    return units


def _item_units(text: str, begin: int, reader: Reader) -> list[Unit]:
    """An item, and the sentences that follow it on its paragraph, which are no longer items."""
    units: list[Unit] = []
    for s, e in split_sentences(text):
        follows = bool(units) and units[-1].text.rstrip().endswith(".") and text[s].isupper()
        kind, lead = ("sentence", "") if follows else ("item", reader.lead)
        units.append(Unit(kind, text[s:e], begin + s, begin + e, reader.section, lead))
    return units
