"""The record that a detection wishes for, as plain data for approval."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import replace

from agents.non_conformity.models import Detection
from crm.changes import ChangeDraft, Value
from ingest.mail.deadlines import add_working_days
from ingest.mail.links import MailLinks

DUE_DAYS = {"major": 10, "minor": 30}
CHECK_DAYS = 90
UNNAMED = "Exigence à préciser lors de l’analyse\u00a0: le courriel n’en nomme aucune."


def make_changes(
    detection: Detection, links: MailLinks, sent_on: dt.date, from_on: dt.date | None = None
) -> Detection:
    """The detection with its wished creation, a draft of the register; none without a client.

    The record is born «draft»: opening, analysing, acting, checking and closing it stay with
    people. It is due in working days from the day of the mail, or from `from_on` where a person
    confirmed it later: nobody is given a day that is over.
    """
    if detection.label != "oui" or links.account is None or detection.evidence is None:
        return detection
    change = ChangeDraft(
        operation="create",
        object="non_conformities",
        fields=_fields(detection, links, sent_on, max(sent_on, from_on or sent_on)),
        reason="Un courriel du client signale un écart à une exigence.",
        key=detection.key,
        evidence=(detection.evidence,),
        is_tainted=True,
    )
    return replace(detection, changes=(change,))


def make_reference(key: str, sent_on: dt.date) -> str:
    """A reference of the register, the same whenever the same incident is met."""
    return f"NC-{sent_on.year}-{hashlib.sha256(key.encode()).hexdigest()[:6].upper()}"


def _fields(
    detection: Detection, links: MailLinks, sent_on: dt.date, from_on: dt.date
) -> dict[str, Value]:
    assert links.account is not None and detection.evidence is not None  # noqa: S101
    contract = links.find_record("contracts")
    steps = {step.name: step.text for step in detection.steps}
    due_on = add_working_days(from_on, DUE_DAYS[detection.severity or "minor"])
    fields: dict[str, Value] = {
        "reference": make_reference(detection.key, sent_on),
        "account_id": str(links.account.id),
        "detected_on": sent_on.isoformat(),
        "source": "email",
        "family": detection.family,
        "severity": detection.severity,
        "requirement": detection.requirement or UNNAMED,
        "evidence": detection.evidence.quote,
        "containment": steps.get("containment"),
        "root_cause": steps.get("root_cause"),
        "corrective_action": steps.get("corrective_action"),
        "due_on": due_on.isoformat(),
        "effectiveness_check_on": (due_on + dt.timedelta(days=CHECK_DAYS)).isoformat(),
        "effectiveness_criterion": steps.get("effectiveness_check"),
        "status": "draft",
    }
    if contract is not None:
        fields["contract_id"] = str(contract.id)
    return fields
