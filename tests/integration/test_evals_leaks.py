"""The measure of leaks sees one, and finds none in the search."""

from __future__ import annotations

import datetime as dt
from uuid import uuid4

import pytest

from core.context import Identity
from core.database import Database
from evals.benchmarks.corpus import make_pool, make_questions
from evals.benchmarks.loading import load_corpus
from evals.leaks import PEOPLE, TODAY, Found, Pair, draw_pairs, may_read, restrict, try_pairs
from knowledge.passage_embedder import get_passage_embedder
from knowledge.search import SearchFilters

PAIRS, CHUNKS = 200, 400
FIRM = uuid4()
YEAR = dt.timedelta(days=365)


@pytest.mark.parametrize(
    ("roles", "filters", "row", "expected"),
    [
        ({"sales"}, {}, (FIRM, ["sales"], "in_force", None, None), True),
        ({"sales"}, {}, (FIRM, ["all"], "in_force", None, None), True),
        ({"sales"}, {}, (FIRM, ["quality"], "in_force", None, None), False),
        ({"sales"}, {}, (uuid4(), ["sales"], "in_force", None, None), False),
        ({"sales"}, {}, (FIRM, ["sales"], "in_force", TODAY + YEAR, None), False),
        ({"sales"}, {}, (FIRM, ["sales"], "in_force", None, TODAY - YEAR), False),
        ({"sales"}, {}, (FIRM, ["sales"], "superseded", None, None), False),
        ({"sales"}, {"statuses": ("draft",)}, (FIRM, ["sales"], "draft", None, None), False),
        ({"quality"}, {"statuses": ("draft",)}, (FIRM, ["all"], "draft", None, None), True),
        ({"sales"}, {"as_of": TODAY - YEAR}, (FIRM, ["all"], "superseded", None, TODAY), True),
        ({"sales"}, {"as_of": TODAY - YEAR}, (FIRM, ["all"], "superseded", None, None), False),
        ({"sales"}, {"as_of": TODAY - YEAR}, (FIRM, ["all"], "in_force", None, None), True),
        ({"sales"}, {"as_of": TODAY - YEAR}, (FIRM, ["all"], "withdrawn", None, None), False),
    ],
)
def test_what_may_be_read_follows_rights_status_and_dates(
    roles: set[str], filters: dict[str, object], row: tuple[object, ...], expected: bool
) -> None:
    person = Identity(FIRM, uuid4(), frozenset(roles))
    pair = Pair(person, "?", SearchFilters(**filters))  # type: ignore[arg-type]
    assert may_read(pair, row) is expected  # type: ignore[arg-type]


async def test_random_pairs_leak_nothing_and_a_leak_would_be_told(
    database: Database, conninfo: str
) -> None:
    pool = make_pool(300, get_passage_embedder())
    owners, _ = load_corpus(conninfo, pool, CHUNKS, 2, 0)
    versions = restrict(conninfo, seed=1)
    people = [Identity(o.tenant_id, uuid4(), roles) for o in owners for roles in PEOPLE]
    pairs = draw_pairs(people, make_questions(pool, 100), PAIRS, seed=2)
    found = Found()
    await try_pairs(database, pairs, versions, found)
    assert (found.pairs, found.leaks) == (PAIRS, [])
    assert found.passages > PAIRS
    closed = {id_: (row[0], ["nobody"], *row[2:]) for id_, row in versions.items()}
    told = Found()
    await try_pairs(database, pairs, closed, told)  # type: ignore[arg-type]
    assert len(told.leaks) == told.passages == found.passages
