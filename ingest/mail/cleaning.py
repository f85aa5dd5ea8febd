"""A thread read message by message: new words, quotes, forwards, signatures, hidden text.

A line is held for quoted only on the word of a header, of quote marks or of the page's markup,
and the thread is the referee: what stands in a quotation of a known message without being in any
earlier message is new, and is never dropped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.spans import Span
from ingest.mail.inline_answers import pair_answers
from ingest.mail.languages import detect_language
from ingest.mail.library_vote import find_quotation
from ingest.mail.message import MailMessage
from ingest.mail.page import Page, read_page
from ingest.mail.quote_headers import (
    QuoteHeader,
    find_foreign_attribution,
    find_header,
    quote_depth,
)
from ingest.mail.signatures import DASHES, find_notice, find_signature, is_closing, is_notice
from ingest.mail.thread import CleanMessage, CleanThread, HiddenText, Part, PartKind

INVISIBLE = re.compile("[\u200b-\u200f\u2060-\u2064\ufeff\u00ad\U000e0000-\U000e007f\u202a-\u202e]")
TAGGED = re.compile("[\U000e0020-\U000e007e]{4,}")
WORD = re.compile(r"\w+")
ADDED = re.compile(
    r"<(?:mailto:|https?:)[^>\n]*>|\[(?:cid|image|mailto)\s?:[^\]\n]*\]", re.IGNORECASE
)
STUB_SHARE = 0.5
KNOWN_SHARE = 0.5
LINES_LIMIT = 20_000
LINE_LIMIT = 4000


@dataclass
class _Line:
    """A line of the stored text and what has been made of it."""

    text: str
    start: int
    kind: PartKind = "new"
    is_known: bool = False
    is_header: bool = False
    flags: frozenset[str] = field(default=frozenset[str]())

    @property
    def end(self) -> int:
        return self.start + len(self.text)


class _Memory:
    """What the earlier messages of the thread said, blanks and quote marks aside."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    def add(self, text: str) -> None:
        self._texts.append(_compact(text))

    def holds(self, line: str) -> bool:
        words = _compact(line)
        return bool(words) and any(words in text for text in self._texts)

    @property
    def is_empty(self) -> bool:
        return not self._texts


def _compact(text: str) -> str:
    text = ADDED.sub(" ", text)
    lines = (re.sub(r"^[>\s]+", "", line) for line in text.split("\n"))
    return "".join("".join(WORD.findall(INVISIBLE.sub("", line))) for line in lines).casefold()


def clean_thread(messages: Sequence[MailMessage]) -> CleanThread:
    """The thread of these messages, oldest first, each message id once."""
    unique = {message.internet_message_id: message for message in reversed(messages)}
    ordered = sorted(unique.values(), key=lambda message: message.sent_at)
    memory = _Memory()
    cleaned: list[CleanMessage] = []
    for message in ordered:
        clean = _clean(message, memory, has_earlier=bool(cleaned))
        cleaned.append(clean)
        memory.add(clean.text)
    return CleanThread(tuple(cleaned))


def _clean(message: MailMessage, memory: _Memory, *, has_earlier: bool) -> CleanMessage:
    page = read_page(message.html) if message.html else Page((), ())
    text, flags = _choose_text(message, page)
    lines = _cut(text, flags)
    hidden = [*page.hidden, *_hidden_characters(text)]
    _hide(lines, page.hidden)
    _mark_quotes(lines, message, memory, has_earlier=has_earlier)
    _mark_endings(lines, message)
    parts = _make_parts(lines, text, message.internet_message_id)
    new = "\n\n".join(part.span.quote for part in parts if part.kind == "new")
    return CleanMessage(
        message=message,
        source_id=message.internet_message_id,
        text=text,
        new_text=new,
        parts=parts,
        hidden=tuple(dict.fromkeys(hidden)),
        inline_answers=pair_answers(parts),
        language=detect_language(new or text),
    )


def _choose_text(message: MailMessage, page: Page) -> tuple[str, list[frozenset[str]]]:
    """The plain body, unless it is missing or a mere stub beside the page; the page's flags
    are laid on the lines that say the same."""
    plain = (message.text or "").replace("\r\n", "\n").strip("\n")
    shown = page.text
    if not shown.strip():
        return plain, [frozenset() for _ in plain.split("\n")]
    if len(_compact(plain)) < STUB_SHARE * len(_compact(shown)):
        return shown, [_flags(line) for line in page.lines]
    by_words: dict[str, frozenset[str]] = {}
    for line in page.lines:
        key = _compact(line.text)
        flags = _flags(line)
        by_words[key] = by_words[key] & flags if key in by_words else flags
    return plain, [by_words.get(_compact(line), frozenset()) for line in plain.split("\n")]


def _flags(line: object) -> frozenset[str]:
    names = ("is_quoted", "is_signature", "is_after_rule")
    return frozenset(name for name in names if getattr(line, name))


def _cut(text: str, flags: Sequence[frozenset[str]]) -> list[_Line]:
    lines: list[_Line] = []
    start = 0
    for rank, line in enumerate(text.split("\n")):
        lines.append(_Line(line, start, flags=flags[rank] if rank < len(flags) else frozenset()))
        start += len(line) + 1
    return lines


