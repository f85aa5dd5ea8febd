"""The headings of a spreadsheet, and the fields of an object they stand for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from core.formats import NBSP
from core.words import fold, is_close, stem
from crm.catalogue import BusinessObject
from crm.objects import OBJECTS
from crm.proposals.columns import columns_of
from crm.proposals.declarations import WRITABLES
from ingest.errors import UnreadableFile
from ingest.spreadsheets.cells import normalise_unit
from ingest.spreadsheets.grid import Cell, Grid, is_blank

IMPORTED = (
    "accounts", "contacts", "sites", "delivery_points", "contracts", "tenders",
    "non_conformities", "competitors",
)  # fmt: skip
# By what a link may be named: field of the linked record → words for it.
LINK_KEYS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "accounts": {"siret": ("siret",), "siren": ("siren",), "name": ("", "nom", "raison sociale")},
    "users": {"full_name": ("", "nom", "prenom nom", "nom prenom"), "email": ("mail", "courriel",
              "email", "e mail", "adresse mail")},
    "sites": {"name": ("", "nom", "libelle")},
    "contracts": {"reference": ("", "reference", "numero", "ref")},
    "tenders": {"reference": ("", "reference", "numero", "ref")},
}  # fmt: skip
# What spreadsheets call a field besides its declared words.
MORE: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("accounts", "name"): ("raison sociale", "dénomination sociale", "enseigne", "intitulé"),
    ("accounts", "postal_code"): ("cp", "code postal siège"),
    ("accounts", "annual_revenue_eur"): ("ca", "ca annuel"),
    ("accounts", "client_since_on"): ("date d’entrée en relation", "client depuis le"),
    ("contacts", "name"): ("nom prénom", "prénom nom", "nom et prénom", "nom complet"),
    ("contacts", "email"): ("adresse e-mail", "adresse courriel"),
    ("contacts", "phone"): ("tel", "téléphone fixe", "tél fixe", "ligne directe"),
    ("sites", "name"): ("libellé", "nom du bâtiment"),
    ("sites", "postal_code"): ("cp",),
    ("delivery_points", "code"): ("rae", "numéro de compteur", "référence acheminement",
                                  "identifiant pdl", "prm pce", "pdl pce", "numéro de pce"),
    ("delivery_points", "annual_consumption_mwh"): ("consommation annuelle", "conso annuelle"),
    ("delivery_points", "segment"): ("tarif d’acheminement", "profil"),
    ("contracts", "reference"): ("réf", "numéro de contrat", "n° contrat", "contrat"),
    ("contracts", "start_on"): ("date de début", "début de fourniture", "date d’effet",
                                "date début"),
    ("contracts", "end_on"): ("date de fin", "fin de fourniture", "date d’échéance", "date fin"),
    ("contracts", "price_eur_per_mwh"): ("prix unitaire", "prix énergie", "prix mwh", "prix moyen"),
    ("contracts", "annual_amount_eur"): ("montant", "budget annuel", "montant ht"),
    ("contracts", "annual_volume_mwh"): ("conso annuelle", "car"),
    ("contracts", "price_type"): ("type d’offre", "offre", "nature du prix"),
    ("contracts", "notice_days"): ("délai de préavis", "préavis"),
    ("tenders", "submission_deadline"): ("date limite de remise des offres", "dlro", "date limite"),
    ("tenders", "title"): ("objet du marché",),
    ("tenders", "boamp_id"): ("n° boamp", "avis boamp"),
}  # fmt: skip
NOUNS: Mapping[str, tuple[str, ...]] = {
    "accounts": ("société", "entreprise", "tiers", "organisme", "établissement client"),
    "users": ("commercial", "chargé d’affaires", "gestionnaire du compte", "courtier"),
}
GIVEN_NAME = "given_name"
VAGUE = frozenset({"numero", "type", "nature", "libelle", "intitule", "code", "nom"})
EMPTY_WORDS = frozenset("de du des d l la le les en a au aux et sur par pour un une".split())
IN_BRACKETS = re.compile(r"[(\[]([^)\]]*)[)\]]")
LAST_UNIT = re.compile(r"(?:^|\s)(k?€(?:\s?(?:ht|ttc))?(?:/[a-z]+)?|c€/kwh|[kmg]wh|kva|m2|m²|%)$")
UNIT_WORD = re.compile(r"[kmg]?wh|k?v?a|%|€")
LEAST, SURE, NEAR = 0.5, 1.0, 0.8
HEADING_ROWS = 15
NO_HEADINGS = (
    "Aucune ligne de titres n’a été reconnue. Mettez en première ligne le nom des colonnes "
    f"(par exemple{NBSP}: Nom, SIRET, Ville), puis redéposez le fichier."
)


class UnclearSheet(UnreadableFile):
    """The headings suit several kinds of records as well."""


@dataclass(frozen=True)
class Target:
    """What a column fills: a field (`name`), or a link by a field of the record it leads to."""

    name: str
    label: str
    link: str | None = None
    key: str = ""


@dataclass(frozen=True)
class Heading:
    """A column of the sheet: its place, its text, its unit, and what it fills (None: nothing)."""

    place: int
    text: str
    unit: str
    target: Target | None


@dataclass(frozen=True)
class Layout:
    """How a grid is read as records of `object`; `first` is the place of the first record's row."""

    object: str
    headings: tuple[Heading, ...]
    first: int

    @property
    def filled(self) -> tuple[Heading, ...]:
        """The columns that fill something."""
        return tuple(one for one in self.headings if one.target is not None)


