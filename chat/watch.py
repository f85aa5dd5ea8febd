"""The watch in the chat: a board by status, the chart of deadlines, an item and its acts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import chainlit as cl
from chainlit.types import CommandDict

from agents.tender_scoring.outputs.card import escape
from chat.approvals import make_context, say, show_proposals
from chat.elements import Chart, make_chart
from chat.services import get_chat_services
from chat.sessions import get_current_identity
from chat.tenders import follow_new, get_desk
from chat.texts import ASSISTANT_NAME
from core.addresses import API
from core.errors import NotAllowed, VoltaireError
from core.formats import NBSP, count_noun, format_instant, format_money, shorten
from crm.proposals.canonical import Origin
from crm.watch import get_item, list_items, request_scoring
from ingest.watch.arrivals import list_arrived_files, take_arrivals
from ingest.watch.proposals import propose_status
from tools.proposals import propose

COMMAND = "Veille"
VEILLE: CommandDict = {
    "id": COMMAND,
    "description": "Les avis de marchés repérés, par statut",
    "icon": "radar",
    "button": True,
    "persistent": False,
    "selected": False,
}
COLUMNS = (("new", "Nouveau"), ("kept", "Conservé"), ("converted", "Converti"),
           ("dismissed", "Écarté"))  # fmt: skip
WRITERS = frozenset({"sales", "director"})
NOTICES = frozenset({"boamp", "ted"})
"""Sources whose items are calls for tenders; the others are news."""
MOST_ROWS, MOST_BUTTONS, TITLE_CHARS = 8, 8, 70
NOTHING = (
    "La veille est vide. Relevez les avis avec «\u00a0voltaire watch --once\u00a0», ou donnez-en "
    "un avec «\u00a0voltaire watch --add\u00a0»."
)
NOT_YOURS = "Votre rôle permet de lire la veille. Demandez à un commercial ou à la direction."
AWAITED = (
    "Déposez ici le dossier de consultation, ou laissez-le dans le dossier de veille sous un nom "
    "qui contient le numéro {reference}\u00a0: il sera analysé dès son arrivée."
)


async def show_watch() -> None:
    """The board, the chart below it, a button per open item."""
    context = await make_context()
    items = await list_items(context.database, context.identity)
    if not items:
        await say(NOTHING)
        return
    chart = make_chart(Chart(str(uuid4()), "Échéances de la veille", f"{API}/watch/figure"))
    opened = [item for item in items if item["status"] in ("new", "kept")][:MOST_BUTTONS]
    deadlines = [item["deadline"] for item in items]
    message = cl.Message(
        content=write_board(items),
        author=ASSISTANT_NAME,
        elements=[chart] if any(d and d >= context.clock() for d in deadlines) else [],
        actions=[
            _make_button("open_watch", shorten(item["title"], TITLE_CHARS), item["id"])
            for item in opened
        ],
    )
    await message.send()


def write_board(items: Sequence[dict[str, Any]]) -> str:
    """A column per status, the most relevant first."""
    columns = [[item for item in items if item["status"] == status] for status, _ in COLUMNS]
    head = [f"{label} ({len(column)})" for (_, label), column in zip(COLUMNS, columns, strict=True)]
    height = min(MOST_ROWS, max(map(len, columns)))
    rows = [
        [_write_cell(column[row]) if row < len(column) else "" for column in columns]
        for row in range(height)
    ]
    lines = ["| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows)]
    total = count_noun(len(items), "avis suivi", "avis suivis")
    return "\n".join([f"**Veille**{NBSP}: {total}", "", *lines])


def write_item(item: dict[str, Any], prescore: dict[str, Any] | None) -> str:
    """An item in detail, with what its pre-score rests on."""
    lines = [f"**{escape(item['title'])}**", escape(" · ".join(_list_facts(item)))]
    if item["summary"]:
        lines.append(escape(item["summary"]))
    if prescore:
        head = f"Pré-évaluation{NBSP}: {prescore['points']}/100 (entre {prescore['low']} et "
        lines.append(f"{head}{prescore['high']}). {escape(prescore['warning'])}")
        lines.append("\n".join(
            f"- {escape(part['label'])}{NBSP}: {escape(part['reason'])}"
            for part in prescore["parts"]
        ))  # fmt: skip
    return "\n\n".join(lines)


@cl.action_callback("open_watch")  # pyright: ignore[reportUntypedFunctionDecorator]
async def on_open(action: cl.Action) -> None:
    """Show an item and what may be done of it."""
    try:
        services, identity = get_chat_services(), await get_current_identity()
        item, notices = await get_item(services.database, identity, _read_id(action))
        message = cl.Message(
            content=write_item(item, notices[0]["prescore"] if notices else None),
            author=ASSISTANT_NAME,
        )
        if identity.roles & WRITERS:
            message.actions = [
                *(
                    [_make_button("score_watch", "Analyser le dossier", item["id"])]
                    if item["source"] in NOTICES
                    else []
                ),
                _make_button("keep_watch", "Conserver", item["id"]),
                _make_button("dismiss_watch", "Écarter", item["id"]),
            ]
        await message.send()
    except VoltaireError as error:
        await cl.ErrorMessage(content=error.message, author=ASSISTANT_NAME).send()


@cl.action_callback("keep_watch")  # pyright: ignore[reportUntypedFunctionDecorator]
async def on_keep(action: cl.Action) -> None:
    """Propose to keep the item."""
    await _move(action, "kept")


@cl.action_callback("dismiss_watch")  # pyright: ignore[reportUntypedFunctionDecorator]
async def on_dismiss(action: cl.Action) -> None:
    """Propose to set the item aside."""
    await _move(action, "dismissed")


@cl.action_callback("score_watch")  # pyright: ignore[reportUntypedFunctionDecorator]
async def on_score(action: cl.Action) -> None:
    """Score the tender file of an item at once where it is there, else when it comes."""
    try:
        services, identity, desk = get_chat_services(), await get_current_identity(), get_desk()
        if not identity.roles & WRITERS:
            raise NotAllowed(NOT_YOURS)
        id_ = _read_id(action)
        item, _ = await get_item(services.database, identity, id_)
        await request_scoring(services.database, identity, id_)
        scored: list[UUID] = []

        async def score(_: Any, found: UUID, path: Any) -> None:
            tender = await desk.receive(identity, await list_arrived_files(path), path.stem)
            if found == id_:
                scored.append(tender)

        if services.tender_files_dir is not None:
            await take_arrivals(services.database, identity, services.tender_files_dir, score)
        if not scored:
            await say(AWAITED.format(reference=item["source_reference"]))
        for tender in scored:
            await follow_new(desk, identity, tender)
    except VoltaireError as error:
        await cl.ErrorMessage(content=error.message, author=ASSISTANT_NAME).send()


async def _move(action: cl.Action, status: str) -> None:
    try:
        services, identity = get_chat_services(), await get_current_identity()
        item, _ = await get_item(services.database, identity, _read_id(action))
        draft = propose_status(item["id"], item["status"], status, "")
        made = await propose(await make_context(), [draft], Origin("watch"))
        await show_proposals([one.proposal_id for one in made if one.proposal_id])
        for one in made:
            if one.refusal:
                await cl.ErrorMessage(content=one.refusal, author=ASSISTANT_NAME).send()
    except VoltaireError as error:
        await cl.ErrorMessage(content=error.message, author=ASSISTANT_NAME).send()


def _make_button(name: str, label: str, item: UUID) -> cl.Action:
    return cl.Action(name=name, label=label, payload={"id": str(item)})


def _write_cell(item: dict[str, Any]) -> str:
    score = "–" if item["relevance"] is None else str(item["relevance"])
    facts = _list_facts(item)
    told = f"**{score}** {escape(shorten(item['title'], TITLE_CHARS))}"
    return told + (f" — {escape(' · '.join(facts))}" if facts else "")


def _list_facts(item: dict[str, Any]) -> list[str]:
    return [
        *([item["buyer"]] if item["buyer"] else []),
        *([f"remise le {format_instant(item['deadline'])}"] if item["deadline"] else []),
        *([format_money(item["estimated_value_eur"])] if item["estimated_value_eur"] else []),
    ]


def _read_id(action: cl.Action) -> UUID:
    return UUID(str(action.payload["id"]))
