"""The commands of who looks after documents and data. Each imports what it needs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from api.options import UserOption, read_day, settings_of_command
from api.terminal import say
from core.errors import InvalidInput

Named = "CODE[@VERSION]"


def documents(
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="Ce qui valait ce jour-là.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Toutes les versions.")] = False,
    xlsx: Annotated[
        Path | None,
        typer.Option("--xlsx", metavar="FICHIER", help="Écrit la table pour l’auditeur."),
    ] = None,
    reviews: Annotated[
        bool, typer.Option("--reviews", help="Les documents à relire sous trente jours.")
    ] = False,
    unread: Annotated[bool, typer.Option("--unread", help="Ce que vous devez lire.")] = False,
    readers: Annotated[
        str | None, typer.Option("--readers", metavar=Named, help="Qui l’a lu, et qui doit.")
    ] = None,
    changes: Annotated[
        str | None,
        typer.Option("--changes", metavar=Named, help="Ce que la version change de la précédente."),
    ] = None,
    read: Annotated[
        str | None, typer.Option("--read", metavar=Named, help="Confirme que vous l’avez lu.")
    ] = None,
    put_in_force: Annotated[
        str | None,
        typer.Option("--put-in-force", metavar=Named, help="Propose sa mise en vigueur."),
    ] = None,
    withdraw: Annotated[
        str | None, typer.Option("--withdraw", metavar=Named, help="Propose son retrait.")
    ] = None,
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help="À compter de cette date.")
    ] = None,
    user: UserOption = None,
) -> None:
    """Montre les documents en vigueur ; la table de l’auditeur avec --xlsx."""
    from api.documents_command import DocumentsAsked, documents_here

    asked = DocumentsAsked(
        read_day(as_of), every, xlsx, reviews, unread, readers, changes, read, put_in_force,
        withdraw, read_day(on),
    )  # fmt: skip
    for line in documents_here(settings_of_command(), user, asked):
        say(line)


def ingestion(
    again: Annotated[
        bool, typer.Option("--again", help="Relit d’abord le dossier de documents.")
    ] = False,
    user: UserOption = None,
) -> None:
    """Montre ce qui est lu, ce qui ne l’est pas et pourquoi, et de quand cela date."""
    from api.documents_command import ingestion_here

    for line in ingestion_here(settings_of_command(), user, again=again):
        say(line)


def libraries(
    full: Annotated[
        bool, typer.Option("--full", help="Relit tout, au lieu de ce qui a changé.")
    ] = False,
    user: UserOption = None,
) -> None:
    """Lit les bibliothèques SharePoint et OneDrive des réglages, sans attendre."""
    from api.libraries import read_libraries_here

    lines, is_whole = read_libraries_here(settings_of_command(), user, full=full)
    for line in lines:
        say(line)
    if not is_whole:
        raise typer.Exit(1)


def reindex(user: UserOption = None) -> None:
    """Indexe de nouveau les documents qui ne le sont pas, ou le sont par un autre modèle."""
    from api.offline import reindex_here

    say(reindex_here(settings_of_command(), user))


def proof(
    answer: Annotated[str, typer.Argument(metavar="RÉPONSE", help="Identifiant de la réponse.")],
    user: UserOption = None,
) -> None:
    """Rouvre le dossier de preuve d’une réponse et le vérifie ; échoue s’il n’est pas intact."""
    from api.proof_command import proof_here

    text, is_whole = proof_here(settings_of_command(), answer, user)
    say(text)
    if not is_whole:
        raise typer.Exit(1)


def erase(
    person: Annotated[
        list[str] | None,
        typer.Option("--person", metavar="MOTS", help="Nom, adresse, téléphone (répétable)."),
    ] = None,
    document: Annotated[
        str | None, typer.Option("--document", metavar="CODE", help="Un document, par son code.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FICHIER", help="Écrit l’attestation.")
    ] = None,
    verify: Annotated[
        Path | None, typer.Option("--verify", metavar="FICHIER", help="Vérifie une attestation.")
    ] = None,
    user: UserOption = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Lit le mot de passe sur l’entrée standard.")
    ] = False,
) -> None:
    """Efface une personne ou un document : aperçu, confirmation, attestation signée."""
    from api.approving import Credentials
    from api.erase_command import EraseAsked, erase_here, verify_here

    settings = settings_of_command()
    if verify is not None:
        text, is_whole = verify_here(settings, verify)
        say(text)
        if not is_whole:
            raise typer.Exit(1)
        return
    if user is None:
        raise InvalidInput("Donnez l’adresse d’un administrateur avec --user.")
    password = (
        sys.stdin.readline().rstrip("\n")
        if password_stdin
        else str(typer.prompt("Mot de passe\u00a0", hide_input=True))
    )
    asked = EraseAsked(tuple(person or ()), document, output)
    for line in erase_here(settings, Credentials(user, password), asked, _confirm_erasure):
        say(line)


def _confirm_erasure(shown: list[str]) -> bool:
    for line in shown:
        say(line)
    answer = str(typer.prompt("Écrivez EFFACER pour confirmer\u00a0", default="non"))
    return answer.strip() == "EFFACER"


def retention(
    apply: Annotated[
        bool, typer.Option("--apply", help="Le retire maintenant, sans attendre la nuit.")
    ] = False,
    user: UserOption = None,
) -> None:
    """Montre ce qui a dépassé sa durée de conservation ; le retire avec --apply."""
    from api.retention_command import retention_here

    for line in retention_here(settings_of_command(), user, applies=apply):
        say(line)


def impact(user: UserOption = None) -> None:
    """Rejoue les réponses approuvées et montre celles qui changeraient ; échoue s’il y en a."""
    from api.impact_command import impact_here

    lines, is_same = impact_here(settings_of_command(), user)
    for line in lines:
        say(line)
    if not is_same:
        raise typer.Exit(1)


def backup(
    file: Annotated[Path, typer.Argument(metavar="FICHIER", help="Le fichier à écrire, .tar.")],
) -> None:
    """Écrit toute l’installation dans un fichier, sans l’arrêter."""
    from api.backup_command import backup_here

    for line in backup_here(settings_of_command(), file):
        say(line)


def restore(
    file: Annotated[Path, typer.Argument(metavar="FICHIER", help="Le fichier de la sauvegarde.")],
) -> None:
    """Remet en place l’installation d’une sauvegarde, là où il n’y en a pas."""
    from api.backup_command import restore_here

    for line in restore_here(settings_of_command(), file):
        say(line)
