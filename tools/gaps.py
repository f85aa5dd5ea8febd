"""The queue of questions without answer: noted at the end of a turn, closed by an article.

What documents have come to say since is looked for each time the queue is read, among those that
its reader may see: a question may be settled by a document nobody wrote for it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from uuid import UUID

from core.context import Context
from core.dates import find_period
from core.errors import NotFound
from core.formats import NBSP, flatten
from core.words import fold
from crm.articles import TO_WRITE, ArticleStatus
from crm.changes import ChangeDraft
from crm.gaps import Gap, GapStatus, list_gaps, record_gap, update_gap
from crm.proposals.canonical import Origin
from crm.proposals.submission import Submission, propose_one
from knowledge.answerability import grade
from knowledge.sentence_scores import has_blanks
from knowledge.terms import list_terms
from tools.articles import get_article, propose_in_force
from tools.knowledge import read_knowledge
from tools.library import list_versions
from tools.outputs import Passages

NO_GAP = "Aucune question n’est restée sans réponse."
STATUSES: Mapping[GapStatus, str] = {
    "open": "ouverte", "drafted": "article proposé", "closed": "réglée", "dismissed": "écartée",
}  # fmt: skip
MOST_NEAREST = 3
# Questions listed, and those searched again each time.
MOST, SEARCHED = 1_000, 6
TITLE_CHARS = 120
ORIGIN = Origin("gap", "rules", False, None, None)
SETTLED = frozenset({"closed", "dismissed"})
# Where a proposal ends without its article.
LOST: Mapping[str, str] = {
    "rejected": "article refusé", "expired": "article proposé, expiré sans accord",
    "conflict": "article non créé", "failed": "article non créé",
}  # fmt: skip
ARTICLES: Mapping[ArticleStatus, str] = {
    "draft": "article en brouillon, à mettre en vigueur",
    "in_review": "article en relecture, à mettre en vigueur",
    "in_force": "article en vigueur, cité à la prochaine lecture des documents",
    "superseded": "article remplacé",
    "withdrawn": "article retiré",
}
# A document's code: references of records have a year in theirs, « CAL-27 » is a product.
CODE = re.compile(r"\b(?!cal-)[a-z]{2,5}(?:-[a-z]{1,6}){0,2}-\d{1,3}\b(?!-)")


@dataclass(frozen=True)
class FoundAnswer:
    """The sentence that now seems to answer a question, and where it stands."""

    document: str
    version_id: UUID
    section: str
    page: int
    text: str


@dataclass(frozen=True)
class WaitingGap:
    """A question still to be settled, and what documents have come to say of it."""

    gap: Gap
    answer: FoundAnswer | None


def can_draft(gap: Gap) -> bool:
    """Tell whether an article may be proposed for a question: none is on its way."""
    return gap.status == "open" or (gap.status == "drafted" and gap.proposal_status in LOST)


def can_publish(gap: Gap) -> bool:
    """Tell whether the article of a question waits to be put in force."""
    return gap.status == "drafted" and gap.article_status in ("draft", "in_review")


def tell_status(gap: Gap) -> str:
    """Where a question stands, down to its article."""
    if gap.status == "drafted" and gap.article_status is not None:
        return ARTICLES[gap.article_status]
    lost = LOST.get(gap.proposal_status or "") if gap.status == "drafted" else None
    return lost or STATUSES[gap.status]


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


async def list_waiting(context: Context, *, searched: int = SEARCHED) -> list[WaitingGap]:
    """The questions still to be settled that the user may see, the most asked first.

    The first `searched` are searched again.
    """
    waiting = await list_gaps(context.database, context.identity, limit=MOST, waiting=True)
    answers = [await find_answer(context, gap) for gap in waiting[:searched]]
    answers += [None] * (len(waiting) - len(answers))
    return [WaitingGap(gap, answer) for gap, answer in zip(waiting, answers, strict=True)]


async def find_answer(context: Context, gap: Gap) -> FoundAnswer | None:
    """What a document the user may read now says of a question, None where none is sure to.

    A question on a given time is left to who knows it: documents of today do not answer for it.
    One that names a document's code is answered by that very document alone.
    """
    if find_period(gap.question, context.today) is not None:
        return None
    named = set(CODE.findall(fold(gap.question)))
    codes = await _find_codes(context, named)
    if named and not codes:
        return None
    found = await read_knowledge(context, gap.question, codes=codes)
    sentences = [
        (sentence.score, passage, sentence)
        for passage in found.passages
        for sentence in passage.sentences
        if not has_blanks(sentence.text)
    ]
    if grade(found.assurance) != "sure" or not sentences:
        return None
    _, passage, sentence = max(sentences, key=lambda one: one[0])
    return FoundAnswer(
        f"{passage.code} – {passage.title}",
        passage.version_id,
        passage.section.split(" › ")[-1],
        sentence.page,
        flatten(sentence.text),
    )


async def _find_codes(context: Context, named: Set[str]) -> tuple[str, ...]:
    """The codes of the documents so named that the user may read, as the base writes them."""
    held = [one.code for code in named for one in await list_versions(context, code=code)]
    return tuple(sorted(set(held)))


async def propose_article(context: Context, gap_id: UUID) -> Gap:
    """Propose a draft article for a question, owned by who looks after it; nothing is written.

    Raises NotAllowed, NotFound and InvalidChange. A second call proposes nothing new, unless the
    first article was refused or no longer answers.
    """
    gap = await update_gap(context.database, context.identity, gap_id)
    if gap.status == "drafted" and not can_draft(gap):
        return gap
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
        f"gap:{gap.id}:{gap.proposal_id or ''}",
    )
    submission = await propose_one(context, draft, ORIGIN)
    return await update_gap(
        context.database, context.identity, gap_id, status="drafted", owner_id=owner,
        proposal_id=submission.proposal_id,
    )  # fmt: skip


async def propose_publication(context: Context, gap: Gap) -> Submission:
    """Propose that the article of a question comes into force today.

    Raises NotFound without an article, InvalidInput while its answer is to be written.
    """
    if gap.article_id is None:
        raise NotFound("Cette question n’a pas d’article à mettre en vigueur.")
    article = await get_article(context, gap.article_id)
    reason = f"Question restée sans réponse{NBSP}: «{NBSP}{gap.question}{NBSP}»"
    return await propose_in_force(context, article, reason=reason)


def _write_body(gap: Gap) -> str:
    """The skeleton of the article: the question, what is missing, where to look first."""
    parts = [f"Question{NBSP}: {gap.question}", TO_WRITE]
    if gap.missing:
        parts.append(f"Absent des documents{NBSP}: {', '.join(gap.missing)}.")
    if gap.nearest:
        parts.append("Documents à relire d’abord :\n" + "\n".join(f"- {t}" for t in gap.nearest))
    return "\n\n".join(parts)
