"""A source laid out as a standalone, semantic HTML page."""

import re
from html import escape

from demo.documents.blocks import render_html
from demo.documents.cartouche import WARNINGS, list_identification, write_footer, write_header
from demo.documents.source import Source

_STYLE = (
    "body{font-family:Calibri,Arial,sans-serif;max-width:52em;margin:2em auto;line-height:1.45}"
    "table{border-collapse:collapse}th,td{border:1px solid #7f8fa6;padding:.3em .5em;"
    "text-align:left;vertical-align:top}th{background:#dce6f1}h1,h2,h3{color:#1f3a5f}"
    "dt{font-weight:bold}"
)
_HEADER_CELL = re.compile(r"<th(?=[ >])")
_TITLE = re.compile(r"\A\s*<h1>.*?</h1>\s*", re.DOTALL)


def build_page(source: Source) -> bytes:
    """The .html bytes in UTF-8, with the page's language and its identification list."""
    properties = source.properties
    body = _HEADER_CELL.sub('<th scope="col"', render_html(source.unpaged_body))
    found = _TITLE.match(body)
    title = found[0].strip() if found else f"<h1>{escape(properties.title)}</h1>"
    content = body[found.end() :] if found else body
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="fr">',
            "<head>",
            '<meta charset="utf-8">',
            f"<title>{escape(properties.title)}</title>",
            f'<meta name="author" content="{escape(properties.owner_name)}">',
            f"<style>{_STYLE}</style>",
            "</head>",
            "<body>",
            f"<header><p>{escape(write_header(properties))}</p></header>",
            f"<main>\n<article>\n{title}",
            _write_identification(source),
            f"{content}</article>\n</main>",
            f"<footer><p>{escape(write_footer(properties))}</p></footer>",
            "</body>",
            "</html>",
            "",
        ]
    ).encode()


def _write_identification(source: Source) -> str:
    lines = list_identification(source.properties)
    terms = "".join(f"<dt>{escape(a)}</dt><dd>{escape(b)}</dd>\n" for a, b in lines)
    warning = WARNINGS.get(source.properties.status, "")
    notice = f"<p><strong>{escape(warning)}</strong></p>" if warning else ""
    return f"<dl>\n{terms}</dl>\n{notice}" if terms else notice
