"""The commands that set up, run and check an installation. Each imports what it needs."""

from __future__ import annotations

from typing import Annotated

import typer

from api.options import settings_of_command
from api.terminal import say


def serve(
    host: Annotated[str | None, typer.Option(metavar="HÔTE", help="Adresse d’écoute.")] = None,
    port: Annotated[
        int | None, typer.Option(metavar="PORT", min=0, max=65535, help="Port d’écoute.")
    ] = None,
    no_demo: Annotated[
        bool, typer.Option("--no-demo", help="Ne crée pas le cabinet de démonstration.")
    ] = False,
) -> None:
    """Démarre tout : base de données, page de conversation, API, tâches de fond."""
    from api.server import serve as run

    changes = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    run(settings_of_command().model_copy(update=changes), with_demo=not no_demo)


def worker() -> None:
    """Fait seulement les tâches de fond, sans page ni API."""
    from api.offline import work_here

    work_here(settings_of_command())


def executor(
    attached: Annotated[
        bool, typer.Option("--attached", help="S’arrête avec le processus qui l’a lancé.")
    ] = False,
) -> None:
    """Exécute les modifications approuvées, dans un processus à part."""
    from api.executor import execute_here

    execute_here(settings_of_command(), attached=attached)


def migrate() -> None:
    """Crée la base de données ou la met au schéma actuel."""
    from api.offline import migrate_here

    say(f"La base de données est à jour (révision {migrate_here(settings_of_command())}).")


def seed(
    replace: Annotated[
        bool, typer.Option("--replace", help="Efface d’abord le cabinet de démonstration.")
    ] = False,
    scale: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, max=100_000, help="Nombre de clients à générer."),
    ] = None,
) -> None:
    """Crée le cabinet de démonstration et lit ses documents."""
    from api.offline import seed_here

    seed_here(settings_of_command(), replace=replace, accounts=scale)
    say("Le cabinet de démonstration est prêt.")


def doctor() -> None:
    """Vérifie l’installation et dit quoi faire quand quelque chose manque."""
    from api.doctor import examine

    healthy = True
    for finding in examine(settings_of_command()):
        say(finding.line)
        healthy = healthy and not finding.is_blocking
    if not healthy:
        raise typer.Exit(1)


def demo() -> None:
    """Fait la visite guidée dans le terminal."""
    settings = settings_of_command()
    from api.tour import run

    raise typer.Exit(run(settings))


def evaluate(
    suites: Annotated[
        list[str] | None,
        typer.Argument(metavar="SUITES", help="portfolio, knowledge, retrieval… (toutes sinon)."),
    ] = None,
) -> None:
    """Mesure la qualité des réponses ; échoue sous les seuils."""
    settings_of_command()
    from evals.runner import run

    raise typer.Exit(run(tuple(suites or ())))
