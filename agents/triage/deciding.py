"""A review decided by a person: «oui» becomes the proposal of a record, in their name."""

from __future__ import annotations

from uuid import UUID

from agents.non_conformity.detection import confirm
from agents.non_conformity.models import Detection, Family
from agents.triage.steps import DETECTION, LINKS
from agents.triage.work import Work, load
from core.context import Context
from core.errors import InvalidInput, NotFound
from crm.mail.waiting import decide_review, find_review
from crm.proposals.canonical import Origin
from crm.proposals.submission import Submission, propose
from ingest.mail.isolation import MailReader

GONE = "Cet examen n’existe pas ou a déjà été tranché."
NO_FAMILY = (
    "Ce courriel ne dit pas de quelle famille est l’écart. Précisez-la\u00a0: facturation, "
    "comptage, contrat, bascule, coupure, prix, délai, données personnelles ou cabinet."
)


class FamilyUnknown(InvalidInput):
    """The mail does not say which family the deviation is of: the one who decides does."""


async def decide(
    context: Context, reader: MailReader, key: str, decision: str, family: Family | None = None
) -> tuple[Submission, ...]:
    """Close a review; «oui» proposes the record first, so that no decision is left without it.

    Nothing is written in the CRM. Raises NotFound, and FamilyUnknown where neither the mail nor
    the user says it.
    """
    tenant_id = context.identity.tenant_id
    async with context.database.transaction(context.identity, "sync_writer") as connection:
        thread_id = await find_review(connection, tenant_id, key)
    if thread_id is None:
        raise NotFound(GONE)
    submitted: tuple[Submission, ...] = ()
    if decision == "oui":
        submitted = await _propose(context, reader, thread_id, family)
    async with context.database.transaction(context.identity, "sync_writer") as connection:
        user_id = context.identity.user_id
        if await decide_review(connection, tenant_id, key, user_id, decision) is None:
            raise NotFound(GONE)
    return submitted


async def _propose(
    context: Context, reader: MailReader, thread_id: UUID, family: Family | None
) -> tuple[Submission, ...]:
    work = await load(context, reader, thread_id)
    if work is None or "detect" not in work.steps:
        raise NotFound(GONE)
    confirmed = await _confirm(work, family)
    made_by = confirmed.provenance
    origin = Origin("email", made_by.engine, made_by.is_model, made_by.prompt_sha256)
    submitted = await propose(context, confirmed.changes, origin)
    work.keep(
        "decision",
        {"label": "oui", "proposals": [str(s.proposal_id) for s in submitted if s.proposal_id],
         "refusals": [s.refusal for s in submitted if s.refusal]},
        {"non_conformity": "oui", "severity": confirmed.severity},
    )  # fmt: skip
    await work.save(is_done=work.is_done)
    return submitted


async def _confirm(work: Work, family: Family | None) -> Detection:
    found = DETECTION.validate_python(work.steps["detect"])
    chosen = family or found.family
    if chosen is None:
        raise FamilyUnknown(NO_FAMILY)
    thread, facts = await work.read()
    links = LINKS.validate_python(work.steps["link"])
    return confirm(found, thread, links, facts, chosen, work.context.today)
