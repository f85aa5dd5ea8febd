"""Groups of roles of a firm's users that several features speak of."""

from __future__ import annotations

KEEPERS = frozenset({"quality", "director"})
"""Who looks after what the firm knows: documents, questions left open, opinions."""
SUPERVISORS = KEEPERS | {"admin"}
OPERATORS = SUPERVISORS | {"sales"}
