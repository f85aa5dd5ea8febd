"""The one write declaration of each object: what may be set, by whom, and what text may fill.

It extends the object's own declaration (`crm/objects`): fields, labels and closed lists come from
there. Tools, strict types, cards and policy defaults follow from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from crm.changes import Operation, Value
from crm.proposals.columns import Column, columns_of

BUSINESS = frozenset({"sales", "quality", "director"})
SALES = frozenset({"sales", "director"})
QUALITY = frozenset({"quality", "director"})
EVERY_OPERATION: tuple[Operation, ...] = ("create", "update")
UPDATE: tuple[Operation, ...] = ("update",)
LINK: tuple[Operation, ...] = ("link",)


@dataclass(frozen=True)
class Writable:
    """How an object changes.

    `guarded` columns are never filled from untrusted text, but with the value a new record takes
    anyway (`defaults`); `author` is filled with who proposes a new record. `stake` is the amount
    at risk when one of the `weighty` columns changes; `separated` tells (column, value, author
    column): who stands in the last may not approve that the first takes the value. `computed`
    columns are written by code alone, never by a tool.
    """

    object: str
    required: tuple[str, ...]
    proposers: frozenset[str] = SALES
    approvers: frozenset[str] = SALES
    operations: tuple[Operation, ...] = EVERY_OPERATION
    defaults: Mapping[str, Value] = field(default_factory=dict[str, Value])
    guarded: frozenset[str] = frozenset()
    stake: str | None = None
    weighty: frozenset[str] = frozenset()
    separated: tuple[str, str, str] | None = None
    computed: frozenset[str] = frozenset()
    author: str | None = None
    effect: str | None = None

    @property
    def columns(self) -> Mapping[str, Column]:
        """The columns that may be set."""
        return columns_of(self.object)


def _status(value: str) -> Mapping[str, Value]:
    return MappingProxyType({"status": value})


STATUS = frozenset({"status"})
WRITABLES: Mapping[str, Writable] = {
    declared.object: declared
    for declared in (
        Writable("accounts", ("name", "segment", "status"), defaults=_status("prospect"),
                 guarded=frozenset({"status", "owner_id", "siren", "siret"})),
        Writable("contacts", ("account_id", "name"), defaults={"language": "fr"},
                 guarded=frozenset({"email", "consent"})),
        Writable("tenders", ("reference", "title", "buyer", "status"),
                 defaults=_status("detected"), guarded=STATUS, stake="estimated_value_eur",
                 weighty=frozenset({"status", "verdict"})),
        Writable("tender_lots", ("tender_id", "number", "title")),
        Writable("tender_criteria", ("tender_id", "name", "weight_pct")),
        Writable("competitors", ("name", "kind")),
        Writable("tender_competitors", ("tender_id", "competitor_id"), operations=LINK),
        Writable("contracts", ("account_id", "reference", "supplier", "energy", "price_type",
                               "start_on", "end_on", "status"),
                 defaults=_status("draft"), guarded=STATUS, stake="annual_amount_eur",
                 weighty=frozenset({"status", "end_on", "supplier", "price_eur_per_mwh"})),
        Writable("amendments", ("contract_id", "number", "kind")),
        Writable("contract_delivery_points", ("contract_id", "delivery_point_id", "from_on"),
                 operations=LINK),
        Writable("sites", ("account_id", "name")),
        Writable("delivery_points", ("site_id", "energy", "code", "segment", "grid_operator"),
                 guarded=frozenset({"data_consent"})),
        Writable("non_conformities", ("account_id", "reference", "detected_on", "source",
                                      "family", "severity", "requirement", "status"),
                 proposers=BUSINESS, approvers=QUALITY, defaults=_status("draft"),
                 guarded=STATUS, separated=("status", "closed", "opened_by_id"),
                 author="opened_by_id", computed=frozenset({"opened_by_id"})),
        Writable("incidents", ("delivery_point_id", "kind", "started_at", "status"),
                 proposers=BUSINESS, approvers=BUSINESS, defaults=_status("open")),
        Writable("grid_requests", ("delivery_point_id", "kind", "status"),
                 defaults=_status("draft"), guarded=STATUS),
        Writable("flexibility_opportunities", ("account_id", "mechanism", "status"),
                 defaults=_status("identified"), guarded=STATUS),
        Writable("ppa_projects", ("account_id", "name", "kind", "technology", "status"),
                 defaults=_status("identified"), guarded=STATUS),
        Writable("efficiency_opportunities", ("account_id", "action", "status"),
                 defaults=_status("identified"), guarded=STATUS),
        Writable("kb_articles", ("title", "kind", "document_version", "status", "body"),
                 proposers=BUSINESS, approvers=QUALITY,
                 defaults={"status": "draft", "document_version": "0.1"}, guarded=STATUS),
        Writable("document_templates", ("name", "kind", "document_version", "status", "body"),
                 proposers=BUSINESS, approvers=QUALITY,
                 defaults={"status": "draft", "document_version": "0.1", "language": "fr"},
                 guarded=STATUS),
        Writable("documents", ("code", "title"), proposers=BUSINESS, approvers=QUALITY,
                 operations=UPDATE, guarded=frozenset({"owner_id", "must_read"}),
                 computed=frozenset({"code", "title", "clause"})),
        Writable("document_versions", ("status",), proposers=BUSINESS, approvers=QUALITY,
                 operations=UPDATE, guarded=frozenset({"status", "valid_from", "valid_to"}),
                 computed=frozenset({"document_id"})),
        Writable("market_watch", ("source", "title", "published_on", "status"),
                 defaults=_status("new")),
        Writable("meetings", ("title", "starts_at"), proposers=BUSINESS, approvers=BUSINESS),
        Writable("tasks", ("title", "source", "status"), proposers=BUSINESS, approvers=BUSINESS,
                 defaults={"status": "open", "source": "manual"}),
        Writable("notes", ("account_id", "body", "written_on"), proposers=BUSINESS,
                 approvers=BUSINESS, author="author_id",
                 computed=frozenset({"author_id", "written_on"})),
        Writable("reply_drafts", ("email_id", "to_addresses", "subject", "body_text"),
                 proposers=BUSINESS, approvers=BUSINESS, operations=("create",),
                 guarded=frozenset({"to_addresses", "cc_addresses"}), effect="mail_draft"),
    )
}  # fmt: skip
