"""The commands that tell costs, budgets and the audit. Each imports what it needs."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from api.french import COMMANDS_PANEL, FrenchCommand, FrenchGroup
from api.options import UserOption, read_day, settings_of_command
from api.terminal import say
from core.errors import InvalidInput


def costs(
    by: Annotated[
        str, typer.Option(metavar="GROUPE", help="day, use_case, user, record ou model.")
    ] = "day",
    since: Annotated[str | None, typer.Option(metavar="DATE", help="Premier jour.")] = None,
    until: Annotated[str | None, typer.Option(metavar="DATE", help="Dernier jour.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Écrit un fichier CSV.")] = False,
    user: UserOption = None,
) -> None:
    """Montre ce que le modèle a coûté, par jour, usage, utilisateur, dossier ou modèle."""
    from api.costs import report_costs
    from core.ledger.costs import GROUPINGS

    if by not in GROUPINGS:
        raise InvalidInput(f"« {by} » n’est pas un groupe. Choisissez {', '.join(GROUPINGS)}.")
    days = read_day(since), read_day(until)
    report = report_costs(settings_of_command(), by, *days, user, as_csv=as_csv)
    sys.stdout.buffer.write(report + (b"" if as_csv else b"\n"))


def budgets(
    scope: Annotated[
        str | None,
        typer.Argument(metavar="PORTÉE", help="tenant, user, use_case, user:ID, use_case:NOM."),
    ] = None,
    period: Annotated[str | None, typer.Argument(metavar="PÉRIODE", help="day ou month.")] = None,
    limit_eur: Annotated[str | None, typer.Argument(metavar="EUROS", help="La limite.")] = None,
    user: UserOption = None,
) -> None:
    """Montre les budgets du modèle, ou en fixe un (administrateur)."""
    from api.costs import read_amount, report_budgets, set_budget_here

    settings = settings_of_command()
    if scope is not None:
        if period is None or limit_eur is None:
            raise InvalidInput(
                "Pour fixer un budget, donnez la portée, la période et la limite en euros, par "
                "exemple : voltaire budgets tenant month 50"
            )
        set_budget_here(settings, user, scope, period, read_amount(limit_eur))
    for line in report_budgets(settings, user):
        say(line)


audit = typer.Typer(
    cls=FrenchGroup, no_args_is_help=True, help="Journal des modifications du cabinet."
)


@audit.command(cls=FrenchCommand, rich_help_panel=COMMANDS_PANEL)
def verify(
    user: UserOption = None,
    head: Annotated[
        str | None,
        typer.Option(metavar="EMPREINTE", help="Empreinte notée plus tôt, à retrouver."),
    ] = None,
) -> None:
    """Recalcule la chaîne du journal ; échoue si un événement manque ou a changé."""
    from api.audit import verify_here

    lines, is_whole = verify_here(settings_of_command(), user, head)
    for line in lines:
        say(line)
    if not is_whole:
        raise typer.Exit(1)


@audit.command(cls=FrenchCommand, rich_help_panel=COMMANDS_PANEL)
def show(
    record: Annotated[str, typer.Argument(metavar="FICHE", help="Identifiant de la fiche.")],
    user: UserOption = None,
) -> None:
    """Montre ce qui est arrivé à une fiche, avec les accords."""
    from api.audit import show_here

    for line in show_here(settings_of_command(), record, user):
        say(line)
