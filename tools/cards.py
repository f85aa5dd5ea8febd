"""Approval cards: rendered from the stored proposal and the records, never from a model's prose."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from core.context import Context
from core.database import Connection
from core.formats import NBSP, format_date, format_instant, format_money, format_quantity
from crm.objects import OBJECTS
from crm.proposals.approving import explain
from crm.proposals.canonical import Change, digest_batch
from crm.proposals.checks import RECIPIENTS, list_recipients, read_known_addresses
from crm.proposals.columns import Column, columns_of
from crm.proposals.decision import Person
from crm.proposals.firm import get_policy
from crm.proposals.records import read_titles, reference_targets
from crm.proposals.sources import name_sources
from crm.proposals.store import Status, StoredProposal
from crm.proposals.undoing import find_obstacle
from crm.proposals.values import Canonical
from tools.articles import tell_next
from tools.document_cards import describe_document, write_version_title

EMPTY = "–"
STATUS_LABELS: Mapping[Status, str] = {
    "pending": "En attente d’approbation",
    "approved": "Approuvée, en cours d’exécution",
    "executed": "Effectuée",
    "rejected": "Refusée",
    "expired": "Expirée",
    "conflict": "À revoir : la fiche a changé entre-temps",
    "failed": "Non effectuée",
    "superseded": "Remplacée par une version corrigée",
}
VERBS = {
    "create": ("Créer", "un", "une"),
    "update": ("Modifier", "le", "la"),
    "link": ("Ajouter", "un", "une"),
    "remove": ("Retirer", "le", "la"),
}
FAILURES = {
    "digest": "le texte approuvé ne correspond plus à la proposition",
    "approvals": "les accords nécessaires ne sont pas réunis",
    "nonce": "cette proposition avait déjà servi",
    "row": "la base refuse ces valeurs (format, doublon ou fiche liée manquante)",
}
EFFECT_OUTCOMES = {
    ("mail_draft", "due"): "Le brouillon va être déposé dans la messagerie.",
    ("mail_draft", "doubtful"): "Le dépôt du brouillon est en cours de vérification.",
    ("mail_draft", "done"): "Le brouillon est dans la messagerie ; rien n’est envoyé.",
    ("mail_draft", "failed"): "Le brouillon n’a pas été déposé.",
    ("twenty", "due"): "La modification est faite ; elle va être portée dans Twenty.",
    ("twenty", "doubtful"): "La modification est faite ; son report dans Twenty est vérifié.",
    ("twenty", "done"): "La modification est faite, dans Twenty aussi.",
    ("twenty", "failed"): "La modification n’a pas été portée dans Twenty.",
}
EFFECT_LABELS = {"mail_draft": "Crée un brouillon dans la messagerie ; rien n’est envoyé."}
TAINTED = "Rédigé d’après un courriel, un document ou une réunion : vérifiez chaque valeur."


class CardModel(BaseModel):
    """Frozen, with no field unknown to its declaration."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class CardLine(CardModel):
    """A field before and after, in French. `flagged` are the values to show in red."""

    field: str
    label: str
    before: str
    after: str
    flagged: tuple[str, ...] = ()
    note: str = ""


class CardEvidence(CardModel):
    """Why, word for word, and where it stands."""

    source_id: str
    source_name: str
    quote: str
    page: int | None
    cue: str | None


class CardApproval(CardModel):
    """Who approved and when."""

    name: str
    decided_at: dt.datetime


class Card(CardModel):
    """A proposal as its approver reads it; `digest` is what an approval must name.

    `about` tells the document it is of, if any, and `version_id` the version to read.
    """

    id: UUID
    digest: str
    title: str
    status: Status
    status_label: str
    outcome: str
    operation: Literal["create", "update", "link", "remove"]
    object: str
    record_id: UUID | None
    account_id: UUID | None
    account_name: str
    about: str = ""
    version_id: UUID | None = None
    lines: tuple[CardLine, ...]
    reason: str
    evidence: tuple[CardEvidence, ...]
    warnings: tuple[str, ...]
    effect: str
    proposer_name: str
    origin: str
    is_tainted: bool
    is_model: bool
    created_at: dt.datetime
    expires_at: dt.datetime
    needed: int
    approvals: tuple[CardApproval, ...]
    may_approve: bool
    refusal: str
    successor_id: UUID | None
    can_undo: bool
    can_retry: bool = False


