"""What opens the page of approvals besides its button."""

from __future__ import annotations

import pytest

from chat.approvals import asks_pending


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Que dois-je approuver ?", True),
        ("Qu’ai-je à approuver ce matin ?", True),
        ("Quelles propositions attendent mon accord ?", True),
        ("Quelles modifications attendent mon accord ?", True),
        ("Montre-moi les changements en attente", True),
        ("Approbations", True),
        ("Approbations du comité", False),
        ("Qui doit approuver une offre de plus de 250 000 € ?", False),
        ("Quels contrats attendent une signature ?", False),
        ("Quelles modifications du TURPE en 2026 ?", False),
    ],
)
def test_what_waits_for_an_accord_is_asked_in_words(said: str, expected: bool) -> None:
    assert asks_pending(said) is expected
