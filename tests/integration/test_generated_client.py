"""A typed client generated from the description signs in, asks, lists and reads errors."""

from __future__ import annotations

import importlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from api.app import create_app
from core.database import Database
from core.settings import PROJECT_ROOT
from tests.conftest import SECRETS
from tests.integration.test_api import PASSWORD, make_person
from tests.integration.test_api_contract import make_services, serving

NAME = "openapi-python-client"
PACKAGE = "voltaire_client"


def find_generator() -> str | None:
    """The generator, kept apart from the product's environment for it asks older libraries."""
    own = PROJECT_ROOT / ".voltaire" / "tools" / "bin" / NAME
    return str(own) if own.exists() else shutil.which(NAME)


def generate(description: dict[str, object], folder: Path) -> None:
    generator = find_generator()
    if generator is None:
        pytest.skip(f"« {NAME} » n’est pas installé : scripts/test-tools l’installe.")
    path = folder / "openapi.json"
    path.write_text(json.dumps(description))
    target = folder / PACKAGE
    subprocess.run(  # noqa: S603 - our own tool
        [generator, "generate", "--path", str(path), "--meta", "none", "--output-path", target],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip


def load(name: str) -> ModuleType:
    return importlib.import_module(f"{PACKAGE}.{name}")


def test_the_generated_client_works(
    conninfo: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = make_person(conninfo, "reader", "director")
    app = create_app(make_services(Database(conninfo, SECRETS), tmp_path))
    generate(app.openapi(), tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    models = load("models")
    with serving(app) as address:
        client = load("client").Client(base_url=address)
        sign_in = load("api.connexion.sign_in")
        wrong = sign_in.sync_detailed(
            client=client, body=models.Credentials(email=person.email, password="autre")
        )
        assert wrong.status_code == 401
        assert isinstance(wrong.parsed, models.Problem)
        assert "mot de passe" in wrong.parsed.detail
        session = sign_in.sync(
            client=client, body=models.Credentials(email=person.email, password=PASSWORD)
        )
        assert isinstance(session, models.Session)
        known = load("client").AuthenticatedClient(base_url=address, token=session.access_token)
        me = load("api.connexion.get_me").sync(client=known)
        assert isinstance(me, models.Me)
        assert (me.email, me.roles) == (person.email, ["director", "reader"])
        asked = known.get_httpx_client().post(
            "/api/v1/ask", json={"question": "Combien ?"}, headers={"accept": "application/json"}
        )
        assert asked.status_code == 200
        listed = load("api.conversations.get_conversations").sync(client=known, limit=10)
        assert [one.title for one in listed] == ["Combien ?"]
        for opened in (client, known):
            opened.get_httpx_client().close()
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]
