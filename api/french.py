"""The command line's own words in French: usage, help, and errors of use."""

from __future__ import annotations

import re
from typing import Any

import typer
from typer import core

NBSP = "\u00a0"
COMMANDS_PANEL = "Commandes"
HELP_OF_HELP = "Affiche cette aide."
UNKNOWN_COMMAND = re.compile(r"No such command '?(?P<name>[^'.]*)'?")


class FrenchCommand(core.TyperCommand):
    """A command whose help is in French."""

    def get_usage(self, ctx: Any) -> str:
        """The usage line."""
        return _translate_usage(super().get_usage(ctx))

    def get_help_option(self, ctx: Any) -> Any:
        """The `--help` option."""
        return _translate_help_option(super().get_help_option(ctx))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """The whole help."""
        _translate_marks()
        super().format_help(ctx, formatter)


class FrenchGroup(core.TyperGroup):
    """The command that holds the others, its help in French."""

    def get_usage(self, ctx: Any) -> str:
        """The usage line."""
        return _translate_usage(super().get_usage(ctx))

    def get_help_option(self, ctx: Any) -> Any:
        """The `--help` option."""
        return _translate_help_option(super().get_help_option(ctx))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """The whole help."""
        _translate_marks()
        super().format_help(ctx, formatter)


def describe_misuse(error: typer.TyperException) -> str:
    """What was wrong in the command, and where to read how to write it."""
    message = _explain(error)
    return f"{message} Aide{NBSP}: voltaire --help."


def _explain(error: typer.TyperException) -> str:
    parameter = getattr(error, "param", None)
    name = getattr(parameter, "metavar", None) or getattr(parameter, "name", None) or ""
    kind = type(error).__name__
    if kind == "NoSuchOption":
        return f"Option inconnue{NBSP}: {getattr(error, 'option_name', '')}."
    if kind == "MissingParameter":
        return f"Il manque «{NBSP}{name}{NBSP}»."
    if kind == "BadParameter":
        return f"La valeur donnée à «{NBSP}{name}{NBSP}» ne convient pas."
    if kind in ("BadOptionUsage", "BadArgumentUsage"):
        return f"L’option {getattr(error, 'option_name', '')} attend une valeur."
    unknown = UNKNOWN_COMMAND.search(error.format_message())
    if unknown:
        return f"Commande inconnue{NBSP}: {unknown['name']}."
    return "Cette commande n’est pas bien écrite."


def _translate_usage(usage: str) -> str:
    return (
        usage.replace("Usage:", f"Utilisation{NBSP}:")
        .replace("COMMAND [ARGS]...", "COMMANDE [ARGUMENTS]…")
    )  # fmt: skip


def _translate_help_option(option: Any) -> Any:
    if option is not None:
        option.help = HELP_OF_HELP
    return option


def _translate_marks() -> None:
    from typer import rich_utils

    core.TyperOption.display_type_rich = _name_value
    core.TyperArgument.display_type_rich = _name_nothing
    rich_utils.REQUIRED_LONG_STRING = "[requis]"
    rich_utils.DEFAULT_STRING = "[par défaut : {}]"


def _name_value(self: core.TyperOption, ctx: Any) -> str | None:  # noqa: ARG001 - the library's
    """What an option takes, in the words of its declaration; nothing for a plain switch."""
    return self.metavar


def _name_nothing(self: core.TyperArgument, ctx: Any) -> str | None:
    """An argument is named once, in its own column."""
