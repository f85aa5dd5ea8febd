"""The integrator's guide names every address of the API, with what it does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import cast

from api.app import create_app
from api.auth import Gatekeeper
from api.openapi import METHODS
from api.operations import OPERATIONS
from api.services import Services, build_engine
from chat.services import Assistant
from core.database import Database
from core.settings import PROJECT_ROOT, Settings
from tests.conftest import SECRETS

GUIDE = PROJECT_ROOT / "docs" / "guide-integrateur.md"
HEADING = "## Toutes les adresses"
LINE = re.compile(r"^\| `([A-Z]+) (\S+)` \| (.+) \|$", re.MULTILINE)


def test_the_guide_lists_every_operation_and_no_other(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, _env_file=None)
    database = Database("postgresql://personne@127.0.0.1:1/rien", SECRETS)
    services = Services(settings, database, Gatekeeper(database, SECRETS),
                        cast(Assistant, None), build_engine(settings))  # fmt: skip
    paths = create_app(services).openapi()["paths"]
    found = [
        (method.upper(), path, OPERATIONS[operations[method]["operationId"]].summary)
        for path, operations in paths.items()
        for method in METHODS
        if method in operations
    ]
    names = [held["operationId"] for one in paths.values() for held in one.values()]
    assert len(names) == len(set(names)) and set(names) == set(OPERATIONS)
    written = LINE.findall(GUIDE.read_text(encoding="utf-8").partition(HEADING)[2])
    assert sorted(written) == sorted(found)
