"""How often what a mail complains of has happened before, by its own words."""

from __future__ import annotations

import re

ORDINALS = {
    "deuxieme": 2, "seconde": 2, "troisieme": 3, "quatrieme": 4, "cinquieme": 5, "sixieme": 6,
    "dixieme": 10, "enieme": 3, "nieme": 3, "n-ieme": 3, "2e": 2, "3e": 3, "4e": 4, "5e": 5,
    "2eme": 2, "3eme": 3, "4eme": 4, "5eme": 5, "second": 2, "third": 3, "fourth": 4,
}  # fmt: skip
NTH = re.compile(
    rf"\b({'|'.join(ORDINALS)}) (?:fois|relance|incident|mois|facture|erreur|reclamation|courriel|"
    r"mail|courrier|rappel|signalement|time)\b"
)
AGAIN = re.compile(
    r"\b(?:une fois (?:de plus|encore)|encore une fois|a nouveau|de nouveau|rebelote|recidiv\w+|"
    r"deja (?:signale|ecrit|reclame|alerte|arrive|produit)\w*|se (?:reproduit|repete)\w*|"
    r"comme (?:le mois dernier|la derniere fois|d'habitude|l'an dernier)|once again|yet again|"
    r"(?:encore )?(?:la )?meme (?:erreur|anomalie|probleme|histoire)|"
    r"encore (?:fausse?s?|une erreur|des erreurs|trompe\w*|rate\w*|tort)|"
    r"(?:a|avez|ont|est|etes|sont) encore \w+(?:e|ee|es|ees|i|u))\b"
)
ALWAYS = re.compile(
    r"\b(?:a chaque (?:fois|facture|releve|echeance)|systematiquement|recurren\w+|sans cesse|"
    r"a repetition|continuellement|every (?:time|month))\b"
)


def count_recurrence(folded: str) -> int:
    """How many times, at least, it is said to have happened; «à nouveau» says twice."""
    told = [ORDINALS[match[1]] for match in NTH.finditer(folded)]
    return max([1, *told, *([2] if is_again(folded) else [])])


def is_again(folded: str) -> bool:
    """Tell whether a text says that it has happened before, without counting."""
    return AGAIN.search(folded) is not None or ALWAYS.search(folded) is not None


def is_repeated(folded: str) -> bool:
    """Tell whether a text says that it has happened before."""
    return count_recurrence(folded) > 1
