"""Documents handed over in the chat for the knowledge base: read, kept as drafts, then proposed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import chainlit as cl

from chat.approvals import make_context, show_proposals
from chat.cards import plain
from chat.services import get_chat_services
from chat.shown import Reference, keep_shown, replays
from chat.texts import ASSISTANT_NAME
from core.context import Identity
from core.errors import VoltaireError
from core.words import fold
from ingest.depositing import Deposited, deposit, read_wish
from knowledge.control import STANDINGS
from tools.document_table import KINDS as KIND_LABELS
from tools.library import list_versions, propose_status

ASKED = re.compile(
    r"\bbase (?:de connaissances?|documentaire)\b|\bdocuments? maitrises?\b|"
    r"\b(?:nouvelle|nouveau) (?:version d|document|procedure|instruction|modele)\b"
)
READING = "Lecture du document"
PROPOSE = "Proposer la mise en vigueur"
KEPT = (
    "Le document **{code}**, version {label} («\u00a0{title}\u00a0»), est lu et gardé en "
    "brouillon{nature}\u00a0: aucune réponse ne le cite tant qu’il n’est pas en vigueur."
)
STANDS = "Le document **{code}**, version {label} («\u00a0{title}\u00a0»)\u00a0: {standing}."
GIVEN = "Documents déposés pour la base de connaissances"
GONE = "Un document déposé alors n’existe plus, ou ne vous est plus accessible."
REASON = "Document déposé dans la conversation"


def asks_deposit(said: str) -> bool:
    """Tell whether the words that come with files hand them over to the knowledge base."""
    return ASKED.search(fold(said)) is not None


async def show_deposits(files: Sequence[tuple[Path, str]], said: str) -> None:
    """Read each file and tell what was kept; one that is refused leaves the others."""
    context = await make_context()
    kept_ids: list[str] = []
    refused: list[str] = []
    for path, name in files:
        try:
            async with cl.Step(name=READING, type="tool", show_input=False):
                kept = await deposit(context, path, name, read_wish(said, name))
        except VoltaireError as error:
            refused.append(f"«\u00a0{plain(name)}\u00a0»\u00a0: {error.message}")
            await cl.ErrorMessage(content=refused[-1], author=ASSISTANT_NAME).send()
        else:
            kept_ids.append(str(kept.version_id))
            await _tell(kept)
    await keep_shown("deposits", said or GIVEN, {"ids": kept_ids, "refused": refused})


@replays("deposits")
async def replay_deposits(identity: Identity, reference: Reference) -> str:
    """What was kept, as it stands for the one who looks at it now, and what was refused."""
    context = get_chat_services().make_context(identity)
    wanted = {UUID(str(one)) for one in reference["ids"]}
    held = [one for one in await list_versions(context) if one.id in wanted]
    lines = [
        STANDS.format(code=plain(one.code), label=one.label, title=plain(one.title),
                      standing=STANDINGS[one.standing])
        for one in held
    ]  # fmt: skip
    gone = [GONE] if len(held) < len(wanted) else []
    return "\n\n".join([*lines, *gone, *map(str, reference["refused"])])


def _tell_nature(kept: Deposited) -> str:
    """What the document is taken for, if anything says it."""
    told = [] if kept.kind == "other" else [KIND_LABELS[kept.kind].lower()]
    told += map(plain, kept.standards)
    told += [f"§\u00a0{plain(kept.clause)}"] if kept.clause else []
    return f" ({', '.join(told)})" if told else ""


async def _tell(kept: Deposited) -> None:
    told = KEPT.format(
        code=plain(kept.code), label=kept.label, title=plain(kept.title), nature=_tell_nature(kept)
    )
    message = cl.Message(content=told, author=ASSISTANT_NAME)
    payload = {"version": str(kept.version_id)}
    message.actions = [cl.Action(name="put_in_force", label=PROPOSE, payload=payload)]
    await message.send()


@cl.action_callback("put_in_force")  # pyright: ignore[reportUntypedFunctionDecorator]
async def on_put_in_force(action: cl.Action) -> None:
    """Propose that the version holds from today: its card may be approved or refused."""
    try:
        version_id = UUID(str(action.payload["version"]))
        made = await propose_status(await make_context(), version_id, "in_force", reason=REASON)
        await action.remove()
        if made.proposal_id is not None:
            await show_proposals([made.proposal_id])
            await keep_shown("approvals", PROPOSE, {"ids": [str(made.proposal_id)]})
    except VoltaireError as error:
        await cl.ErrorMessage(content=error.message, author=ASSISTANT_NAME).send()
