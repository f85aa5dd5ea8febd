"""References to the law found in a broker's words, and what only looks like one."""

from __future__ import annotations

import pytest

from core.legal import find_legal_references


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Que dit l’article L224-11\u00a0?", ["article L224-11"]),
        ("les articles L. 224-11 et R. 174-22", ["articles L. 224-11 et R. 174-22"]),
        ("selon l’art. 1103 du code civil", ["art. 1103"]),
        ("l’article L-224-11", ["article L-224-11"]),
        ("nos contrats et L224-11", ["L224-11"]),
        ("r174-22", ["r174-22"]),
        ("la loi n°\u00a02019-1147", ["loi n°\u00a02019-1147"]),
        ("le décret 2019-771", ["décret 2019-771"]),
        ("le règlement (UE) 2019/943", ["règlement (UE) 2019/943"]),
        ("CT-2026-0004, AO 2026-014, A-2026-12, NC-2026-031", []),
        ("le lot L2, 36 kVA, un site C4, D 2026-12", []),
    ],
)
def test_the_law_is_told_from_a_record(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in find_legal_references(text)] == expected
