"""The `voltaire` command. Each command imports what it needs, so that `ask` starts at once."""

from __future__ import annotations

import sys
from collections.abc import Callable

import typer

from api.access_cli import keys, users
from api.accounts_cli import audit, budgets, costs
from api.addin_cli import app as addin
from api.approvals_cli import app as approvals
from api.asking_cli import ask, contradictions, feedback, gaps, ingest, search
from api.desk_cli import minutes, tender, tender_settings, triage, watch_market
from api.french import COMMANDS_PANEL, FrenchCommand, FrenchGroup, describe_misuse
from api.import_cli import export_list, import_sheet
from api.running_cli import demo, doctor, evaluate, executor, migrate, seed, serve, worker
from api.terminal import complain, say
from api.twenty_cli import app as twenty
from api.upkeep_cli import (
    backup,
    documents,
    erase,
    impact,
    ingestion,
    libraries,
    proof,
    reindex,
    restore,
    retention,
)
from core.errors import VoltaireError

app = typer.Typer(
    cls=FrenchGroup,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    help="Voltaire, l’assistant des courtiers en énergie.",
)
GROUPS = {"audit": audit, "approvals": approvals, "keys": keys, "users": users, "addin": addin,
          "twenty": twenty}  # fmt: skip
COMMANDS: dict[str, Callable[..., None]] = {
    "serve": serve, "ask": ask, "ingest": ingest, "search": search, "minutes": minutes,
    "seed": seed, "migrate": migrate, "doctor": doctor, "costs": costs, "budgets": budgets,
    "worker": worker, "executor": executor, "documents": documents, "ingestion": ingestion,
    "libraries": libraries, "reindex": reindex, "proof": proof, "erase": erase,
    "retention": retention, "impact": impact, "import": import_sheet,
    "export": export_list, "tender": tender, "tender-settings": tender_settings,
    "watch": watch_market, "gaps": gaps, "feedback": feedback, "contradictions": contradictions,
    "eval": evaluate, "triage": triage, "backup": backup, "restore": restore, "demo": demo,
}  # fmt: skip
for name, group in GROUPS.items():
    app.add_typer(group, name=name, rich_help_panel=COMMANDS_PANEL)
for name, command in COMMANDS.items():
    app.command(name, cls=FrenchCommand, rich_help_panel=COMMANDS_PANEL)(command)


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


def _report_misuse(error: typer.TyperException) -> int:
    if type(error).__name__ == "NoArgsIsHelpError":
        say(error.format_message())
        return 0
    complain(describe_misuse(error))
    return 2


if __name__ == "__main__":
    main()
