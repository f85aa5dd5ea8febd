"""What a draft may draw on beside its thread: the firm's templates of reply, its guides."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from agents.reply_draft.models import Article, Style, Template
from agents.reply_draft.style import LATEST, Forms, learn
from core.context import Context
from crm.mail.drafts import list_forms
from crm.mail.means import list_email_templates, list_guides
from ingest.mail.facts import Category, MailFacts
from ingest.mail.folding import fold

MOST_GUIDES = 4
WORDS = re.compile(r"[^\W\d_]{4,}")
REPLY = re.compile(r"^(?:accuse de reception|reponse)\b|\breponse (?:a|au|aux)\b")
SUBJECTS: tuple[tuple[re.Pattern[str], tuple[Category, ...]], ...] = (
    (re.compile(r"reclamation|non.conformite|litige|contestation"), ("non_conformite",)),
    (re.compile(r"factur|avoir\b"), ("facturation",)),
    (re.compile(r"devis|offre|cotation|consultation"), ("demande_devis",)),
    (re.compile(r"renouvellement|echeance|reconduction"), ("renouvellement",)),
    (re.compile(r"rendez.vous|reunion"), ("rendez_vous",)),
    (re.compile(r"document|piece|attestation"), ("document",)),
    (re.compile(r"raccordement|puissance|comptage|coupure|reseau"), ("technique_grd",)),
    (re.compile(r"contrat|mandat|avenant"), ("contrat",)),
    (re.compile(r"relance"), ("relance",)),
)


@dataclass(frozen=True)
class Library:
    """Templates and guides chosen for one thread, and the forms its author is used to."""

    templates: tuple[Template, ...] = ()
    articles: tuple[Article, ...] = ()
    style: Style = field(default_factory=Style)


async def read_library(context: Context, facts: MailFacts) -> Library:
    """What the user may see and that is in force."""
    tenant_id = context.identity.tenant_id
    asked = " OR ".join(dict.fromkeys(w for a in facts.asks for w in WORDS.findall(a.span.quote)))
    async with context.database.transaction(context.identity) as connection:
        rows = await list_email_templates(connection, tenant_id)
        guides = (
            await list_guides(connection, tenant_id, asked, context.today, MOST_GUIDES)
            if asked
            else []
        )
    style = await read_style(context, facts.language)
    return Library(list_templates(rows), tuple(_article(row) for row in guides), style)


async def read_style(context: Context, language: str) -> Style:
    """What the user's latest replies in a language taught; empty where they bear no one form."""
    identity = context.identity
    async with context.database.transaction(identity) as connection:
        rows = await list_forms(connection, identity.tenant_id, identity.user_id, language, LATEST)
    return learn([Forms(row["greeting"], row["closing"]) for row in rows], language)


def list_templates(rows: Sequence[dict[str, Any]]) -> tuple[Template, ...]:
    """The templates that answer a client, one per category they serve.

    A template says in its name that it is a reply and to what; one that writes to a supplier or
    to a grid operator says neither and opens no reply.
    """
    return tuple(
        Template(row["id"], row["name"], row["body"], row["language"], category)
        for row in rows
        for category in find_categories(row["name"])
    )


def find_categories(name: str) -> tuple[Category, ...]:
    """The categories of mail that a template of this name answers."""
    folded = fold(name)
    if not REPLY.search(folded):
        return ()
    return next((served for words, served in SUBJECTS if words.search(folded)), ())


def _article(row: dict[str, Any]) -> Article:
    title = f"{row['title']}, version {row['document_version']}"
    return Article(str(row["id"]), title, row["body"])
