"""Clauses of the file, by topic: prices, guarantees, insurance, penalties, payment, documents."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agents.tender_scoring.facts import Fact
from agents.tender_scoring.rules.quantities import list_amounts, list_percents
from agents.tender_scoring.rules.statements import Reading, Statement, clip, lots_of, make_fact
from ingest.tenders.kinds import Kind

CONTRACT: tuple[Kind, ...] = ("ccp", "ccap", "ae", "cctp", "rc")
PRICE: tuple[tuple[str, str], ...] = (
    ("clics", r"\bclics?\b|\bclicks?\b|prises? de position|fixations? (?:de|du) prix|tranches? de prix"),
    ("prix ferme", r"prix (?:est|sont|unitaires?)?[^.]{0,20}fermes?|ferme et (?:non|definitif)|prices (?:are|shall be) (?:fixed|firm)"),
    ("prix révisable", r"revis(?:able|e|ion)s?\b|formule de revision|actualis|indice|indexe|indexed|price revision"
                       r"|index bt|syntec|icht|tp12"),
    ("prix indexé", r"indexation|prix spot|\bpeg\b|\bttf\b|epex|prix de marche"),
    ("forfait", r"forfait\w*|prix global|dpgf|redevance"),
    ("bons de commande", r"bons? de commande"),
    ("prix unitaires", r"prix (?:sont |est )?unitaires?|bordereau"),
    ("bande de tolérance", r"tolerance|bande de flexibilite|s'ecarter? (?:de|d'|au plus)[^.]{0,40}%|bande (?:haute|basse)|take.or.pay|ecart de volume|flexibilite"
                           r" de volume|engagement de consommation"),
    ("capacité", r"capacite(?! juridique| financ| tech| prof| econ| d'accueil| de charge)s?\b"
                 r"[^.]{0,60}(?:repercut|mecanisme|garantie|cout|inclus|pass)"
                 r"|mecanisme de capacite|garanties? de capacite"),
    ("garanties d’origine", r"garanties? d'origine|renouvelable|origine verte|electricite verte"
                            r"|biomethane"),
    ("CEE", r"certificats? d'economies? d'energie|\bcee\b|certificats issus d'(?:actions|operations)"),
    ("VNU", r"versement nucleaire|\bvnu\b"),
    ("ARENH", r"\barenh\b"),
    ("acheminement", r"acheminement[^.]{0,60}(?:facture|repercut|refactur|marge|tarif)|turpe|\batrd\b"),
    ("exclusion", r"\bp1\b[^.]{0,60}exclu|fourniture d'energie[^.]{0,40}exclu"),
    ("intéressement", r"interessement|\bmalus\b|economie supplementaire|partage des economies"),
    ("rémunération", r"remuneration[^.]{0,80}(?:interdit|assise|commission|resultat)"
                     r"|honoraires|commission"),
)  # fmt: skip
NOT_PRICE = re.compile(r"critere|note de prix|jugement|offre la plus|notee? sur")
GUARANTEE = re.compile(
    r"retenue de garantie|garantie a premiere demande|\bcautions?\b|cautionnement|depot de garantie"
    r"|garantie (?:maison|de la maison|bancaire|financiere)|garanties? financieres?"
    r"|aucune garantie n'est|\bavance\b|avances?\b (?:de|est|n'est)"
)
INSURANCE = re.compile(r"assurances?\b|responsabilite civile|decennale|tous risques chantier"
                       r"|insurance|rc pro")  # fmt: skip
PENALTY = re.compile(r"penalites?|malus|astreinte financiere|refaction|liquidated damages|penalt")
PER = re.compile(r"€ ?(?:ht )?par |par (?:jour|heure|point|mwh|facture|semaine|station|reunion)"
                 r"|plafon|exceder|depasser|limite a|€ ?(?:;|\.|$)")  # fmt: skip
PAYMENT = re.compile(r"delai (?:global|maximum|maximal)? ?de paiement|paiement (?:a|sous|dans)"
                     r"|paye\w* (?:a|sous|dans)|chorus|trente jours|interets moratoires|acompte"
                     r"|mandatement|payment")  # fmt: skip
PLATFORM = re.compile(r"https?://[^\s;,)]+|www\.[^\s;,)]+|profil d'acheteur|plate-?forme de"
                      r" dematerialisation|place-?portal")  # fmt: skip
SIGNATURE = re.compile(r"signature electronique|signe\w* electroniquement|pades|xades|cades"
                       r"|certificat de signature|electronic signature")  # fmt: skip
SIGN_LATER = re.compile(r"n'est pas (?:exigee|requise|obligatoire|demandee)|non (?:exigee|requise"
                        r"|obligatoire)|seul attributaire|l'attributaire|not required")  # fmt: skip
DOCUMENT = re.compile(
    r"\bdume\b|\bdc ?[124]\b|lettre de candidature|acte d'engagement|attri ?1|bordereau|\bbpu\b"
    r"|\bdqe\b|\bdpgf\b|memoire|note (?:de|technique|methodologique)|attestation|declaration"
    r"|references?\b|liste des|curriculum|\bcv\b|kbis|extrait|bilans?\b|certificat|copie de"
    r"|engagement ecrit|pouvoir|planning|calendrier|detail quantitatif|detail estimatif|decomposition"
    r"|fiches?\b|exemple|facture type|chiffre d'affaires|autorisation|indication d|qualification"
    r"|agrement|\brib\b|notice|avant-projet|projet de plan|observations|justificatif|moyens humains"
    r"|b\.p\.u|d\.q\.e|d\.p\.g\.f|\ba\.e\.|d\.?c\.? ?[124]\b|cadre de reponse|licen[cs]e|price schedule"
    r"|organigramme|espd|statement|\bform\b|effectifs|dossier"
)
ASKS = re.compile(
    r"remet|produi|fourni|joint|joind|comprend|compren|accompagn|transmet|presente|contien|constitu|compos|comport"
    r"|pieces|documents|justifie|dossier|remise|provide|submit|include|à fournir|a fournir|renseign"
)
DOCUMENT_SECTION = re.compile(
    r"candidatures?|offres?\b|pieces (?:a|de|du)|documents? a|contenu|composition|dossier de reponse"
    r"|presentation|capacites?|\bpieces\b|phase|participation|qui peut repondre|niveaux|exigences"
    r"|visite|submission|requirements"
)
LIST_SECTION = re.compile(r"contenu de (?:l'offre|la candidature|la reponse|votre)|composition d(?:e|u)"
                          r" (?:l'offre|la candidature|pli)|(?:offre|candidature|pli)s? ?:? ?$"
                          r"|(?:offre|candidature) \|")  # fmt: skip
NOT_DOCUMENT_SECTION = re.compile(
    r"dossier de consultation|pieces du dossier|pieces jointes|contenu du dossier de consultation"
    r"|composition du dossier de consultation|pieces contractuelles|recours|dossier remis"
)
ELIMINATORY = re.compile(
    r"eliminatoire|elimin\w+|ecarte\w*|rejet\w*|irregulier\w*|irrecevab\w*|irregularite"
    r"|a peine de|sous peine|condition d'acces|ne sont pas (?:analys|examin|ouvert|lu)\w+"
    r"|niveaux? minim\w+|minimum exige|minimal\w* (?:exige|requis|de)|chiffre d'affaires[^.]{0,80}"
    r"(?:minim|au moins|superieur|inferieur)|au moins (?:deux|trois|une|un|\d+) references?"
    r"|references? au moins|(?:une|deux|trois|\d+) references? (?:de|au|d'|en|portant|similaire|comparab)"
    r"|nul ne peut|ne peut (?:etre|participer|se substituer)"
    r"|ne peuvent (?:participer|etre|soumission)"
    r"|(?:est|sont) (?:reserve|exclu)\w*|certifie\w* |qualification[^.]{0,60}(?:niveau|exig|requis)"
    r"|obligatoirement|est exigee?|sont exige|doit (?:etre titulaire|justifier|disposer)"
    r"|doivent (?:etre titulaires?|justifier|disposer)|justifie d'au moins|disqualif|excluded"
    r"|\bseule?s? (?:les?|la|l'|des|un|une|peuvent|peut|sont|est)\b.{0,250}?(?:peuvent|peut|admise?s?)"
    r"|(?:shall|must) (?:hold|have|demonstrate|be certified)|shall be at least|will be rejected"
    r"|minimum (?:annual )?turnover"
)
NOT_ELIMINATORY = re.compile(r"reservee? (?:le droit|la possibilite)|se reserve|variantes?|penalite"
                             r"|sous-traitance des travaux|hors delai|offres? tardives?")  # fmt: skip
ELIMINATORY_SECTION = re.compile(
    r"niveaux? minim|capacites? minim|exigences? minim|conditions? de participation|candidature"
    r"|qui peut repondre|composition de l'equipe|capacites?\b|minimum"
)
RESERVED = re.compile(r"reserve[se]?\b[^.]{0,80}(?:article|adaptees?|esat|insertion|handicap|aide par"
                      r"|l\. ?2113)|l\. ?2113-1[23]")  # fmt: skip
INCUMBENT = re.compile(
    r"titulaire (?:sortant|actuel)|prestataire (?:sortant|actuel)|fournisseurs? actuels?"
    r"|contrats? en cours|deja designee?|marche (?:precedent|actuel)|derniere consultation"
    r"|actuellement (?:assure|confie|detenu)|sortant\b|incumbent"
)


def read_price(reading: Reading) -> tuple[Fact, ...]:
    """How prices are made and what they carry: revision, clicks, tolerance, capacity, GO, CEE."""
    facts: list[Fact] = []
    for statement in reading.of(*CONTRACT):
        if statement.unit.kind in ("heading", "row") or NOT_PRICE.search(statement.plain):
            continue
        topics = [label for label, pattern in PRICE if re.search(pattern, statement.plain)]
        if topics and _is_clause(statement):
            value = f"{', '.join(topics)} : {clip(statement.unit.text)}"
            percents = [quantity.value for quantity in list_percents(statement.plain)]
            facts.append(make_fact("price_structure", topics[0], value, statement,
                                   percent=percents[0] if percents else None,
                                   lots=lots_of(statement)))  # fmt: skip
    return tuple(facts)


def _is_clause(statement: Statement) -> bool:
    """Tell a clause from an item of a list of pieces or of the offer's contents."""
    if statement.kind != "rc":
        return len(statement.plain) > 25
    return not re.search(r"dossier|pieces|contenu|candidature|offre\b|jugement|criter",
                         statement.where) and len(statement.plain) > 40  # fmt: skip


