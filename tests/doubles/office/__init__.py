"""The hosts of the add-in, as far as it asks of them: Outlook's office.js, Teams' page and library.

`install` puts them before a page; what the pane does is then found in `window.acts`.
"""

from __future__ import annotations

import base64
import email
import email.policy
import json
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import getaddresses
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Route

HERE = Path(__file__).parent
OFFICE_SCRIPT = "https://appsforoffice.microsoft.com/lib/1/hosted/office.js"
TEAMS_PAGE = "https://teams.microsoft.com/essai"


@dataclass(frozen=True)
class SelectedMail:
    """A mail as Outlook shows it; without `gives_file`, an Outlook that only gives fields."""

    raw: bytes
    mode: str = "read"
    gives_file: bool = True
    conversation_id: str = ""
    body_type: str = "html"

    def describe(self) -> dict[str, Any]:
        """What the double's script needs."""
        message = email.message_from_bytes(self.raw, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        body = message.get_body(("plain", "html"))
        return {
            "mode": self.mode,
            "file": base64.b64encode(self.raw).decode() if self.gives_file else None,
            "internetMessageId": str(message["Message-ID"] or "").strip(),
            "conversationId": self.conversation_id,
            "subject": str(message["Subject"] or ""),
            "from": _people(message, "From")[0],
            "to": _people(message, "To"),
            "cc": _people(message, "Cc"),
            "text": body.get_content() if body else "",
            "bodyType": self.body_type,
        }


@dataclass
class OutlookHost:
    """Outlook, with what it offers."""

    mail: SelectedMail | None = None
    offers_tokens: bool = False
    is_dark: bool | None = None
    asked: list[str] = field(default_factory=list[str])

    def install(self, context: BrowserContext) -> None:
        """Answer for office.js; anything else of another site is refused and noted."""
        state = {
            "item": self.mail.describe() if self.mail else None,
            "offersTokens": self.offers_tokens,
            "isDark": self.is_dark,
        }
        context.add_init_script(f"window.hostState = {json.dumps(state)};")
        context.route("https://**/*", self._answer)

    def _answer(self, route: Route) -> None:
        if route.request.url == OFFICE_SCRIPT:
            route.fulfill(path=HERE / "office.js", content_type="text/javascript")
            return
        self.asked.append(route.request.url)
        route.abort()


def select(page: Any, mail: SelectedMail | None) -> None:
    """Another mail is selected while the pane is pinned."""
    page.evaluate("item => window.selectItem(item)", mail.describe() if mail else None)


def install_teams(context: BrowserContext, address: str, *, place: str, theme: str) -> None:
    """A page of Teams that frames `address`, and Teams' library as the framed page sees it."""
    page = f'<!doctype html><title>Teams</title><iframe src="{address}" width="100%" height="860">'
    context.route(TEAMS_PAGE, lambda route: route.fulfill(body=page, content_type="text/html"))
    script = (HERE / "teams.js").read_text(encoding="utf-8")
    filled = script.replace("{{place}}", place).replace("{{theme}}", theme)
    context.route(
        "**/addin/vendor/teams-js.js",
        lambda route: route.fulfill(body=filled, content_type="text/javascript"),
    )


def _people(message: EmailMessage, header: str) -> list[dict[str, str]]:
    found = getaddresses([str(value) for value in message.get_all(header, [])])
    return [{"displayName": name, "emailAddress": address} for name, address in found] or [{}]
