"""The command `voltaire impact`."""

from __future__ import annotations

import asyncio

from agents.portfolio_assistant.assistant import Assistant
from agents.portfolio_assistant.impact import list_approved, replay
from api.offline import closing, get_user
from api.services import build_clock, build_services
from core.formats import NBSP, count_noun
from core.settings import Settings
from crm.installation import Installation, open_installation

NOTHING = (
    "Aucune réponse approuvée à rejouer. Notez une bonne réponse, puis gardez son avis "
    f"(«{NBSP}voltaire feedback --keep{NBSP}»)."
)


def impact_here(settings: Settings, user: str | None) -> tuple[list[str], bool]:
    """The approved answers that would change, and whether none would."""
    with open_installation(settings) as installation:
        return asyncio.run(_replay(installation, user))


async def _replay(installation: Installation, user: str | None) -> tuple[list[str], bool]:
    async with closing(installation):
        identity = await get_user(installation, user)
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
