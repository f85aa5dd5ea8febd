"""The commands `voltaire twenty …`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

from api.french import COMMANDS_PANEL, FrenchCommand, FrenchGroup
from api.options import settings_of_command
from api.terminal import say

app = typer.Typer(
    cls=FrenchGroup,
    no_args_is_help=True,
    help="Synchronisation avec Twenty CRM (voir docs/connecteur-twenty.md).",
)


@app.command(cls=FrenchCommand, rich_help_panel=COMMANDS_PANEL)
def setup() -> None:
    """Crée dans Twenty les objets, les champs et le webhook qui manquent, et ouvre la liaison."""
    from api.twenty_command import set_up_here

    _print(set_up_here(settings_of_command()))


@app.command(cls=FrenchCommand, rich_help_panel=COMMANDS_PANEL)
def sync(
    full: Annotated[
        bool, typer.Option("--full", help="Relit tout, et remarque les suppressions.")
    ] = False,
) -> None:
    """Lit ce qui a changé dans Twenty, sans attendre le prochain passage."""
    from api.twenty_command import sync_here

    _print(sync_here(settings_of_command(), full=full))


@app.command(cls=FrenchCommand, rich_help_panel=COMMANDS_PANEL)
def status(
    limit: Annotated[
        int, typer.Option(metavar="N", min=1, max=1000, help="Nombre de fiches à montrer.")
    ] = 50,
) -> None:
    """Montre où en est la liaison, les fiches refusées et celles supprimées dans Twenty."""
    from api.twenty_command import show_status_here

    _print(show_status_here(settings_of_command(), limit))


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        say(line)
