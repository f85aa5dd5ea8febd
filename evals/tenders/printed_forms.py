"""TED forms printed as text, in the French words of the official forms: the tags are gone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from ingest.notices.tree import Node

Style = Literal["official", "headings", "stacked"]
NATURES = {"SERVICES": "Services", "SUPPLIES": "Fournitures", "WORKS": "Travaux"}
PROCEDURES = {
    "PT_OPEN": "Procédure ouverte", "PT_RESTRICTED": "Procédure restreinte",
    "PT_COMPETITIVE_NEGOTIATION": "Procédure concurrentielle avec négociation",
    "PT_NEGOTIATED_WITH_PRIOR_CALL": "Procédure négociée avec appel à la concurrence préalable",
    "PT_COMPETITIVE_DIALOGUE": "Dialogue compétitif",
    "PT_INNOVATION_PARTNERSHIP": "Partenariat d’innovation",
}  # fmt: skip


def print_form(form: Node, style: Style) -> str:
    """The text of a form: «official» numbers its sections and gives values below the headings,
    «headings» writes «heading : value» without numbers, «stacked» gives unnumbered capitals above
    their value."""
    lines = (line for line in _print(form) if line[1] or line[2])
    return "\n".join(_write(number, heading, value, style) for number, heading, value in lines)


def _write(number: str, heading: str, value: str, style: Style) -> str:
    if style == "stacked":
        return f"{heading.upper()}\n{value}" if heading and value else heading.upper() or value
    if style == "headings":
        return f"{heading} : {value}" if heading and value else heading or value
    head = f"{number}) {heading}" if number else heading
    if number and value:
        return f"{head}\n{value}"
    return f"{head}: {value}" if head and value else head or value


def _print(form: Node) -> Iterator[tuple[str, str, str]]:
    body, content = form.find("CONTRACTING_BODY"), form.find("OBJECT_CONTRACT")
    procedure = form.find("PROCEDURE")
    if body:
        yield "I.1", "Nom et adresses", ""
        yield "", "Nom officiel", _text(body, "ADDRESS_CONTRACTING_BODY", "OFFICIALNAME")
        yield (
            "",
            "Numéro national d'identification",
            _text(body, "ADDRESS_CONTRACTING_BODY", "NATIONALID"),
        )
        yield "", "Adresse postale", _text(body, "ADDRESS_CONTRACTING_BODY", "ADDRESS")
        yield "", "Ville", _text(body, "ADDRESS_CONTRACTING_BODY", "TOWN")
        yield "", "Code postal", _text(body, "ADDRESS_CONTRACTING_BODY", "POSTAL_CODE")
        yield "I.3", "Communication", _text(body, "URL_DOCUMENT")
    if content:
        yield from _print_content(content)
    if lefti := form.find("LEFTI"):
        yield (
            "III.1.1",
            "Habilitation à exercer l'activité professionnelle",
            _text(lefti, "SUITABILITY"),
        )
        yield (
            "III.1.3",
            "Capacité technique et professionnelle",
            _text(lefti, "TECHNICAL_PROFESSIONAL_MIN_LEVEL"),
        )
    if procedure:
        yield from _print_procedure(procedure)
    if more := form.find("COMPLEMENTARY_INFO"):
        yield "VI.3", "Informations complémentaires", _text(more, "INFO_ADD")
        yield "VI.5", "Date d'envoi du présent avis", _day(_text(more, "DATE_DISPATCH_NOTICE"))


def _print_content(content: Node) -> Iterator[tuple[str, str, str]]:
    yield "II.1.1", "Intitulé", _text(content, "TITLE")
    yield "", "Numéro de référence", _text(content, "REFERENCE_NUMBER")
    yield "II.1.2", "Code CPV principal", _code(content.find("CPV_MAIN", "CPV_CODE"))
    kind = content.find("TYPE_CONTRACT")
    yield (
        "II.1.3",
        "Type de marché",
        NATURES.get(kind.attributes.get("CTYPE", ""), "") if kind else "",
    )
    yield "II.1.4", "Description succincte", _text(content, "SHORT_DESCR")
    if total := content.find("VAL_ESTIMATED_TOTAL"):
        yield "II.1.5", "Valeur totale estimée", f"Valeur hors TVA: {total.line} EUR"
    yield (
        "II.1.6",
        "Information sur les lots",
        "Ce marché est divisé en lots: " + ("oui" if content.find("LOT_DIVISION") else "non"),
    )
    for lot in content.list("OBJECT_DESCR"):
        yield from _print_lot(lot)


def _print_lot(lot: Node) -> Iterator[tuple[str, str, str]]:
    yield "II.2", "Description", ""
    yield ("II.2.1", "Intitulé", _text(lot, "TITLE")) if lot.find("TITLE") else ("", "", "")
    yield "", "Lot nº", _text(lot, "LOT_NO")
    yield (
        "II.2.2",
        "Code(s) CPV additionnel(s)",
        "\n".join(map(_code, lot.list("CPV_ADDITIONAL", "CPV_CODE"))),
    )
    yield (
        "II.2.3",
        "Lieu d'exécution",
        "\n".join(f"Code NUTS: {n.attributes['CODE']}" for n in lot.list("NUTS")),
    )
    yield "", "Lieu principal d'exécution", _text(lot, "MAIN_SITE")
    yield "II.2.4", "Description des prestations", _text(lot, "SHORT_DESCR")
    yield "II.2.5", "Critères d'attribution", "\n".join(_print_criteria(lot.find("AC") or lot))
    if value := lot.find("VAL_OBJECT"):
        yield "II.2.6", "Valeur estimée", f"Valeur hors TVA: {value.line} EUR"
    yield (
        "II.2.7",
        "Durée du marché, de l'accord-cadre ou du système d'acquisition dynamique",
        "\n".join(_print_duration(lot)),
    )
    if lot.find("RENEWAL_DESCR"):
        yield (
            "",
            "Description des modalités ou du calendrier des reconductions",
            _text(lot, "RENEWAL_DESCR"),
        )
    yield (
        "II.2.9",
        "Informations sur les limites concernant le nombre de candidats invités à participer",
        _text(lot, "CRITERIA_CANDIDATE"),
    )
    yield (
        "II.2.10",
        "Variantes",
        "Des variantes seront prises en considération: "
        + ("oui" if lot.find("ACCEPTED_VARIANTS") else "non"),
    )
    yield (
        "II.2.11",
        "Information sur les options",
        f"Options: {'oui' if lot.find('OPTIONS') else 'non'}\n{_text(lot, 'OPTIONS_DESCR')}",
    )
    yield "II.2.14", "Informations complémentaires", _text(lot, "INFO_ADD")


def _print_criteria(award: Node) -> Iterator[str]:
    if award.find("AC_PROCUREMENT_DOC"):
        yield (
            "Le prix n'est pas le seul critère d'attribution et tous les critères sont énoncés "
            "uniquement dans les documents du marché"
        )
        return
    yield "Critères énoncés ci-dessous"
    for node in award.children:
        weight = _text(node, "AC_WEIGHTING")
        if node.name == "AC_PRICE":
            yield f"Prix - Pondération: {weight}" if weight else "Prix"
        elif node.name in {"AC_QUALITY", "AC_COST"}:
            kind = "qualité" if node.name == "AC_QUALITY" else "coût"
            tail = f" / Pondération: {weight}" if weight else ""
            yield f"Critère de {kind} - Nom: {_text(node, 'AC_CRITERION')}{tail}"


def _print_duration(lot: Node) -> Iterator[str]:
    if duration := lot.find("DURATION"):
        unit = "mois" if duration.attributes.get("TYPE") == "MONTH" else "jours"
        yield f"Durée en {unit}: {duration.line}"
    for name, word in (("DATE_START", "Début"), ("DATE_END", "Fin")):
        if lot.find(name):
            yield f"{word}: {_day(_text(lot, name))}"
    yield "Ce marché peut faire l'objet d'une reconduction: " + (
        "oui" if lot.find("RENEWAL") else "non"
    )


def _print_procedure(procedure: Node) -> Iterator[tuple[str, str, str]]:
    names = [PROCEDURES[n.name] for n in procedure.children if n.name in PROCEDURES]
    yield "IV.1.1", "Type de procédure", "".join(names)
    if procedure.find("FRAMEWORK"):
        yield (
            "IV.1.3",
            "Information sur l'accord-cadre ou le système d'acquisition dynamique",
            ("Le marché implique la mise en place d'un accord-cadre"),
        )
    hour = _text(procedure, "TIME_RECEIPT_TENDERS")
    yield (
        "IV.2.2",
        "Date limite de réception des offres ou des demandes de participation",
        "\n".join(
            [f"Date: {_day(_text(procedure, 'DATE_RECEIPT_TENDERS'))}"]
            + ([f"Heure locale: {hour}"] if hour else [])
        ),
    )
    yield (
        "IV.2.3",
        "Date d’envoi estimée des invitations à soumissionner",
        _day(_text(procedure, "DATE_DISPATCH_INVITATIONS")),
    )
    yield (
        "IV.2.4",
        "Langue(s) pouvant être utilisée(s) dans l'offre ou la demande de participation",
        "français",
    )
    if validity := procedure.find("DURATION_TENDER_VALID"):
        yield (
            "IV.2.6",
            "Délai minimal pendant lequel le soumissionnaire est tenu de maintenir son offre",
            (
                f"Durée en mois: {validity.line} (à compter de la date limite de réception des offres)"
            ),
        )
    if opening := procedure.find("OPENING_CONDITION"):
        yield "IV.2.7", "Modalités d'ouverture des offres", "\n".join([
            f"Date: {_day(_text(opening, 'DATE_OPENING_TENDERS'))}",
            f"Heure locale: {_text(opening, 'TIME_OPENING_TENDERS')}"])  # fmt: skip


def _text(node: Node, *names: str) -> str:
    found = node.find(*names)
    return found.text if found else ""


def _code(node: Node | None) -> str:
    return node.attributes.get("CODE", "") if node else ""


def _day(written: str) -> str:
    parts = written.split("-")
    return "/".join(reversed(parts)) if len(parts) == 3 else written
