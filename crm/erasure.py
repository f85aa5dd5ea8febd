"""Erasure of a person or of a document: previewed, confirmed by an administrator, certified.

The database does it in one transaction, under a function that only an administrator's signed
identity may call. A preview is the same act rolled back: its counts are those that will be.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal
from uuid import UUID, uuid4

import psycopg

from core.context import Identity
from core.database import Connection, Database
from core.errors import InvalidInput, NotAllowed, NotFound, VoltaireError
from core.formats import NBSP
from core.secrets import Secrets

ADMINISTRATOR: Literal["gatekeeper"] = "gatekeeper"
NOT_ADMINISTRATOR = "L’effacement est réservé à l’administrateur du cabinet."
TOO_VAGUE = (
    f"«{NBSP}{{term}}{NBSP}» désigne trop de choses. Donnez un prénom et un nom, une adresse de "
    "courriel ou un numéro de téléphone."
)
UNKNOWN = "Cet effacement n’existe pas, ou a déjà été fait. Demandez-en un nouvel aperçu."
STALE = (
    "Ce qui serait effacé a changé depuis l’aperçu, ou les mots donnés ne sont pas ceux de "
    "l’aperçu. Relisez un nouvel aperçu avant de confirmer."
)
SELF = "Vous ne pouvez pas effacer votre propre compte. Demandez-le à un autre administrateur."
LEFT = (
    f"Rien n’a été effacé{NBSP}: certaines lignes nommeraient encore cette personne. Demandez un "
    f"nouvel aperçu et recommencez{NBSP}; si cela persiste, prévenez qui tient l’installation."
)
LIKE_LETTERS = {"a": "aàâäáãå", "c": "cçćč", "e": "eéèêëęě", "i": "iîïíì", "l": "lł", "n": "nñń",
                "o": "oôöóòõø", "s": "sšś", "u": "uùûüúů", "y": "yÿý", "z": "zžźż"}  # fmt: skip
# Spaces of every width, soft and hard hyphens; the same as JSON and HTML write them.
BLANK = r"\s\u00a0\u00ad\u2007\u2009-\u200b\u2010\u2011\u2028\u2029\u202f\ufeff"
ESCAPED = (
    r"\\+(?:[nrtbf]|u(?:00a0|00ad|2007|2009|200a|200b|2010|2011|2019|2028|2029|202f|feff))"
    r"|&(?:nbsp|#160|#xa0);"
)
BETWEEN = rf"(?:[{BLANK}._'’>-]|{ESCAPED})+"
APART = rf"(?:[{BLANK}./-]|{ESCAPED})*"
PHONE_DIGITS = 9
Kind = Literal["person", "document"]

INSERT = "INSERT INTO erasures (id, tenant_id, kind, subject, asked_by) VALUES (%s, %s, %s, %s, %s)"
SET_PREVIEW = "UPDATE erasures SET preview_digest = %s WHERE tenant_id = %s AND id = %s"
GET = """
SELECT id, kind, subject, preview_digest FROM erasures
WHERE tenant_id = %s AND id = %s AND done_at IS NULL AND kind <> 'retention'
"""
PERSON = "SELECT kind, affected FROM erase_person(%s, %s)"
DOCUMENT = "SELECT kind, affected FROM erase_document(%s, %s)"
RUN_STATE = frozenset({"checkpoints", "jobs"})
OWN_ADDRESSES = "SELECT address FROM list_own_addresses(%s) AS address"
TRACES = "SELECT place, hits FROM find_traces(%s)"
FINISH = """
UPDATE erasures SET done_at = clock_timestamp() WHERE tenant_id = %s AND id = %s RETURNING done_at
"""
CERTIFY = "UPDATE erasures SET certificate = %s, signature = %s WHERE tenant_id = %s AND id = %s"
LIST = """
SELECT id, kind, asked_at, done_at, certificate, signature FROM erasures
WHERE tenant_id = %s AND done_at IS NOT NULL ORDER BY done_at DESC LIMIT %s
"""


@dataclass(frozen=True)
class Subject:
    """Whom or what to erase: the words that name a person, or a document's code."""

    kind: Kind
    words: tuple[str, ...]

    @property
    def pattern(self) -> str:
        """The PostgreSQL expression of all the ways these words are written."""
        return "|".join(write_pattern(word) for word in self.words)


@dataclass(frozen=True)
class Preview:
    """What an erasure would change, by kind; `digest` is what a confirmation must name."""

    id: UUID
    counts: Mapping[str, int]
    digest: str


@dataclass(frozen=True)
class Done:
    """An erasure as it was done: how many of each kind, and all the words the person went by."""

    counts: Mapping[str, int]
    subject: Subject
    at: dt.datetime


@dataclass(frozen=True)
class Certificate:
    """What was done, signed with the installation's secret. It names nobody."""

    id: UUID
    text: str
    signature: str