def _hidden_characters(text: str) -> list[HiddenText]:
    """Words spelt in invisible «tag» characters, and long runs of zero-width ones."""
    found = [
        HiddenText("".join(chr(ord(char) - 0xE0000) for char in run), "zero_width")
        for run in TAGGED.findall(text)
    ]
    count = len(INVISIBLE.findall(text))
    if count and not found:
        found.append(HiddenText(f"{count} caractère(s) invisible(s)", "zero_width"))
    return found


def _hide(lines: Sequence[_Line], hidden: Sequence[HiddenText]) -> None:
    """Lines of the plain body that the page hides."""
    known = [_compact(item.text) for item in hidden]
    for line in lines:
        words = _compact(line.text)
        if len(words) > 11 and any(words in text for text in known):
            line.kind = "hidden"


def _mark_quotes(
    lines: Sequence[_Line], message: MailMessage, memory: _Memory, *, has_earlier: bool
) -> None:
    texts = [line.text[:LINE_LIMIT] for line in lines]
    _mark_angle_quotes(lines, texts)
    header = _first_open_header(lines, texts)
    if header is not None:
        _mark_rest(lines, texts, header, message, has_earlier=has_earlier)
    elif not any(line.kind == "quoted" for line in lines):
        _mark_voted(lines, texts, memory)
    _mark_page_quotes(lines, memory)
    _referee(lines, memory)


def _mark_angle_quotes(lines: Sequence[_Line], texts: Sequence[str]) -> None:
    """Lines under «>», each run with the header just above it."""
    for rank, text in enumerate(texts):
        if quote_depth(text) and lines[rank].kind == "new":
            lines[rank].kind = "quoted"
    _mark_wrapped(lines, texts)
    for rank in range(len(texts)):
        if lines[rank].kind != "new":
            continue
        header = find_header(texts, rank) or find_foreign_attribution(texts, rank)
        if header is None or header.kind == "block":
            continue
        below = _next_filled(texts, header.end)
        if below is not None and quote_depth(texts[below]):
            for position in range(header.start, below):
                lines[position].kind, lines[position].is_header = "quoted", True


def _mark_wrapped(lines: Sequence[_Line], texts: Sequence[str]) -> None:
    """A quoted line that a program wrapped leaves its tail without «>», between two of them."""
    for rank in range(1, len(texts) - 1):
        is_between = lines[rank - 1].kind == "quoted" and quote_depth(texts[rank + 1]) > 0
        before = texts[rank - 1]
        is_tail = len(before) > 60 and not re.search(r"[.?!:;,]\s*$", before)
        text = texts[rank].strip()
        if is_between and is_tail and text and lines[rank].kind == "new" and text[0].islower():
            lines[rank].kind = "quoted"


def _next_filled(texts: Sequence[str], start: int) -> int | None:
    return next((i for i in range(start, min(start + 4, len(texts))) if texts[i].strip()), None)


def _first_open_header(lines: Sequence[_Line], texts: Sequence[str]) -> QuoteHeader | None:
    """The first header whose quotation bears no mark and so runs to the end."""
    for rank in range(min(len(texts), LINES_LIMIT)):
        if lines[rank].kind == "new" and (header := find_header(texts, rank)):
            return header
    return None


def _mark_rest(
    lines: Sequence[_Line],
    texts: Sequence[str],
    header: QuoteHeader,
    message: MailMessage,
    *,
    has_earlier: bool,
) -> None:
    start = _before_header(texts, header.start)
    is_forward = header.kind == "forward" or (
        not has_earlier and message.in_reply_to is None and _is_forward_subject(message.subject)
    )
    kind: PartKind = "forwarded" if is_forward else "quoted"
    for rank in range(start, len(lines)):
        if lines[rank].kind != "hidden":
            lines[rank].kind = kind
            lines[rank].is_header = lines[rank].is_header or rank < header.end
    for rank in range(header.end, len(lines)):
        if (inner := find_header(texts, rank)) is not None:
            for position in range(inner.start, inner.end):
                lines[position].is_header = True


def _before_header(texts: Sequence[str], start: int) -> int:
    """The rule («_____», «-----») drawn just above a header belongs to it."""
    above = start - 1
    while above >= 0 and not texts[above].strip():
        above -= 1
    return above if above >= 0 and re.match(r"^\s*[-_=*]{5,}\s*$", texts[above]) else start


def _mark_voted(lines: Sequence[_Line], texts: Sequence[str], memory: _Memory) -> None:
    """Where the rules see no quotation and the library does, the lines that the thread holds are
    quoted; without the thread's word nothing is."""
    start = find_quotation(texts)
    if start is None:
        return
    for line in lines[start:]:
        if line.kind == "new" and memory.holds(line.text):
            line.kind = "quoted"


def _is_forward_subject(subject: str) -> bool:
    return re.match(r"\s*(?:tr|fwd?|fw|wg|i|rv|enc)\s*:", subject, re.IGNORECASE) is not None


