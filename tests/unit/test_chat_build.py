"""What is changed in the page's compiled build is still there to change."""

from pathlib import Path

import pytest

from chat.mounting import FRENCH_IN_BUILD, OPINIONS_IN_BUILD, find_package, translate_build


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
