"""The commands for meetings, tenders, notices and mail. Each imports what it needs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.options import UserOption, settings_of_command
from api.terminal import say


def minutes(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FICHIER", help="Transcription .vtt, .srt, .docx, .txt, ou enregistrement."
        ),
    ] = None,
    metadata: Annotated[
        Path | None,
        typer.Option(
            "--metadata",
            "--attendees",
            metavar="JSON",
            help="L’invitation : date, participants, ordre du jour.",
        ),
    ] = None,
    docx: Annotated[Path | None, typer.Option(metavar="SORTIE", help="Écrit le Word.")] = None,
    pdf: Annotated[Path | None, typer.Option(metavar="SORTIE", help="Écrit le PDF.")] = None,
    mail: Annotated[bool, typer.Option("--mail", help="Montre le projet de courriel.")] = False,
    layout: Annotated[
        str | None,
        typer.Option("--layout", metavar="MODÈLE", help="client, negotiation, iso, internal."),
    ] = None,
    template: Annotated[
        Path | None, typer.Option(metavar="DOCX", help="Le modèle Word du cabinet.")
    ] = None,
    export_template: Annotated[
        Path | None,
        typer.Option("--export-template", metavar="DOCX", help="Écrit le modèle Word à adapter."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Écrit le résultat en JSON.")] = False,
) -> None:
    """Établit le compte rendu d’une réunion depuis sa transcription."""
    from api.minutes import MinutesOutputs, write_minutes_here

    outputs = MinutesOutputs(docx, pdf, template, export_template, layout, mail, as_json)
    for line in write_minutes_here(settings_of_command(), file, metadata, outputs):
        say(line)


def tender(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="DOSSIER", help="Archive, dossier ou pièces d’un même dossier."),
    ],
    notice: Annotated[
        Path | None, typer.Option("--notice", metavar="AVIS", help="Avis de marché (JSON).")
    ] = None,
    profile: Annotated[
        Path | None, typer.Option("--profile", metavar="FICHIER", help="Profil du cabinet.")
    ] = None,
    grid: Annotated[
        Path | None, typer.Option("--grid", metavar="FICHIER", help="Barème de décision.")
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option(
            "--export", metavar="SORTIE", help="Écrit matrice, questions, mémoire, fiche."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Écrit l’analyse en JSON.")] = False,
    user: UserOption = None,
) -> None:
    """Lit un dossier d’appel d’offres et rend un verdict argumenté (Go, sous réserve, No-Go)."""
    from api.tender_command import TenderRequest, judge_here

    asked = TenderRequest(tuple(files), notice, profile, grid, as_json, export, user)
    for line in judge_here(settings_of_command(), asked):
        say(line)


def tender_settings(
    profile: Annotated[
        Path | None, typer.Option("--profile", metavar="FICHIER", help="Profil du cabinet (YAML).")
    ] = None,
    grid: Annotated[
        Path | None, typer.Option("--grid", metavar="FICHIER", help="Barème de décision (YAML).")
    ] = None,
    user: UserOption = None,
) -> None:
    """Enregistre le profil du cabinet et sa grille pour les appels d’offres."""
    from api.tender_command import set_preferences_here

    for line in set_preferences_here(settings_of_command(), user, profile, grid):
        say(line)


def watch_market(
    once: Annotated[
        bool, typer.Option("--once", help="Relève les avis publiés depuis le dernier passage.")
    ] = False,
    add: Annotated[
        Path | None,
        typer.Option("--add", metavar="CHEMIN", help="Lit un avis (XML, JSON), ou un dossier."),
    ] = None,
    user: UserOption = None,
    limit: Annotated[int, typer.Option(metavar="N", min=1, max=500, help="Nombre d’avis.")] = 20,
    status: Annotated[
        str | None,
        typer.Option(metavar="STATUT", help="nouveau, conservé, écarté ou converti."),
    ] = None,
) -> None:
    """Montre la veille des avis de marchés ; la relève avec --once, lit des fichiers avec --add."""
    from api.watch_command import add_files_here, list_watch_here, watch_here

    settings = settings_of_command()
    if add is not None:
        lines = add_files_here(settings, user, add)
    elif once:
        lines = watch_here(settings, user)
    else:
        lines = list_watch_here(settings, user, status, limit)
    for line in lines:
        say(line)


def triage(
    path: Annotated[
        Path | None,
        typer.Argument(metavar="CHEMIN", help="Dossier de .eml ou .msg, ou fichier mbox."),
    ] = None,
    poison: Annotated[
        bool, typer.Option("--poison", help="Montre les courriels mis de côté.")
    ] = False,
    replay: Annotated[
        bool, typer.Option("--replay", help="Relance les courriels mis de côté.")
    ] = False,
    mailboxes: Annotated[
        bool, typer.Option("--mailboxes", help="Lit les boîtes configurées, sans attendre.")
    ] = False,
    show: Annotated[
        str | None,
        typer.Option("--show", metavar="NOM", help="Montre un fil, par client ou par objet."),
    ] = None,
    user: UserOption = None,
) -> None:
    """Trie les courriels : résumé, non-conformités, brouillons, propositions."""
    settings = settings_of_command()
    from api.triage import list_poison_here, read_here, replay_here, show_here, triage_here

    if show is not None:
        lines = show_here(settings, show, user)
    elif mailboxes:
        lines = read_here(settings, user)
    elif poison:
        lines = list_poison_here(settings, user)
    elif replay:
        lines = replay_here(settings, user)
    else:
        lines = triage_here(settings, path.resolve() if path else None, user)
    for line in lines:
        say(line)
