"""The turns of phrase that say what is asked: count, total, extreme, comparison, overview."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from core.dates import SMALL_NUMBERS
from core.words import fold

Operation = Literal["list", "count", "sum", "avg", "max", "min", "exists", "overview", "share"]

# « la règle » is no « réglé »: as typed, accents included, or after what only a noun follows.
RULE_NOUN = re.compile(
    r"\brègles?\b|(?<=\bla )regle\b|(?<=\bune )regle\b|(?<=\bles )regles\b|"
    r"(?<=\bquelle )regle\b|(?<=\bquelles )regles\b|(?<=\bnos )regles\b|(?<=\bdes )regles\b",
    re.IGNORECASE,
)
COUNT = re.compile(
    r"\b(?:combien (?:de |d'|y a|avons|en |ai-je|a-t-on|sont|avez|a |ont )|nombre d|"
    r"(?<!paie )(?<!paye )(?<!depense )(?<!coute )(?<!consomme )combien\b(?!.*(?:mwh|kwh|euros?|€|coute|consomm|pay|rapport|pese|vaut|valent|represente))|"
    r"compte[rz]?[- ]|denombre|effectif)"
)
AMOUNT = re.compile(
    r"\bcombien (?:de |d')(?:mwh|gwh|kwh|euros?|kva|kw|mw|m2|energie|gaz|electricite|courant|"
    r"volume|chiffre|ca\b|argent|economies?)|\bcombien .*\b(?:consomm|coute|pay|pese|vaut|"
    r"valent|represente|mwh|euros?|facture|depens)|\b(?:consomm|cout|pay|paie|depens|factur)\w* combien"
)
SUM = re.compile(
    r"\b(?:total|totale|totaux|totales|somme|cumul|cumule|cumulee|au total|en tout|globale?|"
    r"l'ensemble|additionn|montant (?:des|de l'ensemble)|volume (?:des|d'|de )|agrege)"
)
AVERAGE = re.compile(r"\b(?:moyen|moyenne|moyens|moyennes|en moyenne)\b")
HIGHEST = re.compile(
    r"\b(?:le|la|les|nos|mes|des|aux?)? ?(?:\d+ |top |trois |cinq |dix |deux |quatre )?"
    r"(?:plus (?:grand|gros|grosse|chaud|eleve|important|fort|cher|puissant|consommat|energivore|lourd|"
    r"risque|haut|long|vaste|rentable|pertinent|lucrati)\w*|principa(?:l|ux|les?)\b|maxim\w*|"
    r"meilleure?s?\b|premiers? clients?|top\b)|\ble plus (?:de |d'|possible)?|\bau plus haut\b|"
    r"\bla plus (?:de|d')|\brecord\b"
)
LOWEST = re.compile(
    r"\b(?:plus (?:petit|petite|faible|bas|basse|court|courte|modeste|leger)s?|moins (?:cher|eleve|"
    r"important|gros|puissant|energivore|risque|consommat)\w*|minim\w*|le moins|la moins|"
    r"pire)\b"
)
NEAREST = re.compile(
    r"\b(?:prochaine?s?|plus proches?|plus tot|plus urgente?s?|imminente?s?|en premier|a venir|"
    r"d'abord|plus vite|plus immediate?s?)\b"
)
LATEST = re.compile(
    r"\b(?:derniere?s?|dernier|plus recente?s?|recemment|plus tard|plus lointaine?s?|recente?s?)\b"
)
OLDEST = re.compile(r"\b(?:plus ancienne?s?|plus vieux|plus vieilles?)\b")
EXISTS = re.compile(
    r"\b(?:y a-t-il|y a t il|est-ce que|est-ce qu'|a-t-on|a-t-il|a-t-elle|ont-ils|avons-nous|"
    r"avez-vous|ai-je|existe-t-il|reste-t-il|a t on|as-tu)\b|^(?:avons|avez|existe)"
)
WHICH = re.compile(r"\b(?:quel|quelle|quels|quelles|lesquels|lesquelles|que|quoi)\b|\bqu'(?!il)")
MY_ERRANDS = re.compile(r"\b(?:ai-je|dois-je|j'ai|je dois|me reste|mes taches)\b")
LOT_NUMBER = re.compile(r"\blots? (?:n(?:o|°|umero)?\.? ?)?(?P<number>\d{1,2})\b")
OVERVIEW = re.compile(
    r"\b(?:fai(?:s|tes)(?:-moi)? (?:le |un )?(?:point|bilan|topo)|(?:un |le )?(?:point|topo|bilan) "
    r"(?:sur|de|complet|client)|^(?:la )?fiche (?:client |de |du |d')|360|vue d'ensemble|synthese|resume[zr]?|situation|"
    r"parle[zr]?[- ]moi|que sait-on|que savons-nous|qu'est-ce qu'on (?:sait|a)|ou en (?:est|sont|"
    r"sommes)|dis[- ]moi tout|presente[zr]?|apercu|portrait|tout savoir|etat des lieux|"
    r"brief(?:e|ing)?|recap\w*)\b"
)
GROUP = re.compile(
    r"\b(?:par|selon|repartition|reparti\w*|ventil\w*|decoupe\w*|pour chaque|chaque|en fonction d\w+|"
    r"decompos\w*)\b"
)
LATE = re.compile(
    r"\b(?:en retard|depassee?s?|hors delai|echeances? (?:est |sont )?passees?|aurai\w+ (?:deja )?du|"
    r"non tenue?s?|en souffrance|laisse filer|rate le|loupe|trop tard|deja passee?s?)\b"
)
NEGATION = re.compile(
    r"\b(?:sans|aucune?|pas de|pas d'|n'a pas|n'ont pas|n'ont plus|n'a plus|ne sont plus|n'avons plus|n'ont aucun|n'a aucun|ne sont pas|n'est pas|"
    r"hors|sauf|excepte|non)\b"
)
OPEN = re.compile(
    r"\b(?:ouverte?s?|en cours|en vigueur|active?s?|actifs?|actuelle?s?|actuellement|en ce moment|non (?:close?s?|soldee?s?|"
    r"resolue?s?|cloturee?s?|traitee?s?|terminee?s?|faites?|repondue?s?)|pas (?:encore )?(?:close?s?|"
    r"soldee?s?|resolue?s?|cloturee?s?|terminee?s?|reglee?s?|faites?)|restante?s?|a traiter|"
    r"a faire|vivante?s?|encore|en attente|qui train\w+|dans les tuyaux|dans le pipe\w*|sous contrat|"
    r"pas (?:encore )?regle\w*|en ce moment)\b"
)
BID = re.compile(r"\boffres?\b(?=.*\b(?:gagn|remport|perdu))")
TO_SUBMIT = re.compile(
    r"\b(?:a (?:rendre|remettre|deposer|repondre|envoyer|soumettre)|repondre|rendre|remettre|deposer)\b"
)
SHARE = re.compile(
    r"\b(?:quel(?:le)? (?:pourcentage|proportion|part)|pourcentage d|proportion d|taux de (?:reussite|"
    r"succes|transformation|gain)|quel taux)\b"
)
APART = re.compile(
    r"\b(?:separement|respectivement|chacune?|d'un cote|d'une part|repartition|entre|ventil\w+|"
    r"compare\w*)\b"
)
IN_EUROS = re.compile(r"\b(?:en euros|en €|en valeur|en mwh|en volume)\b")
ALL_TIMES = re.compile(
    r"\b(?:historique|depuis le debut|tous statuts|anciens? contrats?|echus?|resilie\w*|par statut|"
    r"passes?|tous les contrats|compris)\b"
)
SUBSIDIARIES = re.compile(r"\bfiliales?\b")
LOCAL_OPERATOR = re.compile(
    r"\belds?\b|\bentreprises? locales? de distribution\b|\bni enedis ni grdf\b"
)
NOT_STARTED = re.compile(
    r"\bpas (?:encore )?(?:demarre|commence|debute|entre)\w*|\bdemarr\w+ plus tard\b|\bfuturs?\b"
)
FROM_WATCH = re.compile(
    r"\b(?:provien|vien|vienn|issus?|nes?|sort)\w* (?:de |de la |de notre )*veille\b"
)
FROM_TENDER = re.compile(
    r"\b(?:vien|vienn|issus?|nes?|provien|decoul)\w* (?:d'un |d'une |de l'|des )?(?:ao|appels? d'offres?|"
    r"consultation|marche)"
)
PLURAL_RANK = re.compile(r"\b(?:derniere?s|prochaine?s|recente?s|imminente?s)\b")
WHO = re.compile(r"\b(?:qui (?:est|s'occupe|suit|gere|sont|a en charge|pilote)|a qui|responsable|"
                 r"gerant|en charge|charge d[e'u]|commercial (?:de|du|d')|interlocuteur interne|"
                 r"suivie?s? par qui)\b")  # fmt: skip
TOP = re.compile(
    r"\b(?:top ?|les |nos |mes |des )(?P<count>\d{1,2}|deux|trois|quatre|cinq|six|sept|huit|neuf|dix"
    r"|quinze|vingt) (?:plus|premiers?|premieres?|principa\w+|meilleure?s?|prochaine?s?|derniere?s?|"
    r"dernier|clients|contrats|sites|points|appels|consomm|gros)|\btop ?(?P<top>\d{1,2})"
)
NUMBER = (
    r"(?P<{n}>\d{{1,3}}(?:[ .\u202f\u00a0]\d{{3}})+(?:,\d+)?|\d+(?:[.,]\d+)?) ?"
    r"(?P<{n}u>k€|m€|k|millions?(?: d'euros?| d'€)?|milliers?|gwh|mwh|kwh|kva|kw|mw|m2|m²|€|euros?|"
    r"%|pour cent|jours?|ans?|annees?|points?(?! de (?:livraison|comptage|mesure)))?(?![\w/-])"
)
THRESHOLD = re.compile(
    r"\b(?:(?P<more>plus d[e'] ?|superieure?s? (?:ou egale?s? )?a |au[- ]dessus d[e'u] ?|au moins |"
    r"depass\w+ |exced\w+ |> ?|a partir de |minimum |au-dela d[e'] ?)|"
    r"(?P<less>moins d[e'] ?|inferieure?s? (?:ou egale?s? )?a |en[- ]dessous d[e'u] ?|au plus |"
    r"sous (?:les |la barre des )?|< ?|jusqu'a |maximum |ne depass\w+ pas ))" + NUMBER.format(n="x")
)
WORDED = re.compile(
    r"\b(?:(?P<more>plus d[e'] ?)|(?P<least>au moins )|(?P<less>moins d[e'] ?)|(?P<most>au plus ))"
    rf"(?P<word>{'|'.join(SMALL_NUMBERS)})(?= (?:contrats?|sites?|points?|appels?|taches?|contacts?|"
    r"non-conformites?|incidents?|opportunites?)\b)"
)
EXACT = re.compile(r"\b(?:a|egale?s? a|exactement) (?P<x>\d+(?:[.,]\d+)?) ?(?P<xu>%|pour cent)")
RANGE = re.compile(r"\bentre " + NUMBER.format(n="low") + r" et " + NUMBER.format(n="high"))
SCALES = {
    "k€": Decimal(1000), "k": Decimal(1000), "millier": Decimal(1000), "m€": Decimal(1000000),
    "million": Decimal(1000000), "gwh": Decimal(1000), "kwh": Decimal("0.001"),
}  # fmt: skip


@dataclass(frozen=True)
class Threshold:
    """A numeric condition as typed: bounds in the unit's base (€, MWh, kVA…), and its span."""

    low: Decimal | None
    high: Decimal | None
    unit: str
    is_strict: bool
    span: tuple[int, int]


