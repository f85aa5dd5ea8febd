"""How Markdown is turned into a page: tables, fenced code, and no search where no mark stands."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions import Extension
from markdown.extensions.fenced_code import FencedCodeExtension
from markdown.extensions.tables import TableExtension
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

# Where an inline mark can start; \x02 opens what the library has set aside.
_MARK = re.compile(r"[`\\\[<&*_\x02]|  \n")
_BEFORE_INLINE = 25


class _PlainTexts(Treeprocessor):
    """Tell the inline patterns to leave alone the texts in which none can be found.

    They are a dozen, each searched for in each text: a third of the conversion.
    """

    def run(self, root: Element) -> None:
        for element in root.iter():
            if element.text and not _MARK.search(element.text):
                element.text = AtomicString(element.text)


class _PlainTextsExtension(Extension):
    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - the library's name
        md.treeprocessors.register(_PlainTexts(md), "plain_texts", _BEFORE_INLINE)


EXTENSIONS = (TableExtension(), FencedCodeExtension(), _PlainTextsExtension())
