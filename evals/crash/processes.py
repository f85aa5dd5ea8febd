"""The product's processes, as a service manager keeps them: started again whenever they end."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass, field

import psutil

from core.embedded import EmbeddedServer
from core.errors import DatabaseUnavailable
from crm.installation import Installation

WATCH_S = 0.1
STOP_S = 20.0
UNLIMITED = {"VOLTAIRE_RATE_USER_PER_MINUTE": "0", "VOLTAIRE_RATE_SIGN_IN_PER_MINUTE": "0"}


@dataclass
class Product:
    """The web server (which keeps an executor), a worker, and the database under them."""

    installation: Installation
    port: int
    server: EmbeddedServer
    _running: dict[str, subprocess.Popen[bytes]] = field(
        default_factory=dict[str, "subprocess.Popen[bytes]"]
    )
    _ended: threading.Event = field(default_factory=threading.Event)
    _watch: threading.Thread | None = None

    def start(self) -> None:
        """Start everything, and keep it up."""
        self._watch = threading.Thread(target=self._keep, daemon=True)
        self._watch.start()

    def stop(self) -> None:
        """Stop everything in order; the database stays."""
        self._ended.set()
        if self._watch is not None:
            self._watch.join()
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def find(self, name: str) -> psutil.Process | None:
        """The living process of that name: web, worker, executor or database."""
        with suppress(psutil.Error, FileNotFoundError, ValueError, IndexError):
            if name == "database":
                lines = (self.server.folder / "postmaster.pid").read_text().splitlines()
                return _alive(psutil.Process(int(lines[0])))
            if name == "executor":
                children = psutil.Process(self._running["web"].pid).children()
                return next((c for c in children if "executor" in c.cmdline()), None)
            return _alive(psutil.Process(self._running[name].pid))
        return None

    def _keep(self) -> None:
        commands = {
            "web": ["serve", "--port", str(self.port), "--no-demo"],
            "worker": ["worker"],
        }
        while not self._ended.wait(WATCH_S):
            with suppress(DatabaseUnavailable, OSError):
                if not self.server.is_running():
                    self.server.start()
            for name, command in commands.items():
                process = self._running.get(name)
                if process is None or process.poll() is not None:
                    self._running[name] = self._launch(command)

    def _launch(self, command: list[str]) -> subprocess.Popen[bytes]:
        kept = {k: v for k, v in os.environ.items() if k != "VOLTAIRE_DATABASE_URL"}
        data_dir = self.installation.settings.data_dir
        with (data_dir / f"{command[0]}.log").open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - fixed program
                [sys.executable, "-m", "api.cli", *command],
                env={**kept, **UNLIMITED, "VOLTAIRE_DATA_DIR": str(data_dir)},
                stdout=log,
                stderr=log,
            )


def _alive(process: psutil.Process) -> psutil.Process | None:
    return None if process.status() == psutil.STATUS_ZOMBIE else process
