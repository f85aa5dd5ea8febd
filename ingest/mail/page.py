"""HTML bodies as lines of text, with what their markup says: quotes, signatures, hidden text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

import lxml.etree
import lxml.html
from lxml.html import HtmlElement

from ingest.mail.thread import HiddenReason, HiddenText

BLOCKS = frozenset(
    """
    address article aside blockquote center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5
    h6 header hr li main nav ol p pre section table tbody tfoot thead tr ul
    """.split()
)
SKIPPED = frozenset({"script", "style", "head", "title", "meta", "link", "template", "object"})
QUOTE_MARKS = re.compile(
    r"gmail_quote|gmail_extra|yahoo_quoted|moz-cite-prefix|OutlookMessageHeader|divRplyFwdMsg"
    r"|appendonsend|zmail_extra|protonmail_quote|tutanota_quote|WordSectionQuote|mail-quote"
    r"|reply-?quote|isForwardContent|bloop_markdown_quote",
    re.IGNORECASE,
)
SIGNATURE_MARKS = re.compile(
    r"gmail_signature|moz-signature|ms-outlook-mobile-signature|\bsignature\b|"
    r"protonmail_signature|zmail_signature|apple-signature",
    re.IGNORECASE,
)
RULE_ABOVE = re.compile(
    r"border(?:-top)?\s*:\s*(?:none;?\s*border-top\s*:\s*)?solid\s*#?(?:E1E1E1|B5C4DF|CCCCCC)",
    re.IGNORECASE,
)
NAMED = (128, 64, 64)
"""Any colour with a name: neither white nor black."""
WHITES = {"white": (255, 255, 255), "black": (0, 0, 0)}
LENGTH = re.compile(r"^(\d*\.?\d+)\s*(px|pt|em|rem|%|ex|ch)?", re.IGNORECASE)
SMALL = {"px": 2.0, "pt": 1.5, "em": 0.15, "rem": 0.15, "%": 15.0, "ex": 0.3, "ch": 0.3, "": 2.0}
BLANKS = re.compile(r"[ \t\n\r\f\v]+")
PAGE_LIMIT = 600_000
Colour = tuple[int, int, int]
SELECTOR = re.compile(r"^([a-z][a-z0-9]*)?([.#][\w-]+)?$", re.IGNORECASE)
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
Sheet = dict[str, dict[str, str]]
DEPTH_LIMIT = 400


@dataclass
class PageLine:
    """A line as shown, and what the markup makes of it."""

    text: str
    is_quoted: bool = False
    is_signature: bool = False
    is_after_rule: bool = False


@dataclass(frozen=True)
class Page:
    """The visible lines of a body and the texts it hides."""

    lines: tuple[PageLine, ...]
    hidden: tuple[HiddenText, ...]

    @property
    def text(self) -> str:
        """The lines joined."""
        return "\n".join(line.text for line in self.lines)


@dataclass(frozen=True)
class _Scope:
    """What an element inherits."""

    is_quoted: bool = False
    is_signature: bool = False
    is_after_rule: bool = False
    is_preformatted: bool = False
    colour: Colour | None = None
    background: Colour | None = (255, 255, 255)
    hidden: HiddenReason | None = None


@dataclass
class _Writer:
    lines: list[PageLine] = field(default_factory=lambda: [PageLine("")])
    hidden: list[HiddenText] = field(default_factory=list[HiddenText])
    sheet: Sheet = field(default_factory=dict[str, dict[str, str]])

    def write(self, text: str, scope: _Scope) -> None:
        line = self.lines[-1]
        text = text if scope.is_preformatted else BLANKS.sub(" ", text)
        if not line.text or line.text.endswith((" ", "\t")):
            text = text if scope.is_preformatted else text.lstrip(" ")
        first, *others = text.split("\n") if scope.is_preformatted else [text]
        self._add(first, scope)
        for other in others:
            self.lines.append(PageLine(""))
            self._add(other, scope)

    def _add(self, text: str, scope: _Scope) -> None:
        line = self.lines[-1]
        if text.strip() and not line.text.strip():
            line.is_quoted, line.is_signature = scope.is_quoted, scope.is_signature
            line.is_after_rule = scope.is_after_rule
        line.text += text

    def break_line(self, *, is_forced: bool = False) -> None:
        if is_forced or self.lines[-1].text.strip(" "):
            self.lines[-1].text = self.lines[-1].text.rstrip(" ")
            self.lines.append(PageLine(""))

    def hide(self, text: str, reason: HiddenReason) -> None:
        words = " ".join(text.split())
        if len(words) > 2:
            self.hidden.append(HiddenText(words[:5000], reason))


def read_page(html: str) -> Page:
    """The lines of an HTML body. What no reader shows is told apart: `display:none`, no size,
    a colour on the same, off the page, comments that speak."""
    try:
        root = lxml.html.document_fromstring(
            html[:PAGE_LIMIT].encode("utf-8", "replace"),
            parser=lxml.html.HTMLParser(encoding="utf-8", huge_tree=False),
        )
    except (lxml.etree.ParserError, lxml.etree.XMLSyntaxError, ValueError):
        return Page((), ())
    writer = _Writer(sheet=_read_sheets(root))
    _walk(root, _Scope(), writer, 0)
    return Page(tuple(_tidy(writer.lines)), tuple(dict.fromkeys(writer.hidden)))


def _read_sheets(root: HtmlElement) -> Sheet:
    """The simple rules (tag, class, id) of the page's style sheets; media queries are left out."""
    sheet: Sheet = {}
    for element in root.iter("style"):
        css = re.sub(r"/\*.*?\*/|<!--|-->", "", (element.text or "")[:200_000], flags=re.DOTALL)
        css = re.sub(r"@[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", "", css)
        for selectors, body in RULE.findall(css):
            for selector in selectors.split(","):
                if SELECTOR.match(name := selector.strip().lower()) and name:
                    sheet.setdefault(name, {}).update(_read_style(body))
    return sheet


