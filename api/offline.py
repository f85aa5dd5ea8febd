"""The commands that work on the data folder itself, without a running instance."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from api.auth import Gatekeeper
from api.firm import create_demonstration
from api.reports import describe_passage, describe_report
from api.services import build_clock, build_engine, build_services
from api.terminal import say, show_progress
from core.context import PARIS, Context, Identity
from core.errors import InvalidInput, NotFound
from core.formats import count_noun
from core.settings import Settings
from crm.firms import find_leader, has_firm
from crm.installation import Installation, open_installation
from crm.migrations.runner import current_revision

Result = TypeVar("Result")
NO_FIRM = "La base ne contient aucun cabinet. Lancez « voltaire seed » ou « voltaire serve »."
FIRM_EXISTS = (
    "La base contient déjà un cabinet. Pour recréer celui de démonstration, ajoutez --replace : "
    "ses données actuelles seront effacées."
)


def ask_here(settings: Settings, question: str, user: str | None) -> dict[str, Any]:
    """The answer given in this process, in the form the API gives it."""
    return run_here(settings, user, partial(_ask, question=question))


def ingest_here(settings: Settings, path: Path, user: str | None) -> list[str]:
    """Read the documents of `path`; the lines tell what was read and what could not be."""
    return run_here(settings, user, partial(_ingest, path=path))


def ingest_again_here(settings: Settings, user: str | None) -> list[str]:
    """Read again the documents folder and each folder read before."""
    return run_here(settings, user, _ingest_again)


def reindex_here(settings: Settings, user: str | None) -> str:
    """Index again what is not, or is by another model; how many versions were."""
    return run_here(settings, user, _reindex)


def search_here(settings: Settings, query: str, user: str | None, limit: int) -> list[str]:
    """The best passages for `query`, written for the terminal."""
    return run_here(settings, user, partial(_search, query=query, limit=limit))


def seed_here(settings: Settings, *, replace: bool, accounts: int | None) -> None:
    """Make the demonstration firm. Raises VoltaireError when one is there and not replaced."""
    with open_installation(settings) as installation:
        if has_firm(installation.admin_conninfo) and not replace:
            raise NotFound(FIRM_EXISTS)
        with show_progress() as progress:
            remarks = create_demonstration(
                installation, progress, accounts=accounts, replace=replace
            )
    for line in remarks:
        say(line)


def migrate_here(settings: Settings) -> str:
    """Bring the database to the present schema; the revision it is at."""
    with open_installation(settings) as installation:
        return current_revision(installation.admin_conninfo) or ""


def work_here(settings: Settings) -> None:
    """Take jobs until told to stop."""
    from api.job_queue import build_jobs
    from api.services import build_services
    from api.stopping import stoppable
    from api.worker import run_worker

    with stoppable(), open_installation(settings) as installation:
        leader = get_leader(installation)
        jobs, _ = build_jobs(build_services(installation), leader)
        asyncio.run(run_worker(jobs))


def get_leader(installation: Installation) -> Identity:
    """Who leads the first firm. Raises NotFound where there is none."""
    leader = find_leader(installation.admin_conninfo)
    if leader is None:
        raise NotFound(NO_FIRM)
    return leader


async def _ask(installation: Installation, identity: Identity, question: str) -> dict[str, Any]:
    from api.routes.ask import collect_answer

    services = build_services(installation)
    events = services.assistant.ask(identity, question, surface="cli")
    return (await collect_answer(events)).model_dump(mode="json")


async def _ingest(installation: Installation, identity: Identity, path: Path) -> list[str]:
    from ingest.asking import check_reader
    from ingest.folder import ingest_folder

    check_reader(identity)
    with show_progress() as progress:
        report = await ingest_folder(
            installation.database,
            identity,
            path,
            workers=installation.settings.ingest_workers,
            progress=progress.stage("Lecture des documents"),
        )
    return describe_report(report)


async def _ingest_again(installation: Installation, identity: Identity) -> list[str]:
    """Read the documents folder, each one read before and the articles; what cannot be is told."""
    from ingest.articles import ingest_articles
    from ingest.folder import list_folders_to_read

    documents = installation.settings.documents_dir
    known = await list_folders_to_read(installation.database, identity, documents)
    told: list[str] = []
    for path in known or [documents]:
        try:
            told += await _ingest(installation, identity, path)
        except InvalidInput as error:
            told.append(error.message)
    today = build_clock(installation.settings)().astimezone(PARIS).date()
    articles = await ingest_articles(installation.database, identity, today=today)
    return told + (describe_report(articles) if articles is not None else [])


async def _reindex(installation: Installation, identity: Identity) -> str:
    from ingest.reindexing import reindex

    with show_progress() as progress:
        stage = progress.stage("Indexation")
        done = await reindex(installation.database, identity, progress=stage)
    if not done:
        return "Toutes les versions lues sont déjà indexées par le modèle en place."
    told = count_noun(done, "version indexée", "versions indexées")
    return f"{told} de nouveau, à partir des passages déjà lus."


async def _search(
    installation: Installation, identity: Identity, query: str, limit: int
) -> list[str]:
    from knowledge.search import search

    today = build_clock(installation.settings)().astimezone(PARIS).date()
    result = await search(installation.database, identity, query, today=today, limit=limit)
    if not result.passages:
        return ["Aucun passage trouvé. Essayez d’autres mots, ou « voltaire ingest » d’abord."]
    lines = [line for passage in result.passages for line in describe_passage(passage)]
    seconds = f"{result.duration_ms / 1000:.2f}".replace(".", ",")
    return [*lines, f"{len(result.passages)} passages en {seconds} s."]


def run_here(
    settings: Settings,
    user: str | None,
    work: Callable[[Installation, Identity], Awaitable[Result]],
) -> Result:
    """Do `work` on the data folder itself, as the user of an address or as who leads the firm."""

    async def act(installation: Installation) -> Result:
        return await work(installation, await get_user(installation, user))

    return run_closing(settings, act)


def make_context(installation: Installation, identity: Identity) -> Context:
    """The context of a command, on the engine that the settings name."""
    settings = installation.settings
    return Context(identity, installation.database, build_engine(settings), build_clock(settings))


def run_closing(settings: Settings, work: Callable[[Installation], Awaitable[Result]]) -> Result:
    """Do `work` on the data folder itself, its pools closed in the loop that opened them."""

    async def act() -> Result:
        try:
            return await work(installation)
        finally:
            await installation.database.close()

    with open_installation(settings) as installation:
        return asyncio.run(act())


async def get_user(installation: Installation, user: str | None) -> Identity:
    """The user of an address, or who leads the first firm. Raises NotFound."""
    if user is None:
        return get_leader(installation)
    gatekeeper = Gatekeeper(installation.database, installation.secrets)
    identity = await gatekeeper.find_user(user)
    if identity is None:
        raise NotFound(
            f"Aucun utilisateur actif n’a l’adresse « {user} ». Vérifiez l’option --user."
        )
    return identity
