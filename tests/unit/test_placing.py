"""What documents and versions files are when no register says so."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from ingest.placing import (
    NameParts,
    complete,
    default_entries,
    hold_back,
    is_default,
    name_document,
    read_name,
)
from ingest.register import Entry
from knowledge.documents import DocumentRecord, StoredVersion, VersionRecord

Placed = dict[str, tuple[str, str, str]]


def place(*paths: str, taken: frozenset[str] = frozenset()) -> Placed:
    """Code, version and status by path."""
    entries = default_entries(paths, taken)
    return {path: (one.code, one.version, one.status) for path, one in entries.items()}


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("PR-21_Achats v2.0.pdf", NameParts("PR-21", "2.0", "PR-21 Achats")),
        ("PR-21 Achats (version 3).docx", NameParts("PR-21", "3", "PR-21 Achats")),
        ("Relances – rév. 4.md", NameParts(None, "4", "Relances")),
        ("v2 Relances.md", NameParts(None, "2", "Relances")),
        ("qualité/IN-4 V1.2 signé.pdf", NameParts("IN-4", "1.2", "IN-4 signé")),
        ("Grille tarifaire 2025.xlsx", NameParts(None, None, "Grille tarifaire 2025")),
        ("Revue 3 avril.docx", NameParts(None, None, "Revue 3 avril")),
        ("Livraison20v2.txt", NameParts(None, None, "Livraison20v2")),
        ("Offre EDF-2024 v1.pdf", NameParts(None, "1", "Offre EDF-2024")),
        ("CR-12-05.md", NameParts(None, None, "CR-12-05")),
        ("Facture rev 12345.pdf", NameParts(None, None, "Facture rev 12345")),
        ("v2.pdf", NameParts(None, "2", "v2")),
    ],
)
def test_a_name_gives_code_and_version(name: str, parts: NameParts) -> None:
    assert read_name(name) == parts


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("PR-21_Achats v2.0.pdf", "Achats"),
        ("Dépôts/Consignes  d’accueil.txt", "Consignes d’accueil"),
        ("PR-21 v2.pdf", "PR-21 v2"),
        ("Revue (version 3) signée.docx", "Revue signée"),
    ],
)
def test_a_document_without_a_title_is_named_by_its_file(name: str, title: str) -> None:
    assert name_document(name) == title


def test_names_that_differ_by_their_version_are_one_document() -> None:
    assert place("PR-21 Achats v9.docx", "archives/PR-21 Achats v10.0.pdf", "PR-21 Achats.md") == {
        "PR-21 Achats.md": ("PR-21", "1", "superseded"),
        "PR-21 Achats v9.docx": ("PR-21", "9", "superseded"),
        "archives/PR-21 Achats v10.0.pdf": ("PR-21", "10.0", "in_force"),
    }


def test_without_a_code_only_files_of_one_folder_are_versions_of_each_other() -> None:
    assert place("A/Contrat v1.pdf", "B/Contrat v2.pdf", "B/contrat v3.pdf", "Relances v2.md") == {
        "A/Contrat v1.pdf": ("Contrat v1", "1", "in_force"),
        "B/Contrat v2.pdf": ("B/Contrat", "2", "superseded"),
        "B/contrat v3.pdf": ("B/Contrat", "3", "in_force"),
        "Relances v2.md": ("Relances", "2", "in_force"),
    }


def test_a_code_that_several_documents_bear_names_none_of_them() -> None:
    assert place("PR-21 Achats.md", "PR-21 Annexe 1.md", "PR-21 Annexe 2.md") == {
        "PR-21 Achats.md": ("PR-21 Achats", "1", "in_force"),
        "PR-21 Annexe 1.md": ("PR-21 Annexe 1", "1", "in_force"),
        "PR-21 Annexe 2.md": ("PR-21 Annexe 2", "1", "in_force"),
    }
    assert place("PR-21 Achats.md", taken=frozenset({"PR-21"})) == {
        "PR-21 Achats.md": ("PR-21 Achats", "1", "in_force")
    }


@pytest.mark.parametrize("second", ["PR-21 Achats v2.docx", "PR-21 Achats v2.0.pdf"])
def test_one_version_given_twice_stays_two_documents(second: str) -> None:
    placed = place("PR-21 Achats v2.pdf", second, "PR-21 Achats v1.pdf")
    assert len({code for code, _, _ in placed.values()}) == 3
    assert {status for _, _, status in placed.values()} == {"in_force"}


@pytest.mark.parametrize("taken", ["PR-21", "pr-21", "Salaires"])
def test_no_name_gives_a_code_of_the_register(taken: str) -> None:
    placed = place("PR-21 v2.pdf", "Salaires v1.pdf", "Salaires v2.pdf", taken=frozenset({taken}))
    assert taken.casefold() not in {code.casefold() for code, _, _ in placed.values()}
    assert len(placed) == 3


@pytest.mark.parametrize(
    ("code", "label", "is_usual"),
    [
        ("PR-21", "2.0", True),
        ("PR-21 Achats v2.0", "1", True),  # as a name gave it whole
        ("PR-21", "3.0", False),
        ("ACHATS", "2.0", False),
    ],
)
def test_what_names_give_is_told_from_what_a_register_gave(
    code: str, label: str, is_usual: bool
) -> None:
    version = VersionRecord(label, "PR-21 Achats v2.0.md")
    stored = StoredVersion(uuid4(), uuid4(), "0" * 64, DocumentRecord(code, "Achats"), version)
    assert is_default(stored) is is_usual
    closed = replace(stored, document=replace(stored.document, access=("director",)))
    assert not is_default(closed)


def test_a_name_puts_nothing_in_force_beside_an_approved_version() -> None:
    approved = StoredVersion(
        uuid4(), uuid4(), "0" * 64, DocumentRecord("PR-21", "Achats"),
        VersionRecord("1", "PR-21 Achats.md"), is_decided=True,
    )  # fmt: skip
    entries = default_entries(["PR-21 Achats.md", "PR-21 Achats v2.md"])
    held = hold_back(entries, {}, [approved])
    assert {path: one.status for path, one in held.items()} == {"PR-21 Achats v2.md": "in_review"}
    assert hold_back(entries, entries, [approved]) == {}


def test_two_documents_of_one_name_are_named_by_their_folder() -> None:
    placed = place("A/Offre v1.pdf", "A/Offre v2.pdf", "B/Offre v1.pdf", "B/Offre v2.pdf")
    assert {path: code for path, (code, _, _) in placed.items()} == {
        "A/Offre v1.pdf": "A/Offre",
        "A/Offre v2.pdf": "A/Offre",
        "B/Offre v1.pdf": "B/Offre",
        "B/Offre v2.pdf": "B/Offre",
    }


def test_the_register_comes_first() -> None:
    register = {"PR-21 Achats v1.pdf": Entry(file="PR-21 Achats v1.pdf", code="PR-21")}
    entries = complete(register, {"PR-21 Achats v1.pdf", "PR-21 Achats v2.pdf"})
    assert entries["PR-21 Achats v1.pdf"] is register["PR-21 Achats v1.pdf"]
    assert entries["PR-21 Achats v2.pdf"].code == "PR-21 Achats"