def batch_digest(cards: tuple[Card, ...]) -> str:
    """The digest over a list of cards, to send back with their approval."""
    return digest_batch([(card.id, card.digest) for card in cards])


async def make_card(connection: Connection, context: Context, stored: StoredProposal) -> Card:
    """The card of a stored proposal for the context's user."""
    change = stored.change
    identity = context.identity
    policy = await get_policy(connection, identity.tenant_id)
    person = Person(identity.user_id, identity.roles)
    _, needed, refusal = await explain(connection, person, stored, policy)
    has_approved = any(p.id == person.id for p in stored.approvers)
    titles = await read_titles(connection, _wanted_titles(change))
    unexpected = await _find_unexpected(connection, change)
    about, version_id = await describe_document(connection, context, stored)
    sources = await name_sources(connection, identity.tenant_id, change.evidence)
    return Card(
        id=stored.id,
        digest=stored.digest,
        title=_write_title(change, titles),
        status=stored.status,
        status_label=STATUS_LABELS[stored.status].replace(" :", f"{NBSP}:"),
        outcome=tell_outcome(stored),
        operation=change.operation,
        object=change.object,
        record_id=change.record_id,
        account_id=change.account_id,
        account_name=titles.get(("accounts", change.account_id), "") if change.account_id else "",
        about=about,
        version_id=version_id,
        lines=_write_lines(change, titles, unexpected),
        reason=change.reason,
        evidence=tuple(
            CardEvidence(
                source_id=s.source_id, source_name=sources.get(s.source_id, ""), quote=s.quote,
                page=s.page, cue=s.cue,
            )
            for s in change.evidence
        ),
        warnings=_warn(change, unexpected),
        effect=EFFECT_LABELS.get(change.effect or "", ""),
        proposer_name=stored.proposer_name,
        origin=change.origin.name,
        is_tainted=change.is_tainted,
        is_model=change.origin.is_model,
        created_at=stored.created_at,
        expires_at=stored.expires_at,
        needed=needed,
        approvals=tuple(
            CardApproval(name=a.name, decided_at=a.decided_at) for a in stored.approvals
        ),
        may_approve=stored.status == "pending" and refusal is None and not has_approved,
        refusal="" if refusal is None or stored.status != "pending" else refusal,
        successor_id=stored.successor_id,
        can_undo=find_obstacle(stored) is None,
        can_retry=stored.effect_state == "failed" and refusal is None,
    )  # fmt: skip


def tell_outcome(stored: StoredProposal) -> str:
    """What became of a proposal, in one French sentence; empty while it waits."""
    match stored.status:
        case "executed" if stored.effect_state is not None:
            return _tell_effect(stored)
        case "executed":
            return f"La modification est faite.{tell_next(stored.change)}"
        case "rejected":
            return (
                f"{stored.decider_name or 'L’approbateur'} a refusé{NBSP}: {stored.status_reason}"
            )
        case "expired":
            return "La proposition a expiré sans être approuvée."
        case "conflict":
            return _tell_conflict(stored)
        case "failed":
            return f"La modification n’a pas été faite{NBSP}: {_tell_failure(stored)}."
        case _:
            return ""


def show_value(column: Column, value: Canonical) -> str:
    """A canonical value in French; an absent one is a dash."""
    match value:
        case None | []:
            return EMPTY
        case bool():
            return "oui" if value else "non"
        case {"eur_cents": cents}:
            return format_money(Decimal(cents) / 100, column.unit or "€")
        case list():
            labels = {choice.value: choice.label for choice in column.choices}
            return ", ".join(labels.get(item, item) for item in value)
        case int():
            return format_quantity(value, column.unit)
        case _:
            return _show_text(column, str(value))


def _show_text(column: Column, value: str) -> str:
    match column.kind:
        case "enum":
            return next((c.label for c in column.choices if c.value == value), value)
        case "date":
            return format_date(dt.date.fromisoformat(value))
        case "instant":
            return format_instant(dt.datetime.fromisoformat(value))
        case "price":
            return format_money(Decimal(value), column.unit or "€/MWh")
        case "energy" | "power" | "percent" | "area" | "number":
            return format_quantity(Decimal(value), column.unit)
        case _:
            return value


def _wanted_titles(change: Change) -> dict[str, set[UUID]]:
    wanted = reference_targets(columns_of(change.object), change)
    if change.account_id is not None:
        wanted.setdefault("accounts", set()).add(change.account_id)
    if change.record_id is not None:
        wanted.setdefault(change.object, set()).add(change.record_id)
    return wanted