def read_guarantees(reading: Reading) -> tuple[Fact, ...]:
    """Retention money, bonds, deposits and advances, asked or waived."""
    return tuple(_topic(reading, ("ccp", "ccap", "ae", "rc"), "guarantees", "Garantie", GUARANTEE))


def read_insurance(reading: Reading) -> tuple[Fact, ...]:
    """Insurance asked of the contractor, with its least amount."""
    return tuple(_topic(reading, ("ccp", "ccap", "rc", "ae"), "insurance", "Assurance", INSURANCE))


def read_penalties(reading: Reading) -> tuple[Fact, ...]:
    """Penalties, their ceilings, and items under a heading on penalties."""
    facts: list[Fact] = []
    for statement in reading.of("ccp", "ccap", "ae", "cctp"):
        if statement.unit.kind in ("heading", "row"):
            continue
        says = PENALTY.search(statement.plain)
        under = PENALTY.search(statement.where)
        if (says or (under and PER.search(statement.plain))) and _has_figure(statement):
            facts.append(_clause_fact("penalties", "Pénalité", statement))
    return tuple(facts)


def _has_figure(statement: Statement) -> bool:
    return (
        "€" in statement.plain
        or any(list_amounts(statement.plain))
        or any(list_percents(statement.plain))
    )


def read_payment(reading: Reading) -> tuple[Fact, ...]:
    """Terms of payment."""
    return tuple(_topic(reading, ("ccp", "ccap", "ae"), "payment", "Paiement", PAYMENT))


