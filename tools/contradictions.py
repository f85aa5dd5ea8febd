"""The words of the register of contradictions, the same on every surface."""

from __future__ import annotations

from collections.abc import Mapping

from crm.contradictions import ContradictionKind, ReviewStatus

NO_CONTRADICTION = "Aucune contradiction entre les documents en vigueur que vous pouvez lire."
KINDS: Mapping[ContradictionKind, str] = {
    "date": "dates", "amount": "montants", "duration": "durées", "duty": "obligations",
}  # fmt: skip
STATUSES: Mapping[ReviewStatus, str] = {
    "proposed": "à relire", "confirmed": "confirmée", "dismissed": "écartée",
}  # fmt: skip
