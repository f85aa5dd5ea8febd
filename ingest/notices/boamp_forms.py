"""The BOAMP's own forms (FNSimple, MAPA and their kin), whose keys vary from one to the next.

A field is looked for by the names its element bears in those forms, the nearest to the top first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from core.words import fold
from ingest.notices.criteria import is_elsewhere, read_criteria
from ingest.notices.notice import Award, Criterion, Duration, Kind, Lot, Moment, Notice, Proof
from ingest.notices.tree import Node
from ingest.notices.wording import (
    find_cpv,
    make_duration,
    parse_amount,
    parse_duration,
    parse_moment,
    parse_real_day,
    parse_time,
    parse_yes,
    recognise_energy,
)

BUYER = ("nomofficiel", "acheteurpublic", "denomination", "nomorganisme", "nomacheteur", "acheteur")
BUYER_ID = ("codeidentificationnational", "siret")
REFERENCE = ("identifiantinterne", "numeroreference", "idmarche", "refmarche", "reference",
             "numeromarche", "refconsultation")  # fmt: skip
TITLE = ("intitule", "titremarche", "titre", "objet", "resumeobjet")
DESCRIPTION = ("objetcomplet", "description", "principales", "descriptionprestations")
CPV_PLACES = ("codecpv", "cpv", "objetprincipal", "classprincipale")
CPV_MAIN = ("objetprincipal", "classprincipale", "principal", "cpvprincipal", "codecpv", "cpv")
DEADLINE = ("datereceptionoffres", "receptoffres", "receptionoffres", "datelimite",
            "datelimiteoffres", "datereceptoffres", "datereceptioncandidatures",
            "receptcandidatures", "receptioncandidatures", "datelimitereponse",
            "datelimitereception")  # fmt: skip
HOUR = ("heurereceptionoffres", "heurelimite", "heurereceptoffres", "heure")
QUESTIONS = ("datelimitequestions", "datelimiterenseignements", "questions")
VALIDITY = ("delaivaliditeoffres", "validiteoffres", "validite", "delaivalidite")
CRITERIA = ("criteresattrib", "criteresattribution", "critattrib", "critereattrib", "criteres")
VALUE = ("valeurestimee", "valeurtotale", "valeur", "montantestime", "valeurhaute")
LOTS = ("lots", "divisionenlots", "divlots", "lot")
PLATFORM = ("urldocconsul", "urlprofilacheteur", "urlprofilach", "profilacheteur", "urldocuments")
VISIT = ("visite", "visitesite", "visiteobligatoire", "detailsvisite")
RENEWAL = ("reconduction", "reconductions", "marchereconductible")
VARIANTS = ("variantes", "varianteautorisee", "variantesautorisees", "variante")
RESERVED = ("marchereserve", "reserve", "reservations", "travailprotege")
FRAMEWORK = ("accordcadre", "techniqueachat")
TITLE_IN_LOT = ("intitule", "titre", "objet", "libelle", "description")
NUMBER_IN_LOT = ("num", "numero", "numlot", "numerolot", "nolot")
QUANTITY = ("quantite", "quantites")
VISIT_WORDS = re.compile(
    r"[^.\n]*\bvisite[^.\n]*(?:obligatoire|sites?|lieux)[^.\n]*", re.IGNORECASE
)
AWARD = ("attribution", "resultat")
WINNER = ("titulaire", "personnemorale", "nomtitulaire", "denominationtitulaire")


def read_boamp_form(root: Node) -> Notice:
    """The notice of a form's tree; what has no known name is left out."""
    proofs: dict[str, Proof] = {}
    body = _without_lots(root)
    description = _take(body, DESCRIPTION, "description", proofs)
    title = _take(body, TITLE, "title", proofs)
    codes = find_cpv(" ".join(node.line for node in _named(body, CPV_PLACES)))
    lots = _read_lots(root, body, title or "", codes)
    amount = _take(body, VALUE, "value", proofs)
    announced = _first(root, ("nombrelots", "nblots"))
    if announced and announced.line:
        proofs["announced_lots"] = Proof(announced.path, announced.line)
    return Notice(
        source="boamp",
        form=next((child.name for child in root.children), "inconnu"),
        kind=_recognise_kind(root),
        buyer=_take(root, BUYER, "buyer", proofs),
        buyer_id=_digits(_take(root, BUYER_ID, "buyer_id", proofs)),
        reference=_take(body, REFERENCE, "reference", proofs),
        title=title,
        description=description,
        cpv=(main := _main_cpv(body, proofs) or next(iter(codes), None)),
        cpv_additional=tuple(dict.fromkeys(code for code in codes if code != main)),
        value=parse_amount(amount) if amount else None,
        currency="EUR" if amount and parse_amount(amount) is not None else None,
        lots=lots,
        announced_lots=int(announced.line) if announced and announced.line.isdigit() else None,
        deadline=_read_deadline(root, proofs),
        questions_deadline=_moment(_first(root, QUESTIONS)),
        validity=_read_duration(_first(root, VALIDITY), "day"),
        is_framework=_read_framework(body, description),
        framework=_sentence(description, "accord-cadre"),
        visit=_read_visit(root),
        platform_url=_take(root, PLATFORM, "platform_url", proofs),
        refers_to=tuple(n.line for n in _named(root, ("idweb",)) if n.line),
        awards=_read_awards(root),
        proofs=proofs,
    )


