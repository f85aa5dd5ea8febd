"""What can go wrong while reading a notice."""

from __future__ import annotations

from core.errors import InvalidInput


class NoticeUnreadable(InvalidInput):
    """The file is not a notice that can be read."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"L’avis n’a pas pu être lu\u00a0: {reason}. "
            "Téléchargez-le à nouveau depuis son site de publication."
        )
