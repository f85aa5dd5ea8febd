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
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route

from api import addin
from api.headers import BodyLimit, SecurityHeaders
from api.limits import AddressLimit
from api.mcp.endpoint import METADATA, McpEndpoint, get_metadata
from api.once import Once
from api.openapi import install_openapi, name_operation
from api.origins import SameOrigin
from api.problems import install_problem_handlers
from api.routes import (
    ask,
    auth,
    controlled_documents,
    conversations,
    costs,
    directory,
    documents,
    erasures,
    graph_transcripts,
    health,
    imports,
    keys,
    knowledge,
    mail,
    mail_messages,
    minutes,
    morning,
    password_page,
    portfolio,
    proposals,
    tender_decisions,
    tender_settings,
    tenders,
    twenty,
    users,
    watch,
)
from api.services import Services
from api.unknown import UnknownAddress
from core.addresses import API, MCP
from ingest.mail.isolation import MailReader

logger = logging.getLogger(__name__)

BackgroundTask = Callable[[], Coroutine[Any, Any, None]]
ROUTED = (
    auth, directory, keys, users, ask, conversations, costs, documents, controlled_documents,
    erasures, graph_transcripts, knowledge, mail, mail_messages, minutes, morning, portfolio,
    proposals, tenders, tender_decisions, tender_settings, twenty, watch,
    imports,
)  # fmt: skip


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
        openapi_url=f"{API}/openapi.json",
        generate_unique_id_function=name_operation,
        lifespan=_make_lifespan(services, background),
    )
    app.state.services = services
    app.state.mail_reader = MailReader()
    app.state.mcp = McpEndpoint()
    install_problem_handlers(app)
    app.include_router(health.router)
    app.include_router(password_page.router, include_in_schema=False)
    app.include_router(addin.router)
    for module in ROUTED:
        app.include_router(module.router, prefix=API)
    install_openapi(app)
    app.router.routes += [
        Route("/api/{rest:path}", UnknownAddress(), include_in_schema=False),
        Route(MCP, app.state.mcp, include_in_schema=False),
        Route(METADATA, get_metadata, include_in_schema=False),
    ]
    hashes = _mount_chat(app, services, chat_page) if chat_page else ()
    origins = tuple(part for part in services.settings.cors_origins.split(",") if part.strip())
    app.add_middleware(Once)
    app.add_middleware(BodyLimit)
    app.add_middleware(SameOrigin, allowed=origins)
    app.add_middleware(AddressLimit, limits=services.limits)
    if origins:
        app.add_middleware(
            CORSMiddleware, allow_origins=origins, allow_methods=["*"],
            allow_headers=["authorization", "content-type", "idempotency-key"],
            expose_headers=["link", "retry-after"],
        )  # fmt: skip
    app.add_middleware(SecurityHeaders, script_hashes=hashes)
    return app


async def warm_up() -> None:
    """Load the embedding models before the first question needs them."""
    from knowledge.cross_encoder import get_cross_encoder
    from knowledge.embeddings import get_embedder
    from knowledge.passage_embedder import embed_question, find_centre, get_passage_embedder

    await (await asyncio.to_thread(get_embedder)).aencode(["échéance du contrat"])
    embedder = await asyncio.to_thread(get_passage_embedder)
    await asyncio.to_thread(find_centre, embedder)
    await embed_question(embedder, "échéance du contrat")
    reader = await asyncio.to_thread(get_cross_encoder)
    await asyncio.to_thread(reader.score, "Quelle échéance ?", ["échéance du contrat"])


def _mount_chat(app: FastAPI, services: Services, page: ChatPage) -> tuple[str, ...]:
    from chat.mounting import mount_chat
    from chat.services import ChatServices

    means = ChatServices(
        services.database, services.assistant, services.gatekeeper, services.make_context,
        services.desk, services.tenders, services.settings.tender_files_dir,
    )  # fmt: skip
    has_directory = services.gatekeeper.directory is not None
    url = f"{API}/auth/start" if has_directory else None
    mounted = mount_chat(app, means, page.folder, page.session_key, url)
    app.state.services = replace(
        services,
        find_cookie_session=mounted.find_cookie_session,
        give_cookie=mounted.give_cookie,
    )
    return mounted.script_hashes


def _make_lifespan(
    services: Services, background: tuple[BackgroundTask, ...]
) -> Callable[[FastAPI], Any]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None, None]:
        tasks = [asyncio.create_task(_run_logged(task)) for task in background]
        try:
            async with app.state.mcp.running():
                yield
        finally:
            for task in tasks:
                task.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.gather(*tasks)
            await asyncio.to_thread(app.state.mail_reader.close)
            await services.database.close()

    return lifespan


async def _run_logged(task: BackgroundTask) -> None:
    try:
        await task()
    except Exception:
        logger.exception("Tâche de fond interrompue")
