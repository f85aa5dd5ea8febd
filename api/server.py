"""Bringing everything up, in order, and down again: database, firm, web server, worker."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager

import uvicorn

from api.app import BackgroundTask, ChatPage, create_app, warm_up
from api.executor import keep_executor
from api.firm import create_demonstration
from api.instance import Instance, announced, find_instance, new_token
from api.job_queue import build_jobs
from api.problems import is_departure
from api.services import build_services
from api.stopping import stoppable
from api.terminal import say, show_progress
from api.worker import run_worker
from core.context import Identity
from core.errors import ConfigurationError
from core.settings import Settings
from crm.firms import find_leader, has_firm
from crm.installation import Installation, open_installation

SHUTDOWN_S = 3
MAIN_FIRM = "alize"
ALREADY_RUNNING = (
    "Voltaire tourne déjà avec ces données : {address}. Arrêtez-le d’abord (Ctrl-C dans sa "
    "fenêtre), ou choisissez un autre dossier avec VOLTAIRE_DATA_DIR."
)


def serve(settings: Settings, *, with_demo: bool) -> None:
    """Run until Ctrl-C or SIGTERM; everything started here is stopped.

    Raises VoltaireError when something cannot start.
    """
    running = find_instance(settings.data_dir)
    if running is not None:
        raise ConfigurationError(ALREADY_RUNNING.format(address=running.address))
    with (
        stoppable(),
        bound_socket(settings.host, settings.port) as listener,
        open_installation(settings) as installation,
    ):
        if with_demo and not has_firm(installation.admin_conninfo):
            say("Premier démarrage : création du cabinet de démonstration…")
            with show_progress() as progress:
                remarks = create_demonstration(installation, progress)
            for line in remarks:
                say(line)
        run_web_server(installation, listener)


@contextmanager
def bound_socket(host: str, port: int) -> Generator[socket.socket, None, None]:
    """A socket bound to the address, found free before anything long is begun."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Said in full: asyncio turns off the delaying of small packets only where TCP is named.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ConfigurationError(
            f"L’adresse {host}:{port} n’est pas libre ({error.strerror}). Choisissez un autre "
            "port : voltaire serve --port 8081."
        ) from error
    with listener:
        yield listener


class AnnouncedServer(uvicorn.Server):
    """A server that says when it takes requests."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the sockets, then say so."""
        await super().startup(sockets)
        if self.started:
            self._on_ready()


def run_web_server(installation: Installation, listener: socket.socket) -> None:
    """Serve on `listener` until told to stop."""
    settings = installation.settings
    leader = find_leader(installation.admin_conninfo)
    instance = describe_instance(settings.host, listener.getsockname()[1], leader)
    services = build_services(installation, instance.token)
    page = ChatPage(settings.data_dir / "chat", installation.secrets.derive("chat-session"))
    background: list[BackgroundTask] = [warm_up, keep_executor]
    if leader is not None:
        jobs, services = build_jobs(services, leader)
        background.append(lambda: run_worker(jobs))
    app = create_app(services, chat_page=page, background=tuple(background))
    server_config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_S,
        ws_max_size=1024 * 1024,
    )
    logging.getLogger("uvicorn.error").addFilter(is_worth_logging)
    with ExitStack() as stack:

        def on_ready() -> None:
            stack.enter_context(announced(settings.data_dir, instance))
            announce(instance)

        AnnouncedServer(server_config, on_ready).run(sockets=[listener])


def is_worth_logging(record: logging.LogRecord) -> bool:
    """Everything but the browsers that leave before their answer."""
    return not is_departure(record.exc_info[1] if record.exc_info else None)


def describe_instance(host: str, port: int, leader: Identity | None) -> Instance:
    """The note of this process."""
    shown = "localhost" if host in ("127.0.0.1", "0.0.0.0", "::1", "::") else host  # noqa: S104
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return Instance(
        address=f"http://{shown}:{port}",
        host=reachable,
        port=port,
        pid=os.getpid(),
        token=new_token(),
        user=leader.email if leader else None,
    )


def announce(instance: Instance) -> None:
    """Print the address and, for the demonstration firm, its logins."""
    from demo.people import demo_logins

    say(f"\nVoltaire est prêt : {instance.address}")
    logins = [login for login in demo_logins() if login.tenant == MAIN_FIRM]
    if instance.user in {login.email for login in logins}:
        say("\nComptes de démonstration :")
        for login in logins:
            say(f"  {login.email:<42} {login.password:<18} {login.full_name}")
    say("\nCtrl-C pour arrêter.")