def _tidy(lines: list[PageLine]) -> list[PageLine]:
    """Lines without trailing blanks, at most one empty line in a row, none at the ends."""
    kept: list[PageLine] = []
    for line in lines:
        line.text = line.text.rstrip(" \n\t") if line.text.strip(" \t\u00a0") else ""
        if line.text or (kept and kept[-1].text):
            kept.append(line)
    while kept and not kept[-1].text:
        kept.pop()
    return kept


def _walk(element: HtmlElement, scope: _Scope, writer: _Writer, depth: int) -> None:
    tag = element.tag if isinstance(element.tag, str) else ""
    if not tag or tag in SKIPPED or depth > DEPTH_LIMIT:
        return
    inner = _enter(element, tag, scope, writer.sheet)
    if inner.hidden:
        writer.hide(element.text_content(), inner.hidden)
    elif tag == "br":
        writer.break_line(is_forced=True)
    else:
        _write(element, tag, inner, writer, depth)


def _write(element: HtmlElement, tag: str, inner: _Scope, writer: _Writer, depth: int) -> None:
    if tag in BLOCKS:
        writer.break_line()
    if tag in ("td", "th") and element.getprevious() is not None and writer.lines[-1].text.strip():
        writer.lines[-1].text = writer.lines[-1].text.rstrip(" ") + "\t"
    if element.text:
        writer.write(element.text, inner)
    _walk_children(element, inner, writer, depth)
    if tag in BLOCKS:
        writer.break_line()
        if tag == "p" and _has_margin(element):
            writer.break_line(is_forced=True)


def _walk_children(element: HtmlElement, scope: _Scope, writer: _Writer, depth: int) -> None:
    after_rule = scope
    in_cell = element.tag in ("td", "th")
    for child in element:
        if in_cell and isinstance(child.tag, str) and child.tag in BLOCKS:
            _walk_cell(child, after_rule, writer, depth)
        else:
            _walk(child, after_rule, writer, depth + 1)
        if child.tag == "hr":
            after_rule = replace(after_rule, is_after_rule=True)
        if child.tail:
            is_layout = element.tag in ("table", "tbody", "thead", "tr") and not child.tail.strip()
            if not is_layout:
                writer.write(child.tail, after_rule)


def _walk_cell(child: HtmlElement, scope: _Scope, writer: _Writer, depth: int) -> None:
    """A block alone in its cell is a word of the row, not a line of its own."""
    cell = child.getparent()
    is_small = cell is not None and len(cell) == 1 and not len(child)
    if is_small and child.text and child.tag in ("p", "div"):
        inner = _enter(child, str(child.tag), scope, writer.sheet)
        if inner.hidden:
            writer.hide(child.text_content(), inner.hidden)
        else:
            writer.write(child.text, inner)
        return
    _walk(child, scope, writer, depth + 1)


def _has_margin(element: HtmlElement) -> bool:
    """Plain paragraphs stand apart; those of Word («MsoNormal») follow one another."""
    style = (element.get("style") or "").lower()
    return "mso" not in (element.get("class") or "").lower() and "margin:0" not in style.replace(
        " ", ""
    )


