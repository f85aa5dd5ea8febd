"""The note a running instance leaves for the command line: address, process, token."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Instance:
    """A running instance; `token` lets the account that started it ask as `user` or another."""

    address: str
    host: str
    port: int
    pid: int
    token: str
    user: str | None

    def __repr__(self) -> str:
        return f"Instance(address={self.address!r}, pid={self.pid})"


def instance_path(data_dir: Path) -> Path:
    """Where the note is kept."""
    return data_dir / "run" / "instance.json"


def new_token() -> str:
    """A fresh random token."""
    return secrets.token_urlsafe(32)


@contextmanager
def announced(data_dir: Path, instance: Instance) -> Generator[None, None, None]:
    """Leave the note, readable by this account only, as long as the instance runs."""
    path = instance_path(data_dir)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(f".{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(asdict(instance)))
    draft.replace(path)
    try:
        yield
    finally:
        found = find_instance(data_dir)
        if found is not None and found.pid == instance.pid:
            path.unlink(missing_ok=True)


def find_instance(data_dir: Path) -> Instance | None:
    """The instance the note speaks of, if its process lives."""
    try:
        values = json.loads(instance_path(data_dir).read_text())
        instance = Instance(**values)
        os.kill(instance.pid, 0)
    except (OSError, ValueError, TypeError):
        return None
    return instance
