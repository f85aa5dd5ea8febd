"""What the chat page needs from the running instance, installed before the page is loaded."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from agents.meeting_synthesis.desk import Desk
from agents.portfolio_assistant.models import AssistantEvent
from agents.tender_scoring.desk import TenderDesk
from core.context import Context, Identity
from core.database import Database
from core.errors import ConfigurationError

Surface = Literal["chat", "api", "cli"]


class Assistant(Protocol):
    """What answers questions."""

    def ask(
        self,
        identity: Identity,
        question: str,
        *,
        conversation_id: UUID | None = None,
        surface: Surface,
    ) -> AsyncIterator[AssistantEvent]:
        """The events of one answer, `AnswerReady` last. Raises VoltaireError."""
        ...


class Session(Protocol):
    """What a person has opened by signing in."""

    @property
    def id(self) -> UUID:
        """Its identifier, which a cookie may carry once signed."""
        ...


class Access(Protocol):
    """Whoever is signed in."""

    @property
    def identity(self) -> Identity:
        """Them, with their present roles."""
        ...


GiveCookie = Callable[[Request, Response, Session, Identity], None]


class Gatekeeper(Protocol):
    """What knows users, their passwords and their sessions."""

    async def sign_in(self, email: str, password: str) -> Identity:
        """The user of this address and password. Raises VoltaireError."""
        ...

    async def open_session(self, identity: Identity, method: str = ...) -> Session:
        """A session of this user."""
        ...

    async def find_session(self, session_id: UUID) -> Access | None:
        """The living session of this identifier."""
        ...

    async def end_session(self, session_id: UUID) -> None:
        """Close the session at once."""
        ...


@dataclass(frozen=True)
class ChatServices:
    """The means of the chat page."""

    database: Database
    assistant: Assistant
    gatekeeper: Gatekeeper
    make_context: Callable[[Identity], Context]
    desk: Desk | None = None
    tenders: TenderDesk | None = None
    tender_files_dir: Path | None = None


_installed: list[ChatServices] = []


def install_chat_services(services: ChatServices) -> None:
    """Give the page of this process its means."""
    _installed[:] = [services]


def get_chat_services() -> ChatServices:
    """The means of this process's page. Raises ConfigurationError before `install`."""
    if not _installed:
        raise ConfigurationError("La page de conversation n’est pas démarrée par « voltaire ».")
    return _installed[0]
