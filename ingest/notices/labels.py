"""The headings of notices printed as text, with or without the numbers of the official forms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from core.words import fold

Field = Literal[
    "buyer", "buyer_id", "section", "title", "reference", "cpv", "cpv_more", "nature", "description", "total",
    "division", "lot_section", "lot_number", "place", "nuts", "prestations", "criteria", "value",
    "duration", "start", "end", "renewal", "renewal_text", "variants", "options", "candidates",
    "procedure", "framework", "deadline", "hour", "validity", "opening", "languages", "dispatch",
    "platform", "other",
]  # fmt: skip

NUMBERING = re.compile(
    r"^\s*(?:section\s+)?(?P<number>(?:vi|v|iv|iii|ii|i)(?:\.\d{1,2}){0,3})\s*[).:–-]?\s*(?=\D|$)"
    r"(?<=[).:\s\d–-])"
)
"""The number of a form's section («II.2.5)»), which names its field whatever the words."""

SECTIONS: dict[str, Field] = {
    "i": "section", "i.1": "buyer", "i.2": "section", "i.3": "platform", "i.4": "other", "i.5": "other", "i.6": "other",
    "ii": "section", "ii.1": "section", "ii.1.1": "title", "ii.1.2": "cpv", "ii.1.3": "nature",
    "ii.1.4": "description", "ii.1.5": "total", "ii.1.6": "division",
    "ii.2": "lot_section", "ii.2.1": "title", "ii.2.2": "cpv_more", "ii.2.3": "place",
    "ii.2.4": "prestations", "ii.2.5": "criteria", "ii.2.6": "value", "ii.2.7": "duration",
    "ii.2.8": "other", "ii.2.9": "candidates", "ii.2.10": "variants", "ii.2.11": "options", "ii.2.12": "other",
    "ii.2.13": "other", "ii.2.14": "other",
    "iii": "section", "iv": "section", "iv.1.1": "procedure", "iv.1.3": "framework",
    "iv.2.2": "deadline", "iv.2.3": "other", "iv.2.4": "languages", "iv.2.6": "validity",
    "iv.2.7": "opening", "v": "section", "vi": "section", "vi.5": "dispatch",
}  # fmt: skip

