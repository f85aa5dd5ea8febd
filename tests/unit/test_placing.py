"""What documents and versions files are when no register says so."""

from __future__ import annotations

import pytest

from ingest.placing import NameParts, complete, default_entries, name_document, read_name
from ingest.register import Entry

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
