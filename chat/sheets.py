"""A spreadsheet dropped in the chat: its preview, then its proposals and their approval cards.

The session keeps where a previewed file is; a button names it and carries nothing else.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import chainlit as cl

from chat.approvals import make_context, say, show_proposals
from chat.cards import plain
from chat.sheet_cards import count_wished, write_done, write_preview
from chat.shown import Reference, keep_shown, replays
from chat.texts import ASSISTANT_NAME
from core.context import Context, Identity
from core.errors import InvalidInput, VoltaireError
from core.formats import NBSP, count_noun
from ingest.spreadsheets.grid import LARGEST_BYTES, Grid
from tools.importing.files import preview_file
from tools.importing.headings import UnclearSheet
from tools.importing.preview import Preview
from tools.importing.proposing import propose_import
from tools.importing.telling import find_kind, tell_title

SHEETS = "previewed_sheets"
MOST_CARDS = 20
DROPPED = "Tableau déposé\u00a0: {name}"
SAY_WHAT = (
    "Redéposez le fichier en écrivant ce qu’il contient, par exemple «\u00a0Importe ces "
    "clients\u00a0»."
)
GONE = "Cet aperçu n’est plus disponible. Redéposez le fichier pour le refaire."
SEEN = "{told} Redéposez le fichier pour revoir chaque ligne."


@dataclass(frozen=True)
class Previewed:
    """A file whose preview is on screen, and the digest of what it showed."""

    path: Path
    name: str
    kind: str | None
    sheet: str
    digest: str


async def show_sheet(path: Path, name: str, said: str) -> None:
    """Show what importing a file would do; `said` comes with it. Raises VoltaireError."""
    preview = await _show(path, name, find_kind(said), None)
    request = f"{said}\n\n{DROPPED.format(name=name)}".strip()
    told = f"{name} – {tell_title(preview)}"
    await keep_shown("sheet_preview", request, {"told": told})


@replays("sheet_preview")
async def replay_sheet(_: Identity, reference: Reference) -> str:
    """What was counted: the lines themselves are kept nowhere."""
    return SEEN.format(told=plain(str(reference["told"])))


async def _show(path: Path, name: str, kind: str | None, sheet: str | None) -> Preview:
    context = await make_context()
    async with cl.Step(name="Lecture du tableau", type="tool", show_input=False):
        content = await asyncio.to_thread(_read, path)
        grid, preview = await _preview(context, name, content, kind, sheet)
    message = cl.Message(content=write_preview(name, preview), author=ASSISTANT_NAME)
    key = _remember(Previewed(path, name, kind, grid.sheet, preview.digest))
    if wished := count_wished(preview):
        label = f"Proposer {count_noun(wished, 'modification', 'modifications')}"
        message.actions = [cl.Action(name="propose_sheet", label=label, payload={"key": key})]
    message.actions = [
        *message.actions,
        *(
            cl.Action(
                name="open_sheet", label=f"Feuille «{NBSP}{other}{NBSP}»",
                payload={"key": key, "sheet": other},
            )
            for other in grid.sheets
            if other != grid.sheet
        ),
    ]  # fmt: skip
    await message.send()
    return preview


@cl.action_callback("open_sheet")  # pyright: ignore[reportUntypedFunctionDecorator]
async def on_open_sheet(action: cl.Action) -> None:
    """Preview another sheet of the same workbook."""
    try:
        seen = _get_previewed(action)
        sheet = str(action.payload["sheet"])
        preview = await _show(seen.path, seen.name, None, sheet)
        told = f"{seen.name}, feuille «{NBSP}{sheet}{NBSP}» – {tell_title(preview)}"
        await keep_shown("sheet_preview", f"Feuille «{NBSP}{sheet}{NBSP}»", {"told": told})
    except VoltaireError as error:
        await cl.ErrorMessage(content=error.message, author=ASSISTANT_NAME).send()


@cl.action_callback("propose_sheet")  # pyright: ignore[reportUntypedFunctionDecorator]
async def on_propose_sheet(action: cl.Action) -> None:
    """Propose exactly what the preview showed, and show the first cards to approve."""
    try:
        seen, context = _get_previewed(action), await make_context()
        content = await asyncio.to_thread(_read, seen.path)
        _, preview = await _preview(context, seen.name, content, seen.kind, seen.sheet)
        done = await propose_import(context, preview, seen.digest, seen.name, content)
        if not done.left:
            await action.remove()
        await say(write_done(done))
        await show_proposals(done.proposal_ids[:MOST_CARDS])
        if (more := len(done.proposal_ids) - MOST_CARDS) > 0:
            others = count_noun(more, "autre proposition attend", "autres propositions attendent")
            await say(f"{others} votre accord{NBSP}: ouvrez «{NBSP}Approbations{NBSP}».")
        ids = [str(one) for one in done.proposal_ids[:MOST_CARDS]]
        await keep_shown("approvals", action.label, {"ids": ids})
    except VoltaireError as error:
        await cl.ErrorMessage(content=error.message, author=ASSISTANT_NAME).send()


async def _preview(
    context: Context, name: str, content: bytes, kind: str | None, sheet: str | None
) -> tuple[Grid, Preview]:
    try:
        return await preview_file(context, name, content, kind=kind, sheet=sheet)
    except UnclearSheet as error:
        raise InvalidInput(f"{error.message} {SAY_WHAT}") from error


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(LARGEST_BYTES + 1)
    except FileNotFoundError as error:
        raise InvalidInput(GONE) from error


def _remember(previewed: Previewed) -> str:
    key = str(uuid4())
    known: dict[str, Previewed] = cl.user_session.get(SHEETS) or {}
    cl.user_session.set(SHEETS, {**known, key: previewed})
    return key


def _get_previewed(action: cl.Action) -> Previewed:
    known: dict[str, Previewed] = cl.user_session.get(SHEETS) or {}
    found = known.get(str(action.payload.get("key")))
    if found is None:
        raise InvalidInput(GONE)
    return found