def _mark_page_quotes(lines: Sequence[_Line], memory: _Memory) -> None:
    """Lines that the page sets as a quotation: believed when the thread holds them, or when a
    header already opened a quotation above them."""
    has_header = any(line.is_header for line in lines)
    for line in lines:
        is_flagged = line.kind == "new" and "is_quoted" in line.flags and line.text.strip()
        if is_flagged and (has_header or memory.holds(line.text)):
            line.kind = "quoted"


def _referee(lines: Sequence[_Line], memory: _Memory) -> None:
    """New words inside the quotation of a known message are given back to their author."""
    if memory.is_empty:
        return
    old = [line for line in lines if line.kind in ("quoted", "forwarded")]
    told = [line for line in old if WORD.search(line.text)]
    for line in told:
        line.is_known = memory.holds(line.text)
    words = [line for line in told if not line.is_header]
    last_known = max((rank for rank, line in enumerate(words) if line.is_known), default=-1)
    known = sum(1 for line in words if line.is_known)
    if last_known < 0 or known < KNOWN_SHARE * (last_known + 1):
        return
    marked = sum(1 for line in words[: last_known + 1] if quote_depth(line.text))
    is_marked_style = marked > (last_known + 1) / 2
    end = _end_of_known(told, words[last_known])
    for line in told[:end]:
        if line.is_header or line.is_known or (is_marked_style and quote_depth(line.text)):
            continue
        line.kind = "new"


def _end_of_known(told: Sequence[_Line], last_known: _Line) -> int:
    """Where an older mail, never seen, begins below the last known line: at its header."""
    after = next(rank for rank, line in enumerate(told) if line is last_known) + 1
    return next((rank for rank in range(after, len(told)) if told[rank].is_header), len(told))


def _mark_endings(lines: Sequence[_Line], message: MailMessage) -> None:
    """Signature and notices, at the end of the words before the quotation and at the very end."""
    names = _sender_names(message)
    for rank, run in enumerate(_new_runs(lines)):
        _mark_ending(run, names, is_first=rank == 0)


def _sender_names(message: MailMessage) -> list[str]:
    local = message.sender.email.partition("@")[0]
    return [name for name in (message.sender.name, re.sub(r"[._\d-]+", " ", local)) if name]


def _new_runs(lines: Sequence[_Line]) -> list[list[_Line]]:
    """Runs of new lines that end before a quotation or at the end of the mail."""
    runs: list[list[_Line]] = [[]]
    for line in lines:
        if line.kind == "new":
            runs[-1].append(line)
        elif runs[-1] and line.text.strip():
            runs.append([])
    return [run for run in runs if any(line.text.strip() for line in run)]


def _mark_ending(run: Sequence[_Line], names: Sequence[str], *, is_first: bool) -> None:
    texts = [line.text for line in run]
    notice = _notice_start(run, texts)
    for line in run[notice:]:
        line.kind = "disclaimer"
    flagged = _flagged_signature(run[:notice])
    start = min(find_signature(texts[:notice], names), flagged)
    is_whole = not any(text.strip() for text in texts[:start])
    if is_whole and (is_first or not DASHES.match(next(t for t in texts if t.strip()))):
        start = notice
    for line in run[start:notice]:
        line.kind = "disclaimer" if is_notice(line.text) else "signature"


def _notice_start(run: Sequence[_Line], texts: Sequence[str]) -> int:
    """Notices, and what stands in small print under a rule after the signature."""
    cut = min(find_notice(texts), len(run))
    for rank in range(cut - 1, 0, -1):
        if texts[rank].strip() and "is_after_rule" not in run[rank].flags:
            break
        if texts[rank].strip():
            cut = rank
    return cut


def _flagged_signature(run: Sequence[_Line]) -> int:
    """What the page calls a signature, when it ends the words."""
    start = len(run)
    for rank in range(len(run) - 1, -1, -1):
        if run[rank].text.strip() and "is_signature" not in run[rank].flags:
            break
        if run[rank].text.strip():
            start = rank
    while start < len(run) and is_closing(run[start].text):
        start += 1
    return start


def _make_parts(lines: Sequence[_Line], text: str, source_id: str) -> tuple[Part, ...]:
    """Runs of lines of one kind; blank lines at their ends belong to none."""
    parts: list[Part] = []
    run: list[_Line] = []
    for line in [*lines, None]:
        if line is not None and not line.text.strip():
            if run:
                run.append(line)
            continue
        if run and (line is None or line.kind != run[0].kind):
            parts.append(_make_part(run, text, source_id))
            run = []
        if line is not None:
            run.append(line)
    return tuple(parts)


def _make_part(run: list[_Line], text: str, source_id: str) -> Part:
    while run and not run[-1].text.strip():
        run.pop()
    start = run[0].start + len(run[0].text) - len(run[0].text.lstrip())
    end = run[-1].start + len(run[-1].text.rstrip())
    is_known = all(line.is_known or line.is_header or not line.text.strip() for line in run)
    return Part(run[0].kind, Span(source_id, start, end, text[start:end]), is_known)
