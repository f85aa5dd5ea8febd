"""Names of speakers as sources write them."""

from __future__ import annotations

import re

EXTERNAL = re.compile(r"\s*\((?:externe|external|invité|invitée|guest)[^)]*\)\s*$", re.I)
UNKNOWN = re.compile(
    r"^(?:speaker|locuteur|intervenant|orateur|participant|unknown|inconnu)[ _-]*\w{0,3}$", re.I
)


def read_voice(raw: str) -> tuple[str | None, bool]:
    """The name without its mark and whether the person is external; None for «Speaker 1»."""
    name = " ".join(raw.replace("\u00a0", " ").split())
    is_external = EXTERNAL.search(name) is not None
    name = EXTERNAL.sub("", name).strip(" :\t")
    if not name or UNKNOWN.match(name):
        return None, is_external
    return name, is_external
