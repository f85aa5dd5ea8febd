"""The words of the terminal for the watch are French."""

from __future__ import annotations

import pytest

from api.watch_command import STATUSES, read_status
from core.errors import InvalidInput


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("nouveau", "new"),
        ("Conservé", "kept"),
        ("ecarte", "dismissed"),
        (" converti ", "converted"),
    ],
)
def test_a_status_is_given_as_the_list_shows_it(typed: str, name: str) -> None:
    assert read_status(typed) == name


def test_an_unknown_status_is_refused_with_the_french_ones() -> None:
    with pytest.raises(InvalidInput) as refused:
        read_status("kept")
    assert "nouveau, conservé, écarté ou converti" in refused.value.message
    assert not any(name in refused.value.message.partition("Choisissez")[2] for name in STATUSES)
