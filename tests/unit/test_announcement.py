"""What a start prints."""

from __future__ import annotations

import pytest

from api.instance import Instance
from api.server import announce


def test_the_start_prints_the_address_and_no_secret(capsys: pytest.CaptureFixture[str]) -> None:
    announce(Instance("http://localhost:8080", "127.0.0.1", 8080, 1, "jeton-secret", "a@b.fr"))
    printed = capsys.readouterr()
    assert "http://localhost:8080" in printed.out
    assert "secret" not in printed.out + printed.err
