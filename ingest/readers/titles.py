"""The title a file states, when it is one."""

from __future__ import annotations

import re

# What programs write where nobody gave a title, and names of files.
_NO_TITLE = re.compile(
    r"\W*(?:untitled|sans titre|unknown|anonymous|"
    r"(?:word document|document word|powerpoint presentation|pr[ée]sentation powerpoint)|"
    r"(?:document|classeur|pr[ée]sentation|book|feuille) ?\d*)\W*"
    r"|.*\.(?:docx?|dotx?|xlsx?|pptx?|odt|ods|pdf|html?|txt|md|tmp)",
    re.IGNORECASE,
)

# « 1. Objet », « Article 3 – Prix » : a part of the text, not its title.
_PART = re.compile(
    r"(?:\d+(?:\.\d+)*[.)]|\d+(?:\.\d+)+|[IVX]+[.)]|(?:article|chapitre) \d+)(?:\s|$)", re.I
)


def find_title(stated: object) -> str | None:
    """`stated`, the title among a file's properties; None for one that says nothing."""
    title = " ".join(str(stated or "").split())
    return None if not title or _NO_TITLE.fullmatch(title) else title


def is_part(title: str) -> bool:
    """Tell the heading of a numbered part from the title of a document."""
    return _PART.match(title) is not None