LABELS: tuple[tuple[Field, str], ...] = (
    ("buyer", r"nom officiel|nom et adresses?|(?:pouvoir|entite) adjudicat(?:eur|rice)|acheteur"
              r"|denomination(?: officielle)?|organisme acheteur|nom de l.acheteur"),
    ("buyer_id", r"numero national d.identification|code d.identification national|siret"),
    ("reference", r"numero de reference|reference(?: du marche| de la consultation| interne)?"
                  r"|n. de (?:reference|la consultation)"),
    ("cpv_more", r"(?:code\(s\)|codes?) cpv additionnel(?:\(s\)|s)?|cpv (?:additionnels?|secondaires?)"
                 r"|(?:code )?cpv suppl.mentaires?|codes? cpv du lot"),
    ("cpv", r"(?:code )?cpv(?: principal)?(?: \(classification principale\))?|classification cpv"
            r"|code cpv|objet principal"),
    ("nature", r"type de (?:marche|contrat)|nature du marche"),
    ("total", r"valeur totale estimee|valeur estimee totale|valeur totale"),
    ("division", r"information sur les lots|division en lots|ce marche est divise en lots"
                 r"|allotissement|marche (?:divise en lots|unique)|pas de division en lots"),
    ("lot_number", r"lot n[o°º.]*|numero (?:du|de) lot|lot numero|n[o°º] (?:du|de) lot|lot(?= ?:)"
                   r"|lot(?= \d{1,3}\b)"),
    ("nuts", r"codes? nuts|nuts"),
    ("place", r"lieu principal d.execution|lieu d.execution"),
    ("prestations", r"description des prestations"),
    ("description", r"description succincte|description|objet du marche|objet complet"),
    ("title", r"intitule(?: attribue au (?:contrat|marche))?(?: du (?:lot|marche))?|titre(?: du (?:lot|marche))?|objet"),
    ("criteria", r"criteres? d.attribution|criteres de jugement(?: des offres)?"),
    ("value", r"valeur estimee(?: du lot)?|valeur hors tva|valeur(?: du lot)?|montant estime"),
    ("duration", r"duree (?:du marche|en mois|en jours|de l.accord)[^:]*|duree"),
    ("start", r"(?:date de )?debut|date de commencement"),
    ("end", r"(?:date de )?fin|date d.achevement"),
    ("renewal_text", r"description des (?:modalites ou du calendrier des )?reconductions?"
                     r"|modalites de reconduction"),
    ("renewal", r"(?:ce|le) marche peut faire l.objet d.une reconduction|reconductible"
                r"|reconductions?|marche reconductible|renouvellement"),
    ("variants", r"(?:information sur les )?variantes?(?: seront prises en consideration)?"
                 r"|des variantes seront prises en consideration|variantes (?:autorisees|acceptees)"),
    ("options", r"information(?:s)? sur les options|options|description des options"),
    ("candidates", r"informations sur les limites concernant le nombre de candidats.*"
                   r"|criteres objectifs de limitation du nombre de candidats.*"
                   r"|nombre (?:de candidats envisage|minimal|maximal)"),
    ("procedure", r"type de procedure|procedure"),
    ("framework", r"informations? sur l.accord-cadre.*|(?:le marche implique la mise en place d.un )?"
                  r"accord-cadre"),
    ("deadline", r"date (?:et heure )?limites? (?:de|pour) (?:la )?(?:reception|remise|depot)"
                 r"(?: des (?:offres|plis|candidatures|demandes de participation))?"
                 r"(?: ou des demandes de participation)?"),
    ("hour", r"heure(?: locale| limite(?: de reception(?: des offres)?)?)?"),
    ("validity", r"delai minimal pendant lequel.*?offre|delai de validite des offres"
                 r"|validite des offres|duree en mois \(a compter.*|l.offre doit etre valable jusqu.au"),
    ("opening", r"modalites d.ouverture des (?:offres|plis)|ouverture des (?:offres|plis)"
                r"|date d.ouverture(?: des (?:offres|plis))?"),
    ("languages", r"langues?\(?s?\)? pouvant etre utilisees?.*|langues?"),
    ("dispatch", r"date d.envoi (?:du present avis|de l.avis|a la publication).*|date d.envoi"
                 r"|date d.envoi des invitations.*"),
    ("platform", r"(?:adresse|url) (?:du profil d.acheteur|des documents).*|profil d.acheteur"
                 r"|documents du marche disponibles.*|communication"),
    ("other", r"informations? complementaires?|information sur les fonds de l.union.*"
              r"|conditions de participation|capacite .*|habilitation .*|instance chargee.*"
              r"|introduction de recours|conditions? particulieres? d.execution|adresse postale"
              r"|ville|code postal|pays|point\(?s?\)? de contact|courriel|e-mail|telephone|fax"
              r"|adresse\(?s?\)? internet|adresse principale|adresse du profil d.acheteur"
              r"|activite principale|type de pouvoir adjudicateur|renseignements complementaires"
              r"|catalogue electronique|marche reserve.*"
              r"|informations relatives aux enchères.*|informations administratives"),
)  # fmt: skip
COMPILED: tuple[tuple[Field, re.Pattern[str]], ...] = tuple(
    (
        field,
        re.compile(
            rf"(?:{pattern})(?: d[ue] (?:ce )?lot)?(?=\s*[:=–—]|\s*$|\s+-\s|\s*\()(?P<sep>\s*[:=–—-]?\s*)"
        ),
    )
    for field, pattern in LABELS
)
CRITERION = re.compile(
    r"criteres? (?:n ?[°o] ?\d+ |\d+ )?[\[(]?(?:de |du |d')?(?:qualite|prix|couts?|technique)\b"
    r"|criteres? (?:n ?[°o] ?)?\d+ ?[:–—-]"
)
"""A line that is itself a criterion: it stays whole."""
ANYHOW = ("lot_number",)
LOOSE: tuple[tuple[Field, re.Pattern[str]], ...] = tuple(
    (field, re.compile(rf"(?:{pattern})(?P<sep>[\s:=–—-]*)"))
    for field, pattern in LABELS
    if field in ANYHOW
)


@dataclass
class Passage:
    """A heading's field and what stands under it: the rest of its line, and the lines below."""

    field: Field
    label: str
    lines: list[str]
    place: int
    number: str | None = None
    is_item: bool = False

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def line(self) -> str:
        return " ".join(self.text.split())


def cut_passages(text: str) -> Iterator[Passage]:
    """The passages of a printed notice, in order; lines before any heading come as «other»."""
    current = Passage("other", "", [], 0)
    is_numbered = len(set(NUMBERED_LINE.findall(fold_lines(text)))) >= FEW_NUMBERS
    for place, raw in enumerate(text.splitlines(), 1):
        line = raw.replace("\u00a0", " ").replace("\u202f", " ").strip()
        if not line:
            continue
        begun = _begin(line, place)
        if begun and not _may_open(begun, current, is_numbered=is_numbered):
            begun = None
        if begun is None or _absorb(current, begun, line):
            current.lines.extend([line] if begun is None else [])
            continue
        yield current
        current = begun
    yield current


