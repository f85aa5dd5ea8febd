"""The guided tour: a few questions, their answers with sources and timings, in the terminal."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.markdown import Markdown
from rich.panel import Panel
from rich.table import Table

from api.answers import describe_source
from api.instance import find_instance
from core.errors import VoltaireError
from core.formats import NBSP, label_totals
from core.settings import Settings

Ask = Callable[[str], dict[str, Any]]
ROWS_SHOWN = 6
COLUMNS_SHOWN = 6


@dataclass(frozen=True)
class Stop:
    """A question of the tour and what it shows."""

    lesson: str
    question: str


STOPS = (
    Stop("Une liste et ses totaux, calculés dans la base",
         "Quels contrats arrivent à échéance dans les 90 jours ?"),
    Stop("Un calcul par groupes", "Volume annuel des contrats par fournisseur"),
    Stop("La vue d’ensemble d’un client, même mal orthographié",
         "Fais le point sur la verrerie de lescaut"),
    Stop("Un nom qui désigne deux clients : Voltaire demande", "Les contrats de Le Goff"),
    Stop("Une règle interne, citée mot pour mot",
         "Sous quel délai faut-il confiner une non-conformité majeure ?"),
    Stop("Une réglementation, à la date d’aujourd’hui", "Qu’est-ce qui remplace l’ARENH ?"),
    Stop("Un dossier d’appel d’offres",
         "Quels sont les critères d’attribution de l’accord-cadre du Val d’Erdre ?"),
    Stop("Ce que personne ne sait : Voltaire le dit",
         "Quels contrats a la société Dupont-Farges ?"),
)  # fmt: skip


def run(settings: Settings) -> int:
    """Take the tour on the running instance, else on a temporary one; 0 when all went well."""
    console = Console()
    try:
        with _open(settings, console) as ask:
            for number, stop in enumerate(STOPS, 1):
                _show(console, number, stop, ask)
    except VoltaireError as error:
        Console(stderr=True).print(error.message)
        return 1
    console.print(
        Panel("La visite est finie. « make run » ouvre la page de conversation.", expand=False)
    )
    return 0


@contextmanager
def _open(settings: Settings, console: Console) -> Generator[Ask]:
    instance = find_instance(settings.data_dir)
    if instance is not None:
        from api.client import ask_instance

        console.print(f"Visite de l’instance qui tourne ({instance.address}).")
        yield lambda question: ask_instance(instance, question, None)
        return
    console.print("Aucune instance ne tourne : préparation d’une instance temporaire.")
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="visite-", dir=settings.data_dir) as folder:
        Path(folder).chmod(0o755)
        yield from _open_temporary(settings.model_copy(update={"data_dir": Path(folder)}))


def _open_temporary(settings: Settings) -> Generator[Ask]:
    from api.firm import create_demonstration
    from api.offline import ask_here
    from api.terminal import show_progress
    from crm.installation import open_installation

    with open_installation(settings) as installation:
        with show_progress() as progress:
            create_demonstration(installation, progress)
        yield lambda question: ask_here(settings, question, None)


def _show(console: Console, number: int, stop: Stop, ask: Ask) -> None:
    console.rule(f"{number}. {stop.lesson}")
    console.print(f"[bold]{stop.question}[/bold]\n")
    started = time.perf_counter()
    answer = ask(stop.question)
    elapsed = time.perf_counter() - started
    console.print(Markdown(answer["text"]))
    for table in answer["tables"]:
        console.print(draw_table(table))
    for citation in answer["citations"]:
        console.print(f"[dim]{describe_source(citation)}[/dim]", markup=True, soft_wrap=True)
    seconds = f"{elapsed:.2f}".replace(".", ",")
    console.print(f"[dim]{answer['engine']} – {seconds}{NBSP}s[/dim]\n")


def draw_table(table: dict[str, Any]) -> Table:
    """The first rows and columns of an answer's table, then the totals of all the rows."""
    drawn = Table(title=table["title"], title_justify="left")
    for column in table["columns"][:COLUMNS_SHOWN]:
        drawn.add_column(column["label"], justify="right" if column["is_numeric"] else "left")
    for row in table["rows"][:ROWS_SHOWN]:
        drawn.add_row(*row[:COLUMNS_SHOWN])
    if table["totals"]:
        drawn.add_section()
        drawn.add_row(*label_totals(table["totals"])[:COLUMNS_SHOWN], style="bold")
    hidden = table["total_rows"] - min(len(table["rows"]), ROWS_SHOWN)
    if hidden > 0:
        drawn.caption = f"et {hidden} de plus"
    return drawn
