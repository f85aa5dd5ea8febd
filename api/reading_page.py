"""A text in Markdown as a page to read and to print: plain HTML, no script."""

from __future__ import annotations

from html import escape

from markdown_it import MarkdownIt

PAGE = """<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 48rem; margin: 2rem auto;
  padding: 0 1rem; color: #1d2530; background: #fff; overflow-wrap: anywhere; }}
h1 {{ font-size: 1.6rem; }}
h2 {{ font-size: 1.2rem; margin-top: 2rem; border-bottom: 1px solid #c9d1dc; }}
blockquote {{ margin: 1rem 0; padding: .2rem 1rem; border-left: .3rem solid #1d4ed8; }}
@media print {{ body {{ margin: 0; max-width: none; }} }}
</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>"""


def write_page(title: str, text: str) -> str:
    """The page; tags that `text` holds are shown as typed."""
    body = MarkdownIt("commonmark", {"html": False}).render(text)
    return PAGE.format(title=escape(title), body=body)
