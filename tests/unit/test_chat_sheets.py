"""The preview of an import in the conversation: each fate, what is doubtful, nothing that runs."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest

from chat.cards import EMPTY, write_cell
from chat.sheet_cards import NOTHING_TO_DO, NOTHING_WRITTEN, SHOWN, write_done, write_preview
from core.formats import NBSP
from tools.importing.headings import Heading, Layout, Target
from tools.importing.preview import FieldPreview, LinePreview, Preview
from tools.importing.proposing import Proposed, RefusedLine
from tools.importing.telling import find_kind

LAYOUT = Layout("accounts", (Heading(0, "Raison sociale", "", Target("name", "Nom")),), 1)
CITY = FieldPreview("Ville", "Givors", "Lyon")
NAME = FieldPreview("Nom", "–", "Nouvelle Usine")


def make_preview(*lines: LinePreview) -> Preview:
    return Preview(
        "accounts", "Feuille 1", LAYOUT, lines, ("Colonnes non reprises : X.",), "0" * 64
    )


def write_flat(name: str, *lines: LinePreview) -> str:
    return write_preview(name, make_preview(*lines)).replace(NBSP, " ")


def test_each_line_says_what_becomes_of_it_the_refused_first() -> None:
    written = write_flat(
        "clients.csv",
        LinePreview(2, "create", "Nouvelle Usine", changes=(NAME,)),
        LinePreview(3, "update", "Aciéries", changes=(CITY,)),
        LinePreview(4, "create", "Ville de Dijon", changes=(NAME,),
                    remark="Une fiche porte déjà ce nom, avec un autre SIREN."),
        LinePreview(5, "refused", "Mauvaise", reasons=("«\u00a0SIRET\u00a0»\u00a0: faux.",)),
        LinePreview(6, "identical", "Dijon"),
    )  # fmt: skip
    assert written.startswith(
        "**clients.csv** – Clients : 2 à créer, 1 à modifier, 1 identique, 1 refusée. "
        "1 ligne est douteuse : vérifiez-la."
    )
    rows = [line for line in written.splitlines() if line.startswith("| ")][2:]
    assert rows == [
        "| 5 | refusée | Mauvaise | « SIRET » : faux. |",
        "| 3 | à modifier | Aciéries | Ville : Givors → Lyon |",
        "| 4 | à créer, à vérifier | Ville de Dijon | ⚠ Une fiche porte déjà ce nom, avec un autre "
        "SIREN. Nom : Nouvelle Usine |",
        "| 2 | à créer | Nouvelle Usine | Nom : Nouvelle Usine |",
    ]
    assert "Raison sociale → Nom" in written and written.endswith(
        NOTHING_WRITTEN.replace(NBSP, " ")
    )


def test_a_value_of_the_sheet_is_neither_link_nor_column() -> None:
    trap = "![x](https://ailleurs.example/a) | b"
    written = write_flat(f"{trap}.csv", LinePreview(2, "create", trap, changes=(NAME,)))
    assert re.search(r"(?<!\\)[\[\]!]", written) is None
    assert "\\| b" in written


def test_a_cell_stays_on_its_line_and_keeps_the_spaces_that_bind() -> None:
    assert write_cell(f"Nom{NBSP}: A\n\tB  C | D ") == f"Nom{NBSP}: A B C \\| D"
    assert write_cell(" ") == EMPTY


def test_long_lists_are_cut_and_counted() -> None:
    lines = [LinePreview(n, "create", f"C{n}", changes=(NAME,)) for n in range(2, SHOWN + 4)]
    written = write_flat("a.csv", *lines)
    assert written.count("| à créer |") == SHOWN
    assert "… et 2 autres lignes à créer." in written


def test_nothing_to_propose_is_said() -> None:
    written = write_flat("a.csv", LinePreview(2, "identical", "Dijon"))
    assert written.endswith(NOTHING_TO_DO) and "| Ligne |" not in written


def test_what_was_proposed_and_what_was_not() -> None:
    done = Proposed((uuid4(), uuid4()), 1, 0, (RefusedLine(7, "Le texte est vide."),))
    assert write_done(done).replace(NBSP, " ") == (
        "2 propositions faites. 1 ligne déjà dans une proposition.\n"
        "- Ligne 7, refusée : Le texte est vide."
    )


@pytest.mark.parametrize(
    ("said", "kind"),
    [("Importe ces clients", "accounts"), ("Voici mes points de livraison", "delivery_points"),
     ("Regarde", None), ("Les contrats de ces clients", None)],
)  # fmt: skip
def test_words_tell_what_a_sheet_holds(said: str, kind: str | None) -> None:
    assert find_kind(said) == kind
