"""What is changed in the page's compiled build is still there to change."""

import re
from pathlib import Path

import pytest

from chat.mounting import (
    FRENCH_IN_BUILD,
    OPINIONS_IN_BUILD,
    find_package,
    prepare_folder,
    translate_build,
)


@pytest.fixture(scope="module")
def build() -> str:
    (script,) = (find_package() / "frontend" / "dist" / "assets").glob("index-*.js")
    return Path(script).read_text(encoding="utf-8")


@pytest.mark.parametrize("found", [*FRENCH_IN_BUILD, *OPINIONS_IN_BUILD])
def test_each_change_finds_its_place_in_the_build(build: str, found: str) -> None:
    assert found in build


def test_opinions_are_offered_on_answers_alone(build: str) -> None:
    changed = translate_build(build)
    assert "t.metadata?.isAnswer?f.jsx(nKn,{message:t})" in changed
    assert changed.count("jsx(nKn,") == 1


SPOKEN = re.compile(r'(?:"aria-label":|"?sr-only",children:|title:)"([A-Z][a-z]+[^"]*)"')
ENGLISH = re.compile(r"\b(?:Toggle|Close|Open|Go|Next|Previous|More|View|Download|Print)\b")


def test_what_a_screen_reader_says_in_the_served_page_is_french(tmp_path: Path) -> None:
    prepare_folder(tmp_path)
    (script,) = (tmp_path / "build" / "assets").glob("index-*.js")
    served = script.read_text(encoding="utf-8")
    said = SPOKEN.findall(served)
    assert "Afficher ou masquer les conversations" in said
    assert [words for words in said if ENGLISH.search(words)] == []
    assert "Toggle Sidebar" not in served
