"""The lines by which mail programs introduce what they quote or forward."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

HeaderKind = Literal["attribution", "block", "original", "forward"]
WROTE = (
    r"a écrit|a ecrit|à écrit|a répondu|wrote|writes|schrieb(?: am)?|schreef|geschreven|ha scritto|escribió"
    r"|escreveu|skrev|kirjoitti|napisał\(?a?\)?|napsal\(?a?\)?|написал\(?а?\)?|пише|yazdı|έγραψε"
    r"|a scris|ha escrit|escribio|napísal\(?a?\)?|写道|寫道|のメッセージ|님이 작성"
)
ATTRIBUTION_END = re.compile(
    rf"(?:{WROTE})[^\n\w]{{0,8}}$"
    r"|\b(?:schrieb|skrev|schreef|escribió|escreveu|napsal|kirjoitti|пишет|написал)\b[^\n]{0,120}:\s*$",
    re.IGNORECASE,
)
ATTRIBUTION_START = re.compile(
    r"^\W{0,3}(?:le|on|am|op|il|el|em|den|på|w dniu|dnia|dne|le\u00a0|у|в|a|na|tr?ê?s|pada|vào|ti|în"
    r"|lun|mar|mer|jeu|ven|sam|dim|\d{1,4}[./-]\d{1,2}|\d{4}年|\d{1,2}\.? \w+)\b",
    re.IGNORECASE,
)
DATE_LIKE = re.compile(
    r"\d{1,2}[:hH.]\d{2}|\b(?:19|20)\d{2}\b|\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|@|\d{1,2} \w{3,9}\b",
)
INVERTED = re.compile(
    r"^[^\n]{0,120}?(?:<[^<>@\s]+@[^<>\s]+>|\b\S+@\S+)[^\n]{0,60}(?:" + WROTE + r")\W*$",
    re.IGNORECASE,
)
FIELD = re.compile(
    r"^\W{0,6}(?P<name>de|from|von|van|da|desde|från|fra|lähettäjä|od|от|expéditeur|émetteur"
    r"|envoyé(?: le| par)?|envoye|sent|gesendet|verzonden|inviato|enviado(?: el| em)?|skickat|sendt|date|datum"
    r"|data|fecha|date d’envoi|date d'envoi|à|a|to|an|aan|para|per|till|til|destinataires?|pour"
    r"|cc|copie(?: à)?|kopie|objet|obj|sujet|subject|betreff|onderwerp|oggetto|asunto|assunto|ämne|emne"
    r"|répondre à|reply-to|importance|pièces? jointes?|attachments?|message-id|organization)\b"
    r"[\s\u00a0\u202f]*\*?[:：]\*?[\s\u00a0]*(?P<value>.*)$",
    re.IGNORECASE,
)
SENDER_FIELDS = ("de", "from", "von", "van", "da", "från", "fra", "desde", "od", "от",
                 "expéditeur", "émetteur", "lähettäjä")  # fmt: skip
OTHER_FIELDS = 1
ORIGINAL = re.compile(
    r"^\W{0,40}(?:message d[’']origine|message original|original message|ursprüngliche nachricht"
    r"|originalnachricht|oorspronkelijk bericht|messaggio originale|mensaje original"
    r"|mensagem original|ursprungligt meddelande|oprindelig meddelelse|alkuperäinen viesti"
    r"|message initial|courriel original|reply message|mail original|e-mail original"
    r"|opprinnelig melding|antwort nachricht)\W{0,60}$",
    re.IGNORECASE,
)
FORWARDED = re.compile(
    r"^\W{0,40}(?:forwarded message|message transféré|message transfere|message réexpédié"
    r"|transféré par .{1,80}|début du message (?:transféré|réexpédié)|begin forwarded message"
    r"|weitergeleitete nachricht|doorgestuurd bericht|messaggio inoltrato|mensaje reenviado"
    r"|mensagem encaminhada|courriel transféré|e-mail transféré|forwarded by .{1,80}"
    r"|anfang der weitergeleiteten .{1,20}|vidarebefordrat meddelande)\W{0,60}$",
    re.IGNORECASE,
)
MESSAGE_OF = re.compile(
    r"^\W{0,6}message du \d{1,2}/\d{1,2}/\d{2,4}|^\W{0,6}reply to message|^\W{0,4}in reply to\b",
    re.IGNORECASE,
)
WRAPPED_LINES = 4
TOO_LONG = 400


@dataclass(frozen=True)
class QuoteHeader:
    """Lines `start` to `end` (not included) introduce a quotation."""

    kind: HeaderKind
    start: int
    end: int


def find_header(lines: Sequence[str], start: int) -> QuoteHeader | None:
    """The header that begins at line `start`, however it is wrapped; quote marks are ignored."""
    line = bare(lines[start])
    if not line:
        return None
    if FORWARDED.match(line):
        return QuoteHeader("forward", start, _end_of_fields(lines, start + 1))
    if ORIGINAL.match(line):
        return QuoteHeader("original", start, _end_of_fields(lines, start + 1))
    if MESSAGE_OF.match(line) and _end_of_fields(lines, start + 1) > start + 1:
        return QuoteHeader("original", start, _end_of_fields(lines, start + 1))
    return _find_attribution(lines, start) or _find_block(lines, start)


def bare(line: str) -> str:
    """A line without its quote marks, emphasis stars and edges."""
    return line.lstrip("> \t\u00a0").rstrip().replace("*", "")


def quote_depth(line: str) -> int:
    """How many «>» a line begins with."""
    depth = 0
    for char in line:
        if char == ">":
            depth += 1
        elif char not in " \u00a0":
            break
    return depth


def _find_attribution(lines: Sequence[str], start: int) -> QuoteHeader | None:
    """« Le … a écrit : », on one line or wrapped over up to four."""
    joined = ""
    for count in range(1, WRAPPED_LINES + 1):
        if start + count > len(lines):
            return None
        piece = bare(lines[start + count - 1])
        if not piece:
            return None
        joined = f"{joined} {piece}".strip()
        if len(joined) > TOO_LONG:
            return None
        if ATTRIBUTION_END.search(joined):
            return (
                QuoteHeader("attribution", start, start + count)
                if _is_attribution(joined)
                else None
            )
    return None


def find_foreign_attribution(lines: Sequence[str], start: int) -> QuoteHeader | None:
    """A line with a date and an hour that ends with «:» just above «>»: « … írta: »."""
    line = bare(lines[start])
    if not line.endswith(":") or len(line) > 200 or start + 1 >= len(lines):
        return None
    has_when = re.search(r"\d{1,2}[:.h]\d{2}", line) and re.search(r"\b(?:19|20)\d{2}\b|@", line)
    return QuoteHeader("attribution", start, start + 1) if has_when else None


def _is_attribution(joined: str) -> bool:
    if not DATE_LIKE.search(joined):
        return False
    if re.search(r"[.?!]\s+\w+ \w+ \w+ \w+ \w+", joined) and "@" not in joined:
        return False
    return bool(ATTRIBUTION_START.match(joined) or INVERTED.match(joined))


def _find_block(lines: Sequence[str], start: int) -> QuoteHeader | None:
    """«De : / Envoyé : / À : / Objet : », in whatever order, a sender among them."""
    first = FIELD.match(bare(lines[start]))
    if first is None:
        return None
    end = _end_of_fields(lines, start)
    names = [m["name"].lower() for i in range(start, end) if (m := FIELD.match(bare(lines[i])))]
    senders = [name for name in names if name in SENDER_FIELDS]
    others = {name for name in names if name not in SENDER_FIELDS}
    if not senders or len(others) < 1 + OTHER_FIELDS:
        return None
    values = " ".join(bare(lines[i]) for i in range(start, end))
    return QuoteHeader("block", start, end) if DATE_LIKE.search(values) else None


def _end_of_fields(lines: Sequence[str], start: int) -> int:
    """The line after the last field; an address may run on, one empty line may part two."""
    end = position = start
    blanks = 0
    while position < len(lines) and position - start < 20:
        line = bare(lines[position])
        if FIELD.match(line):
            end, blanks = position + 1, 0
        elif not line:
            blanks += 1
            if blanks > 2:
                break
        elif end > start and blanks == 0 and _continues(line):
            end = position + 1
        else:
            break
        position += 1
    return end


def _continues(line: str) -> bool:
    return "@" in line and len(line) < 200 and not line.endswith((".", "?", "!"))