def _enter(element: HtmlElement, tag: str, scope: _Scope, sheet: Sheet) -> _Scope:
    raw_style = element.get("style") or ""
    style = _full_style(element, tag, sheet) | _read_style(raw_style)
    marks = f"{element.get('class') or ''} {element.get('id') or ''}"
    is_cited = tag == "blockquote" and (
        element.get("type") == "cite" or "quote" in marks or "border-left" in raw_style
    )
    background = _background(element, style, scope.background)
    colour = _colour(style.get("color") or element.get("color") or _body_text(element, tag))
    colour = colour or scope.colour
    is_quote = is_cited or QUOTE_MARKS.search(marks) or RULE_ABOVE.search(raw_style)
    return _Scope(
        is_quoted=scope.is_quoted or bool(is_quote),
        is_signature=scope.is_signature or bool(SIGNATURE_MARKS.search(marks)),
        is_after_rule=scope.is_after_rule,
        is_preformatted=scope.is_preformatted
        or tag == "pre"
        or "pre" in style.get("white-space", ""),
        colour=colour,
        background=background,
        hidden=_hidden_reason(element, style, colour, background),
    )


def _full_style(element: HtmlElement, tag: str, sheet: Sheet) -> dict[str, str]:
    """What the style sheets say of an element, the more precise rules last."""
    names = [f".{name}" for name in (element.get("class") or "").lower().split()]
    names += [f"#{element.get('id')}".lower()] if element.get("id") else []
    style: dict[str, str] = {}
    for name in (tag, *names, *(f"{tag}{name}" for name in names)):
        style |= sheet.get(name, {})
    return style


def _body_text(element: HtmlElement, tag: str) -> str | None:
    return element.get("text") if tag == "body" else None


def _background(
    element: HtmlElement, style: dict[str, str], inherited: Colour | None
) -> Colour | None:
    """The colour behind an element; None when a picture stands there, which may be of any."""
    told = style.get("background-color") or style.get("background") or ""
    if (
        "url(" in told
        or "gradient" in told
        or "background-image" in style
        or (element.get("background"))
    ):
        return None
    return _colour(told or element.get("bgcolor")) or inherited


def _hidden_reason(
    element: HtmlElement,
    style: dict[str, str],
    colour: Colour | None,
    background: Colour | None,
) -> HiddenReason | None:
    if style.get("display") == "none" or style.get("visibility") in ("hidden", "collapse"):
        return "display"
    if element.get("hidden") is not None or style.get("mso-hide") == "all":
        return "display"
    if _is_tiny(style.get("font-size")) or style.get("opacity", "1") in ("0", "0.0", "0%", ".0"):
        return "size"
    if "0" in (style.get("max-height", "")[:1], style.get("height", "")[:1]) and (
        style.get("overflow") == "hidden"
    ):
        return "size"
    if _is_off_page(style):
        return "offscreen"
    if colour and background and _is_close(colour, background) and element.text_content().strip():
        return "colour"
    return None


def _read_style(style: str) -> dict[str, str]:
    pairs = (part.partition(":") for part in style.split(";"))
    return {
        name.strip().lower(): value.replace("!important", "").strip().lower()
        for name, _, value in pairs
    }


def _is_tiny(size: str | None) -> bool:
    found = LENGTH.match(size or "")
    return bool(found) and float(found[1]) <= SMALL.get((found[2] or "").lower(), 2.0)


def _is_off_page(style: dict[str, str]) -> bool:
    for name in ("left", "top", "text-indent", "margin-left"):
        value = style.get(name, "")
        found = re.match(r"^-(\d+)\s*px", value)
        if found and int(found[1]) >= 500:
            return True
    return False


def _is_close(left: Colour, right: Colour) -> bool:
    return max(abs(a - b) for a, b in zip(left, right, strict=True)) <= 12


def _colour(value: str | None) -> Colour | None:
    value = (value or "").strip().lower()
    if value in WHITES:
        return WHITES[value]
    if value in ("transparent", "inherit", "initial", ""):
        return None
    if found := re.match(r"#([0-9a-f]{6})\b", value):
        digits = found[1]
    elif found := re.match(r"#([0-9a-f]{3})\b", value):
        digits = "".join(char * 2 for char in found[1])
    elif found := re.match(r"rgba?\(\s*(\d+)[\s,]+(\d+)[\s,]+(\d+)(?:[\s,/]+(0?\.?\d+))?", value):
        red, green, blue = (min(int(found[i]), 255) for i in (1, 2, 3))
        return None if found[4] and float(found[4]) == 0 else (red, green, blue)
    else:
        return NAMED
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
