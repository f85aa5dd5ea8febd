"""An import as proposals: exactly what the preview showed, each to be approved; nothing written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from core.context import Context
from core.errors import VoltaireError
from core.formats import NBSP, count_noun
from core.spans import Span
from crm.changes import ChangeDraft
from crm.proposals.canonical import Origin
from crm.proposals.checks import check_policy
from crm.proposals.declarations import WRITABLES
from crm.proposals.errors import ChangeNotAllowed, StaleProposal
from crm.proposals.firm import get_policy
from crm.proposals.submission import propose_one, record_refusal
from tools.importing.preview import LinePreview, Preview

ORIGIN = Origin("import", "", is_model=False)
MOST_AT_ONCE = 500
FIND_KEYS = "SELECT key FROM proposals WHERE tenant_id = %s AND key = ANY(%s)"
CHANGED = (
    "Le fichier ou le portefeuille a changé depuis l’aperçu. Refaites l’aperçu, relisez-le, puis "
    "recommencez."
)


@dataclass(frozen=True)
class RefusedLine:
    """A line that could not become a proposal, and why."""

    number: int
    reason: str


@dataclass(frozen=True)
class Proposed:
    """What the import led to; `left` lines remain to be proposed, `note` says why."""

    proposal_ids: tuple[UUID, ...]
    already: int
    left: int
    refused: tuple[RefusedLine, ...]
    note: str = ""


async def propose_import(
    context: Context, preview: Preview, shown: str, file_name: str, content: bytes
) -> Proposed:
    """Store a proposal for each line to create or change; the same file twice proposes nothing
    twice. Raises StaleProposal when `shown` is not the preview's digest, ChangeNotAllowed.
    """
    if shown != preview.digest:
        raise StaleProposal(CHANGED)
    async with context.database.transaction(context.identity) as connection:
        policy = await get_policy(connection, context.identity.tenant_id)
    check_policy(context.identity, WRITABLES[preview.object], policy)
    mark = hashlib.sha256(content).hexdigest()[:16]
    wished = [
        (line, _name_wish(preview.object, mark, line))
        for line in preview.lines
        if line.outcome in ("create", "update")
    ]
    known = await _find_known(context, [key for _, key in wished])
    fresh = [(line, key) for line, key in wished if key not in known]
    ids: list[UUID] = []
    refused: list[RefusedLine] = []
    for rank, (line, key) in enumerate(fresh[:MOST_AT_ONCE]):
        draft = _draft(preview, line, key, file_name)
        try:
            # The person who brings the sheet vouches for its columns, having read the preview.
            done = await propose_one(
                context, draft, ORIGIN, typed=frozenset(line.fields), policy=policy
            )
        except ChangeNotAllowed as error:
            return Proposed(
                tuple(ids), len(known), len(fresh) - rank, tuple(refused), error.message
            )
        except VoltaireError as error:
            await record_refusal(context, draft, ORIGIN, error)
            refused.append(RefusedLine(line.number, error.message))
            continue
        if done.proposal_id is not None:
            ids.append(done.proposal_id)
    left = max(0, len(fresh) - MOST_AT_ONCE)
    return Proposed(tuple(ids), len(known), left, tuple(refused), _tell_left(left))


def _tell_left(left: int) -> str:
    if not left:
        return ""
    told = count_noun(left, "ligne reste à proposer", "lignes restent à proposer")
    return f"{told}{NBSP}: renvoyez le même fichier pour continuer."


async def _find_known(context: Context, keys: Sequence[str]) -> frozenset[str]:
    async with context.database.transaction(context.identity) as connection:
        cursor = await connection.execute(FIND_KEYS, (context.identity.tenant_id, list(keys)))
        return frozenset(str(row["key"]) for row in await cursor.fetchall())


def _name_wish(name: str, mark: str, line: LinePreview) -> str:
    fields = json.dumps(sorted(line.fields.items()), ensure_ascii=False)
    digest = hashlib.sha256(f"{line.record_id}{fields}".encode()).hexdigest()[:16]
    return f"import:{mark}:{name}:{line.number}:{digest}"


def _draft(preview: Preview, line: LinePreview, key: str, file_name: str) -> ChangeDraft:
    source = f"{file_name[:120]} – {preview.sheet}"
    return ChangeDraft(
        operation="create" if line.record_id is None else "update",
        object=preview.object,
        fields=line.fields,
        reason=f"Import de «{NBSP}{file_name[:120]}{NBSP}», ligne {line.number}",
        key=key,
        record_id=line.record_id,
        evidence=(Span(source, 0, len(line.quote), line.quote),),
    )
