"""The one writing of a change: JSON with sorted keys and strict types, and its SHA-256."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast
from uuid import UUID

from core.spans import Span
from crm.proposals.errors import InvalidChange
from crm.proposals.values import Canonical

FORMAT = 1
MAX_BYTES = 131_072
MAX_EVIDENCE = 20
MAX_QUOTE_CHARS = 2000
MAX_SAFE_INTEGER = 2**53 - 1
UNKEPT = re.compile("[\0\ud800-\udfff]")
ProposedOperation = Literal["create", "update", "link", "remove"]
OPERATIONS: tuple[ProposedOperation, ...] = ("create", "update", "link", "remove")


@dataclass(frozen=True)
class FieldChange:
    """A field's value before and after, in canonical form."""

    before: Canonical
    after: Canonical


@dataclass(frozen=True)
class Origin:
    """Where a change was thought of: `name` is a surface or a use case («chat», «meeting»)."""

    name: str
    engine: str = ""
    is_model: bool = False
    prompt_sha256: str | None = None
    conversation_id: UUID | None = None


@dataclass(frozen=True)
class Change:
    """Everything an approval binds."""

    id: UUID
    tenant_id: UUID
    nonce: UUID
    proposer_id: UUID
    operation: ProposedOperation
    object: str
    record_id: UUID | None
    version: int | None
    account_id: UUID | None
    fields: Mapping[str, FieldChange]
    reason: str
    origin: Origin
    is_tainted: bool
    created_at: dt.datetime
    expires_at: dt.datetime
    evidence: tuple[Span, ...] = field(default=())
    undoes: UUID | None = None
    effect: str | None = None


def write_canonical(change: Change) -> str:
    """The canonical JSON of `change`. InvalidChange when it is too long or holds a wrong type."""
    body: dict[str, Any] = {
        "format": FORMAT,
        "id": str(change.id),
        "tenant": str(change.tenant_id),
        "nonce": str(change.nonce),
        "proposer": str(change.proposer_id),
        "operation": change.operation,
        "object": change.object,
        "record": _text(change.record_id),
        "version": change.version,
        "account": _text(change.account_id),
        "fields": {
            name: {"before": c.before, "after": c.after} for name, c in change.fields.items()
        },
        "reason": change.reason,
        "evidence": [_evidence(span) for span in change.evidence],
        "origin": {
            "name": change.origin.name,
            "engine": change.origin.engine,
            "model": change.origin.is_model,
            "prompt": change.origin.prompt_sha256,
            "conversation": _text(change.origin.conversation_id),
        },
        "tainted": change.is_tainted,
        "created": change.created_at.astimezone(dt.UTC).isoformat(),
        "expires": change.expires_at.astimezone(dt.UTC).isoformat(),
        "undoes": _text(change.undoes),
        "effect": change.effect,
    }
    text = encode(body)
    if len(text.encode()) > MAX_BYTES:
        raise InvalidChange(
            "La modification est trop longue (128 ko au plus). Raccourcissez le texte ou "
            "joignez-le comme document."
        )
    return text


def encode(value: object) -> str:
    """Canonical JSON: sorted keys, no blank, no float, no lone surrogate."""
    _check(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest_of(text: str) -> str:
    """The SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def digest_batch(lines: Sequence[tuple[UUID, str]]) -> str:
    """The digest over the list of a batch: «id:digest» of each line, in the order of the ids."""
    ordered = sorted((str(proposal_id), digest) for proposal_id, digest in lines)
    return digest_of("\n".join(f"{proposal_id}:{digest}" for proposal_id, digest in ordered))


def read_canonical(text: str) -> Change:
    """The change written in `text`; InvalidChange unless `text` is its one canonical writing."""
    try:
        change = _read(json.loads(text))
        if write_canonical(change) == text:
            return change
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    raise InvalidChange("Cette proposition n’est pas lisible : elle ne sera pas exécutée.")


def _read(body: dict[str, Any]) -> Change:
    origin = body["origin"]
    _check_types(body, origin)
    return Change(
        id=UUID(body["id"]),
        tenant_id=UUID(body["tenant"]),
        nonce=UUID(body["nonce"]),
        proposer_id=UUID(body["proposer"]),
        operation=body["operation"],
        object=body["object"],
        record_id=_uuid(body["record"]),
        version=body["version"],
        account_id=_uuid(body["account"]),
        fields={n: FieldChange(v["before"], v["after"]) for n, v in body["fields"].items()},
        reason=body["reason"],
        evidence=tuple(
            Span(e["source"], e["start"], e["end"], e["quote"], e["page"], e["cue"])
            for e in body["evidence"]
        ),
        origin=Origin(
            origin["name"], origin["engine"], origin["model"], origin["prompt"],
            _uuid(origin["conversation"]),
        ),
        is_tainted=body["tainted"],
        created_at=dt.datetime.fromisoformat(body["created"]),
        expires_at=dt.datetime.fromisoformat(body["expires"]),
        undoes=_uuid(body["undoes"]),
        effect=body["effect"],
    )  # fmt: skip


def _check_types(body: dict[str, Any], origin: dict[str, Any]) -> None:
    """Refuse what compares equal without being the same: 1 for true, true for a version."""
    whole = [body["format"], *([] if body["version"] is None else [body["version"]])]
    flags, texts = [body["tainted"], origin["model"]], [body["reason"], body["object"]]
    is_typed = (
        all(type(value) is int for value in whole)
        and all(type(value) is bool for value in flags)
        and all(type(value) is str for value in texts)
    )
    if not is_typed or body["format"] != FORMAT or body["operation"] not in OPERATIONS:
        raise ValueError("types")


def _check(value: object) -> None:
    """Refuse what JSON would write in more than one way, or not faithfully."""
    match value:
        case None | bool():
            return
        case str():
            _check_text(value)
        case dict():
            for key, item in cast("dict[str, object]", value).items():
                _check_text(key)
                _check(item)
        case list():
            for item in cast("list[object]", value):
                _check(item)
        case int() if abs(value) <= MAX_SAFE_INTEGER:
            return
        case _:
            raise InvalidChange("Un nombre doit être entier, ou écrit en texte.")


def _check_text(text: str) -> None:
    if type(text) is not str or UNKEPT.search(text):
        raise InvalidChange("Un texte contient un caractère qui ne peut pas être conservé.")


def _evidence(span: Span) -> dict[str, Any]:
    return {
        "source": span.source_id, "start": span.start, "end": span.end, "quote": span.quote,
        "page": span.page, "cue": span.cue,
    }  # fmt: skip


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def _uuid(value: str | None) -> UUID | None:
    return None if value is None else UUID(value)
