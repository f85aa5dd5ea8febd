"""What a date of a mail is: a limit set to somebody, the end of a contract, or a mere event.

A limit is a day by which something is asked («avant le», «d'ici», «au plus tard», «je dois rendre
… le»). The end of a contract is what one asks about, never the day by which one wants an answer.
"""

from __future__ import annotations

import re
from typing import Literal

DateNature = Literal["limit", "contract_end", "event"]
STRONG_CUES = ("avant", "d'ici", "au plus tard", "sous", "dernier delai", "date limite", "limite",
               "by", "before", "no later than")  # fmt: skip
CLAUSE_CHARS, AFTER_CHARS = 110, 40
CLAUSE_END = re.compile(r"[.?!;,(](?:\s|$)|\n\s*\n|^\s*[-–•*]\s", re.MULTILINE)
CONTRACT = (
    r"(?:contrats?|marches?|accords?-cadres?|engagements?|abonnements?|fournitures?|bail|baux|"
    r"avenants?|conventions?|contracts?|agreements?)"
)
ENDING = (
    r"(?:fini(?:t|ssent|ra|ront)?|(?:se |s')?termin\w+|expir\w+|pren\w+ fin|s'arret\w+|s'achev\w+|"
    r"cess\w+|arriv\w+ (?:a (?:son |leur )?(?:echeance|terme)|au bout)|vien\w+ a (?:echeance|"
    r"expiration)|(?:est|sont) (?:valables?|echus?)|tomb\w+|court(?= jusqu)|courent|ends?|runs? until)"
)
END_NOUN = r"(?:fin|echeances?|terme|expiration|end)"
CONTRACT_END = re.compile(
    rf"\b{CONTRACT}\b.{{0,60}}\b(?:{ENDING}|{END_NOUN}|jusqu|au terme|engage\w*)\b.{{0,30}}$"
    rf"|\b{END_NOUN} (?:de |du |des |d'|of )?(?:la |le |les |l'|notre |votre |nos |vos |mon |the |our )?"
    rf"{CONTRACT}\b.{{0,30}}$"
    rf"|\b(?:pren\w+ fin|arriv\w+ a (?:echeance|terme)|s'arret\w+|(?:se )?termin\w+|finit|finissent|"
    r"expire\w*|engage\w* jusqu)\b.{0,20}$"
)
OFFERED = re.compile(
    r"\b(?:offres?|propositions?|cotations?|devis|validite|consultation|inscri\w+|depot|quote)\b"
)
BARE_END = re.compile(
    rf"\b{END_NOUN}\b[^.?!;,\w]*(?:(?:est|sont|fixee?s?|prevue?s?|au|du|le|a) ?)*$"
)
"""«Échéance : », «à l'échéance du»: a contract's, unless a payment is spoken of."""
PAYMENT = re.compile(r"\b(?:factur\w+|pai\w+|pay\w+|regl\w+|preleve\w*|virement)\b")
GRANTED = re.compile(
    r"\b(?:avez|avons|ai|a|ont|as)(?: \w+)? (?:jusqu\S*|until)[^.?!;]*$|\b(?:laiss\w+|donn\w+|"
    r"accord\w+|attend\w*|delai|repon\w+|peut|peuvent|pouvez|possible|ouvert\w*)\b.{0,40}$"
)
DUE = re.compile(
    r"\b(?:limite|deadline|delai|echeance (?:de |du )(?:paiement|reglement|reponse|depot)|"
    r"a (?:regler|payer|rendre|retourner|renvoyer|signer|remettre|deposer|fournir)|repon\w+|retour\w*|"
    r"rend\w+|rem(?:is|ett)\w*|cloture\w*|ferme|fermeture|(?:je|nous|on|il) (?:dois|devons|doit)|"
    r"il (?:(?:me|nous|vous) )?(?:(?:le|la|les) )?(?:faut|faudrait)|besoin|souhait\w+|aimer\w+|"
    r"tout avoir|recevoir|envo\w+|transm\w+|adress\w+|fourni\w*|livr\w+|preleve\w*|validite|"
    r"valables?|expire\w*|exig\w+|attend\w*|due)\b.{0,60}$"
)
AHEAD_OF = re.compile(r"\b(?:avant|d'ici) (?!de\b|d')[^.?!;]{3,60}$")
"""«Avant le conseil du …», «avant publication, prévue le …»."""
AFTER = re.compile(
    r"^[ ,]*(?:au plus tard|dernier (?:delai|carat)|(?:grand )?max(?:imum)?\b|imperativement|"
    r"sans faute|at the latest|(?:soit )?la date limite)"
)


def tell_nature(folded: str, start: int, end: int, cue: str) -> DateNature:
    """What the date at `start:end` of a folded text is, lines kept; `cue` is the word before it."""
    if AFTER.match(folded[end : end + AFTER_CHARS]):
        return "limit"
    before = folded[max(0, start - CLAUSE_CHARS) : start]
    clause = _last_clause(before)
    is_end = not OFFERED.search(clause) and (
        CONTRACT_END.search(clause) is not None
        or (BARE_END.search(clause) is not None and not PAYMENT.search(before))
    )
    if cue.startswith(STRONG_CUES):
        return "contract_end" if is_end and _ends_at(clause) else "limit"
    if is_end:
        return "contract_end"
    if cue.startswith(("jusqu", "until")):
        return "limit" if GRANTED.search(clause) or OFFERED.search(clause) else "event"
    is_due = DUE.search(clause) or AHEAD_OF.search(before)
    return "limit" if is_due else "event"


def _last_clause(before: str) -> str:
    """The end of a text from its last stop on."""
    ends = [match.end() for match in CLAUSE_END.finditer(before)]
    return before[ends[-1] :] if ends else before


def _ends_at(clause: str) -> bool:
    """Tell whether the verb of ending governs the date itself («se termine avant le …»)."""
    return (
        re.search(rf"\b(?:{ENDING}|{END_NOUN})\b\W*(?:avant|d'ici)\b\W*\w*\W*$", clause) is not None
    )
