"""A pytest plugin that takes one guard away: `-p tests.mutations.plugin --mutant digest`."""

from __future__ import annotations

import importlib
import inspect
import textwrap

import pytest

from crm.migrations import scripts
from tests.mutations.mutants import MUTANTS, Mutant


def pytest_addoption(parser: pytest.Parser) -> None:
    """The guard to take away."""
    parser.addoption("--mutant", choices=sorted(MUTANTS), required=True)


def pytest_configure(config: pytest.Config) -> None:
    """Take it away, in the migrations' text or in a function, before anything runs."""
    mutant = MUTANTS[config.getoption("--mutant")]
    if mutant.script is not None:
        _mutate_script(mutant)
    else:
        _mutate_function(mutant)


def _mutate_script(mutant: Mutant) -> None:
    folder = scripts.SCRIPTS

    class Folder:
        def __truediv__(self, name: str) -> object:
            return Script(name)

    class Script:
        def __init__(self, name: str) -> None:
            self.name = name

        def read_text(self, encoding: str) -> str:
            text = (folder / self.name).read_text(encoding=encoding)
            return replace_once(text, mutant) if self.name == mutant.script else text

    scripts.SCRIPTS = Folder()  # type: ignore[assignment]


def _mutate_function(mutant: Mutant) -> None:
    module_name, _, name = mutant.function.rpartition(".")
    module = importlib.import_module(module_name)
    source = textwrap.dedent(inspect.getsource(getattr(module, name)))
    exec(compile(replace_once(source, mutant), module_name, "exec"), vars(module))  # noqa: S102


def replace_once(text: str, mutant: Mutant) -> str:
    """The text without the guard, which must stand in it exactly once."""
    if text.count(mutant.old) != 1:
        raise pytest.UsageError(f"{mutant.old!r} stands {text.count(mutant.old)} times")
    return text.replace(mutant.old, mutant.new)
