"""The commands that ask, search and feed the knowledge base. Each imports what it needs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.options import UserOption, settings_of_command
from api.terminal import say
from core.errors import InvalidInput


def ask(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="La question, en français.")],
    user: UserOption = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Écrit la réponse complète en JSON.")
    ] = False,
) -> None:
    """Pose une question à l’instance qui tourne, ou sur place si aucune ne tourne."""
    import json

    from api.instance import find_instance
    from core.settings import get_settings

    settings = get_settings()
    instance = find_instance(settings.data_dir)
    if instance is not None:
        from api.client import ask_instance

        answer = ask_instance(instance, question, user)
    else:
        from api.offline import ask_here

        answer = ask_here(settings_of_command(), question, user)
    if as_json:
        say(json.dumps(answer, ensure_ascii=False, indent=2))
        return
    from api.answers import terminal_width, write_answer

    say(write_answer(answer, terminal_width()))


def ingest(
    path: Annotated[Path, typer.Argument(metavar="CHEMIN", help="Dossier de documents à lire.")],
    user: UserOption = None,
) -> None:
    """Lit un dossier de documents dans la base de connaissances."""
    from api.offline import ingest_here

    settings = settings_of_command()
    # A folder that is gone may have been read before: only an installation knows.
    is_new = settings.database_url is None and not settings.postgres_dir.exists()
    if path.is_file() or (is_new and not path.is_dir()):
        raise InvalidInput(f"« {path} » n’est pas un dossier. Donnez le dossier des documents.")
    for line in ingest_here(settings, path.resolve(), user):
        say(line)


def search(
    query: Annotated[str, typer.Argument(metavar="RECHERCHE", help="Mots, question, référence.")],
    user: UserOption = None,
    limit: Annotated[int, typer.Option(metavar="N", min=1, max=50, help="Nombre de passages.")] = 8,
) -> None:
    """Cherche dans la base de connaissances et montre les meilleurs passages."""
    from api.offline import search_here

    for line in search_here(settings_of_command(), query, user, limit):
        say(line)


def gaps(
    draft: Annotated[
        str | None,
        typer.Option("--draft", metavar="ID", help="Propose un article pour cette question."),
    ] = None,
    take: Annotated[
        str | None, typer.Option("--take", metavar="ID", help="Vous charge de cette question.")
    ] = None,
    close: Annotated[
        str | None, typer.Option("--close", metavar="ID", help="Dit cette question réglée.")
    ] = None,
    dismiss: Annotated[
        str | None, typer.Option("--dismiss", metavar="ID", help="Écarte cette question.")
    ] = None,
    user: UserOption = None,
) -> None:
    """Montre les questions restées sans réponse, et ce qui semble désormais y répondre."""
    from api.knowledge_command import GapAct, gaps_here

    asked: dict[GapAct, str | None] = {
        "draft": draft, "take": take, "close": close, "dismiss": dismiss,
    }  # fmt: skip
    acts: dict[GapAct, str] = {act: start for act, start in asked.items() if start is not None}
    for line in gaps_here(settings_of_command(), user, acts):
        say(line)


def feedback(
    keep: Annotated[
        str | None, typer.Option("--keep", metavar="ID", help="Garde cet avis pour les mesures.")
    ] = None,
    drop: Annotated[
        str | None, typer.Option("--drop", metavar="ID", help="Écarte cet avis.")
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option("--export", metavar="FICHIER", help="Écrit les avis gardés en questions."),
    ] = None,
    user: UserOption = None,
) -> None:
    """Montre les avis à relire ; les avis gardés deviennent des questions de mesure."""
    from api.knowledge_command import feedback_here

    for line in feedback_here(settings_of_command(), user, keep, drop, export):
        say(line)


def contradictions(
    again: Annotated[
        bool, typer.Option("--again", help="Compare d’abord les documents en vigueur.")
    ] = False,
    confirm: Annotated[
        str | None, typer.Option("--confirm", metavar="ID", help="Confirme cette contradiction.")
    ] = None,
    dismiss: Annotated[
        str | None, typer.Option("--dismiss", metavar="ID", help="Écarte cette contradiction.")
    ] = None,
    user: UserOption = None,
) -> None:
    """Montre les contradictions trouvées entre les documents en vigueur."""
    from api.knowledge_command import contradictions_here
    from crm.contradictions import ReviewStatus

    asked: dict[ReviewStatus, str | None] = {"confirmed": confirm, "dismissed": dismiss}
    reviews: dict[ReviewStatus, str] = {s: start for s, start in asked.items() if start is not None}
    for line in contradictions_here(settings_of_command(), user, reviews, again=again):
        say(line)
