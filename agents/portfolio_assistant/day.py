"""«Ma journée»: one's tasks due, the deadlines of the week, what waits for one's approval."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from agents.portfolio_assistant.conversations import Surface
from core.context import Context
from core.formats import NBSP, PARIS, count_noun, format_date, format_long_date
from core.words import fold
from crm.day import Due, list_due
from tools import approvals

WAITING_MOST = 100
ASKED = re.compile(
    r"^(?:"
    r"(?:(?:(?:qu'est[ -]ce que|que|quoi) (?:j'ai|dois[ -]je|je dois|ai[ -]je)|qu'ai[ -]je|"
    r"j'ai quoi) ?(?:a )?(?:faire|traiter)|je dois faire quoi|qu'est[ -]ce qui m'attend)"
    r"(?: en priorite)?"
    r"(?: (?:ce matin|cet apres-midi|(?:pour )?aujourd'hui|cette semaine|de ma journee))?|"
    r"(?:quelles sont )?mes priorites(?: (?:du jour|de la journee|d'aujourd'hui|ce matin))?|"
    r"(?:montrez?(?:[ -]moi)? |donnez?(?:[ -]moi)? |quelle est |c'est quoi )?ma journee|"
    r"(?:quel est )?mon programme(?: (?:du jour|d'aujourd'hui|de la journee))?|"
    r"par quoi je commence(?: ce matin)?"
    r")$"
)
NO_TASK = "Aucune tâche à votre nom n’est due sous sept jours."
NO_DEADLINE = "Aucune échéance dans les sept jours."
APPROVE: dict[Surface, str] = {
    "chat": f"Ouvrez «{NBSP}Approbations{NBSP}».",
    "cli": f"Voyez-les par «{NBSP}voltaire approvals list{NBSP}».",
    "api": "",
}
LABELS = {
    "task": "Tâche", "contract_end": "Fin de contrat", "contract_notice": "Limite de préavis",
    "tender": "Remise d’appel d’offres",
}  # fmt: skip


def is_day_asked(question: str) -> bool:
    """Tell whether a question asks what one has to do."""
    return ASKED.search(" ".join(fold(question).split()).strip(" ?!.")) is not None


async def tell_day(context: Context, surface: Surface) -> str:
    """What the user has to do, from the rows they may see, whatever the engine."""
    today = context.clock().astimezone(PARIS).date()
    due = await list_due(context, today)
    cards = await approvals.list_pending(context, limit=WAITING_MOST)
    tasks = [one for one in due if one.kind == "task"]
    others = [one for one in due if one.kind != "task"]
    waiting = count_noun(len(cards), "proposition attend", "propositions attendent")
    approve = f"{waiting} votre accord. {APPROVE[surface]}".strip() if cards else ""
    parts = [
        f"**Votre journée du {format_long_date(today)}**",
        *_list("Tâches à faire", NO_TASK, tasks, today),
        *_list("Échéances des sept jours", NO_DEADLINE, others, today),
        "**À approuver**", approve or "Aucune modification n’attend votre accord.",
        f"*D’après le portefeuille{NBSP}: tâches à votre nom, contrats et appels d’offres à votre "
        "nom ou sans responsable, propositions en attente.*",
    ]  # fmt: skip
    return "\n\n".join(parts)


def _list(title: str, nothing: str, due: Sequence[Due], today: dt.date) -> list[str]:
    lines = "\n".join(f"- {_tell(one, today)}" for one in due)
    return [f"**{title}**", lines or nothing]


def _tell(one: Due, today: dt.date) -> str:
    late = f" – **en retard** depuis le {format_date(one.day)}" if one.day < today else ""
    when = late or (" – aujourd’hui" if one.day == today else f" – le {format_date(one.day)}")
    named = f" {one.reference}" if one.reference else ""
    account = f" ({_plain(one.account)})" if one.account else ""
    return f"{LABELS[one.kind]}{named}{NBSP}: {_plain(one.title)}{account}{when}"


def _plain(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>|#])", r"\\\1", " ".join(text.split()))