def _recognise_kind(root: Node) -> Kind:
    names = {_key(node) for node in root.walk()}
    for word, kind in (("rectificatif", "correction"), ("annulation", "cancellation"),
                       ("attribution", "award")):  # fmt: skip
        if word in names and "initial" not in names:
            return kind  # pyright: ignore[reportReturnType] - the pairs hold kinds alone
    return "contract"


def _read_lots(root: Node, body: Node, title: str, codes: list[str]) -> tuple[Lot, ...]:
    whole = _read_criteria(body)
    nodes = _list_lots(root)
    if not nodes:
        return (_read_lot(None, 1, body, whole, title, codes),)
    return tuple(_read_lot(node, rank, body, whole, title, codes)
                 for rank, node in enumerate(nodes, 1))  # fmt: skip


def _list_lots(root: Node) -> list[Node]:
    """The innermost repeated elements called lot(s) that hold a title."""
    found = [node for node in root.walk() if _key(node) in LOTS]
    inner = [n for n in found if not any(_key(child) in LOTS for child in n.children)]
    return [node for node in inner if _first(node, TITLE_IN_LOT) or _is_title(node)]


def _is_title(node: Node) -> bool:
    """A lot given as a mere text, which is neither «oui» nor a number."""
    return not node.children and len(node.line) > 3 and parse_yes(node.line) is None


def _read_lot(
    node: Node | None, rank: int, body: Node, whole: tuple[tuple[Criterion, ...], bool],
    title: str, codes: list[str],
) -> Lot:  # fmt: skip
    proofs: dict[str, Proof] = {}
    own = node or Node("", "")
    name = (_take(own, TITLE_IN_LOT, "title", proofs) or own.line or None) if node else None
    number = _take(own, NUMBER_IN_LOT, "number", proofs) if node else None
    own_codes = tuple(dict.fromkeys(find_cpv(own.line))) or tuple(codes[:1])
    criteria, elsewhere = _read_criteria(own) if node else ((), False)
    quantity = _first(own, QUANTITY) if node else None
    renewal = _first(own, RENEWAL) or _first(body, RENEWAL)
    value = _take(own, VALUE, "value", proofs) if node else None
    return Lot(
        number=number or (str(rank) if node else None),
        title=name,
        energy=recognise_energy(name or title, own_codes),
        cpv=own_codes,
        value=parse_amount(value) if value else None,
        currency="EUR" if value else None,
        quantity=parse_amount(quantity.line) if quantity else None,
        quantity_unit=_unit(quantity),
        duration=_lot_duration(own) or _lot_duration(body),
        criteria=criteria or whole[0],
        are_criteria_elsewhere=elsewhere or (not criteria and whole[1]),
        is_renewable=_yes(renewal),
        renewal=renewal.line if renewal and renewal.line else None,
        allows_variants=_yes(_first(own, VARIANTS) or _first(body, VARIANTS)),
        is_reserved=_yes(_first(own, RESERVED) or _first(body, RESERVED)),
        proofs=proofs,
    )


def _read_criteria(body: Node) -> tuple[tuple[Criterion, ...], bool]:
    node = _first(body, CRITERIA)
    if node is None:
        return (), False
    lines = [line for one in (_list_criteria(node) or [node]) for line in _lines_of(one)]
    return read_criteria(lines, node.path), is_elsewhere(node.line)


def _list_criteria(node: Node) -> list[Node]:
    return [n for n in node.walk() if _key(n) in {"critere", "sscritere"} and n is not node]


def _lines_of(node: Node) -> list[str]:
    """A structured criterion as one line «name : weight»; a text as its lines."""
    weight = next((value for key, value in node.attributes.items()
                   if fold(key) in {"poids", "ponderation"}), None)  # fmt: skip
    told = _first(node, ("ponderation", "poids", "criterepond"))
    name = _first(node, ("libelle", "nom", "critereleb", "criterelibelle"))
    weight = weight or (told.line if told and told is not node else None)
    if weight:
        label = name.line if name else " ".join(
            n.line for n in [node] if not n.children
        ) or node.line.replace(weight, "").strip()  # fmt: skip
        return [f"{label} : {weight}"]
    return node.text.split("\n")


