"""The `voltaire` command. Each command imports what it needs, so that `ask` starts at once."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.access_cli import keys, users
from api.addin_cli import app as addin
from api.approvals_cli import app as approvals
from api.french import COMMANDS_PANEL, FrenchCommand, FrenchGroup, describe_misuse
from api.import_cli import export_list, import_sheet
from api.terminal import complain, say
from api.twenty_cli import app as twenty
from api.upkeep_cli import COMMANDS as UPKEEP_COMMANDS
from api.upkeep_cli import read_day
from core.errors import InvalidInput, VoltaireError

if TYPE_CHECKING:
    from core.settings import Settings

app = typer.Typer(
    cls=FrenchGroup,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    help="Voltaire, l’assistant des courtiers en énergie.",
)

UserOption = Annotated[
    str | None,
    typer.Option("--user", metavar="ADRESSE", help="Adresse de l’utilisateur qui demande."),
]


@app.command(cls=FrenchCommand, rich_help_panel=COMMANDS_PANEL)
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
    run(_settings().model_copy(update=changes), with_demo=not no_demo)


@app.command(cls=FrenchCommand, rich_help_panel=COMMANDS_PANEL)
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

        answer = ask_here(_settings(), question, user)
    if as_json:
        say(json.dumps(answer, ensure_ascii=False, indent=2))
        return
    from api.answers import terminal_width, write_answer

    say(write_answer(answer, terminal_width()))


@app.command(cls=FrenchCommand, rich_help_panel=COMMANDS_PANEL)
def ingest(
    path: Annotated[Path, typer.Argument(metavar="CHEMIN", help="Dossier de documents à lire.")],
    user: UserOption = None,
) -> None:
    """Lit un dossier de documents dans la base de connaissances."""
    from api.offline import ingest_here

    if not path.is_dir():
        raise InvalidInput(f"« {path} » n’est pas un dossier. Donnez le dossier des documents.")
    for line in ingest_here(_settings(), path.resolve(), user):
        say(line)


@app.command(cls=FrenchCommand, rich_help_panel=COMMANDS_PANEL)
def search(
    query: Annotated[str, typer.Argument(metavar="RECHERCHE", help="Mots, question, référence.")],
    user: UserOption = None,
    limit: Annotated[int, typer.Option(metavar="N", min=1, max=50, help="Nombre de passages.")] = 8,
) -> None:
    """Cherche dans la base de connaissances et montre les meilleurs passages."""
    from api.offline import search_here

    for line in search_here(_settings(), query, user, limit):
        say(line)


@app.command(cls=FrenchCommand, rich_help_panel=COMMANDS_PANEL)
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
    for line in write_minutes_here(_settings(), file, metadata, outputs):
        say(line)


@app.command(cls=FrenchCommand, rich_help_panel=COMMANDS_PANEL)
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

    seed_here(_settings(), replace=replace, accounts=scale)
    say("Le cabinet de démonstration est prêt.")


@app.command(cls=FrenchCommand, rich_help_panel=COMMANDS_PANEL)
def migrate() -> None:
    """Crée la base de données ou la met au schéma actuel."""
    from api.offline import migrate_here

    say(f"La base de données est à jour (révision {migrate_here(_settings())}).")


@app.command(cls=FrenchCommand, rich_help_panel=COMMANDS_PANEL)
def doctor() -> None:
    """Vérifie l’installation et dit quoi faire quand quelque chose manque."""
    from api.doctor import examine

    healthy = True
    for finding in examine(_settings()):
        say(finding.line)
        healthy = healthy and not finding.is_blocking
    if not healthy:
        raise typer.Exit(1)


@app.command(cls=FrenchCommand, rich_help_panel=COMMANDS_PANEL)
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
    report = report_costs(_settings(), by, *days, user, as_csv=as_csv)
    sys.stdout.buffer.write(report + (b"" if as_csv else b"\n"))


@app.command(cls=FrenchCommand, rich_help_panel=COMMANDS_PANEL)
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

    settings = _settings()
    if scope is not None:
        if period is None or limit_eur is None:
            raise InvalidInput(
                "Pour fixer un budget, donnez la portée, la période et la limite en euros, par "
                "exemple : voltaire budgets tenant month 50"
            )
        set_budget_here(settings, user, scope, period, read_amount(limit_eur))
    for line in report_budgets(settings, user):
        say(line)


@app.command(cls=FrenchCommand, rich_help_panel=COMMANDS_PANEL)
def worker() -> None:
    """Fait seulement les tâches de fond, sans page ni API."""
    from api.offline import work_here

    work_here(_settings())


@app.command(cls=FrenchCommand, rich_help_panel=COMMANDS_PANEL)
def executor(
    attached: Annotated[
        bool, typer.Option("--attached", help="S’arrête avec le processus qui l’a lancé.")
    ] = False,
) -> None:
    """Exécute les modifications approuvées, dans un processus à part."""
    from api.executor import execute_here

    execute_here(_settings(), attached=attached)


audit = typer.Typer(
    cls=FrenchGroup, no_args_is_help=True, help="Journal des modifications du cabinet."
)
app.add_typer(audit, name="audit", rich_help_panel=COMMANDS_PANEL)
app.add_typer(approvals, name="approvals", rich_help_panel=COMMANDS_PANEL)
app.add_typer(keys, name="keys", rich_help_panel=COMMANDS_PANEL)
app.add_typer(users, name="users", rich_help_panel=COMMANDS_PANEL)
app.add_typer(addin, name="addin", rich_help_panel=COMMANDS_PANEL)
app.add_typer(twenty, name="twenty", rich_help_panel=COMMANDS_PANEL)
for upkeep in UPKEEP_COMMANDS:
    app.command(cls=FrenchCommand, rich_help_panel=COMMANDS_PANEL)(upkeep)
app.command(name="import", cls=FrenchCommand, rich_help_panel=COMMANDS_PANEL)(import_sheet)
app.command(name="export", cls=FrenchCommand, rich_help_panel=COMMANDS_PANEL)(export_list)


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

    lines, is_whole = verify_here(_settings(), user, head)
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

    for line in show_here(_settings(), record, user):
        say(line)


@app.command(cls=FrenchCommand, rich_help_panel=COMMANDS_PANEL)
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
    for line in judge_here(_settings(), asked):
        say(line)


@app.command(name="tender-settings", cls=FrenchCommand, rich_help_panel=COMMANDS_PANEL)
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

    for line in set_preferences_here(_settings(), user, profile, grid):
        say(line)


@app.command(name="watch", cls=FrenchCommand, rich_help_panel=COMMANDS_PANEL)
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
        typer.Option(metavar="STATUT", help="new, kept, dismissed ou converted."),
    ] = None,
) -> None:
    """Montre la veille des avis de marchés ; la relève avec --once, lit des fichiers avec --add."""
    from api.watch_command import add_files_here, list_watch_here, watch_here

    settings = _settings()
    if add is not None:
        lines = add_files_here(settings, user, add)
    elif once:
        lines = watch_here(settings, user)
    else:
        lines = list_watch_here(settings, user, status, limit)
    for line in lines:
        say(line)


@app.command(cls=FrenchCommand, rich_help_panel=COMMANDS_PANEL)
def gaps(
    draft: Annotated[
        str | None,
        typer.Option("--draft", metavar="ID", help="Propose un article pour cette question."),
    ] = None,
    user: UserOption = None,
) -> None:
    """Montre les questions restées sans réponse ; propose un article avec --draft."""
    from api.knowledge_command import gaps_here

    for line in gaps_here(_settings(), user, draft):
        say(line)


@app.command(cls=FrenchCommand, rich_help_panel=COMMANDS_PANEL)
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

    for line in feedback_here(_settings(), user, keep, drop, export):
        say(line)


@app.command(cls=FrenchCommand, rich_help_panel=COMMANDS_PANEL)
def contradictions(
    again: Annotated[
        bool, typer.Option("--again", help="Compare d’abord les documents en vigueur.")
    ] = False,
    user: UserOption = None,
) -> None:
    """Montre les contradictions trouvées entre les documents en vigueur."""
    from api.knowledge_command import contradictions_here

    for line in contradictions_here(_settings(), user, again=again):
        say(line)


@app.command(name="eval", cls=FrenchCommand, rich_help_panel=COMMANDS_PANEL)
def evaluate(
    suites: Annotated[
        list[str] | None,
        typer.Argument(metavar="SUITES", help="portfolio, knowledge, retrieval… (toutes sinon)."),
    ] = None,
) -> None:
    """Mesure la qualité des réponses ; échoue sous les seuils."""
    _settings()
    from evals.runner import run

    raise typer.Exit(run(tuple(suites or ())))


@app.command(cls=FrenchCommand, rich_help_panel=COMMANDS_PANEL)
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
    settings = _settings()
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


@app.command(cls=FrenchCommand, rich_help_panel=COMMANDS_PANEL)
def demo() -> None:
    """Fait la visite guidée dans le terminal."""
    settings = _settings()
    from api.tour import run

    raise typer.Exit(run(settings))


def main() -> None:
    """Run the command; errors are one French message on the error output, without traceback."""
    try:
        code = app(standalone_mode=False)
    except VoltaireError as error:
        complain(error.message)
        code = 1
    except typer.TyperException as error:
        code = _report_misuse(error)
    except (typer.Abort, KeyboardInterrupt):
        complain("Interrompu.")
        code = 130
    except BrokenPipeError:
        sys.stderr.close()
        code = 1
    sys.exit(code if isinstance(code, int) else 0)


def _settings() -> Settings:
    """The settings, once every library is kept from calling out."""
    import logging

    from core.settings import get_settings, prepare_process_environment

    prepare_process_environment()
    settings = get_settings()
    logging.basicConfig(level=settings.log_level.upper())
    return settings


def _report_misuse(error: typer.TyperException) -> int:
    if type(error).__name__ == "NoArgsIsHelpError":
        say(error.format_message())
        return 0
    complain(describe_misuse(error))
    return 2


if __name__ == "__main__":
    main()