def _topic(
    reading: Reading, kinds: tuple[Kind, ...], key: str, label: str, pattern: re.Pattern[str]
) -> Iterator[Fact]:
    for statement in reading.of(*kinds):
        if statement.unit.kind in ("heading", "row"):
            continue
        if pattern.search(statement.plain):
            yield _clause_fact(key, label, statement)


def _clause_fact(key: str, label: str, statement: Statement) -> Fact:
    amounts = [quantity.value for quantity in list_amounts(statement.plain)]
    percents = [quantity.value for quantity in list_percents(statement.plain)]
    return make_fact(
        key, label, clip(statement.unit.text.strip(" ;")), statement, lots=lots_of(statement),
        amount_eur=amounts[0] if amounts else None, percent=percents[0] if percents else None,
    )  # fmt: skip


def read_platform(reading: Reading) -> Fact | None:
    """Where tenders are sent."""
    best: Fact | None = None
    for statement in reading.of("rc", "ccp", "notice"):
        found = PLATFORM.search(statement.plain)
        if found is None or statement.unit.kind == "heading":
            continue
        value = statement.unit.text[found.start() : found.end()].rstrip(".")
        fact = make_fact("platform", "Plate-forme", value, statement)
        if value.startswith(("http", "www")):
            return fact
        best = best or fact
    return best


