"""The mails since a moment, as a broker reads them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from agents.triage.digest import Digest, write_digest
from core.context import PARIS

TODAY = dt.date(2026, 11, 26)


def row(**values: Any) -> dict[str, Any]:
    return {
        "urgency": 1, "subject": "Facture", "account": "Armor", "category": "facturation",
        "non_conformity": None, "severity": None, "draft": None, "next_action": None,
    } | values  # fmt: skip


def digest(
    *rows: dict[str, Any], since: dt.datetime | None = None, **lists: list[dict[str, Any]]
) -> str:
    since = since or dt.datetime(2026, 11, 25, tzinfo=PARIS)
    return write_digest(
        Digest(since, TODAY, rows, lists.get("reviews", []), lists.get("poison", []))
    )


@pytest.mark.parametrize(
    ("since", "told"),
    [
        (dt.datetime(2026, 11, 25, tzinfo=PARIS), "depuis hier, mercredi 25\u00a0novembre 2026"),
        (dt.datetime(2026, 11, 20, tzinfo=PARIS), "depuis le vendredi 20\u00a0novembre 2026"),
        (dt.datetime(2026, 11, 26, 7, 30, tzinfo=PARIS), "depuis le 26/11/2026 à 7\u00a0h\u00a030"),
    ],
)
def test_the_moment_is_said_as_one_says_it(since: dt.datetime, told: str) -> None:
    assert digest(since=since).startswith(f"**Courriels reçus {told}**")
    assert "Aucun courriel trié depuis." in digest(since=since)


def test_each_cell_says_something_in_plain_words() -> None:
    text = digest(
        row(urgency=3, non_conformity="oui", severity="major", draft="placed"),
        row(urgency=None, subject="", account=None, category=None, non_conformity="incertain"),
    )
    lines = [line for line in text.split("\n") if line.startswith("| ")]
    assert "2\u00a0échanges, dont 1 à traiter aujourd’hui." in text
    assert lines[1] == (
        "| aujourd’hui | Facture | Armor | Facturation | majeure | dans votre messagerie | – |"
    )
    assert lines[2] == ("| tri en cours | (sans objet) | non identifié | – | à confirmer | – | – |")
    assert "**Brouillons à relire\u00a0: 1**, dont 1 dans votre messagerie" in text


def test_what_is_late_and_what_was_set_aside_say_what_to_do() -> None:
    review = {"subject": "Compteur muet", "account": None, "reasons": ["Une panne est décrite."]}
    text = digest(
        row(),
        reviews=[review | {"due_on": dt.date(2026, 11, 20)},
                 review | {"due_on": dt.date(2026, 12, 1)}],
        poison=[{}],
    )  # fmt: skip
    assert "aucun ne presse" in text
    assert "(client non identifié), **en retard**, à décider depuis le 20/11/2026" in text
    assert "à décider avant le 01/12/2026\u00a0: Une panne est décrite." in text
    assert "**Courriels mis de côté\u00a0: 1**. ils" not in text
    assert "Ouvrez-les dans votre messagerie" in text
