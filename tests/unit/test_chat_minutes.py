"""What the chat offers with minutes: every layout, and a button that says all it proposes."""

from __future__ import annotations

from uuid import UUID

import pytest

from agents.meeting_synthesis.output.layouts import LAYOUTS
from chat.minutes import label_wishes, offer_layouts
from core.addresses import API


def test_each_layout_is_a_link_to_its_word_file() -> None:
    told = offer_layouts(UUID(int=7))
    for key in LAYOUTS:
        assert f"({API}/minutes/{UUID(int=7)}/document.docx?layout={key})" in told
    assert "[revue ISO]" in told


@pytest.mark.parametrize(
    ("tasks", "with_article", "told"),
    [
        (2, False, "Proposer 2\u00a0tâches"),
        (1, True, "Proposer 1\u00a0tâche et un article"),
        (0, True, "Proposer un article"),
        (0, False, ""),
    ],
)
def test_the_button_says_what_it_proposes(tasks: int, with_article: bool, told: str) -> None:
    assert label_wishes(tasks, with_article=with_article).replace("\u202f", "\u00a0") == told
