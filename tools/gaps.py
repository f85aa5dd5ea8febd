"""The queue of questions without answer: noted at the end of a turn, closed by an article."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from core.context import Context
from core.formats import NBSP
from crm.changes import ChangeDraft
from crm.gaps import Gap, GapStatus, record_gap, update_gap
from crm.proposals.canonical import Origin
from crm.proposals.submission import propose_one
from knowledge.terms import list_terms
from tools.outputs import Passages

NO_GAP = "Aucune question n’est restée sans réponse."
STATUSES: Mapping[GapStatus, str] = {
    "open": "ouverte", "drafted": "article proposé", "closed": "réglée", "dismissed": "écartée",
}  # fmt: skip
MOST_NEAREST = 3
TITLE_CHARS = 120
ORIGIN = Origin("gap", "rules", False, None, None)


async def note_gap(context: Context, question: str, searches: Sequence[Passages]) -> None:
    """Keep a question that the documents, once searched, did not answer."""
    async with context.database.transaction(context.identity) as connection:
        await record_gap(
            connection, question, list_terms(question), _missing(searches), list_nearest(searches)
        )


def list_nearest(searches: Sequence[Passages]) -> list[str]:
    """The titles of the documents that came closest, the nearest first."""
    found = [f"{p.code} – {p.title}" for search in searches for p in search.passages]
    return list(dict.fromkeys(found))[:MOST_NEAREST]


def _missing(searches: Sequence[Passages]) -> list[str]:
    return list(dict.fromkeys(word for search in searches for word in search.missing))


async def propose_article(context: Context, gap_id: UUID) -> Gap:
    """Propose a draft article for a question, owned by who looks after it; nothing is written.

    Raises NotAllowed, NotFound and InvalidChange. A second call proposes nothing new.
    """
    gap = await update_gap(context.database, context.identity, gap_id)
    owner = gap.owner_id or context.identity.user_id
    draft = ChangeDraft(
        "create",
        "kb_articles",
        {
            "title": gap.question[:TITLE_CHARS],
            "kind": "guide",
            "body": _write_body(gap),
            "owner_id": str(owner),
        },
        f"Question restée sans réponse, posée {gap.repeats}{NBSP}fois",
        f"gap:{gap.id}",
    )
    submission = await propose_one(context, draft, ORIGIN)
    return await update_gap(
        context.database, context.identity, gap_id, status="drafted", owner_id=owner,
        proposal_id=submission.proposal_id,
    )  # fmt: skip


def _write_body(gap: Gap) -> str:
    """The skeleton of the article: the question, what is missing, where to look first."""
    parts = [f"Question{NBSP}: {gap.question}", "Réponse : à rédiger par le responsable."]
    if gap.missing:
        parts.append(f"Absent des documents{NBSP}: {', '.join(gap.missing)}.")
    if gap.nearest:
        parts.append("Documents à relire d’abord :\n" + "\n".join(f"- {t}" for t in gap.nearest))
    return "\n\n".join(parts)
