"""The thread that a question means: by a client, a contact, an address or a subject it names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from core.context import Context
from core.words import is_close, tokenize
from crm.mail.triage import list_named_threads
from crm.mentions import Mention, find_mentions

MOST_READ = 500
QUOTED = re.compile(r"[«\"“]\s*([^»\"”]{2,200}?)\s*[»\"”]")
ADDRESS = re.compile(r"[\w.+-]+@[\w.-]+\.\w+")
IDLE = frozenset(
    """le la les un une des du de d l au aux a et ou en sur pour par avec chez dans mon ma mes nos
    notre votre vos ce cet cette son sa ses moi nous vous je tu il on me te se qu que qui quoi quel
    quelle est sont montre montrez affiche ouvre ouvrez ouvrir lis lire lisez voir vois donne donnez
    resume resumer resumez synthese prepare preparer preparez redige redigez reponds repondez
    repondre reponse reponses brouillon brouillons courriel courriels mail mails email emails e
    message messages fil fils objet client dernier derniere derniers dit demande veut parle attend
    projet propose proposee preparee ecris fais faire point echange echanges conversation s t y
    monsieur madame m mme svp stp merci""".split()
)


@dataclass(frozen=True)
class Found:
    """The threads that fit, the latest first. `names` are the clients that a name may mean where
    it fits several; `said` is what was looked for."""

    threads: tuple[dict[str, Any], ...]
    names: tuple[tuple[str, str], ...] = ()
    said: str = ""
    accounts: tuple[UUID, ...] = ()


async def find_threads(context: Context, question: str) -> Found:
    """The threads that `question` names, of those the user may see; none where it names none."""
    tenant_id = context.identity.tenant_id
    async with context.database.transaction(context.identity) as connection:
        rows = await list_named_threads(connection, tenant_id, MOST_READ)
        mentions = (await find_mentions(connection, question)).found
    return choose_threads(question, rows, mentions)


def choose_threads(
    question: str, rows: Sequence[dict[str, Any]], mentions: Sequence[Mention]
) -> Found:
    """The rows that fit best: the subject between quotation marks, the address, the client or
    contact named, else the words left. Pure."""
    if (address := ADDRESS.search(question)) is not None:
        said = address.group().lower()
        return Found(tuple(row for row in rows if said in row["senders"]), said=said)
    named = [m for m in mentions if m.kind in ("account", "contact")]
    meant = [one for mention in named for one in mention.candidates]
    accounts = tuple(c.record_id for c in meant if c.kind == "account" and c.record_id)
    contacts = {c.record_id for c in meant if c.kind == "contact"}
    ours = [r for r in rows if r["account_id"] in accounts or contacts & set(r["contacts"])]
    said = " ".join(m.text for m in named)
    if (quoted := QUOTED.search(question)) is not None:
        within = ours if named else list(rows)
        return Found(tuple(_of_subject(quoted[1], within)), said=quoted[1], accounts=accounts)
    if named:
        met = {r["account_id"]: r["account"] for r in ours if r["account_id"] in accounts}
        names = tuple((m.text, str(name)) for m in named[:1] for name in met.values())
        return Found(tuple(ours), names if len(met) > 1 else (), said, accounts)
    words = [t.form for t in tokenize(question) if t.form not in IDLE]
    return Found(tuple(_of_words(words, rows)), said=" ".join(words))


def _of_subject(said: str, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    wanted = [token.form for token in tokenize(said)]
    exact = [row for row in rows if [t.form for t in tokenize(row["subject"])] == wanted]
    return exact or _of_words(wanted, rows)


def _of_words(words: Sequence[str], rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows whose subject, client or senders hold all the words, slips of the pen allowed."""
    return [row for row in rows if words and all(_holds(row, word) for word in words)]


def _holds(row: dict[str, Any], word: str) -> bool:
    told = " ".join((row["subject"], row["account"] or "", *row["senders"]))
    forms = re.findall(r"[0-9a-z]+", " ".join(token.form for token in tokenize(told)))
    return any(form == word or is_close(word, form) for form in forms)
