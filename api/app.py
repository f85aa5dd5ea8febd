"""The web application: routes, errors, headers, chat page, background work."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from api.headers import BodyLimit, SecurityHeaders
from api.problems import install_problem_handlers
from api.routes import (
    ask,
    auth,
    conversations,
    costs,
    documents,
    graph_transcripts,
    health,
    knowledge,
    mail,
    minutes,
    proposals,
    watch,
)
from api.services import Services
from core.errors import NotFound

logger = logging.getLogger(__name__)

BackgroundTask = Callable[[], Coroutine[Any, Any, None]]
ROUTED = (
    auth, ask, conversations, costs, documents, graph_transcripts, knowledge, mail, minutes,
    proposals, watch,
)  # fmt: skip
EVERY_METHOD = ["GET", "POST", "PUT", "PATCH", "DELETE"]


@dataclass(frozen=True)
class ChatPage:
    """Where the chat page keeps its files, and the key of its sessions."""

    folder: Path
    session_key: bytes


def create_app(
    services: Services,
    *,
    chat_page: ChatPage | None = None,
    background: tuple[BackgroundTask, ...] = (),
) -> FastAPI:
    """The application over `services`; `background` runs beside it until it stops."""
    app = FastAPI(
        title="Voltaire",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        lifespan=_make_lifespan(services, background),
    )
    app.state.services = services
    install_problem_handlers(app)
    app.include_router(health.router)
    for module in ROUTED:
        app.include_router(module.router, prefix="/api")
    app.add_api_route("/api/{rest:path}", refuse_unknown, methods=EVERY_METHOD)
    hashes = _mount_chat(app, services, chat_page) if chat_page else ()
    app.add_middleware(BodyLimit)
    app.add_middleware(SecurityHeaders, script_hashes=hashes)
    return app


async def refuse_unknown(rest: str) -> None:
    """Answer for the addresses of the API that do not exist."""
    raise NotFound(f"L’adresse « /api/{rest[:80]} » n’existe pas.")


async def warm_up() -> None:
    """Load the embedding model before the first question needs it."""
    from knowledge.embeddings import get_embedder

    await (await asyncio.to_thread(get_embedder)).aencode(["échéance du contrat"])


def _mount_chat(app: FastAPI, services: Services, page: ChatPage) -> tuple[str, ...]:
    from chat.mounting import mount_chat
    from chat.services import ChatServices

    means = ChatServices(
        services.database, services.assistant, services.gatekeeper, services.make_context,
        services.desk,
    )  # fmt: skip
    mounted = mount_chat(app, means, page.folder, page.session_key)
    app.state.services = replace(services, find_signed_in_email=mounted.find_signed_in_email)
    return mounted.script_hashes


def _make_lifespan(
    services: Services, background: tuple[BackgroundTask, ...]
) -> Callable[[FastAPI], Any]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None, None]:
        tasks = [asyncio.create_task(_run_logged(task)) for task in background]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.gather(*tasks)
            await services.database.close()

    return lifespan


async def _run_logged(task: BackgroundTask) -> None:
    try:
        await task()
    except Exception:
        logger.exception("Tâche de fond interrompue")
