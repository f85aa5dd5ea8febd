"""The commands `voltaire keys …` and `voltaire users …`."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import typer

from api.french import COMMANDS_PANEL, FrenchCommand, FrenchGroup
from api.options import settings_of_command
from api.terminal import say
from core.errors import InvalidInput

keys = typer.Typer(
    cls=FrenchGroup, no_args_is_help=True, help="Clés d’API des intégrateurs (administration)."
)
users = typer.Typer(
    cls=FrenchGroup, no_args_is_help=True, help="Comptes des utilisateurs (administration)."
)
Admin = Annotated[
    str,
    typer.Option("--user", metavar="ADRESSE", help="Adresse de l’administrateur qui agit."),
]
RolesOption = Annotated[
    list[str],
    typer.Option("--role", metavar="RÔLE", help="reader, sales, quality, director ou admin."),
]


@keys.command(name="create", cls=FrenchCommand, rich_help_panel=COMMANDS_PANEL)
def create_key(
    user: Admin,
    owner: Annotated[str, typer.Option("--for", metavar="ADRESSE", help="À qui est la clé.")],
    name: Annotated[str, typer.Option(metavar="NOM", help="Ce à quoi elle sert.")],
    scopes: Annotated[
        list[str], typer.Option("--scope", metavar="PORTÉE", help="read ou propose.")
    ],
    days: Annotated[int, typer.Option(metavar="N", help="Durée, en jours.")] = 365,
) -> None:
    """Crée une clé et montre son secret, une seule fois."""
    from api.access.keys import KeyWish
    from api.administering import create_key_here

    _print(create_key_here(settings_of_command(), user, KeyWish(owner, name, scopes, days)))


@keys.command(name="list", cls=FrenchCommand, rich_help_panel=COMMANDS_PANEL)
def list_keys(user: Admin) -> None:
    """Liste les clés du cabinet."""
    from api.administering import list_keys_here

    _print(list_keys_here(settings_of_command(), user))


@keys.command(name="revoke", cls=FrenchCommand, rich_help_panel=COMMANDS_PANEL)
def revoke_key(
    number: Annotated[str, typer.Argument(metavar="NUMÉRO", help="Numéro de la clé.")],
    user: Admin,
) -> None:
    """Révoque une clé, aussitôt."""
    from api.administering import revoke_key_here

    _print(revoke_key_here(settings_of_command(), user, _read_id(number)))


@users.command(name="list", cls=FrenchCommand, rich_help_panel=COMMANDS_PANEL)
def list_users(user: Admin) -> None:
    """Liste les comptes du cabinet."""
    from api.administering import list_users_here

    _print(list_users_here(settings_of_command(), user))


@users.command(name="add", cls=FrenchCommand, rich_help_panel=COMMANDS_PANEL)
def add_user(
    email: Annotated[str, typer.Argument(metavar="ADRESSE", help="Adresse du nouveau compte.")],
    name: Annotated[str, typer.Argument(metavar="NOM", help="Nom complet.")],
    roles: RolesOption,
    user: Admin,
) -> None:
    """Ouvre un compte et montre son mot de passe provisoire."""
    from api.access.users import UserWish
    from api.administering import add_user_here

    _print(add_user_here(settings_of_command(), user, UserWish(email, name, roles)))


@users.command(name="password", cls=FrenchCommand, rich_help_panel=COMMANDS_PANEL)
def reset_password(
    email: Annotated[str, typer.Argument(metavar="ADRESSE", help="Adresse du compte.")],
    user: Admin,
) -> None:
    """Donne un mot de passe provisoire ; les sessions du compte se ferment."""
    from api.administering import reset_password_here

    _print(reset_password_here(settings_of_command(), user, email))


@users.command(name="close", cls=FrenchCommand, rich_help_panel=COMMANDS_PANEL)
def close_user(
    email: Annotated[str, typer.Argument(metavar="ADRESSE", help="Adresse du compte.")],
    user: Admin,
    reopen: Annotated[bool, typer.Option("--reopen", help="Rouvre le compte.")] = False,
) -> None:
    """Ferme un compte, ses sessions et ses clés."""
    from api.administering import set_active_here

    _print(set_active_here(settings_of_command(), user, email, is_active=reopen))


def _read_id(number: str) -> UUID:
    try:
        return UUID(number)
    except ValueError as error:
        raise InvalidInput(
            "Donnez le numéro entier de la clé, tel que « voltaire keys list » le montre."
        ) from error


def _print(lines: list[str]) -> None:
    for line in lines:
        say(line)