def lay_out(grid: Grid, name: str | None = None, chosen: Mapping[str, str] | None = None) -> Layout:
    """The layout of `grid`; of the object it suits best when none is named.

    `chosen` imposes what headings fill: heading → name of a target, empty for nothing. Raises
    UnreadableFile, saying what to do.
    """
    if name is not None and name not in IMPORTED:
        raise UnreadableFile(f"Ces fiches ne s’importent pas. Sont importables{NBSP}: "
                             f"{', '.join(OBJECTS[one].plural for one in IMPORTED)}.")  # fmt: skip
    layouts = [_lay_out_as(grid, one, chosen or {}) for one in ([name] if name else IMPORTED)]
    weighed = sorted(layouts, key=_weigh, reverse=True)
    best = weighed[0]
    if not best.filled:
        raise UnreadableFile(NO_HEADINGS)
    if len(weighed) > 1 and _weigh(weighed[1]) == _weigh(best):
        known = ", ".join(OBJECTS[one].plural for one in IMPORTED)
        raise UnclearSheet(f"Les titres ne disent pas ce que le tableau contient. Dites-le à "
                           f"l’import{NBSP}: {known}.")  # fmt: skip
    return best


def list_targets(name: str) -> tuple[Target, ...]:
    """Everything a column may fill for an object."""
    return tuple(target for target, _ in _list_named(name))


def _weigh(layout: Layout) -> tuple[int, float]:
    """The better layout fills more columns, then more of what the object requires."""
    declared = WRITABLES[layout.object]
    filled = {one.target.link or one.target.name for one in layout.filled if one.target}
    needed = [n for n in declared.required if n not in declared.defaults]
    links = {link.column: step for step, link in OBJECTS[layout.object].links.items()}
    had = sum(links.get(n, n) in filled for n in needed)
    return (len(layout.filled), had / max(1, len(needed)))


def _lay_out_as(grid: Grid, name: str, chosen: Mapping[str, str]) -> Layout:
    """The row, among the first, whose cells name the most fields; with the row above when that one
    names groups of columns."""
    best: tuple[int, int, list[str]] = (0, 0, [])
    for place, row in enumerate(grid.rows[:HEADING_ROWS]):
        texts = [_write(cell) for cell in row]
        above = [_write(cell) for cell in grid.rows[place - 1]] if place else []
        candidate = _join(above, texts) if _is_group_row(above, texts) else texts
        found = sum(one is not None for one in _match(name, candidate))
        if found > best[0]:
            best = (found, place, candidate)
    _, place, texts = best
    targets = _match(name, texts)
    imposed = {fold(heading.strip()): wanted for heading, wanted in chosen.items()}
    headings: list[Heading] = []
    for index, (text, guessed) in enumerate(zip(texts, targets, strict=True)):
        wanted = imposed.get(fold(text))
        target = guessed if wanted is None else _find_target(name, wanted)
        if text:
            headings.append(Heading(index, text, _find_unit(text), target))
    return Layout(name, tuple(headings), place + 1)


def _find_target(name: str, wanted: str) -> Target | None:
    if not wanted:
        return None
    for target in list_targets(name):
        if wanted in (target.name, target.label):
            return target
    known = ", ".join(target.label for target in list_targets(name))
    raise UnreadableFile(f"«{NBSP}{wanted[:80]}{NBSP}» n’est pas un champ. Champs possibles{NBSP}: "
                         f"{known}.")  # fmt: skip


def _write(cell: Cell) -> str:
    return "" if is_blank(cell) or not isinstance(cell, str) else " ".join(cell.split())[:200]


def _is_group_row(above: Sequence[str], below: Sequence[str]) -> bool:
    """Tell whether a row names groups of the columns of the next one: some cells, not one title."""
    groups, columns = sum(map(bool, above)), sum(map(bool, below))
    return 2 <= groups < columns or (
        groups >= 2 and any(a and not b for a, b in zip(above, below, strict=True))
    )


def _join(above: Sequence[str], below: Sequence[str]) -> list[str]:
    """Two rows of headings as one: a group stands over its columns, up to the next group."""
    joined: list[str] = []
    group = ""
    for upper, lower in zip(above, below, strict=True):
        group = upper or group
        joined.append(f"{lower} {group}".strip() if lower else upper)
    return joined


