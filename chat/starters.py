"""The questions to begin with, by role: what each does most, in their words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import chainlit as cl

from chat.approvals import COMMAND as APPROVALS
from chat.watch import COMMAND as WATCH
from core.context import Identity
from core.formats import NBSP

MOST = 6


@dataclass(frozen=True)
class Starter:
    """A question to begin with; `command` is the command it is sent under, if any."""

    label: str
    question: str
    command: str | None = None


RENEWALS = Starter(
    "Contrats à renouveler", "Quels contrats arrivent à échéance dans les 90 jours ?"
)
TENDERS = Starter(
    "Appels d’offres", "Quels appels d’offres sont à rendre dans les 30 prochains jours ?"
)
MAILS = Starter("Courriels depuis hier", "Que s’est-il passé depuis hier ?")
PENDING = Starter("À approuver", "Quelles modifications attendent mon accord ?", APPROVALS)
NOTICES = Starter("Veille des marchés", "Quels avis de marchés sont suivis ?", WATCH)
OPEN_ONES = Starter(
    "Non-conformités", "Quelles non-conformités sont encore ouvertes, et à quelle étape ?"
)
FAMILIES = Starter("Écarts par famille", "Graphique : non-conformités ouvertes par famille")
PROCEDURE = Starter(
    "Procédure qualité", "Sous quel délai faut-il accuser réception d’une réclamation ?"
)
VOLUMES = Starter(
    "Volumes par fournisseur", "Quel volume annuel avons-nous par fournisseur et par énergie ?"
)
RULES = Starter("Réglementation", "Depuis quand le versement nucléaire universel s’applique-t-il ?")
PORTFOLIO = Starter("Portefeuille en graphique", "Graphique : portefeuille par échéance")
PIPELINE = Starter("Appels d’offres par étape", "Graphique : appels d’offres en cours par étape")
COSTS = Starter("Coût du modèle", "Graphique : charge et coût du modèle")

OF_ROLE: dict[str, tuple[Starter, ...]] = {
    "director": (PENDING, PORTFOLIO, PIPELINE, RENEWALS, OPEN_ONES, COSTS),
    "sales": (RENEWALS, TENDERS, MAILS, NOTICES, PENDING, VOLUMES),
    "quality": (OPEN_ONES, FAMILIES, MAILS, PENDING, PROCEDURE, RULES),
    "admin": (COSTS, MAILS, PORTFOLIO, PROCEDURE),
    "reader": (RENEWALS, TENDERS, VOLUMES, PORTFOLIO, PROCEDURE, RULES),
}
"""From the role that decides most to the one that reads."""


def list_for(identity: Identity) -> Sequence[Starter]:
    """The starters of a person: those of their first role, then of the next ones."""
    held = [starters for role, starters in OF_ROLE.items() if role in identity.roles]
    return list(dict.fromkeys(one for starters in held for one in starters))[:MOST]


def make_starter(starter: Starter) -> cl.Starter:
    """The button of a starter."""
    question = starter.question.replace(" ?", f"{NBSP}?").replace(" :", f"{NBSP}:")
    return cl.Starter(label=starter.label, message=question, command=starter.command)
