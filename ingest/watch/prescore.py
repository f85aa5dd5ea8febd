"""A first score on the notice alone: it orders the watch, it is not the verdict on the file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from core.formats import format_date, format_instant, format_money, join_words
from core.words import fold
from ingest.notices.notice import Notice
from ingest.watch.filters import ADVICE_CPV, SUPPLY_CPV, Match, WatchFilters, is_said
from ingest.watch.regions import find_region, find_region_of

WARNING = (
    "Pré-évaluation sur l’avis seul\u00a0: elle classe la veille et ne remplace pas le verdict, "
    "qui se rend sur le dossier de consultation."
)
ADVICE_WORDS = ("assistance à maîtrise d'ouvrage", "amo", "assistance achat", "conseil achat",
                "accompagnement achat", "courtage", "suivi contrats énergie")  # fmt: skip
WORKS_CPV = ("45", "507", "511", "311", "316")
"""Works, upkeep of building plant, fitting of equipment: another trade than buying energy."""
SMALL_EUR, LARGE_EUR = Decimal(15_000), Decimal(2_000_000)
COMFORT_DAYS, SHORT_DAYS = 21, 10


@dataclass(frozen=True)
class Part:
    """Points of one part: between `low` and `high` where the notice does not say."""

    key: str
    label: str
    low: int
    high: int
    most: int
    reason: str
    quote: str | None = None


@dataclass(frozen=True)
class PreScore:
    """0 to 100; `low` and `high` bound what the notice leaves unsaid.

    `blocked` says why the score is 0.
    """

    points: int
    low: int
    high: int
    parts: tuple[Part, ...]
    blocked: str | None = None
    warning: str = WARNING


def prescore(notice: Notice, match: Match, filters: WatchFilters, now: dt.datetime) -> PreScore:
    """The same notice, filters and day give the same score."""
    parts = (
        _score_trade(notice),
        _score_words(match),
        _score_region(notice, filters),
        _score_time(notice, now),
        _score_size(notice),
        _score_price_weight(notice),
    )
    blocked = _find_block(notice, now)
    if blocked:
        return PreScore(0, 0, 0, parts, blocked)
    low, high = sum(part.low for part in parts), sum(part.high for part in parts)
    return PreScore((low + high) // 2, low, high, parts)


def _find_block(notice: Notice, now: dt.datetime) -> str | None:
    if notice.kind == "cancellation":
        return "La consultation est annulée."
    if notice.kind == "award":
        return "Le marché est déjà attribué."
    moment = notice.deadline
    end = moment.instant if moment else None
    if moment and (end < now if end else moment.on < now.date()):
        when = format_instant(end) if end else format_date(moment.on)
        return f"La date limite est passée ({when})."
    return None


def _score_trade(notice: Notice) -> Part:
    advice = [code for code in notice.all_cpv if code.startswith(ADVICE_CPV)]
    supply = [code for code in notice.all_cpv if code.startswith(SUPPLY_CPV)]
    text = fold(f"{notice.title or ''} {notice.description or ''}")
    word = next((word for word in ADVICE_WORDS if is_said(word, text)), None)
    works = next((code for code in notice.all_cpv if code.startswith(WORKS_CPV)), None)
    if works:
        return _part("trade", "Métier", 0, 15, f"CPV de travaux ou d’exploitation {works}", works)
    if advice:
        return _part("trade", "Métier", 35, 35, f"CPV de conseil {advice[0]}", advice[0])
    if word:
        return _part(
            "trade", "Métier", 30, 35, "mission d’assistance d’après l’objet", notice.title
        )
    if supply:
        return _part("trade", "Métier", 10, 15, (
            f"CPV de fourniture {supply[0]}\u00a0: titulaire fournisseur, mission d’appui possible"
        ), supply[0])  # fmt: skip
    if not notice.all_cpv:
        return _part("trade", "Métier", 5, 35, "CPV non indiqué")
    return _part("trade", "Métier", 0, 5, "CPV hors du conseil et de la fourniture d’énergie",
                 notice.all_cpv[0])  # fmt: skip


def _score_words(match: Match) -> Part:
    if not match.words:
        return _part("words", "Mots suivis", 0, 0, "aucun mot suivi dans l’objet")
    points = min(10, 5 + 5 * (len(match.words) - 1))
    told = join_words([f"«\u00a0{word}\u00a0»" for word in match.words[:3]])
    return _part("words", "Mots suivis", points, points, f"mots suivis\u00a0: {told}")


def _score_region(notice: Notice, filters: WatchFilters) -> Part:
    if not filters.regions and not filters.remote_regions:
        return _part("region", "Région", 15, 15, "le cabinet suit toute la France")
    found = [name for code in notice.departments if (name := find_region_of(code))]
    if not found:
        return _part("region", "Région", 0, 20, "lieu non indiqué")
    served = {name for region in filters.regions if (name := find_region(region))}
    remote = {name for region in filters.remote_regions if (name := find_region(region))}
    shown, quote = join_words(sorted(set(found))), ", ".join(notice.departments)
    if served & set(found):
        return _part("region", "Région", 20, 20, f"{shown}\u00a0: région desservie", quote)
    if remote & set(found):
        return _part("region", "Région", 8, 8, f"{shown}\u00a0: suivie à distance", quote)
    return _part("region", "Région", 0, 0, f"{shown}\u00a0: hors des régions du cabinet", quote)


def _score_time(notice: Notice, now: dt.datetime) -> Part:
    if notice.deadline is None:
        return _part("time", "Délai", 0, 15, "date limite non indiquée")
    days = (notice.deadline.on - now.date()).days
    points = 15 if days >= COMFORT_DAYS else 8 if days >= SHORT_DAYS else 2 if days >= 0 else 0
    proof = notice.proofs.get("deadline")
    return _part("time", "Délai", points, points,
                 f"{days} jours avant le {format_date(notice.deadline.on)}" if days >= 0 else
                 f"échéance du {format_date(notice.deadline.on)} passée",
                 proof.quote if proof else None)  # fmt: skip


def _score_size(notice: Notice) -> Part:
    told = [lot.value for lot in notice.lots if lot.value is not None]
    value = notice.value if notice.value is not None else sum(told, Decimal(0)) if told else None
    if value is None or value <= 1:
        return _part("size", "Taille", 0, 10, "valeur non indiquée")
    shown = format_money(value)
    if value < SMALL_EUR:
        return _part("size", "Taille", 3, 3, f"petit marché ({shown})", str(value))
    if value > LARGE_EUR:
        return _part("size", "Taille", 4, 6, f"grand marché ({shown})", str(value))
    return _part("size", "Taille", 10, 10, f"valeur de {shown}", str(value))


def _score_price_weight(notice: Notice) -> Part:
    """A heavy price criterion favours those who are paid by suppliers."""
    weights = [c.weight for lot in notice.lots for c in lot.criteria
               if c.kind == "price" and c.weight is not None]  # fmt: skip
    if not weights:
        return _part("criteria", "Critères", 0, 10, "poids du prix non indiqué")
    heaviest = max(weights)
    points = 10 if heaviest <= 40 else 6 if heaviest <= 60 else 2
    return _part("criteria", "Critères", points, points, f"prix pesant {heaviest.normalize():f}",
                 str(heaviest))  # fmt: skip


MOST = {"trade": 35, "words": 10, "region": 20, "time": 15, "size": 10, "criteria": 10}


def _part(key: str, label: str, low: int, high: int, reason: str, quote: str | None = None) -> Part:
    return Part(key, label, low, high, MOST[key], reason, quote)


def list_unknowns(score: PreScore) -> Iterator[str]:
    """What the notice does not say, in French."""
    return (part.reason for part in score.parts if part.low != part.high)