def read_signature(reading: Reading) -> Fact | None:
    """Whether an electronic signature is asked, and when."""
    for statement in reading.of("rc", "ccp", "ae"):
        if SIGNATURE.search(statement.plain) and statement.unit.kind != "heading":
            later = bool(SIGN_LATER.search(statement.plain))
            value = "après l’attribution" if later else "au dépôt"
            return make_fact("signature", "Signature électronique", value, statement,
                             is_mandatory=not later)  # fmt: skip
    return None


def read_documents(reading: Reading) -> tuple[Fact, ...]:
    """The documents a candidate hands in, one per item or sentence."""
    facts: list[Fact] = []
    for statement in reading.of("rc", "ccp"):
        if statement.unit.kind in ("heading", "row") or not DOCUMENT.search(statement.plain):
            continue
        if NOT_DOCUMENT_SECTION.search(statement.where) or re.search(
            r"attributaire|titulaire|notification|avant la signature", statement.where
        ):
            continue
        in_section = DOCUMENT_SECTION.search(statement.where)
        is_list = statement.unit.kind == "item" or statement.plain.count(";") > 1
        asks = (
            ASKS.search(statement.plain) or ASKS.search(statement.where)
            or (statement.unit.kind == "item" and LIST_SECTION.search(statement.where))
        )  # fmt: skip
        if (
            asks
            and (in_section or statement.unit.kind == "item")
            and (is_list or _asks_document(statement))
        ):
            facts.append(_clause_fact("required_documents", _phase(statement), statement))
    return tuple(facts)


def _asks_document(statement: Statement) -> bool:
    return bool(re.search(
        r"(?:candidats?|candidature|offres?|plis?|groupement|soumissionnaire|il|dossier|tenderer)s?\b[^.]*"
        r"(?:remet|produi|fourni|joi|comprend|comport|se compose|constitu|accompagn|present|justifi|contien|provide|submit"
        r"|include)|(?:est|sont) (?:joint|produit|fourni|remis)\w*|dont il produit|^[^.]{0,40}dc1",
        statement.plain))  # fmt: skip


def _phase(statement: Statement) -> str:
    is_candidacy = re.search(r"candidature|capacite|participation|repondre|exigence",
                             statement.where)  # fmt: skip
    return "Candidature" if is_candidacy else "Offre"


def read_eliminatory(reading: Reading) -> tuple[Fact, ...]:
    """What excludes a candidate or an offer: levels, authorisations, absences, incompatibilities."""
    facts: list[Fact] = []
    for statement in reading.of("rc", "ccp", "corrigendum"):
        plain = statement.plain
        if statement.unit.kind == "heading" or NOT_ELIMINATORY.search(plain):
            continue
        if not ELIMINATORY.search(plain) and not (
            ELIMINATORY_SECTION.search(statement.where) and re.search(
                r"chiffre d'affaires (?:annuel|moyen|global)?[^.]{0,60}\d|qualification"
                r"|certifi|agrement|autorisation prevue|references? (?:au moins|de )|obligatoire",
                plain)
        ):  # fmt: skip
            continue
        facts.append(_clause_fact("eliminatory", "Condition éliminatoire", statement))
    return tuple(facts)


def read_reserved(reading: Reading) -> tuple[Fact, ...]:
    """Lots kept for sheltered or social enterprises."""
    return tuple(
        _topic(reading, ("rc", "ccp", "notice"), "reserved_lots", "Marché réservé", RESERVED)
    )


def read_incumbents(reading: Reading) -> tuple[Fact, ...]:
    """What the file says of who holds the contract now."""
    return tuple(
        _topic(reading, ("rc", "ccp", "cctp"), "incumbents", "Titulaires en place", INCUMBENT)
    )
