"""Conditions without which the firm cannot answer, checked one by one against its profile."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import TypeVar

from agents.tender_scoring.evidence import Evidence
from agents.tender_scoring.facts import Facts, Lot
from agents.tender_scoring.findings import Contradiction
from agents.tender_scoring.profile import FirmProfile, Reference
from agents.tender_scoring.rules.clauses import RESERVED
from agents.tender_scoring.rules.requirements import (
    CertificateLevel,
    Level,
    ReferenceLevel,
    list_certificates,
    list_insurances,
    list_references,
    list_turnovers,
    topics_of,
)
from agents.tender_scoring.rules.roles import ROLE_LABELS, LotRole
from agents.tender_scoring.rules.statements import Reading, Statement, lots_of
from agents.tender_scoring.verdicts import GateResult
from core.formats import NBSP, count_noun, format_instant, format_money, of
from core.words import fold

EXCLUDED = re.compile(r"(?:courtiers?|mandataires? commercia\w+|intermediaires?)[^.]{0,40}"
                      r"(?:ne peu\w+|exclu|n'est pas admis|ne sont pas admis|interdit)")  # fmt: skip
WELCOME = re.compile(
    r"(?:peuvent|peut) repondre[^.]{0,120}(?:courtiers?|conseil|bureaux? d'etudes)"
)
INDEPENDENCE = re.compile(
    r"(?:percev\w+|recev\w+|accept\w+)[^.]{0,140}aucune? (?:commission|remuneration|retribution"
    r"|avantage)|aucune? (?:commission|remuneration)[^.]{0,60}fournisseur|lie a aucun fournisseur"
    r"|independan\w+ (?:vis-a-vis|a l'egard|des fournisseurs)|ne pas percevoir"
    r"|tout lien avec un (?:fabricant|fournisseur)|conflits? d'interets?"
)
ALREADY = re.compile(
    r"(?:assistan\w+|\bamo\b|groupement|conseil)[^.]{0,110}(?:deja (?:designe|choisi|titulaire|attribue)"
    r"|ne peuvent? (?:participer|soumissionner|repondre))|ne peuvent participer a la presente"
)


Asked = TypeVar("Asked", Level, ReferenceLevel, CertificateLevel)


class Gatekeeping:
    """What the gates of every lot share: the levels asked, read once."""

    def __init__(self, reading: Reading, facts: Facts, profile: FirmProfile,
                 contradictions: Iterable[Contradiction], notice_deadline: dt.datetime | None,
                 now: dt.datetime) -> None:  # fmt: skip
        self.reading = reading
        self.facts = facts
        self.profile = profile
        self.now = now
        self.turnovers = list_turnovers(reading)
        self.references = list_references(reading)
        self.certificates = list_certificates(reading)
        self.insurances = list_insurances(reading)
        self.deadline = _effective(facts, contradictions, notice_deadline)

    def check(self, lot: Lot, role: LotRole) -> tuple[GateResult, ...]:
        """Every gate of one lot."""
        number = lot.number
        return (
            self._deadline(),
            self._role(role),
            self._reserved(lot),
            self._turnover(number),
            self._certificates(number),
            self._references(number),
            self._insurance(number),
            self._visit(number),
            self._signature(),
            self._conflict(number, role),
        )

    def _deadline(self) -> GateResult:
        evidence = self.facts.deadline.evidence if self.facts.deadline else ()
        if self.deadline is None:
            return _gate("deadline", "unknown", "La date limite n’a pas été trouvée.")
        told = format_instant(self.deadline)
        if self.deadline <= self.now:
            return _gate("deadline", "failed", f"La date limite est passée : {told}.", evidence)
        days = (self.deadline - self.now).days
        left = count_noun(days, "jour", "jours")
        return _gate("deadline", "passed", f"Remise au plus tard le {told}, dans {left}.", evidence)

    def _role(self, role: LotRole) -> GateResult:
        profile, label = self.profile, ROLE_LABELS[role.role]
        excluded = self._first(EXCLUDED)
        if role.role == "supply":
            if profile.is_licensed_supplier and not _refuses_supply(profile):
                return _gate(
                    "role", "passed", "Fourniture : le cabinet est autorisé.", role.evidence
                )
            evidence = (*role.evidence, *((excluded.cite(),) if excluded else ()))
            return _gate(
                "role", "failed",
                "Le titulaire fournit l’énergie : il faut une autorisation de fourniture, que le "
                "cabinet n’a pas.", evidence, facts=profile.rules[:1],
                remedy="un fournisseur autorisé était mandataire et le cabinet son conseil déclaré",
            )  # fmt: skip
        if role.role == "works" and not profile.licences.get("qualification_travaux"):
            return _gate("role", "failed", f"Le lot relève {of(label)} : hors du métier du cabinet.",
                         role.evidence, facts=(profile.activity,) if profile.activity else ())  # fmt: skip
        if role.role == "maintenance":
            return _gate("role", "failed", f"Le lot relève {of(label)} : hors du métier du cabinet.",
                         role.evidence, facts=(profile.activity,) if profile.activity else ())  # fmt: skip
        if role.role == "advice" and excluded is not None:
            return _gate("role", "failed", "Le règlement écarte les courtiers.", (excluded.cite(),))
        if role.role in ("advice", "audit"):
            welcome = self._first(WELCOME)
            evidence = (welcome.cite(),) if welcome else role.evidence
            return _gate("role", "passed", f"Rôle possible : {label}.", evidence)
        return _gate("role", "unknown", "Le rôle du titulaire n’a pas été reconnu.", role.evidence)

    def _first(self, pattern: re.Pattern[str]) -> Statement | None:
        return next((s for s, _ in self.reading.find(pattern, ("rc", "ccp", "ccap"))), None)

    def _reserved(self, lot: Lot) -> GateResult:
        for statement, _ in self.reading.find(RESERVED, ("rc", "ccp", "notice")):
            if lot.is_reserved or (lot.number is None and not lots_of(statement)):
                return _gate(
                    "reserved", "failed", "Le lot est réservé à des entreprises adaptées ou "
                    "d’insertion.", (statement.cite(),),
                )  # fmt: skip
        return _gate("reserved", "not_applicable", "Le lot n’est pas réservé.")

    def _turnover(self, lot: int | None) -> GateResult:
        levels = _for_lot(self.turnovers, lot)
        if not levels:
            return _gate("turnover", "not_applicable", "Aucun chiffre d’affaires minimal demandé.")
        level = max(levels, key=lambda each: each.amount)
        own, way = _own_turnover(self.profile, level.statement.plain)
        asked, cited = format_money(level.amount), (level.statement.cite(),)
        if own is None:
            return _gate("turnover", "unknown", f"Chiffre d’affaires demandé : {asked} ; celui du "
                         "cabinet n’est pas renseigné.", cited)  # fmt: skip
        held = format_money(own.quantize(Decimal(1)))
        status = "passed" if own >= level.amount else "failed"
        return _gate(
            "turnover", status, f"Chiffre d’affaires demandé : {asked} ; cabinet : {held} ({way}).",
            cited, facts=(f"Chiffre d’affaires : {held} ({way})",),
            remedy=f"un mandataire apportait un chiffre d’affaires de {asked}",
        )  # fmt: skip

    def _certificates(self, lot: int | None) -> GateResult:
        levels = _for_lot(self.certificates, lot)
        if not levels:
            return _gate("certificates", "not_applicable", "Aucun certificat éliminatoire demandé.")
        lacking = [each for each in levels if _holds(self.profile, each) is False]
        doubtful = [each for each in levels if _holds(self.profile, each) is None]
        evidence = tuple(each.statement.cite() for each in lacking or doubtful or levels)
        if any(each.is_eliminatory for each in lacking):
            names = ", ".join(dict.fromkeys(each.label for each in lacking))
            return _gate("certificates", "failed", f"Le cabinet n’a pas : {names}.", evidence,
                         remedy=f"un cotraitant apportait : {names}")  # fmt: skip
        if lacking or doubtful:
            names = ", ".join(dict.fromkeys(each.label for each in lacking or doubtful))
            return _gate("certificates", "unknown", f"À confirmer : {names}.", evidence,
                         reserve=f"justifier : {names}")  # fmt: skip
        names = ", ".join(dict.fromkeys(each.label for each in levels))
        return _gate("certificates", "passed", f"Le cabinet détient : {names}.", evidence)

    def _references(self, lot: int | None) -> GateResult:
        levels = _for_lot(self.references, lot)
        if not levels:
            return _gate("references", "not_applicable", "Aucune référence minimale demandée.")
        failed, reserves, unknown, held = self._weigh_references(levels)
        evidence = tuple(dict.fromkeys(each.statement.cite() for each in levels))
        if failed:
            return _gate("references", "failed", f"Références manquantes : {' ; '.join(failed)}.",
                         evidence, facts=held,
                         remedy=f"un mandataire apportait : {' ; '.join(failed)}")  # fmt: skip
        if reserves:
            names = ", ".join(dict.fromkeys(reserves))
            helps = self._third_party()
            return _gate(
                "references", "passed", f"Référence à trouver chez un tiers : {names}.",
                (*evidence, *helps), facts=held,
                reserve=f"engagement écrit d’un cotraitant ou sous-traitant pour : {names}",
            )  # fmt: skip
        if unknown:
            return _gate("references", "unknown", f"Références à vérifier : {' ; '.join(unknown)}.",
                         evidence, facts=held,
                         reserve=f"vérifier les références : {' ; '.join(unknown)}")  # fmt: skip
        return _gate("references", "passed", "Les références du cabinet suffisent.", evidence,
                     facts=held)  # fmt: skip

    def _weigh_references(
        self, levels: list[ReferenceLevel]
    ) -> tuple[list[str], list[str], list[str], tuple[str, ...]]:
        """What is missing, what a third party may bring, what is not known, what the firm holds."""
        failed: list[str] = []
        reserves: list[str] = []
        unknown: list[str] = []
        facts: list[str] = []
        for level in levels:
            matching = [r for r in self.profile.references if _matches(r, level)]
            facts += [reference.label for reference in matching]
            if len(matching) >= level.count:
                continue
            asked = count_noun(level.count, "référence", "références")
            told = f"{asked} «{NBSP}{level.label}{NBSP}», le cabinet en a {len(matching)}"
            if level.accepts_third_party:
                reserves.append(level.label)
            elif (
                level.is_minimum
                and level.topics
                and (self.profile.references or self.profile.references_absent)
            ):
                failed.append(told)
            else:
                unknown.append(told)
        return failed, reserves, unknown, tuple(dict.fromkeys(facts))

    def _third_party(self) -> tuple[Evidence, ...]:
        found = next(
            (s for s in self.reading.of("rc", "ccp") if re.search(r"s'appuyer|capacites d'un",
                                                                   s.plain)), None)  # fmt: skip
        return (found.cite(),) if found else ()

    def _insurance(self, lot: int | None) -> GateResult:
        levels = _for_lot(self.insurances, lot)
        own = _own_insurance(self.profile)
        if not levels:
            return _gate("insurance", "not_applicable", "Aucun montant d’assurance demandé.")
        level = max(levels, key=lambda each: each.amount)
        asked, cited = format_money(level.amount), (level.statement.cite(),)
        if own is not None and own >= level.amount:
            return _gate("insurance", "passed", f"Assurance demandée : {asked} ; cabinet : "
                         f"{format_money(own)}.", cited)  # fmt: skip
        held = format_money(own) if own is not None else "non renseignée"
        return _gate("insurance", "passed" if own is not None else "unknown",
                     f"Assurance demandée : {asked} ; cabinet : {held}.", cited,
                     reserve=f"porter la responsabilité civile à {asked}")  # fmt: skip

    def _visit(self, lot: int | None) -> GateResult:
        visits = [v for v in self.facts.visit if v.is_mandatory and (not v.lots or lot in v.lots
                                                                      or lot is None)]  # fmt: skip
        if not visits:
            told = "Aucune visite obligatoire."
            evidence = self.facts.visit[0].evidence if self.facts.visit else ()
            return _gate("visit", "not_applicable", told, evidence)
        visit = visits[0]
        if visit.instant is not None and visit.instant < self.now:
            return _gate("visit", "failed", "La visite obligatoire est passée.", visit.evidence)
        return _gate("visit", "passed", "Visite obligatoire à programmer.", visit.evidence)

    def _signature(self) -> GateResult:
        fact = self.facts.signature
        if fact is None or not fact.is_mandatory:
            return _gate("signature", "not_applicable", "Aucune signature électronique au dépôt.",
                         fact.evidence if fact else ())  # fmt: skip
        if self.profile.electronic_signature:
            return _gate("signature", "passed", "Le cabinet signe électroniquement.", fact.evidence)
        if self.profile.electronic_signature is False:
            return _gate("signature", "failed", "Le cabinet n’a pas de certificat de signature.",
                         fact.evidence, remedy="un certificat de signature était acquis à temps")  # fmt: skip
        return _gate("signature", "unknown", "Signature électronique demandée : vérifiez le "
                     "certificat du signataire.", fact.evidence)  # fmt: skip

    def _conflict(self, lot: int | None, role: LotRole) -> GateResult:
        already = self._first(ALREADY)
        named = [c for c in self.profile.conflicts
                 if self.facts.buyer and fold(c) in fold(self.facts.buyer.value)]  # fmt: skip
        if named:
            return _gate("conflict", "failed", f"Conflit d’intérêts déclaré : {named[0]}.",
                         facts=tuple(named))  # fmt: skip
        if already is not None and role.role != "advice":
            return _gate("conflict", "passed", "Une assistance est déjà désignée : ses membres sont "
                         "exclus. Le cabinet n’en est pas, d’après son profil.", (already.cite(),))  # fmt: skip
        for statement, _ in self.reading.find(INDEPENDENCE, ("rc", "ccp", "ccap", "cctp")):
            if statement.unit.kind == "heading" or (lot and lots_of(statement)
                                                    and lot not in lots_of(statement)):  # fmt: skip
                continue
            public = self.profile.remuneration.get("public", "")
            if re.search(r"aucune? (?:remuneration|commission)", fold(public)):
                return _gate("conflict", "passed", "Indépendance demandée : compatible avec la "
                             "rémunération du cabinet sur les marchés publics ; déclaration à "
                             "joindre.", (statement.cite(),), facts=(public,))  # fmt: skip
            return _gate("conflict", "unknown", "Indépendance demandée : vérifiez la rémunération "
                         "du cabinet.", (statement.cite(),),
                         reserve="déclarer l’absence de commission sur le périmètre")  # fmt: skip
        return _gate("conflict", "not_applicable", "Aucun conflit d’intérêts relevé.")


LABELS = {
    "deadline": "Date limite", "role": "Rôle possible", "visit": "Visite obligatoire",
    "certificates": "Certificats et autorisations", "turnover": "Chiffre d’affaires",
    "references": "Références", "signature": "Signature électronique",
    "conflict": "Conflit d’intérêts", "reserved": "Lot réservé", "insurance": "Assurance",
}  # fmt: skip


def _gate(
    key: str, status: str, explanation: str, evidence: tuple[Evidence, ...] = (), *,
    facts: Iterable[str] = (), reserve: str | None = None, remedy: str | None = None,
) -> GateResult:  # fmt: skip
    kept = reserve if status != "failed" else remedy
    return GateResult.model_validate(
        {"key": key, "label": LABELS[key], "status": status, "explanation": explanation,
         "reserve": kept, "evidence": evidence, "profile_facts": tuple(facts)}
    )  # fmt: skip


def _effective(
    facts: Facts, contradictions: Iterable[Contradiction], notice_deadline: dt.datetime | None
) -> dt.datetime | None:
    """The deadline to hold: the stated one, or the earliest while a doubt stands."""
    own = facts.deadline.instant if facts.deadline else None
    doubtful = any(c.field == "deadline" and c.prevails is None for c in contradictions)
    if own is not None and doubtful and notice_deadline is not None:
        return min(own, notice_deadline)
    return own or notice_deadline


def _for_lot(levels: list[Asked], lot: int | None) -> list[Asked]:
    return [each for each in levels if not each.lots or lot is None or lot in each.lots]


def _refuses_supply(profile: FirmProfile) -> bool:
    return any(re.search(r"jamais titulaire.*fourniture", fold(rule)) for rule in profile.rules)


def _own_turnover(profile: FirmProfile, plain: str) -> tuple[Decimal | None, str]:
    """The firm's figure of the kind asked: the mean, the best year, or the last."""
    held = profile.turnovers
    if not held:
        return None, ""
    if "moyen" in plain:
        return profile.average_turnover, "moyenne"
    if re.search(r"l'un des|au moins un des|one of", plain):
        return max(held), "meilleur exercice"
    return held[-1], "dernier exercice"


def _own_insurance(profile: FirmProfile) -> Decimal | None:
    amounts = [Decimal(str(v)) for v in profile.insurance.values()
               if isinstance(v, int | float) and not isinstance(v, bool)]  # fmt: skip
    return max(amounts, default=None)


def _holds(profile: FirmProfile, level: CertificateLevel) -> bool | None:
    """True or False as the profile says; None when it does not say."""
    wanted = fold(level.key)
    if level.key.startswith("ISO"):
        held = any(wanted in fold(each) for each in profile.certifications)
        return held if profile.certifications else None
    for name, value in {**profile.licences, **profile.people_credentials}.items():
        if fold(name).startswith(wanted) or wanted.startswith(fold(name)):
            return bool(value)
    return None


def _matches(reference: Reference, level: ReferenceLevel) -> bool:
    topics = topics_of(f"{reference.kind} {reference.client}")
    if level.topics and not topics & set(level.topics):
        return False
    if not level.topics and not topics:
        return False
    checks = (
        (level.volume_gwh, reference.volume_gwh),
        (level.points, reference.points),
        (level.amount_eur, reference.amount_eur),
    )
    return all(asked is None or (held is not None and held >= asked) for asked, held in checks)
