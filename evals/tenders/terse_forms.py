"""TED forms as a terse sheet, in other words and another order than the official forms."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.notices.tree import Node

UNITS = {"MONTH": "mois", "DAY": "jours"}
KINDS = {"AC_QUALITY": "qualité", "AC_COST": "coût"}


def print_terse(form: Node) -> str:
    """«label : value» lines; a lot opens with «Lot n° X»; one line per criterion."""
    return "\n".join(line for line in _print(form) if line)


def print_bare(form: Node) -> str:
    """The values alone, in their order: no heading, no tag, codes as they are."""
    return "\n".join(_print_values(form))


def _print_values(node: Node) -> Iterator[str]:
    if not node.children:
        shown = node.line or next((node.attributes[name] for name in ("CODE", "VALUE", "CTYPE")
                                   if name in node.attributes), "")  # fmt: skip
        if shown:
            yield shown
        return
    if any(child.name in {"P", "FT"} for child in node.children):
        yield from node.text.split("\n")
        return
    for child in node.children:
        yield from _print_values(child)


def _print(form: Node) -> Iterator[str]:
    content, procedure = form.find("OBJECT_CONTRACT"), form.find("PROCEDURE")
    buyer = form.find("CONTRACTING_BODY", "ADDRESS_CONTRACTING_BODY", "OFFICIALNAME")
    yield _line("Pouvoir adjudicateur", buyer)
    if procedure:
        yield from _print_deadline(procedure)
    if content:
        yield _line("Objet du marché", content.find("TITLE"))
        yield _line("Référence", content.find("REFERENCE_NUMBER"))
        code = content.find("CPV_MAIN", "CPV_CODE")
        yield f"CPV principal : {code.attributes['CODE']}" if code else ""
        yield _line("Description", content.find("SHORT_DESCR"))
        for lot in content.list("OBJECT_DESCR"):
            yield from _print_lot(lot)


def _print_deadline(procedure: Node) -> Iterator[str]:
    day, hour = procedure.find("DATE_RECEIPT_TENDERS"), procedure.find("TIME_RECEIPT_TENDERS")
    if day:
        yield f"Date limite de remise des offres : {day.line} {hour.line if hour else ''}"


def _print_lot(lot: Node) -> Iterator[str]:
    yield _line("Lot n°", lot.find("LOT_NO")).replace(" : ", " ", 1)
    yield _line("Intitulé du lot", lot.find("TITLE"))
    codes = [node.attributes["CODE"] for node in lot.list("CPV_ADDITIONAL", "CPV_CODE")]
    yield f"CPV du lot : {', '.join(codes)}" if codes else ""
    for node in (lot.find("AC") or lot).children:
        yield _print_criterion(node)
    value, duration = lot.find("VAL_OBJECT"), lot.find("DURATION")
    yield f"Valeur estimée : {value.line} EUR" if value else ""
    if duration:
        yield f"Durée : {duration.line} {UNITS[duration.attributes['TYPE']]}"
    yield f"Reconduction : {'oui' if lot.find('RENEWAL') else 'non'}"
    yield f"Variantes : {'oui' if lot.find('ACCEPTED_VARIANTS') else 'non'}"


def _print_criterion(node: Node) -> str:
    weight = node.find("AC_WEIGHTING")
    tail = f" — pondération : {weight.line}" if weight else ""
    if node.name == "AC_PROCUREMENT_DOC":
        return "Critères d’attribution : énoncés uniquement dans les documents du marché"
    if node.name == "AC_PRICE":
        return f"Critère prix{tail}"
    if node.name in KINDS:
        return f"Critère ({KINDS[node.name]}) : {node.list('AC_CRITERION')[0].line}{tail}"
    return ""


def _line(label: str, node: Node | None) -> str:
    return f"{label} : {node.line}" if node and node.line else ""
