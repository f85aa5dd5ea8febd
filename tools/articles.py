"""What surfaces do with the articles of the knowledge base: find one, propose a decision on it."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from uuid import UUID

from core.context import Context
from core.errors import InvalidInput, NotFound
from core.formats import NBSP, format_date, join_words
from core.words import fold
from crm.articles import TO_WRITE, Article, ArticleStatus, list_articles
from crm.changes import ChangeDraft, Value
from crm.proposals.canonical import Change, Origin
from crm.proposals.submission import Submission, propose_one

ORIGIN = Origin("article", "rules", False, None, None)
FIRST_LABEL = "1.0"
MOST_NAMED = 5
UNKNOWN = (
    "Aucun article «{nbsp}{title}{nbsp}» dans la base de connaissances. Vérifiez son titre par "
    "«{nbsp}Quels articles sont en brouillon{nbsp}?{nbsp}»."
)
TO_ANSWER = (
    "La réponse de l’article «{nbsp}{title}{nbsp}» reste à rédiger. Écrivez d’abord{nbsp}: "
    "Remplacez le texte de l’article «{nbsp}{title}{nbsp}» par{nbsp}: votre réponse."
)
PUT_NEXT = (
    "L’article est en brouillon{nbsp}: aucune réponse ne le cite. Pour qu’il serve, écrivez"
    "{nbsp}: Mettez en vigueur l’article «{nbsp}{title}{nbsp}»."
)
READ_NEXT = (
    "L’article sera cité à la prochaine lecture des documents, dans dix minutes au plus "
    f"(«{NBSP}Relancez la lecture des documents{NBSP}» n’attend pas)."
)


async def find_articles(
    context: Context, statuses: Sequence[ArticleStatus] | None = None
) -> list[Article]:
    """The firm's articles, by title; those of some `statuses` only where they are given."""
    async with context.database.transaction(context.identity) as connection:
        return await list_articles(connection, context.identity.tenant_id, statuses)


async def find_article(context: Context, title: str) -> Article:
    """The article of that title, or the only one whose title holds it.

    Raises NotFound, and InvalidInput where several may be meant.
    """
    wanted = _reduce(title)
    articles = await find_articles(context)
    alike = [one for one in articles if _reduce(one.title) == wanted] or [
        one for one in articles if wanted and wanted in _reduce(one.title)
    ]
    if not alike:
        raise NotFound(UNKNOWN.format(nbsp=NBSP, title=title[:120]))
    if len(alike) > 1:
        named = [f"«{NBSP}{one.title}{NBSP}», version {one.label}" for one in alike[:MOST_NAMED]]
        raise InvalidInput(f"Plusieurs articles répondent à ce titre{NBSP}: {join_words(named)}.")
    return alike[0]


async def get_article(context: Context, article_id: UUID) -> Article:
    """One article; raises NotFound."""
    found = next((one for one in await find_articles(context) if one.id == article_id), None)
    if found is None:
        raise NotFound("Cet article n’existe plus.")
    return found


async def propose_status(
    context: Context,
    article: Article,
    status: ArticleStatus,
    *,
    reason: str,
    on: dt.date | None = None,
) -> Submission:
    """Propose that an article takes a status; like `propose_in_force` and `propose_withdrawal`."""
    match status:
        case "in_force":
            return await propose_in_force(context, article, reason=reason, on=on)
        case "withdrawn":
            return await propose_withdrawal(context, article, reason=reason, on=on)
        case _:
            return await _propose(context, article, {"status": status}, reason)


async def propose_in_force(
    context: Context, article: Article, *, reason: str, on: dt.date | None = None
) -> Submission:
    """Propose that an article holds from `on` (today); nothing is written.

    Raises InvalidInput for one that holds already or whose answer is not written, InvalidChange
    and ChangeNotAllowed.
    """
    if article.is_to_write:
        raise InvalidInput(TO_ANSWER.format(nbsp=NBSP, title=article.title))
    if article.applies(context.today):
        since = f" depuis le {format_date(article.valid_from)}" if article.valid_from else ""
        raise InvalidInput(f"L’article «{NBSP}{article.title}{NBSP}» est déjà en vigueur{since}.")
    start = on or context.today
    fields: dict[str, Value] = {
        "status": "in_force", "valid_from": start.isoformat(), "valid_to": None,
    }  # fmt: skip
    if article.label.startswith("0."):
        fields["document_version"] = FIRST_LABEL
    return await _propose(context, article, fields, reason)


async def propose_withdrawal(
    context: Context, article: Article, *, reason: str, on: dt.date | None = None
) -> Submission:
    """Propose that an article no longer holds from `on` (today), its last day being the eve."""
    start = on or context.today
    fields: dict[str, Value] = {} if start > context.today else {"status": "withdrawn"}
    if article.status == "in_force":
        fields["valid_to"] = (start - dt.timedelta(days=1)).isoformat()
    return await _propose(context, article, fields or {"status": "withdrawn"}, reason)


async def propose_text(context: Context, article: Article, body: str, reason: str) -> Submission:
    """Propose the text of an article."""
    return await _propose(context, article, {"body": body}, reason)


def tell_next(change: Change) -> str:
    """What remains to do once a change of an article is made; empty for any other change."""
    if change.object != "kb_articles":
        return ""
    after = {name: value.after for name, value in change.fields.items()}
    match change.operation, after:
        case "create", {"status": "draft", "title": title, "body": body}:
            told = TO_ANSWER if TO_WRITE in str(body) else PUT_NEXT
            return f" {told.format(nbsp=NBSP, title=title)}"
        case "update", {"status": "in_force"}:
            return f" {READ_NEXT}"
        case _:
            return ""


def _reduce(title: str) -> str:
    return " ".join(fold(title.replace("’", "'")).split()).strip(" ?!.")


async def _propose(
    context: Context, article: Article, fields: dict[str, Value], reason: str
) -> Submission:
    """The same wish on the same day, over the same record, makes one proposal."""
    wished = f"{article.version}\n{sorted(fields.items())}"
    told = f"{context.identity.user_id}\n{context.today}\n{wished}"
    key = f"article:{article.id}:{hashlib.sha256(told.encode()).hexdigest()[:24]}"
    draft = ChangeDraft("update", "kb_articles", fields, reason, key, article.id, is_tainted=False)
    return await propose_one(context, draft, ORIGIN)
