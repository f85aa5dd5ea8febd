"""The command `voltaire impact`."""

from __future__ import annotations

from agents.portfolio_assistant.assistant import Assistant
from agents.portfolio_assistant.impact import list_approved, replay
from api.offline import run_here
from api.services import build_clock, build_services
from core.context import Identity
from core.formats import NBSP, count_noun
from core.settings import Settings
from crm.installation import Installation

NOTHING = (
    "Aucune réponse approuvée à rejouer. Notez une bonne réponse, puis gardez son avis "
    f"(«{NBSP}voltaire feedback --keep{NBSP}»)."
)


def impact_here(settings: Settings, user: str | None) -> tuple[list[str], bool]:
    """The approved answers that would change, and whether none would."""
    return run_here(settings, user, _replay)


async def _replay(installation: Installation, identity: Identity) -> tuple[list[str], bool]:
    services = build_services(installation)
    clock = build_clock(installation.settings)
    assistant = Assistant(installation.database, services.engine, clock)
    approved = await list_approved(assistant, identity)
    changed = [one async for one in replay(assistant, identity, approved) if one.changes]
    if not approved:
        return [NOTHING], True
    replayed = count_noun(
        len(approved), "réponse approuvée rejouée", "réponses approuvées rejouées"
    )
    lines = [f"{replayed}, {count_noun(len(changed), 'changerait', 'changeraient')}."]
    for one in changed:
        lines.append(f"- «{NBSP}{' '.join(one.question.split())}{NBSP}»")
        lines += [f"    {change}" for change in one.changes]
    return lines, not changed
