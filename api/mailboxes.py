"""The mailboxes of the settings: where mail is read from, and where drafts are put."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from core.errors import ConfigurationError
from core.settings import Settings
from ingest.clients.graph import GraphMailbox
from ingest.clients.graph_transport import authenticate, make_credential
from ingest.drafts.draft import DraftBox, DraftRefused
from ingest.drafts.folder import FolderDrafts
from ingest.drafts.graph import GraphDrafts
from ingest.drafts.imap import ImapDrafts
from ingest.sources.imap import ImapSource

CLEAR_PORTS = frozenset({143, 1143})
"""Ports of IMAP without TLS: the source refuses them but on this machine (a local bridge)."""
NO_CREDENTIAL = (
    "Microsoft 365 ne peut pas être lu\u00a0: renseignez VOLTAIRE_GRAPH_TENANT_ID, "
    "VOLTAIRE_GRAPH_CLIENT_ID et VOLTAIRE_GRAPH_CLIENT_SECRET."
)
NOT_LINKED = (
    "La boîte {mailbox} n’est plus reliée à Voltaire. Rétablissez ses réglages (docs/triage.md), "
    "puis relancez le dépôt du brouillon."
)


def list_mailboxes(settings: Settings) -> list[GraphMailbox]:
    """The Microsoft 365 mailboxes of the settings; none while a credential is missing."""
    users = [user.strip() for user in settings.graph_mailboxes.split(",") if user.strip()]
    if not (users and settings.graph_tenant_id and settings.graph_client_id
            and settings.graph_client_secret):  # fmt: skip
        return []
    authentication = authenticate(build_credential(settings))
    return [
        GraphMailbox(user, authentication=authentication, base_url=settings.graph_base_url)
        for user in users
    ]


def find_imap(settings: Settings) -> ImapSource | None:
    """The IMAP account of the settings; none while a part of it is missing."""
    if not settings.imap_host or not settings.imap_user or settings.imap_password is None:
        return None
    return ImapSource(
        settings.imap_host, settings.imap_user, settings.imap_password, settings.imap_port,
        settings.imap_folder, is_tls=settings.imap_port not in CLEAR_PORTS,
    )  # fmt: skip


@dataclass
class DraftBoxes:
    """The boxes that take drafts, by the mailbox's name as its mails were stored."""

    settings: Settings

    @cached_property
    def _linked(self) -> dict[str, DraftBox]:
        boxes: dict[str, DraftBox] = {
            mailbox.user: GraphDrafts(mailbox) for mailbox in list_mailboxes(self.settings)
        }
        account = find_imap(self.settings)
        if account is not None:
            boxes[account.mailbox] = ImapDrafts(account)
        return boxes

    def is_linked(self, mailbox: str) -> bool:
        """Tell whether the settings still lead to that mailbox."""
        return mailbox in self._linked

    def open(self, mailbox: str) -> DraftBox:
        """The box of a mailbox; the drafts folder for what came from a folder, or from nowhere.

        Raises DraftRefused where the settings no longer lead to that mailbox.
        """
        if mailbox in self._linked:
            return self._linked[mailbox]
        if "@" in mailbox and "/" not in mailbox:
            raise DraftRefused(NOT_LINKED.format(mailbox=mailbox))
        return FolderDrafts(self.settings.drafts_dir)


def build_credential(settings: Settings) -> Any:
    """The application that Microsoft 365 knows. Raises ConfigurationError when it is not set."""
    secret = settings.graph_client_secret
    if not settings.graph_tenant_id or not settings.graph_client_id or secret is None:
        raise ConfigurationError(NO_CREDENTIAL)
    return make_credential(
        settings.graph_tenant_id, settings.graph_client_id, secret.get_secret_value()
    )
