"""The codes of the accounts in French: what a broker reads where a machine reads the code."""

from __future__ import annotations

import re

USE_CASES = {
    "portfolio_assistant": "Assistant de portefeuille",
    "email_summary": "Résumé de courriel",
    "non_conformity": "Non-conformités",
    "reply_draft": "Brouillon de réponse",
    "meeting_synthesis": "Compte rendu de réunion",
    "tender_scoring": "Analyse d’appel d’offres",
    "doctor": "Essai de l’installation",
}
RECORDS = {
    "emails": "Courriel",
    "email_threads": "Fil de courriels",
    "meetings": "Réunion",
    "tenders": "Appel d’offres",
}
RECORD = re.compile(rf"({'|'.join(RECORDS)}):(.+)")
DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


def label_use_case(code: str) -> str:
    """The use case in French; an unknown code as it is."""
    return USE_CASES.get(code, code)


def label_key(key: str) -> str:
    """The key of a line of costs in French: a use case, a record, a day; others as they are."""
    if record := RECORD.fullmatch(key):
        return f"{RECORDS[record[1]]} {record[2]}"
    if day := DAY.fullmatch(key):
        return f"{day[3]}/{day[2]}/{day[1]}"
    return label_use_case(key)