def _read_deadline(root: Node, proofs: dict[str, Proof]) -> Moment | None:
    node = _first(root, DEADLINE)
    moment = _moment(node)
    if node is None or moment is None:
        return None
    proofs["deadline"] = Proof(node.path, node.line)
    hour = _first(root, HOUR)
    if moment.at is None and hour and (at := parse_time(hour.line)):
        return Moment(moment.on, at)
    return moment


def _moment(node: Node | None) -> Moment | None:
    return parse_moment(node.line) if node and node.line else None


def _lot_duration(body: Node) -> Duration | None:
    for name, unit in (("nbmois", "month"), ("dureemois", "month"), ("nbjours", "day"),
                       ("dureejours", "day"), ("nbannees", "year")):  # fmt: skip
        if (node := _first(body, (name,))) and (found := make_duration(node.line, unit)):
            return found
    return _read_duration(_first(body, ("duree", "dureemarche")), None)


def _read_duration(node: Node | None, unit: str | None) -> Duration | None:
    if node is None or not node.line:
        return None
    return parse_duration(node.line) or (make_duration(node.line, unit) if unit else None)


def _read_framework(body: Node, description: str | None) -> bool | None:
    flag = _first(body, FRAMEWORK)
    told = parse_yes(flag.line) if flag else None
    return True if "accord-cadre" in fold(description or "") else told


def _read_visit(root: Node) -> str | None:
    if (node := _first(root, VISIT)) and node.line:
        return node.line
    found = VISIT_WORDS.search(root.text)
    return found.group().strip() if found else None


def _sentence(text: str | None, word: str) -> str | None:
    parts = re.split(r"(?<=[.;])\s+", text or "")
    return next((part for part in parts if word in fold(part)), None)


def _read_awards(root: Node) -> tuple[Award, ...]:
    nodes = [n for n in root.walk() if _key(n) in {"attribue", "resultat", "attributionmarche"}
             and not any(_key(c) in {"attribue", "resultat"} for c in n.children)]  # fmt: skip
    return tuple(_read_award(node) for node in nodes)


def _read_award(node: Node) -> Award:
    winner = _first(node, WINNER)
    amount: Decimal | None = None
    if money := _first(node, ("montant", "valeur")):
        amount = parse_amount(money.line)
    day = _first(node, ("dateattribution", "date"))
    offers = re.search(r"offres re[cç]ues?\s*:?\s*(\d+)", node.text)
    lot = _first(node, NUMBER_IN_LOT)
    return Award(lot.line if lot else None, winner.line if winner else None, amount,
                 "EUR" if amount is not None else None,
                 parse_real_day(day.line) if day else None, int(offers[1]) if offers else None,
                 Proof(node.path, node.line[:300]))  # fmt: skip


def _main_cpv(body: Node, proofs: dict[str, Proof]) -> str | None:
    for name in CPV_MAIN:
        for node in _named(body, (name,)):
            if codes := find_cpv(node.line):
                proofs["cpv"] = Proof(node.path, codes[0])
                return codes[0]
    return None


def _without_lots(root: Node) -> Node:
    """The tree without its lots, so that their titles are not taken for the notice's."""
    kept = Node(root.name, root.path, root.attributes, [], list(root.pieces))
    for child in root.children:
        if _key(child) not in LOTS:
            kept.children.append(_without_lots(child))
    return kept


def _take(node: Node, names: tuple[str, ...], field: str, proofs: dict[str, Proof]) -> str | None:
    """The text of the first leaf bearing one of these names, its place noted."""
    leaves = (n for name in names for n in _named(node, (name,)) if n.line and not n.children)
    found = next(leaves, None)
    if found is None:
        return None
    proofs[field] = Proof(found.path, found.line)
    return found.line


def _first(node: Node, names: tuple[str, ...]) -> Node | None:
    """The first element bearing the first of these names that says something."""
    for name in names:
        for found in _named(node, (name,)):
            if found.line:
                return found
    return None


def _named(node: Node, names: tuple[str, ...]) -> Iterator[Node]:
    return (found for found in node.walk() if found is not node and _key(found) in names)


def _key(node: Node) -> str:
    return re.sub(r"[^a-z]", "", fold(node.name))


def _yes(node: Node | None) -> bool | None:
    if node is None or not node.line:
        return None
    told = parse_yes(node.line)
    return told if told is not None else parse_yes(node.children[0].name) if node.children else None


def _digits(text: str | None) -> str | None:
    digits = re.sub(r"\D", "", text or "")
    return digits if len(digits) in {9, 14} else None


def _unit(node: Node | None) -> str | None:
    found = re.search(r"\b([kMGT]?Wh|PDL|sites?|points?)\b", node.line) if node else None
    return found[1] if found else None
