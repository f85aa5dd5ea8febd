"""What the header, footer and identification table of a controlled document say."""

from datetime import date

from demo.documents.source import FIRM, Properties

CONTROLLED_KINDS = frozenset({"manual", "procedure", "instruction", "record", "guide"})
NOTE_KINDS = frozenset({"regulation", "market"})
WARNINGS = {
    "superseded": "Version remplacée : ne plus appliquer.",
    "withdrawn": "Document retiré : ne plus appliquer.",
    "draft": "Projet : ne pas appliquer avant approbation.",
    "in_review": "En relecture : ne pas appliquer avant approbation.",
}
_MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)


def format_date(day: date) -> str:
    """« 1er mars 2025 », with non-breaking spaces."""
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number}\u00a0{_MONTHS[day.month - 1]}\u00a0{day.year}"


def is_external(properties: Properties) -> bool:
    """Written by someone else: a buyer's tender piece, or a paper received and scanned."""
    return properties.kind == "tender" or properties.format == "pdf_scan"


def write_header(properties: Properties) -> str:
    """The running header; a document from outside carries only its own title."""
    if is_external(properties):
        return properties.title
    version = f"{properties.code} · version\u00a0{properties.version}"
    return f"{FIRM} · {version} · {properties.status_label}"


def write_footer(properties: Properties) -> str:
    if is_external(properties):
        return properties.code if properties.kind == "tender" else ""
    return f"{properties.code} – v{properties.version}"


def list_identification(properties: Properties) -> list[tuple[str, str]]:
    """Label and value pairs of the identification table; empty for letters, offers, tenders."""
    if properties.kind in NOTE_KINDS:
        return _list_note_lines(properties)
    if properties.kind not in CONTROLLED_KINDS or is_external(properties):
        return []
    lines = [
        ("Code", properties.code),
        ("Version", f"{properties.version} – {properties.status_label}"),
        ("Pilote", properties.owner_name),
        ("Référentiel", _write_standards(properties)),
        ("Application", _write_period(properties)),
    ]
    if properties.review_due_on and properties.status == "in_force":
        lines.append(("Prochaine revue", format_date(properties.review_due_on)))
    return [(label, value) for label, value in lines if value]


def _list_note_lines(properties: Properties) -> list[tuple[str, str]]:
    lines = [
        ("Référence", f"{properties.code}, version\u00a0{properties.version}"),
        ("Rédaction", properties.owner_name),
        ("Période visée", _write_period(properties)),
        ("Source", properties.source or ""),
    ]
    return [(label, value) for label, value in lines if value]


def _write_standards(properties: Properties) -> str:
    standards = ", ".join(properties.standards)
    return f"{standards}, § {properties.clause}" if properties.clause else standards


def _write_period(properties: Properties) -> str:
    first, last = properties.valid_from, properties.valid_to
    if first and last:
        return f"du {format_date(first)} au {format_date(last)}"
    if first:
        return f"à compter du {format_date(first)}"
    return f"jusqu’au {format_date(last)}" if last else ""
