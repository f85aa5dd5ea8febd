"""Lists by pages: `limit` and `offset`, and the address of the next page in the `Link` header."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Depends, Query, Request, Response

Row = TypeVar("Row")
LARGEST_PAGE = 500
FARTHEST = 10_000


@dataclass(frozen=True)
class Page:
    """The part of a list that was asked for."""

    limit: int
    offset: int
    request: Request
    response: Response

    @property
    def reach(self) -> int:
        """How many rows to ask of the database: up to the page, and one to know of a next."""
        return self.offset + self.limit + 1

    def cut(self, rows: Sequence[Row]) -> list[Row]:
        """The page out of the first `reach` rows; the answer then names the next one, if any."""
        end = self.offset + self.limit
        if len(rows) > end and end <= FARTHEST:
            url = self.request.url.include_query_params(limit=self.limit, offset=end)
            self.response.headers["link"] = f'<{url.path}?{url.query}>; rel="next"'
        return list(rows[self.offset : end])


def get_page(
    request: Request,
    response: Response,
    limit: Annotated[
        int, Query(ge=1, le=LARGEST_PAGE, description="Le nombre de lignes, au plus.")
    ] = 100,
    offset: Annotated[
        int, Query(ge=0, le=FARTHEST, description="Le nombre de lignes déjà vues.")
    ] = 0,
) -> Page:
    """The page of the request."""
    return Page(limit, offset, request, response)


PageOf = Annotated[Page, Depends(get_page)]
