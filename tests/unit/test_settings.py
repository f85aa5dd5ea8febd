"""Settings: variables, `.env`, aliases, the default data folder."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs
import pytest
from pydantic import ValidationError

from core import settings as module
from core.errors import ConfigurationError
from core.secrets import Secrets, load_secrets
from core.settings import (
    FOREIGN_CHAT_VARIABLES,
    PROJECT_ROOT,
    Settings,
    default_data_dir,
    is_walkable_by_others,
    prepare_chat_environment,
)

KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith(("VOLTAIRE_", "ANTHROPIC_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_an_empty_environment_gives_a_local_installation() -> None:
    settings = Settings()
    assert (settings.host, settings.port, settings.database_url) == ("127.0.0.1", 8080, None)
    assert settings.anthropic_api_key is None
    assert settings.postgres_dir == settings.data_dir / "postgres"
    assert settings.documents_dir == settings.data_dir / "documents"


def test_a_variable_prevails_over_the_env_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("VOLTAIRE_PORT=9000\nVOLTAIRE_HOST=0.0.0.0\nINCONNU=1\n")
    assert (Settings().port, Settings().host) == (9000, "0.0.0.0")  # noqa: S104
    monkeypatch.setenv("VOLTAIRE_PORT", "9100")
    assert (Settings().port, Settings().host) == (9100, "0.0.0.0")  # noqa: S104


@pytest.mark.parametrize("name", ["VOLTAIRE_ANTHROPIC_API_KEY", "ANTHROPIC_API_KEY"])
def test_the_api_key_is_read_under_both_names(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "clef")
    key = Settings().anthropic_api_key
    assert key is not None
    assert key.get_secret_value() == "clef"


def test_secrets_are_never_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOLTAIRE_ANTHROPIC_API_KEY", "clef-tres-secrete")
    monkeypatch.setenv("VOLTAIRE_DATABASE_URL", "postgresql://a:motdepasse@h/b")
    shown = repr(Settings()) + str(Settings()) + Settings().model_dump_json() + repr(Secrets(b"x"))
    assert "clef-tres-secrete" not in shown
    assert "motdepasse" not in shown


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VOLTAIRE_PORT", "70000"),
        ("VOLTAIRE_UPLOAD_LIMIT_MB", "0"),
        ("VOLTAIRE_INGEST_WORKERS", "17"),
        ("VOLTAIRE_SQL_TIMEOUT_MS", "vite"),
    ],
)
def test_a_value_out_of_bounds_is_refused(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError):
        Settings()


def test_every_documented_setting_exists_and_every_setting_is_documented() -> None:
    lines = (PROJECT_ROOT / ".env.example").read_text().splitlines()
    documented = {
        line.lstrip("# ").partition("=")[0].lower().removeprefix("voltaire_")
        for line in lines
        if line.lstrip("# ").startswith("VOLTAIRE_")
    }
    assert documented == set(Settings.model_fields)


def test_a_checkout_keeps_its_data_in_its_own_ignored_folder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module.os, "geteuid", lambda: 1000)
    assert default_data_dir() == PROJECT_ROOT / ".voltaire"
    assert ".voltaire/" in (PROJECT_ROOT / ".gitignore").read_text().splitlines()


def test_an_installed_package_keeps_its_data_with_the_user(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(module, "PROJECT_ROOT", tmp_path / "site-packages")
    monkeypatch.setattr(module.os, "geteuid", lambda: 1000)
    assert default_data_dir() == Path(platformdirs.user_data_dir("voltaire"))


def test_root_never_keeps_the_data_below_a_private_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    private = tmp_path / "privé"
    private.mkdir(mode=0o700)
    (private / "projet").mkdir()
    (private / "projet" / "pyproject.toml").touch()
    assert not is_walkable_by_others(private / "projet")
    monkeypatch.setattr(module, "PROJECT_ROOT", private / "projet")
    monkeypatch.setattr(module.os, "geteuid", lambda: 0)
    chosen = default_data_dir()
    assert chosen.parent == Path("/var/lib/voltaire")
    monkeypatch.setattr(module, "PROJECT_ROOT", private / "autre")
    assert default_data_dir() != chosen


def test_the_installation_secret_is_made_once_and_kept_private(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "données")
    first = load_secrets(settings)
    assert load_secrets(settings).root == first.root
    assert (tmp_path / "données" / "secret").stat().st_mode & 0o077 == 0
    assert load_secrets(Settings(data_dir=tmp_path / "ailleurs")).root != first.root


def test_a_given_secret_is_used_and_a_short_one_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOLTAIRE_SECRET_KEY", KEY)
    assert load_secrets(Settings()).root == KEY.encode()
    monkeypatch.setenv("VOLTAIRE_SECRET_KEY", "court")
    with pytest.raises(ConfigurationError, match="32 caractères"):
        load_secrets(Settings())


def test_each_purpose_has_a_key_of_its_own() -> None:
    secrets = Secrets(KEY.encode())
    keys = {secrets.role_password("a"), secrets.role_password("b"), secrets.derive("a").hex()}
    assert len(keys) == 3
    assert Secrets(b"y" * 32).role_password("a") not in keys


def test_the_chat_library_never_sees_foreign_variables(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in (*FOREIGN_CHAT_VARIABLES, "CHAINLIT_APP_ROOT", "CHAINLIT_AUTH_SECRET",
                 "CHAINLIT_COOKIE_SAMESITE"):  # fmt: skip
        monkeypatch.setenv(name, "étranger")
    prepare_chat_environment(tmp_path, "session")
    assert not set(FOREIGN_CHAT_VARIABLES) & set(os.environ)
    assert os.environ["CHAINLIT_APP_ROOT"] == str(tmp_path)
    assert os.environ["CHAINLIT_AUTH_SECRET"] == "session"
