"""Non-conformities in forty mails whose wordings the rules were not written from.

`python -m evals.mail.wordings` prints the figures, then each mail read otherwise than expected.
"""

from __future__ import annotations

import datetime as dt
import sys
from dataclasses import dataclass

import yaml
from pydantic import TypeAdapter

from agents.non_conformity.detection import detect_by_rules
from agents.non_conformity.models import Detection, Family, Label, Severity
from evals.case_files import FOLDER, CaseModel
from ingest.mail.cleaning import clean_thread
from ingest.mail.links import MailLinks
from ingest.mail.message import MailAddress, MailMessage
from ingest.mail.reading import read_facts

FILE = FOLDER / "mail" / "non_conformites.yaml"
RECEIVED = dt.datetime(2026, 11, 19, 9, 30, tzinfo=dt.UTC)
OWN = frozenset({"cabinet.example"})
LABELS = {
    "found": "écarts trouvés (oui ou revue)",
    "sure": "écarts dits « oui »",
    "precision": "précision des « oui »",
    "major_found": "écarts majeurs trouvés (oui ou revue)",
    "family_right": "familles justes",
    "severity_right": "gravités justes",
    "evidence_right": "preuves à l’endroit attendu",
    "not_reviewed": "courriels décidés sans revue",
}


class WordingCase(CaseModel):
    """A mail and how someone of the trade reads it; `evidence` stands in its body."""

    id: str
    purpose: str
    subject: str
    body: str
    label: Label
    family: Family | None = None
    severity: Severity | None = None
    evidence: str | None = None


@dataclass(frozen=True)
class Read:
    """A case and what the rules found in it."""

    case: WordingCase
    found: Detection

    @property
    def is_due(self) -> bool:
        """Tell whether the mail tells of a deviation."""
        return self.case.label == "oui"

    @property
    def is_evidence_right(self) -> bool:
        """Tell whether the quoted passage and the expected one overlap."""
        quote = squeeze(self.found.evidence.quote) if self.found.evidence else ""
        wanted = squeeze(self.case.evidence or "")
        return bool(quote) and (wanted in quote or quote in wanted)


def squeeze(text: str) -> str:
    """The text with single ordinary spaces."""
    return " ".join(text.split())


def load_wordings() -> list[WordingCase]:
    """The cases, checked."""
    content = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return TypeAdapter(list[WordingCase]).validate_python(content)


def read_wording(case: WordingCase) -> Read:
    """What the rules alone find in a mail received alone, its sender unknown to the CRM."""
    message = MailMessage(
        internet_message_id=f"<{case.id}@client.example>",
        subject=case.subject,
        sender=MailAddress("contact@client.example", "Client"),
        sent_at=RECEIVED,
        to=(MailAddress("equipe@cabinet.example"),),
        text=case.body,
    )
    thread = clean_thread([message])
    facts = read_facts(thread, OWN)
    return Read(case, detect_by_rules(thread, MailLinks(own_domains=OWN), facts))


def measure(reads: list[Read]) -> dict[str, tuple[float, int]]:
    """Each measure's value (0 to 1) and on how many mails."""
    due = [read for read in reads if read.is_due]
    major = [read for read in due if read.case.severity == "major"]
    yes = [read for read in reads if read.found.label == "oui"]
    sure = [read for read in due if read.found.label == "oui"]
    flags = {
        "found": [read.found.label != "non" for read in due],
        "sure": [read.found.label == "oui" for read in due],
        "precision": [read.is_due for read in yes],
        "major_found": [read.found.label != "non" for read in major],
        "family_right": [read.found.family == read.case.family for read in sure],
        "severity_right": [read.found.severity == read.case.severity for read in sure],
        "evidence_right": [read.is_evidence_right for read in sure],
        "not_reviewed": [read.found.label != "incertain" for read in reads],
    }
    return {
        name: (sum(values) / len(values) if values else 0.0, len(values))
        for name, values in flags.items()
    }


def describe_differences(reads: list[Read]) -> str:
    """A line per mail read otherwise than expected: what was wanted, what came, why."""
    lines: list[str] = []
    for read in reads:
        case, found = read.case, read.found
        wanted = (case.label, case.family, case.severity)
        got = (found.label, found.family, found.severity)
        if wanted != got:
            why = " ".join(" / ".join(found.reasons).split())
            lines.append(f"{case.id}: {wanted} -> {got} {why[:200]}")
    return "\n".join(lines)


def main() -> None:
    """Print the figures and the differences."""
    reads = [read_wording(case) for case in load_wordings()]
    for name, (value, count) in measure(reads).items():
        sys.stdout.write(f"{LABELS[name]} : {value:.2f} ({count})\n")
    sys.stdout.write(describe_differences(reads) + "\n")


if __name__ == "__main__":
    main()
