"""Who may have a folder read from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.offline import ingest_again_here, ingest_here
from core.context import Identity
from core.errors import NotAllowed
from core.settings import Settings
from tests.conftest import make_identity


def test_who_does_not_look_after_the_base_has_no_folder_read(
    conninfo: str, identity: Identity, tmp_path: Path, data_folder: Settings
) -> None:
    seller = make_identity(conninfo, "sales", tenant_id=identity.tenant_id)
    with pytest.raises(NotAllowed, match="ne permet pas de lancer la lecture des documents"):
        ingest_here(data_folder, tmp_path, seller.email)
    with pytest.raises(NotAllowed, match="ne permet pas de lancer la lecture des documents"):
        ingest_again_here(data_folder, seller.email)
