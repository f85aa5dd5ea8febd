"""The commands `voltaire approvals …`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from api.french import COMMANDS_PANEL, FrenchCommand, FrenchGroup
from api.options import settings_of_command
from api.terminal import say
from core.errors import InvalidInput

if TYPE_CHECKING:
    from api.approving import Credentials

app = typer.Typer(
    cls=FrenchGroup,
    no_args_is_help=True,
    help="Modifications en attente de votre accord (votre mot de passe est demandé).",
)
UserOption = Annotated[
    str, typer.Option("--user", metavar="ADRESSE", help="Votre adresse.", show_default=False)
]
StdinOption = Annotated[
    bool,
    typer.Option("--password-stdin", help="Lit le mot de passe sur l’entrée standard."),
]
Number = Annotated[
    str, typer.Argument(metavar="NUMÉRO", help="Numéro de la proposition, ou son début.")
]


@app.command(name="list", cls=FrenchCommand, rich_help_panel=COMMANDS_PANEL)
def list_waiting(user: UserOption, password_stdin: StdinOption = False) -> None:
    """Liste les modifications en attente."""
    from api.approving import list_here

    _print(list_here(settings_of_command(), _sign(user, password_stdin)))


@app.command(cls=FrenchCommand, rich_help_panel=COMMANDS_PANEL)
def show(number: Number, user: UserOption, password_stdin: StdinOption = False) -> None:
    """Montre une modification : avant, après, motif, preuves."""
    from api.approving import show_here

    _print(show_here(settings_of_command(), _sign(user, password_stdin), number))


@app.command(cls=FrenchCommand, rich_help_panel=COMMANDS_PANEL)
def approve(
    numbers: Annotated[list[str], typer.Argument(metavar="NUMÉROS", help="Une ou plusieurs.")],
    user: UserOption,
    password_stdin: StdinOption = False,
    digest: Annotated[
        str | None,
        typer.Option(
            metavar="EMPREINTE",
            help="Empreinte affichée à la lecture ; sans elle, la liste est montrée d’abord.",
        ),
    ] = None,
) -> None:
    """Montre des modifications d’un même client, puis les approuve : toutes ou aucune."""
    from api.approving import approve_here

    confirm = None if password_stdin else _confirm
    _print(
        approve_here(settings_of_command(), _sign(user, password_stdin), numbers, digest, confirm)
    )


@app.command(cls=FrenchCommand, rich_help_panel=COMMANDS_PANEL)
def reject(
    number: Number,
    user: UserOption,
    reason: Annotated[str, typer.Option("--reason", metavar="MOTIF", help="Lu par l’auteur.")],
    password_stdin: StdinOption = False,
) -> None:
    """Refuse une modification."""
    from api.approving import reject_here

    _print(reject_here(settings_of_command(), _sign(user, password_stdin), number, reason))


@app.command(cls=FrenchCommand, rich_help_panel=COMMANDS_PANEL)
def undo(number: Number, user: UserOption, password_stdin: StdinOption = False) -> None:
    """Propose l’annulation d’une modification effectuée."""
    from api.approving import undo_here

    _print(undo_here(settings_of_command(), _sign(user, password_stdin), number))


@app.command(cls=FrenchCommand, rich_help_panel=COMMANDS_PANEL)
def retry(number: Number, user: UserOption, password_stdin: StdinOption = False) -> None:
    """Relance un brouillon qui n’a pas pu être déposé dans la messagerie."""
    from api.approving import retry_here

    _print(retry_here(settings_of_command(), _sign(user, password_stdin), number))


def _sign(user: str, password_stdin: bool) -> Credentials:
    from api.approving import Credentials

    if password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = str(typer.prompt("Mot de passe\u00a0", hide_input=True))
    if not password:
        raise InvalidInput("Le mot de passe est vide.")
    return Credentials(user, password)


def _confirm(shown: list[str]) -> bool:
    _print(shown)
    answer = str(typer.prompt("Approuver ce qui est montré, oui ou non\u00a0", default="non"))
    return answer.strip().lower() in ("o", "oui")


def _print(lines: list[str]) -> None:
    for line in lines:
        say(line)
