"""The command `voltaire addin manifest`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.french import COMMANDS_PANEL, FrenchCommand, FrenchGroup
from api.terminal import say

app = typer.Typer(cls=FrenchGroup, no_args_is_help=True, help="Complément pour Outlook et Teams.")
WITHOUT_ENTRA = (
    "Sans --client-id, le paquet n’a ni connexion automatique ni recherche dans Teams : chacun se "
    "connectera avec son compte Voltaire."
)


@app.callback()
def addin() -> None:
    """Complément pour Outlook et Teams."""


@app.command(cls=FrenchCommand, rich_help_panel=COMMANDS_PANEL)
def manifest(
    url: Annotated[
        str, typer.Option("--url", metavar="ADRESSE", help="Adresse publique de Voltaire (https).")
    ],
    client_id: Annotated[
        str | None,
        typer.Option("--client-id", metavar="ID", help="Application Entra du complément."),
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", metavar="ZIP", help="Le paquet à écrire.")
    ] = Path("voltaire-addin.zip"),
) -> None:
    """Écrit le paquet à déposer dans le centre d’administration de Microsoft 365."""
    from api.addin_package import make_package
    from api.written import write_file
    from core.settings import get_settings

    chosen = client_id or get_settings().addin_client_id
    package = make_package(url, chosen)
    write_file(output, package)
    say(f"Paquet écrit : {output}")
    if not chosen:
        say(WITHOUT_ENTRA)
