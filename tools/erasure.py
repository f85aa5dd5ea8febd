"""Erasing, as surfaces do it: a preview told in French, then the act, its canary, its proof."""

from __future__ import annotations

import time
from collections.abc import Mapping
from uuid import UUID

from core.context import Context
from core.errors import VoltaireError
from core.formats import NBSP, format_number
from crm import erasure
from crm.erasure import Certificate, Preview, Subject
from knowledge.search import search

CANARY_S = 5.0
LABELS = {
    "chunks": "passages de documents", "vectors": "vecteurs de recherche",
    "versions": "versions de documents", "files": "fichiers d’origine",
    "raw_mails": "messages bruts", "tender_files": "pièces d’appels d’offres",
    "set_aside": "courriels mis de côté", "checkpoints": "points de reprise",
    "contacts": "contacts", "user_accounts": "comptes d’utilisateurs",
    "answer_proofs": "preuves de réponses", "turns": "questions et réponses",
    "tool_runs": "lectures conservées", "conversations": "conversations",
    "conversation_cards": "cartes de conversations", "feedback": "avis",
    "knowledge_gaps": "questions sans réponse", "emails": "courriels",
    "email_threads": "fils de courriels", "attachments": "pièces jointes",
    "mail_triage": "tris de courriels", "mail_drafts": "brouillons",
    "mail_draft_edits": "corrections de brouillons", "mail_feedback": "avis sur les tris",
    "mail_messages": "messages reçus", "mail_reviews": "non-conformités à décider",
    "reply_drafts": "brouillons approuvés", "meetings": "réunions",
    "meeting_cues": "répliques", "meeting_minutes": "comptes rendus",
    "meeting_transcripts": "transcriptions", "tasks": "tâches", "notes": "notes",
    "non_conformities": "non-conformités", "proposals": "propositions",
    "audit_events": "événements du journal", "outbox": "effets extérieurs",
    "tenders": "appels d’offres", "tender_analyses": "analyses d’appels d’offres",
    "accounts": "clients", "sites": "sites", "contracts": "contrats",
}  # fmt: skip


class NotErased(VoltaireError):
    """Something still names the subject: nothing is certified."""


async def preview_erasure(context: Context, subject: Subject) -> Preview:
    """What would be erased; nothing is."""
    return await erasure.preview(context.database, context.identity, subject)


async def confirm_erasure(
    context: Context, erasure_id: UUID, subject: Subject, digest: str
) -> Certificate:
    """Erase what the preview showed, look for it again everywhere, and certify.

    Raises NotErased when a second look still finds something, or takes too long.
    """
    database, identity = context.database, context.identity
    counts = await erasure.confirm(database, identity, erasure_id, subject, digest)
    started = time.monotonic()
    remaining = await _look_again(context, subject)
    seconds = time.monotonic() - started
    if remaining:
        places = ", ".join(sorted(remaining))
        raise NotErased(
            f"L’effacement est fait, mais une nouvelle recherche trouve encore{NBSP}: {places}. "
            "Recommencez ; si cela persiste, prévenez votre administrateur."
        )
    facts = {
        "certificate": str(erasure_id),
        "firm": identity.tenant_name,
        "kind": subject.kind,
        "subject_digest": erasure.digest_subject(database.secrets, identity, subject),
        "asked_by": str(identity.user_id),
        "done_at": erasure.utc_now(),
        "counts": dict(counts),
        "remaining": 0,
        "checked_s": round(seconds, 3),
    }
    return await erasure.certify(database, identity, erasure_id, facts)


async def _look_again(context: Context, subject: Subject) -> dict[str, int]:
    """The canary: every column for a person, and what a search gives for either."""
    remaining: dict[str, int] = {}
    if subject.kind == "person":
        remaining = await erasure.find_traces(context.database, context.identity, subject)
    for word in subject.words:
        found = await search(context.database, context.identity, word, today=context.today)
        if subject.kind == "document":
            hits = [one for one in found.passages if one.code == word]
        else:
            hits = [one for one in found.passages if word.lower() in one.text.lower()]
        if hits:
            remaining["search"] = len(hits)
    return remaining


def tell_counts(counts: Mapping[str, int]) -> list[str]:
    """One French line by kind, the largest first."""
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [f"- {name_kind(kind)}{NBSP}: {format_number(count)}" for kind, count in ordered]


def name_kind(kind: str) -> str:
    """What a kind of row is called."""
    return LABELS.get(kind.removeprefix("public.").removeprefix("security."), "autres lignes")
