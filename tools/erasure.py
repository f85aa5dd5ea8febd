"""Erasing, as surfaces do it: a preview told in French, then the act, its canary, its proof."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections import Counter
from collections.abc import Mapping
from uuid import UUID

from core.context import Context
from core.formats import NBSP, format_instant, format_number
from crm import erasure
from crm.erasure import Certificate, NotErased, Preview, Subject
from knowledge.search import search

CANARY_S = 5.0
STILL_FOUND = (
    "L’effacement est fait, mais une recherche trouve encore ce qui devait partir, ou n’aboutit "
    f"pas en {CANARY_S:.0f} secondes{NBSP}: aucune attestation n’est signée. Demandez un nouvel "
    f"aperçu et recommencez{NBSP}; si cela persiste, prévenez qui tient l’installation."
)
LABELS = {
    "chunks": "passages de documents", "vectors": "vecteurs de recherche",
    "words": "vecteurs de mots", "versions": "versions de documents", "files": "fichiers d’origine",
    "raw_mails": "messages bruts", "tender_files": "pièces d’appels d’offres",
    "set_aside": "courriels mis de côté", "checkpoints": "points de reprise",
    "jobs": "tâches de fond",
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


async def preview_erasure(context: Context, subject: Subject) -> Preview:
    """What would be erased; nothing is."""
    return await erasure.preview(context.database, context.identity, subject)


async def confirm_erasure(
    context: Context, erasure_id: UUID, subject: Subject, digest: str
) -> Certificate:
    """Erase what the preview showed, see that no search gives it any more, and certify.

    Raises NotErased when something is left (nothing is erased then), or when a search
    still gives the subject or lasts CANARY_S seconds (no certificate then).
    """
    database, identity = context.database, context.identity
    done = await erasure.confirm(database, identity, erasure_id, subject, digest)
    seconds = await _check_unfindable(context, done.subject)
    facts = {
        "certificate": str(erasure_id),
        "firm": identity.tenant_name,
        "kind": subject.kind,
        "subject_digest": erasure.digest_subject(database.secrets, identity, subject),
        "asked_by": str(identity.user_id),
        "done_at": done.at.astimezone(dt.UTC).isoformat(timespec="seconds"),
        "counts": dict(done.counts),
        "remaining": 0,
        "unfindable_after_s": round(seconds, 3),
        "statement": _state(identity.tenant_name, subject, done.at, done.counts),
    }
    return await erasure.certify(database, identity, erasure_id, facts)


def _state(firm: str, subject: Subject, at: dt.datetime, counts: Mapping[str, int]) -> str:
    """What the certificate says to who asked for the erasure; it names nobody."""
    what = "les données d’une personne" if subject.kind == "person" else "un document"
    detail = ", ".join(f"{name} ({format_number(count)})" for name, count in _sum_by_name(counts))
    return (
        f"{firm} atteste avoir effacé {what} de sa base le {format_instant(at)}. Effacé ou masqué"
        f"{NBSP}: {detail or 'rien'}. Une recherche faite aussitôt après n’en a rien retrouvé."
    )


async def _check_unfindable(context: Context, subject: Subject) -> float:
    """The canary: seconds a search took to find nothing of the subject. Raises NotErased."""
    started = time.monotonic()
    try:
        async with asyncio.timeout(CANARY_S):
            is_found = await _is_found(context, subject)
    except TimeoutError as error:
        raise NotErased(STILL_FOUND) from error
    if is_found:
        raise NotErased(STILL_FOUND)
    return time.monotonic() - started


async def _is_found(context: Context, subject: Subject) -> bool:
    for word in subject.words:
        found = await search(context.database, context.identity, word, today=context.today)
        if subject.kind == "document":
            hits = [one.code == word for one in found.passages]
        else:
            hits = [word.lower() in one.text.lower() for one in found.passages]
        if any(hits):
            return True
    return False


def tell_counts(counts: Mapping[str, int]) -> list[str]:
    """One French line by kind, the largest first."""
    return [f"- {name}{NBSP}: {format_number(count)}" for name, count in _sum_by_name(counts)]


def _sum_by_name(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """How many of what bears each name, the most first."""
    summed: Counter[str] = Counter()
    for kind, count in counts.items():
        summed[name_kind(kind)] += count
    return sorted(summed.items(), key=lambda pair: (-pair[1], pair[0]))


def name_kind(kind: str) -> str:
    """What a kind of row is called."""
    return LABELS.get(kind.removeprefix("public.").removeprefix("security."), "autres lignes")
