"""Settings written by hand, in YAML or JSON, read as plain data of a size that was written out."""

from __future__ import annotations

import json
from typing import Any

import yaml


class UnreadableSettings(ValueError):
    """The text is neither YAML nor JSON, or refers to itself."""


class _WithoutAliases(yaml.SafeLoader):
    """Refuses aliases: a few of them make a text of one line fill the memory."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise UnreadableSettings
        return super().compose_node(parent, index)


def parse_plain(text: str) -> Any:
    """What the text says, in the types of JSON; an empty text is {}. Raises UnreadableSettings."""
    try:
        if text.lstrip().startswith("{"):
            return json.loads(text)
        held = yaml.load(text, _WithoutAliases)  # noqa: S506 - a safe loader
        return json.loads(json.dumps(held or {}, default=str, allow_nan=False))
    except (ValueError, TypeError, RecursionError, yaml.YAMLError) as error:
        raise UnreadableSettings from error
