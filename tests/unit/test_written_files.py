"""A file that cannot be written is refused in French, before the command does anything."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from api.approving import Credentials
from api.erase_command import EraseAsked, erase_here
from api.import_command import export_here
from api.knowledge_command import feedback_here
from api.written import check_writable
from core.errors import InvalidInput
from core.settings import Settings

WHO = Credentials("admin@cabinet.example", "mot de passe")
Command = Callable[[Settings, Path], object]


def _erase(settings: Settings, output: Path) -> object:
    return erase_here(
        settings, WHO, EraseAsked(("durand@client.example",), None, output), lambda _: True
    )


def _export(settings: Settings, output: Path) -> object:
    return export_here(settings, None, "clients", output)


def _feedback(settings: Settings, output: Path) -> object:
    return feedback_here(settings, None, "abcd1234", None, output)


@pytest.mark.parametrize("command", [_erase, _export, _feedback])
def test_the_database_is_not_even_opened(command: Command, tmp_path: Path) -> None:
    nowhere = SecretStr("postgresql://nobody:x@127.0.0.1:1/voltaire")
    settings = Settings(data_dir=tmp_path, database_url=nowhere)
    with pytest.raises(InvalidInput, match="ne peut pas être écrit"):
        command(settings, tmp_path / "absent" / "sortie.csv")


def test_looking_leaves_the_place_as_it_was(tmp_path: Path) -> None:
    kept, fresh = tmp_path / "gardé", tmp_path / "neuf"
    kept.write_text("contenu")
    check_writable(kept)
    check_writable(fresh)
    assert kept.read_text() == "contenu"
    assert not fresh.exists()
