"""Import names equal folder names: nothing installed may take them, nothing here may hide them."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path

import pytest

from core.settings import PROJECT_ROOT

PACKAGES = (
    "agents", "api", "chat", "core", "crm", "demo", "evals", "ingest", "knowledge", "tests",
    "tools",
)  # fmt: skip


@pytest.mark.parametrize("name", PACKAGES)
def test_each_package_comes_from_this_repository(name: str) -> None:
    spec = find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    assert Path(spec.origin).resolve() == PROJECT_ROOT / name / "__init__.py"


def test_the_packages_are_found_from_another_folder(tmp_path: Path) -> None:
    names = [name for name in PACKAGES if name != "tests"]
    script = "import " + ", ".join(names) + f"\nprint(*(m.__file__ for m in ({', '.join(names)})))"
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [str(PROJECT_ROOT / name / "__init__.py") for name in names]


def test_nothing_under_chat_is_called_like_a_package() -> None:
    names = {path.stem for path in (PROJECT_ROOT / "chat").iterdir()}
    assert not names & set(PACKAGES)


def test_every_folder_of_tests_is_a_package() -> None:
    folders = [p for p in (PROJECT_ROOT / "tests").rglob("*") if p.is_dir()]
    holding = [p for p in folders if any(p.glob("*.py"))]
    assert holding
    assert [p for p in holding if not (p / "__init__.py").exists()] == []


def test_the_distribution_that_owns_agents_is_not_installed() -> None:
    with pytest.raises(PackageNotFoundError):
        distribution("openai-agents")