NUMBERED_LINE = re.compile(r"^\s*((?:iv|iii|ii|i)\.\d{1,2}(?:\.\d{1,2})?)\s?\)", re.MULTILINE)
FEW_NUMBERS = 5
FREE = {"description", "prestations", "other", "renewal_text", "options", "candidates", "platform"}
UNDER: dict[str, tuple[str, ...]] = {
    "title": ("reference", "lot_number", "title"), "lot_section": ("lot_number", "title", "reference"),
    "section": ("lot_number", "title", "reference", "buyer", "buyer_id", "other"), "reference": ("lot_number",),
    "lot_number": ("title",), "place": ("place", "nuts"), "nuts": ("place",), "buyer": ("buyer_id", "other", "buyer"),
    "buyer_id": ("other",), "duration": ("renewal", "renewal_text"), "renewal": ("renewal_text",),
    "cpv": ("cpv_more", "reference"), "options": ("options",), "dispatch": (), "division": ("other",),
}  # fmt: skip
"""Headings without number that the official forms put under each of their sections."""


def fold_lines(text: str) -> str:
    """`fold`, line ends kept."""
    return "\n".join(fold(line) for line in text.splitlines())


def _may_open(begun: Passage, current: Passage, *, is_numbered: bool) -> bool:
    """Tell a heading from a sentence that looks like one, inside a free text above all.

    Where the form numbers its sections, only the headings it puts in a section may stand there.
    Elsewhere an item of a list (a dash before it) is not a heading inside a free text.
    """
    if begun.number is not None:
        return True
    if current.field == "title" and not current.lines and begun.field == "lot_number":
        return begun.label.rstrip().endswith(":") or begun.line.rstrip(" .").isdigit()
    if is_numbered:
        return begun.field in UNDER.get(current.field, ()) or (
            (current.field, begun.field) in CONTINUATIONS
        )
    return not (begun.is_item and current.field in FREE)


CONTINUATIONS = {
    ("total", "value"), ("deadline", "hour"), ("opening", "hour"), ("duration", "duration"),
    ("variants", "variants"), ("division", "division"), ("place", "nuts"), ("nuts", "nuts"),
    ("value", "value"), ("criteria", "criteria"), ("options", "options"), ("cpv", "cpv"),
    ("cpv_more", "cpv_more"), ("cpv_more", "cpv"), ("framework", "framework"),
    ("candidates", "candidates"), ("validity", "duration"), ("validity", "validity"),
    ("renewal", "renewal"), ("duration", "start"), ("duration", "end"), ("opening", "other"),
}  # fmt: skip
"""Headings that stand under another one and say more of it."""


def _absorb(current: Passage, begun: Passage, line: str) -> bool:
    """Take `begun` into `current` where its heading only continues it."""
    if begun.number is not None:
        return False
    if begun.field == current.field == "buyer" and not current.lines:
        current.lines.extend(begun.lines)
        return True
    if (current.field, begun.field) not in CONTINUATIONS:
        return False
    current.lines.append(line)
    return True


def _begin(line: str, place: int) -> Passage | None:
    """The passage that `line` opens, None where it is not a heading."""
    folded = fold(line)
    numbered = NUMBERING.match(folded)
    number = numbered["number"] if numbered and folded[numbered.end() - 1 :][:1] != "" else None
    if number is not None and numbered and not _is_numbering(folded, numbered):
        number, numbered = None, None
    rest_at = numbered.end() if numbered else 0
    bullet = len(folded[rest_at:]) - len(folded[rest_at:].lstrip(" -–•*·"))
    rest_at += bullet
    field = SECTIONS.get(number or "")
    if CRITERION.match(folded, rest_at):
        return Passage("criteria", "", [line[rest_at:]], place, number, is_item=bullet > 0)
    for name, pattern in (*COMPILED, *LOOSE):
        if found := pattern.match(folded, rest_at):
            value = line[found.end() :].strip()
            return Passage(field or name, line[: found.end()], [value] if value else [], place, number,
                           is_item=bullet > 0)  # fmt: skip
    if number is None or numbered is None:
        return None
    after = line[rest_at:]
    head, colon, value = after.partition(":")
    return Passage(field or "other", head if colon else after, [value.strip()] if value.strip() else
                   [], place, number)  # fmt: skip


def _is_numbering(folded: str, found: re.Match[str]) -> bool:
    """A number of section has dots, or stands after «section», or is closed by a parenthesis."""
    written = folded[: found.end()]
    return "." in found["number"] or "section" in written or ")" in written