class NotErased(VoltaireError):
    """Something still names the subject: nothing is certified."""


class _Rehearsed(Exception):
    """Ends the transaction of a preview without keeping anything."""


def make_subject(kind: Kind, words: Sequence[str]) -> Subject:
    """The subject of these words; InvalidInput when they name too many things, or nothing."""
    given = tuple(dict.fromkeys(" ".join(word.split()) for word in words if word.strip()))
    if not given:
        raise InvalidInput("Dites qui ou quoi effacer : un nom et une adresse, ou un code.")
    if kind == "person":
        for word in given:
            is_full = "@" in word or len(word.split()) > 1 or _digits(word) is not None
            if not is_full or len(word) < 5:
                raise InvalidInput(TOO_VAGUE.format(term=word[:60]))
    elif len(given) > 1:
        raise InvalidInput("Effacez un document à la fois : donnez son seul code.")
    return Subject(kind, given)


def write_pattern(word: str) -> str:
    """All the ways a name, an address or a telephone number is written, accents or not."""
    digits = _digits(word)
    if digits is not None:
        return _write_phone(digits)
    if "@" in word:
        return _stand_alone(re.escape(word), r"[^\w.+-]", r"(?![\w-])")
    parts = [_write_letters(part) for part in re.split(r"[\s._'’-]+", word) if part]
    orders = (parts, parts[1:] + parts[:1], parts[-1:] + parts[:-1])
    written = dict.fromkeys(BETWEEN.join(order) for order in orders)
    return "|".join(_stand_alone(each, r"\W", r"\M") for each in written)


def _stand_alone(written: str, before: str, after: str) -> str:
    """`written`, where it begins a word or follows an escape.

    The start is looked at last, once all the rest matches: looked at first, it would be at every
    character of every text.
    """
    return rf"{written}{after}(?<=(?:^|{before}|{ESCAPED}){written})"


def _digits(word: str) -> str | None:
    digits = re.sub(r"\D", "", word)
    is_phone = len(digits) > PHONE_DIGITS and not re.search(r"[^\d\s.+()-]", word)
    return digits if is_phone else None


def _write_phone(digits: str) -> str:
    """A number with its prefix, within no longer one: a SIREN or a PRM is no telephone."""
    national = re.fullmatch(r"(?:(?:00)?330?|0)([1-9]\d{8})", digits)
    if national is None:
        return _stand_alone(rf"\+?{APART.join(digits)}", r"\D", r"(?!\d)")
    prefix = rf"(?:(?:\+|00)?33{APART}(?:\(0\){APART})?|0{APART})"
    return _stand_alone(prefix + APART.join(national[1]), r"\D", r"(?!\d)")


def _write_letters(part: str) -> str:
    plain = unicodedata.normalize("NFD", part.lower())
    letters = "".join(char for char in plain if not unicodedata.combining(char))
    return "".join(_write_letter(char) for char in letters)


def _write_letter(char: str) -> str:
    """Both cases are written out: not every database folds accented capitals."""
    if char not in LIKE_LETTERS:
        return re.escape(char)
    return f"[{LIKE_LETTERS[char]}{LIKE_LETTERS[char].upper()}]"


def digest_subject(secrets: Secrets, identity: Identity, subject: Subject) -> str:
    """A keyed digest of the subject: tells the same subject again, and names nobody."""
    told = "\n".join([str(identity.tenant_id), subject.kind, *sorted(subject.words)]).lower()
    return hmac.new(secrets.derive("erasure"), told.encode(), hashlib.sha256).hexdigest()


async def preview(database: Database, identity: Identity, subject: Subject) -> Preview:
    """What would be erased. Raises NotAllowed, InvalidInput, NotFound (no such document)."""
    _check_administrator(identity)
    erasure_id = uuid4()
    digest = digest_subject(database.secrets, identity, subject)
    async with database.transaction(identity, ADMINISTRATOR) as connection:
        await connection.execute(
            INSERT, (erasure_id, identity.tenant_id, subject.kind, digest, identity.user_id)
        )
    counts: dict[str, int] = {}
    try:
        async with database.transaction(identity, ADMINISTRATOR) as connection:
            whole = await _widen(connection, subject)
            counts = await _erase(connection, erasure_id, whole)
            raise _Rehearsed
    except _Rehearsed:
        pass
    shown = _digest_counts(digest, counts)
    async with database.transaction(identity, ADMINISTRATOR) as connection:
        await connection.execute(SET_PREVIEW, (shown, identity.tenant_id, erasure_id))
    return Preview(erasure_id, counts, shown)