def find_thresholds(text: str) -> list[Threshold]:
    """« plus de 500 MWh », « entre 50 et 100 k€ », outside expressions of time."""
    folded = fold(text)
    found: list[Threshold] = []
    for match in RANGE.finditer(folded):
        unit = match["highu"] or match["lowu"] or ""
        if not _is_time(unit):
            found.append(
                Threshold(_value(match["low"], unit), _value(match["high"], unit), _unit(unit),
                          False, match.span())
            )  # fmt: skip
    for match in EXACT.finditer(folded):
        value = _value(match["x"], match["xu"])
        found.append(Threshold(value, value, "%", False, match.span()))
    for match in THRESHOLD.finditer(folded):
        unit = match["xu"] or ""
        value = _value(match["x"], unit)
        inclusive = bool(
            re.search(r"egal|au moins|au plus|minimum|maximum|a partir|jusqu", match[0])
        )
        low, high = (value, None) if match["more"] else (None, value)
        if "ne depass" in match[0]:
            low, high = None, value
        if not _is_year(match["x"], unit):
            found.append(Threshold(low, high, _unit(unit), not inclusive, match.span()))
    found += map(_read_worded, WORDED.finditer(folded))
    return found


def _read_worded(match: re.Match[str]) -> Threshold:
    """«Plus de deux» : a bound without unit."""
    value = Decimal(SMALL_NUMBERS[match["word"]])
    is_floor = bool(match["more"] or match["least"])
    is_strict = bool(match["more"] or match["less"])
    low, high = (value, None) if is_floor else (None, value)
    return Threshold(low, high, "", is_strict, match.span())


