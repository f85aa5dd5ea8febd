"""What users thought of answers, and the review that makes questions for the evaluations of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from psycopg.types.json import Jsonb

from core.context import Identity
from core.database import Database
from core.errors import InvalidInput, NotAllowed, NotFound
from core.roles import KEEPERS

Review = Literal["pending", "kept", "dismissed"]
UNKNOWN_TURN = "Cette réponse n’existe pas, ou elle n’est pas la vôtre."
NOT_ANSWERED = "Cette question n’a pas encore de réponse\u00a0: attendez-la avant de la noter."
NOT_REVIEWER = "Votre rôle ne permet pas de relire les avis. Demandez à la qualité."
UNKNOWN_FEEDBACK = "Cet avis n’existe pas. Rafraîchissez la liste."
COMMENT_CHARS = 2_000

GET_TURN = "SELECT question, answer FROM turns WHERE tenant_id = %s AND id = %s AND user_id = %s"
REMOVE = "DELETE FROM feedback WHERE tenant_id = %s AND turn_id = %s AND user_id = %s"
INSERT = """
INSERT INTO feedback (tenant_id, turn_id, user_id, value, comment, question, answer, sentences)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""
LIST = """
SELECT f.turn_id, f.user_id, u.full_name AS user_name, f.value, f.comment, f.question, f.answer,
    f.sentences, f.given_at, f.review
FROM feedback f JOIN users u ON u.tenant_id = f.tenant_id AND u.id = f.user_id
WHERE f.tenant_id = %(tenant)s AND (%(review)s::text IS NULL OR f.review = %(review)s)
ORDER BY f.given_at DESC, f.turn_id, f.user_id LIMIT %(limit)s
"""
REVIEW = """
UPDATE feedback SET review = %s, reviewed_by = %s, reviewed_at = now()
WHERE tenant_id = %s AND turn_id = %s AND user_id = %s
"""


@dataclass(frozen=True)
class Feedback:
    """An opinion (1 or -1) with what it is about; `sentences` were cited, by document code."""

    turn_id: UUID
    user_id: UUID
    user_name: str
    value: int
    comment: str | None
    question: str
    answer: str
    sentences: Sequence[Mapping[str, str]]
    given_at: dt.datetime
    review: Review


async def give_feedback(
    database: Database, identity: Identity, turn_id: UUID, value: int, comment: str | None
) -> None:
    """Keep the user's opinion of one of their answers; a second one replaces the first.

    Raises NotFound for another's turn, InvalidInput for a value other than 1 and -1, or before
    the answer.
    """
    if value not in (1, -1):
        raise InvalidInput("Un avis est favorable (1) ou défavorable (-1).")
    own = (identity.tenant_id, turn_id, identity.user_id)
    async with database.transaction(identity) as connection:
        row = await (await connection.execute(GET_TURN, own)).fetchone()
        if row is None:
            raise NotFound(UNKNOWN_TURN)
        if row["answer"] is None:
            raise InvalidInput(NOT_ANSWERED)
        await connection.execute(REMOVE, own)
        said = (comment or "").replace("\0", "").strip()[:COMMENT_CHARS] or None
        cited = [
            {"document": c["code"], "sentence": c["quote"]}
            for c in row["answer"].get("citations", [])
            if c.get("kind") == "document"
        ]
        await connection.execute(
            INSERT, (*own, value, said, row["question"], row["answer"]["text"], Jsonb(cited))
        )


async def list_feedback(
    database: Database, identity: Identity, review: Review | None = None, limit: int = 200
) -> list[Feedback]:
    """The opinions that `identity` may see, the latest first."""
    parameters: dict[str, Any] = {"tenant": identity.tenant_id, "review": review, "limit": limit}
    async with database.transaction(identity) as connection:
        rows = await (await connection.execute(LIST, parameters)).fetchall()
    return [Feedback(**row) for row in rows]


async def review_feedback(
    database: Database, identity: Identity, turn_id: UUID, user_id: UUID, review: Review
) -> None:
    """Keep an opinion for the evaluations or set it aside. Raises NotAllowed and NotFound."""
    if not identity.roles & KEEPERS:
        raise NotAllowed(NOT_REVIEWER)
    async with database.transaction(identity) as connection:
        cursor = await connection.execute(
            REVIEW, (review, identity.user_id, identity.tenant_id, turn_id, user_id)
        )
        if cursor.rowcount == 0:
            raise NotFound(UNKNOWN_FEEDBACK)