def _write_title(change: Change, titles: Mapping[tuple[str, UUID], str]) -> str:
    declared = OBJECTS[change.object]
    verb, masculine, feminine = VERBS[change.operation]
    article = feminine if declared.is_feminine else masculine
    noun = f"{article} {declared.singular}"
    if article in ("le", "la") and declared.singular[0] in "aeéèêiouh":
        noun = f"l’{declared.singular}"
    name = titles.get((change.object, change.record_id)) if change.record_id else None
    if name is None:
        title = change.fields.get(declared.title)
        name = str(title.after or title.before) if title else ""
    if name and (done := write_version_title(change, name)):
        return done
    if change.operation == "create" and name:
        return f"{verb} {noun}{NBSP}: {name[:80]}"
    title = f"{verb} {noun} {name[:80]}".strip()
    labels = [c.label.lower() for n, c in columns_of(change.object).items() if n in change.fields]
    told = f" ({', '.join(labels[:2])}{'…' if len(labels) > 2 else ''})"
    return title + told if change.operation == "update" else title


def _write_lines(
    change: Change, titles: Mapping[tuple[str, UUID], str], unexpected: frozenset[str]
) -> tuple[CardLine, ...]:
    columns = columns_of(change.object)
    lines: list[CardLine] = []
    for name in [n for n in columns if n in change.fields]:
        value, column = change.fields[name], columns[name]
        flagged = ()
        if name in RECIPIENTS and isinstance(value.after, list):
            flagged = tuple(a for a in value.after if a in unexpected)
        lines.append(
            CardLine(
                field=name,
                label=column.label,
                before=_show(column, value.before, titles),
                after=_show(column, value.after, titles),
                flagged=flagged,
                note="Destinataire inattendu" if flagged else "",
            )
        )
    return tuple(lines)


def _show(column: Column, value: Canonical, titles: Mapping[tuple[str, UUID], str]) -> str:
    if column.target is not None and isinstance(value, str):
        return titles.get((column.target, UUID(value)), "fiche introuvable")
    return show_value(column, value)


async def _find_unexpected(connection: Connection, change: Change) -> frozenset[str]:
    recipients = list_recipients(change)
    if not recipients:
        return frozenset()
    return frozenset(recipients) - await read_known_addresses(connection, change)


def _warn(change: Change, unexpected: frozenset[str]) -> tuple[str, ...]:
    warnings: list[str] = []
    if change.is_tainted:
        warnings.append(TAINTED.replace(" :", f"{NBSP}:"))
    if unexpected:
        listed = ", ".join(sorted(unexpected))
        warnings.append(f"Destinataires inattendus{NBSP}: {listed}.")
    return tuple(warnings)


def _tell_effect(stored: StoredProposal) -> str:
    """Where the outside effect stands, and why where it has met an obstacle."""
    told = EFFECT_OUTCOMES[stored.effect_kind or "", stored.effect_state or "due"]
    told = told.replace(" ;", f"{NBSP};")
    return (
        told if stored.effect_state == "done" else f"{told} {stored.effect_message or ''}".strip()
    )


def _tell_conflict(stored: StoredProposal) -> str:
    current = (stored.result or {}).get("current")
    if not current:
        return "La fiche a été retirée entre-temps : rien n’a été fait.".replace(" :", f"{NBSP}:")
    columns = columns_of(stored.change.object)
    parts = [
        f"{columns[name].label}{NBSP}: {_show_raw(columns[name], value)} aujourd’hui, "
        f"{show_value(columns[name], stored.change.fields[name].after)} proposé"
        for name, value in current.items()
        if name in columns
    ]
    told = f"La fiche a changé entre-temps, rien n’a été fait ({' ; '.join(parts)})."
    return told + (" Une nouvelle proposition vous attend." if stored.successor_id else "")


def _show_raw(column: Column, value: object) -> str:
    """A value as the database wrote it in JSON."""
    if value is None or isinstance(value, bool | list):
        return show_value(column, value)  # type: ignore[arg-type]
    if column.kind == "money":
        return format_money(Decimal(str(value)), column.unit or "€")
    return show_value(column, str(value))


def _tell_failure(stored: StoredProposal) -> str:
    code, _, detail = (stored.status_reason or "").partition(":")
    return FAILURES.get(code, detail.rstrip(".") or "les règles du cabinet ne le permettent plus")
