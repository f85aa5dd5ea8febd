"""Where the words of a mail end: signature, mobile mark, legal notice."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.mail.folding import fold

DASHES = re.compile(r"^\s*(?:--|—|__+|-{2,3}\s?)\s*$|^_{2,}\s*$")
MOBILE = re.compile(
    r"^\W{0,3}(?:envoyee? (?:de|depuis|a partir de|avec|via|par)\b(?: mon| ma| mes| l'application| outlook| yahoo"
    r"| gmail| un| proton| samsung| orange| free| iphone| android| ios| mobile| courrier| le ).{0,60}"
    r"|sent (?:from|via|with|by) (?:my |a |the |outlook|yahoo|gmail|samsung|mail |proton|airmail|mobile).{0,60}"
    r"|von meinem .{2,30} gesendet|enviado desde mi .{2,30}|inviato da .{2,30}"
    r"|(?:get|obtenez|telecharge[zr]) outlook (?:for|pour) .{2,30}|verzonden (?:vanaf|met) .{2,30}"
    r"|gesendet (?:von|mit) .{2,40}|enviado do meu .{2,30}|skickat fran min .{2,30}"
    r"|lahetetty .{2,40}|provenance ?: courrier .{2,40}|this message was sent from .{2,60})\W*$"
)
NOTICE = re.compile(
    r"ce(?:t)? (?:message|courriel|courrier|e-?mail|mel)\b.{0,60}\b(?:confidentiel|destine|automatique|envoye auto"
    r"|peut contenir|et (?:toutes )?(?:ses|les) pieces)|strictement confidentiel|information confidentielle"
    r"|(?:this|the) (?:e-?mail|message|communication)\b.{0,80}\b(?:confidential|intended|privileged|may contain)"
    r"|confidentiality notice|avis de confidentialite|clause de confidentialite"
    r"|(?:merci|priere) de ne pas (?:y )?repondre|ne pas repondre a ce|do not reply|automatiquement, merci"
    r"|se desinscrire|se desabonner|desinscription|desabonnement|unsubscribe|vous recevez ce"
    r"|you are receiving this|n'imprimez|pensez a l'environnement|avant d'imprimer|consider the environment"
    r"|n'imprimer .{0,40}que|garanti sans virus|virus-free|sans virus\b.{0,40}avast|avast\.com"
    r"|l'integrite de ce message|susceptible d'alteration|decline toute responsabilite"
    r"|si vous n'etes pas le (?:bon )?destinataire|if you (?:are not|have received)"
    r"|ce courrier electronique|diese e-?mail|donnees personnelles.{0,80}(?:rgpd|politique)"
    r"|conformement (?:au rgpd|a la loi informatique)|mentions? legales?"
    r"|pensons? (?:a l'environnement|vert)|please think before (?:you )?print"
)
CLOSING = re.compile(
    r"^\W*(?:(?:bien|tres|respectueusement|sinceres?|meilleures?|cordiales?|salutations?|amicalement|amities"
    r"|cordialement|cdt|cdlt|bav|a\+|a plus|biz|bises|bisous|bonne?s? |a (?:bientot|vous|toi|ta|votre|votre dispo|demain|tres vite|ce soir)"
    r"|merci|mille mercis|un grand merci|avec (?:mes|nos|tous|toute)|dans l'attente|veuillez|je vous prie d'agreer"
    r"|je vous remercie|en vous remerciant|au plaisir|toujours un plaisir|bien a |sincerement|sincere"
    r"|respectueuses|recevez|salutations distinguees|d'avance|excellente?|belle )\b.{0,110}"
    r"|(?:best|kind|warm|warmest|many|thanks|thank you|regards|cheers|sincerely|yours|br|rgds|all the best|have a|with (?:best|kind))\b.{0,60}"
    r"|(?:mit freundlichen|viele|freundliche|beste) .{0,40}|saludos.{0,30}|(?:cordiali|distinti) saluti.{0,20}"
    r"|met vriendelijke .{0,20})$"
)
CONTACT = re.compile(
    r"(?:(?:\+|00)33|\b0)[\s.\u00a0-]?\(?0?\)?\s?[1-9](?:[\s.\u00a0-]?\d{2}){4}|\b(?:tel|mob|fax|port|gsm|phone)\b\W"
    r"|@[\w.-]+\.\w+|www\.|https?://|\b\d{5}\b [A-Za-zÀ-ÿ-]+|\b(?:siret|rcs|capital|naf)\b",
    re.IGNORECASE,
)
ROLE = re.compile(
    r"\b(?:direct(?:eur|rice|ion|or)|responsable|charge[er]?e?|gerant|gerante|cogerante?|president|presidente|maire|adjointe?|dgs"
    r"|secretaire|comptab|assistante?|ingenieur|technicien|achet|acheteuse|acheteur|commercial|conseill|courtier|manager|account|consultant"
    r"|intendante?|tresori|gestionnaire|chef|cheffe|service|syndic|associe|chargee|coordinat|referent|officer|head of|ceo|cto|cfo|sales|partner|energy|energie|sarl|sas|sa\b|sci\b"
    r"|mairie|ville|commune|communaute|syndicat|groupe|societe|ets|cabinet|clinique|ehpad|association|agence)"
)
SENTENCE = re.compile(r"[.?!…;:]\s*$")
BLOCK_LIMIT = 14
NOTICE_LINES = 30


def find_signature(lines: Sequence[str], names: Sequence[str]) -> int:
    """The first line of the signature at the end of `lines`; `len(lines)` when there is none.

    `names` are how the sender is called. What is not clearly one stays with the message.
    """
    end = _last_filled(lines) + 1
    return min(
        _find_dashes(lines, end),
        _find_mobile(lines, end),
        _find_name(lines, end, names),
        _find_contacts(lines, end),
    )


def find_notice(lines: Sequence[str]) -> int:
    """The first line of the closing paragraphs that are legal or automatic notices."""
    end = _last_filled(lines) + 1
    cut = len(lines)
    while end > 0:
        start = _notice_above(lines, end)
        if start <= 0:
            break
        cut = start
        end = _last_filled(lines[:start]) + 1
    return cut


def _notice_above(lines: Sequence[str], end: int) -> int:
    """Where the notice that ends at `end` begins, within its paragraph; -1 when none does."""
    start, joined = end, ""
    while start > max(0, end - NOTICE_LINES) and lines[start - 1].strip():
        start -= 1
        joined = f"{lines[start].strip(' >')} {joined}"
        if NOTICE.search(fold(joined)):
            break
    else:
        return -1
    while start > 0 and len(lines[start - 1]) > 50 and not SENTENCE.search(lines[start - 1]):
        start -= 1
    return start


def is_notice(text: str) -> bool:
    """Tell whether a paragraph is a legal or automatic notice."""
    return NOTICE.search(fold(text)) is not None


def is_closing(line: str) -> bool:
    """Tell whether a line is a formula of courtesy."""
    return len(line) < 130 and CLOSING.match(fold(line.strip())) is not None


def _last_filled(lines: Sequence[str]) -> int:
    last = len(lines) - 1
    while last >= 0 and not lines[last].strip():
        last -= 1
    return last


def _find_dashes(lines: Sequence[str], end: int) -> int:
    """The «-- » of RFC 3676, or a rule of underscores, short of what follows being a text."""
    for position in range(end - 1, -1, -1):
        if DASHES.match(lines[position]):
            below = [line for line in lines[position + 1 : end] if line.strip()]
            if len(below) <= BLOCK_LIMIT and not any(len(line) > 250 for line in below):
                return position
    return len(lines)


def _find_mobile(lines: Sequence[str], end: int) -> int:
    """« Envoyé de mon iPhone », and what follows it."""
    for position in range(end - 1, max(-1, end - 8), -1):
        if MOBILE.match(fold(lines[position].strip())):
            return position
    return len(lines)


def _find_name(lines: Sequence[str], end: int, names: Sequence[str]) -> int:
    """The line of the sender's name, with only short lines after it."""
    best = len(lines)
    for position in range(end - 1, max(-1, end - BLOCK_LIMIT), -1):
        line = lines[position].strip()
        if line and _is_sentence(line):
            break
        if is_name_line(line, names) and (position > 0 or end - position > 1):
            best = position
    return best


