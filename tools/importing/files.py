"""A spreadsheet file and what importing it would do, away from the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from core.context import Context
from ingest.spreadsheets.grid import Grid, read_grid
from tools.importing.headings import lay_out
from tools.importing.preview import Preview, preview_import


async def preview_file(
    context: Context,
    name: str,
    content: bytes,
    *,
    kind: str | None = None,
    sheet: str | None = None,
    chosen: Mapping[str, str] | None = None,
) -> tuple[Grid, Preview]:
    """The cells of a file and its preview, as records of `kind` where one is named.

    `chosen` imposes what headings fill. Raises UnreadableFile, saying what to do.
    """
    grid = await asyncio.to_thread(read_grid, name, content, sheet)
    layout = await asyncio.to_thread(lay_out, grid, kind, chosen)
    return grid, await preview_import(context, grid, layout)