async def confirm(
    database: Database,
    identity: Identity,
    erasure_id: UUID,
    subject: Subject,
    seen_digest: str,
) -> Done:
    """Erase what a preview showed, look for it in every column, and date the act: all or nothing.

    Raises NotAllowed, NotFound, InvalidInput when it is not what was shown, NotErased when
    something is left.
    """
    _check_administrator(identity)
    digest = digest_subject(database.secrets, identity, subject)
    async with database.transaction(identity, ADMINISTRATOR) as connection:
        row = await (await connection.execute(GET, (identity.tenant_id, erasure_id))).fetchone()
        if row is None:
            raise NotFound(UNKNOWN)
        if (row["kind"], row["subject"], row["preview_digest"]) != (
            subject.kind, digest, seen_digest,
        ):  # fmt: skip
            raise InvalidInput(STALE)
        whole = await _widen(connection, subject)
        counts = await _erase(connection, erasure_id, whole)
        if _digest_counts(digest, counts) != seen_digest:
            raise InvalidInput(STALE)
        left = await _list_traces(connection, whole) if subject.kind == "person" else {}
        if left:
            raise NotErased(LEFT, places=sorted(left))
        done = await (await connection.execute(FINISH, (identity.tenant_id, erasure_id))).fetchone()
        if done is None:
            raise NotFound(UNKNOWN)
    return Done(counts, whole, done["done_at"])


async def find_traces(database: Database, identity: Identity, subject: Subject) -> dict[str, int]:
    """The columns of the firm that still hold the words of a person, with how many rows."""
    async with database.transaction(identity, ADMINISTRATOR) as connection:
        return await _list_traces(connection, subject)


async def _list_traces(connection: Connection, subject: Subject) -> dict[str, int]:
    cursor = await connection.execute(TRACES, (subject.pattern,))
    return {row["place"]: row["hits"] async for row in cursor}


async def certify(
    database: Database,
    identity: Identity,
    erasure_id: UUID,
    facts: Mapping[str, Any],
) -> Certificate:
    """Sign what was done and seen to be gone, and keep it beside the act."""
    text = json.dumps(facts, ensure_ascii=False, sort_keys=True, indent=1)
    signature = sign(database.secrets, text)
    async with database.transaction(identity, ADMINISTRATOR) as connection:
        await connection.execute(CERTIFY, (text, signature, identity.tenant_id, erasure_id))
    return Certificate(erasure_id, text, signature)


async def list_certificates(
    database: Database, identity: Identity, limit: int = 100
) -> list[dict[str, Any]]:
    """The firm's erasures done, the latest first. Raises NotAllowed."""
    _check_administrator(identity)
    async with database.transaction(identity, ADMINISTRATOR) as connection:
        cursor = await connection.execute(LIST, (identity.tenant_id, limit))
        return [dict(row) async for row in cursor]


def sign(secrets: Secrets, text: str) -> str:
    """HMAC-SHA-256 of a certificate under a key of its own."""
    return hmac.new(secrets.derive("certificate"), text.encode(), hashlib.sha256).hexdigest()


def is_signed(secrets: Secrets, text: str, signature: str) -> bool:
    """Tell whether a certificate is this installation's, unchanged."""
    return hmac.compare_digest(sign(secrets, text), signature)


async def _erase(connection: Connection, erasure_id: UUID, subject: Subject) -> dict[str, int]:
    try:
        if subject.kind == "person":
            cursor = await connection.execute(PERSON, (erasure_id, subject.pattern))
        else:
            cursor = await connection.execute(DOCUMENT, (erasure_id, subject.words[0]))
        rows = await cursor.fetchall()
    except psycopg.errors.CheckViolation as error:
        if error.diag.message_primary == "self":
            raise NotAllowed(SELF) from error
        raise
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["kind"]] = counts.get(row["kind"], 0) + row["affected"]
    if subject.kind == "document" and not counts.get("versions"):
        raise NotFound(f"Aucun document «{NBSP}{subject.words[0][:60]}{NBSP}» dans la base.")
    return {kind: count for kind, count in sorted(counts.items()) if count}


async def _widen(connection: Connection, subject: Subject) -> Subject:
    """A person known also by the addresses and telephones that are theirs alone."""
    if subject.kind == "document":
        return subject
    cursor = await connection.execute(OWN_ADDRESSES, (subject.pattern,))
    held = [row["address"] async for row in cursor]
    known = [one for one in held if "@" in one or _digits(one) is not None]
    return replace(subject, words=tuple(dict.fromkeys((*subject.words, *known))))


def _digest_counts(subject: str, counts: Mapping[str, int]) -> str:
    """What a confirmation names; left out is what moves by itself as the firm works."""
    told = json.dumps([subject, sorted(one for one in counts.items() if one[0] not in RUN_STATE)])
    return hashlib.sha256(told.encode()).hexdigest()


def _check_administrator(identity: Identity) -> None:
    if "admin" not in identity.roles:
        raise NotAllowed(NOT_ADMINISTRATOR)
