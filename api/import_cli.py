"""The commands that bring spreadsheets in and write lists out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.options import UserOption, settings_of_command
from api.terminal import say


def import_sheet(
    path: Annotated[Path, typer.Argument(metavar="FICHIER", help="Un fichier .csv ou .xlsx.")],
    kind: Annotated[
        str | None,
        typer.Option("--as", metavar="FICHES", help="Ce qu’il contient : clients, contrats…"),
    ] = None,
    sheet: Annotated[
        str | None, typer.Option("--sheet", metavar="FEUILLE", help="Feuille du classeur.")
    ] = None,
    apply: Annotated[
        str | None,
        typer.Option("--apply", metavar="EMPREINTE", help="Propose ce que l’aperçu a montré."),
    ] = None,
    user: UserOption = None,
) -> None:
    """Montre ce qu’un tableau créerait ou changerait ; le propose avec --apply."""
    from api.import_command import import_here

    for line in import_here(settings_of_command(), user, path, kind, sheet, apply):
        say(line)


def export_list(
    kind: Annotated[str, typer.Argument(metavar="FICHES", help="clients, contrats, sites…")],
    path: Annotated[Path, typer.Argument(metavar="FICHIER", help="Un fichier .csv ou .xlsx.")],
    user: UserOption = None,
) -> None:
    """Écrit une liste du portefeuille dans un fichier."""
    from api.import_command import export_here

    for line in export_here(settings_of_command(), user, kind, path):
        say(line)
