"""`voltaire twenty`: set up, read, show, in French and without a secret."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from api.twenty_command import set_up_here, show_status_here, sync_here
from core.errors import ConfigurationError
from core.settings import Settings
from tests.conftest import make_identity
from tests.doubles.twenty.app import KEY, Twenty
from tests.integration.twenty import address, twenty

__all__ = ["address", "twenty"]
SECRET_KEY = "test-secret-of-at-least-thirty-two-bytes"
HOOK = "un secret de trente-deux caractères"


def make_settings(conninfo: str, folder: Path, address: str | None) -> Settings:
    return Settings(
        data_dir=folder, database_url=SecretStr(conninfo), secret_key=SecretStr(SECRET_KEY),
        twenty_url=address, twenty_api_key=SecretStr(KEY), public_url="https://voltaire.test/",
        twenty_webhook_secret=SecretStr(HOOK), _env_file=None,
    )  # fmt: skip


def test_a_firm_is_connected_read_and_shown(
    conninfo: str, tmp_path: Path, twenty: Twenty, address: str
) -> None:
    make_identity(conninfo, "reader", "director")
    settings = make_settings(conninfo, tmp_path, address + "/")
    first = set_up_here(settings)
    assert any(line.startswith("Objet créé") for line in first)
    assert "Webhook enregistré." in first
    (webhook,) = twenty.webhooks.values()
    assert webhook["targetUrl"] == "https://voltaire.test/api/v1/twenty/notifications"
    again = set_up_here(settings)
    assert again == ["Twenty a déjà tous les objets et les champs. Rien n’a été changé."]
    twenty.add("company", name="Fonderie")
    twenty.add("company", name="", siren="1")
    assert sync_here(settings, full=True) == [
        "2\u00a0fiches lues\u00a0: 1\u00a0reprise, 1\u00a0refusée, 0\u00a0supprimée."
    ]
    lines = show_status_here(settings, 50)
    assert f"{address}\u00a0: liaison ouverte." in lines
    told = "\n".join(lines)
    assert "Fiches «\u00a0clients\u00a0»\u00a0: 1\u00a0synchronisée, 1\u00a0refusée" in told
    assert f"{address}/object/company/" in told
    assert KEY not in told and HOOK not in told


def test_missing_settings_are_told(conninfo: str, tmp_path: Path) -> None:
    make_identity(conninfo, "reader", "director")
    with pytest.raises(ConfigurationError, match="VOLTAIRE_TWENTY_URL"):
        set_up_here(make_settings(conninfo, tmp_path, None))