def _match(name: str, texts: Sequence[str]) -> list[Target | None]:
    """What each heading fills: the closest pair first, each target once."""
    pairs = [
        (score, -index, rank, target)
        for index, text in enumerate(texts)
        if text
        for rank, (target, names) in enumerate(_list_named(name))
        if (score := _score(name, text, names)) >= LEAST
    ]
    found: dict[int, Target] = {}
    taken: set[str] = set()
    for _, index, _, target in sorted(pairs, key=lambda p: (-p[0], -p[1], p[2])):
        if -index not in found and target.name not in taken:
            found[-index] = target
            taken.add(target.name)
    return [found.get(index) for index in range(len(texts))]


def _score(name: str, text: str, names: Iterable[tuple[str, ...]]) -> float:
    """How well a heading names a target: 1 in its very words, less by a part of them."""
    known = tuple(names)
    parts = [part for part in re.split(r"/|\bou\b", IN_BRACKETS.sub(" ", text)) if part.strip()]
    said = [(_words(text), SURE)]
    said += [(_words(part), 0.95) for part in parts] if len(parts) > 1 else []
    said += [(_without(words, _nouns(name)), worth - 0.05) for words, worth in said]
    said += [(_without(words, VAGUE), worth - 0.1) for words, worth in said]
    return max(worth * _compare(words, one) for words, worth in said for one in known)


def _without(words: tuple[str, ...], dropped: frozenset[str]) -> tuple[str, ...]:
    return tuple(word for word in words if word not in dropped) or words


def _compare(said: tuple[str, ...], known: tuple[str, ...]) -> float:
    if said == known or (sorted(said) == sorted(known)):
        return 1.0
    if len(said) == len(known) and all(map(is_close, said, known)):
        return 0.9
    shared = set(said) & set(known)
    if not shared or (shared != set(said) and shared != set(known)):
        return 0.0
    return NEAR * len(shared) / max(len(said), len(known))


@cache
def _list_named(name: str) -> tuple[tuple[Target, tuple[tuple[str, ...], ...]], ...]:
    """The targets of an object, each with the words that name it."""
    declared, writable = OBJECTS[name], WRITABLES[name]
    columns = columns_of(name)
    named: list[tuple[Target, tuple[tuple[str, ...], ...]]] = []
    for field in declared.fields:
        if field.name not in columns or field.name in writable.computed:
            continue
        names = [field.label, *field.words, *MORE.get((name, field.name), ())]
        if field.name == declared.title:
            names += [declared.singular]
        named.append((Target(field.name, field.label), _unique(names)))
    if name == "contacts":
        named.append((Target(GIVEN_NAME, "Prénom"), _unique(["prénom", "prénoms"])))
    for step, target_object in _list_links(declared):
        named += _name_link(declared, step, target_object)
    return tuple(named)


def _list_links(declared: BusinessObject) -> list[tuple[str, str]]:
    """The links that a column may give, the longer paths to a client too: they tell homonyms."""
    links = [(step, link.target) for step, link in declared.links.items()]
    if "account" in declared.paths:
        links.append(("account", "accounts"))
    return [(step, target) for step, target in links if target in LINK_KEYS and step != "parent"]


def _name_link(
    declared: BusinessObject, step: str, target: str
) -> list[tuple[Target, tuple[tuple[str, ...], ...]]]:
    linked = OBJECTS[target]
    label = declared.links[step].label if step in declared.links else "Client"
    nouns = (label, linked.singular, *linked.words, *NOUNS.get(target, ()))
    named: list[tuple[Target, tuple[tuple[str, ...], ...]]] = []
    own = {field.name for field in declared.fields}
    for key, words in LINK_KEYS[target].items():
        names = [f"{word} {noun}".strip() for word in words for noun in nouns]
        if key in ("siret", "siren") and key not in own:
            names.append(key)
        told = label if key == linked.title else f"{label} ({linked.by_name[key].label})"
        named.append((Target(f"{step}.{key}", told, step, key), _unique(names)))
    return named


def _unique(names: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    return tuple(dict.fromkeys(words for one in names if (words := _words(one))))


@cache
def _nouns(name: str) -> frozenset[str]:
    declared = OBJECTS[name]
    return frozenset(w for one in (declared.singular, *declared.words) for w in _words(one))


@cache
def _words(text: str) -> tuple[str, ...]:
    """The words of a heading, compared: no accent, no plural, no article, no unit."""
    plain = IN_BRACKETS.sub(" ", fold(text)).replace("n°", " numero ").replace("°", " ")
    plain = LAST_UNIT.sub(" ", plain.strip()).replace("e-mail", "email")
    words = re.findall(r"[a-z0-9]+", plain)
    short = {"no": "numero", "num": "numero", "ref": "reference", "tel": "telephone",
             "conso": "consommation", "dept": "departement", "resp": "responsable"}  # fmt: skip
    kept = [stem(short.get(word, word)) for word in words if word not in EMPTY_WORDS]
    return tuple(kept)


def _find_unit(text: str) -> str:
    """The unit that a heading names: « Volume (MWh) », « Montant k€ »."""
    for inside in IN_BRACKETS.findall(text):
        unit = normalise_unit(inside)
        if UNIT_WORD.search(unit):
            return unit
    found = LAST_UNIT.search(fold(IN_BRACKETS.sub(" ", text)).strip())
    return normalise_unit(found[1]) if found else ""
