"""Requests about the articles of the knowledge base: list them, write one, put it in force."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Awaitable, Callable, Sequence

from agents.portfolio_assistant.conversations import Surface
from agents.portfolio_assistant.library import APPROVE, ASK, ORDER, PUT, WITHDRAW
from agents.triage.card import escape_words
from core.context import Context
from core.dates import find_period
from core.formats import NBSP, count_noun, cut_list, format_date
from core.words import fold
from crm.articles import Article, ArticleStatus
from crm.proposals.submission import Submission
from tools import articles

Tell = Callable[[Context, str, Surface], Awaitable[str]]
THE = r"(?:l'|le |cet |ce )(?:article|brouillon(?: d'article| de l'article)?)"
# A title between quotes may hold anything, quotes too; without quotes it goes on to what follows.
TITLE = r" (?:« ?(?P<quoted>.+?) ?»|(?P<bare>[^«»]+?))"
WHEN = r"(?P<when> (?:a compter du|a partir du|des le|le|au|du|pour le) [^«»]+)?"
MOVE = r"(?:met(?:s|tez|tre|tons)|pass(?:e|er|ez|ons))"
PUT_FIRST = re.compile(rf"^{ORDER}(?:{PUT}|publi(?:e|er|ez)) {THE}{TITLE}{WHEN}$")
PUT_LAST = re.compile(rf"^{ORDER}{MOVE} {THE}{TITLE} en vigueur{WHEN}$")
WITHDRAWN = re.compile(rf"^{ORDER}{WITHDRAW} {THE}{TITLE}{WHEN}$")
WRITTEN = re.compile(
    rf"^{ORDER}(?:remplac|modifi|chang|corrig|redig|reecri|complet)\w* (?:le texte|le contenu|la "
    rf"reponse|le corps) de {THE}{TITLE} ?(?:par ?)?: ?(?P<text>.+)$",
    re.DOTALL,
)
STATUS_WORDS: dict[ArticleStatus, str] = {
    "draft": r"(?:en |a l'etat de )?brouillons?|a publier|a mettre en vigueur",
    "in_review": "en relecture|en revue|a valider",
    "in_force": "en vigueur|applicables?|publies?",
    "superseded": "remplaces?",
    "withdrawn": "retires?",
}
STATUS_LABELS: dict[ArticleStatus, tuple[str, str]] = {
    "draft": ("article en brouillon", "articles en brouillon"),
    "in_review": ("article en relecture", "articles en relecture"),
    "in_force": ("article en vigueur", "articles en vigueur"),
    "superseded": ("article remplacé", "articles remplacés"),
    "withdrawn": ("article retiré", "articles retirés"),
}
LISTED = re.compile(
    rf"^(?:{ASK}|combien d'|y a[ -]t[ -]il des )?articles(?: de la base(?: de connaissances?)?)?"
    r"(?: sont| (?:avons|avez)[ -](?:nous|vous)| qui sont)? (?:"
    + "|".join(f"(?P<{status}>{words})" for status, words in STATUS_WORDS.items())
    + ")$"
)
MOST = 60


def find_article_request(question: str) -> Tell | None:
    """What answers a request about an article of the base; None for any other question."""
    asked = _reduce(question)
    if LISTED.search(asked) is not None:
        return tell_articles
    if WRITTEN.search(asked) is not None:
        return tell_text
    if any(pattern.search(asked) for pattern in (PUT_FIRST, PUT_LAST)):
        return tell_in_force
    return tell_withdrawal if WITHDRAWN.search(asked) is not None else None


async def tell_articles(context: Context, question: str, _: Surface) -> str:
    """The articles that stand as asked, and what to do of a draft."""
    match = LISTED.search(_reduce(question))
    named: list[ArticleStatus] = [
        one for one in STATUS_LABELS if match is not None and match[one] is not None
    ]
    status = named[0] if named else "draft"
    found = await articles.find_articles(context, [status])
    singular, plural = STATUS_LABELS[status]
    if not found:
        return f"Aucun {singular} dans la base de connaissances."
    parts = [
        f"**{count_noun(len(found), singular, plural)}**",
        "\n".join(cut_list([_tell_article(one) for one in found], MOST)),
    ]
    if status == "draft":
        order = f"«{NBSP}Mettez en vigueur l’article «{NBSP}…{NBSP}»{NBSP}»"
        parts.append(f"*Aucune réponse ne cite un brouillon. Une fois rédigé{NBSP}: {order}.*")
    return "\n\n".join(parts)


async def tell_in_force(context: Context, question: str, surface: Surface) -> str:
    """Propose that an article comes into force."""
    article, day = await _read_decision(context, question, (PUT_FIRST, PUT_LAST))
    made = await articles.propose_in_force(context, article, reason=_reason(question), on=day)
    return (
        f"La mise en vigueur de l’article «{NBSP}{escape_words(article.title)}{NBSP}», à compter "
        f"du {format_date(day or context.today)}, est proposée{_note_known(made)}. {_wait(surface)}"
    )


async def tell_withdrawal(context: Context, question: str, surface: Surface) -> str:
    """Propose that an article no longer holds."""
    article, day = await _read_decision(context, question, (WITHDRAWN,))
    made = await articles.propose_withdrawal(context, article, reason=_reason(question), on=day)
    return (
        f"Le retrait de l’article «{NBSP}{escape_words(article.title)}{NBSP}», à compter du "
        f"{format_date(day or context.today)}, est proposé{_note_known(made)}. {_wait(surface)}"
    )


async def tell_text(context: Context, question: str, surface: Surface) -> str:
    """Propose the text of an article."""
    match = _match(question, (WRITTEN,))
    article = await articles.find_article(context, _read(question, match, "quoted", "bare"))
    body = _read(question, match, "text").strip()
    await articles.propose_text(context, article, body, _reason(question))
    return (
        f"Le nouveau texte de l’article «{NBSP}{escape_words(article.title)}{NBSP}» est proposé. "
        f"{_wait(surface)}"
    )


async def _read_decision(
    context: Context, question: str, patterns: Sequence[re.Pattern[str]]
) -> tuple[Article, dt.date | None]:
    """The article that a request decides of, and from which day, if it says."""
    match = _match(question, patterns)
    article = await articles.find_article(context, _read(question, match, "quoted", "bare"))
    period = find_period(_read(question, match, "when"), context.today)
    return article, period.start if period is not None else None


def _note_known(made: Submission) -> str:
    return "" if made.is_new else " (la même proposition attendait déjà)"


def _wait(surface: Surface) -> str:
    return f"Rien ne change avant l’accord de la qualité ou de la direction.{APPROVE[surface]}"


def _tell_article(article: Article) -> str:
    parts = [f"- «{NBSP}{escape_words(article.title)}{NBSP}», version {article.label}"]
    if article.is_to_write:
        parts.append("réponse à rédiger")
    parts.append(f"confié à {article.owner_name}" if article.owner_name else "sans responsable")
    return f"{NBSP}; ".join(parts)


def _reduce(question: str) -> str:
    """The request folded, each sign at its place in the request without blanks around."""
    return fold(question.strip()).rstrip(" ?!.")


def _match(question: str, patterns: Sequence[re.Pattern[str]]) -> re.Match[str]:
    asked = _reduce(question)
    return next(match for one in patterns if (match := one.search(asked)) is not None)


def _read(question: str, match: re.Match[str], *names: str) -> str:
    """What a group of the folded request stands for, as it was typed."""
    name = next((one for one in names if match[one] is not None), None)
    if name is None:
        return ""
    end = None if name == "text" else match.end(name)
    return question.strip()[match.start(name) : end]


def _reason(question: str) -> str:
    return " ".join(question.split())[:500]