def _value(raw: str, unit: str) -> Decimal:
    cleaned = re.sub(r"[ \u202f\u00a0]|\.(?=\d{3}(?:\D|$))", "", raw).replace(",", ".")
    return Decimal(cleaned) * SCALES.get(re.sub(r"s? d'.*|s$", "", unit), Decimal(1))


def _unit(unit: str) -> str:
    if unit.startswith(("k€", "m€", "€", "euro", "million", "millier")) or unit == "k":
        return "€"
    return {"gwh": "mwh", "kwh": "mwh", "m²": "m2", "pour cent": "%"}.get(unit, unit.rstrip("s"))


def _is_time(unit: str) -> bool:
    return unit.rstrip("s") in ("jour", "annee")


def _is_year(raw: str, unit: str) -> bool:
    return not unit and re.fullmatch(r"20[2-4]\d", raw) is not None


def find_top(text: str) -> int | None:
    """How many are asked for, when the question says so (« les 5 plus gros »)."""
    match = TOP.search(fold(text))
    if match is None:
        return None
    word = match["count"] or match["top"]
    return int(word) if word.isdigit() else SMALL_NUMBERS[word]


def find_cues(text: str) -> list[tuple[int, int]]:
    """The stretches of a question that a turn of phrase accounts for."""
    folded = fold(text)
    return [match.span() for pattern in _ALL for match in pattern.finditer(folded)]


_ALL = (
    SUM, AVERAGE, HIGHEST, LOWEST, NEAREST, LATEST, OLDEST, EXISTS, OVERVIEW,
    LATE, OPEN, SHARE, APART, IN_EUROS, SUBSIDIARIES, LOCAL_OPERATOR, NOT_STARTED, FROM_WATCH,
    FROM_TENDER, TO_SUBMIT, WHO, BID,
)  # fmt: skip