def is_name_line(line: str, names: Sequence[str]) -> bool:
    """Tell whether a line is the sender's name, alone or before a role."""
    words = re.findall(r"[a-z]+", fold(re.split(r"\s[–—|-]\s|,|\t", line.strip(" -–—*_"))[0]))
    if not words or len(words) > 6:
        return False
    for name in names:
        parts = [p for p in re.findall(r"[a-z]+", fold(name)) if len(p) > 1]
        initials = {p[0] for p in parts}
        known = [word for word in words if word in parts]
        rest = [
            word
            for word in words
            if word not in parts and word not in initials
            and word not in ("mme", "mr", "m", "dr", "me", "madame", "monsieur", "maitre")
        ]  # fmt: skip
        if known and not rest:
            return True
    return False


def _find_contacts(lines: Sequence[str], end: int) -> int:
    """The last paragraphs after a formula of courtesy, made of contact lines and titles."""
    for position in range(end - 1, max(-1, end - BLOCK_LIMIT), -1):
        line = lines[position].strip()
        if is_closing(line) and position < end - 1:
            below = [entry.strip() for entry in lines[position + 1 : end] if entry.strip()]
            if below and _looks_like_card(below):
                return position + 1
            return len(lines)
    return len(lines)


def _looks_like_card(below: Sequence[str]) -> bool:
    if any(_is_sentence(line) for line in below) or len(below) > BLOCK_LIMIT:
        return False
    telling = sum(1 for line in below if CONTACT.search(fold(line)) or ROLE.search(fold(line)))
    return telling > 0 or (len(below) <= 2 and all(_is_proper(line) for line in below))


def _is_proper(line: str) -> bool:
    words = line.split()
    return 0 < len(words) <= 5 and all(word[:1].isupper() or len(word) <= 3 for word in words)


def _is_sentence(line: str) -> bool:
    if CONTACT.search(fold(line)) and len(line) < 120:
        return False
    return len(line) > 110 or (len(line.split()) > 4 and bool(SENTENCE.search(line)))
