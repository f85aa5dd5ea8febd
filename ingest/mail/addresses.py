"""Addresses of a mail: read from headers, compared so that look-alikes stay apart."""

from __future__ import annotations

import contextlib
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import idna

from ingest.mail.charsets import decode_words
from ingest.mail.message import MailAddress

ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]]+@[^\s<>,;:\"()\[\]]+")
NAME_EDGES = re.compile(r"^[\s,;>]+|\([^)]*\)|[\s<]+$")
NO_REPLY = re.compile(
    r"^(?:no|ne|do)[-._]?(?:t[-._]?)?(?:pas[-._]?)?(?:reply|repondre|repond)|^noreply|^nepasrepondre"
    r"|^mailer-daemon|^postmaster|^bounces?\b|^notifications?\b.*no|[-._]no[-._]?reply",
    re.IGNORECASE,
)


def read_addresses(header: str) -> tuple[MailAddress, ...]:
    """The addresses of a header, in order, each once; what is no address is left out.

    Encoded words are read after the header is cut, so that nothing in a name makes an address.
    """
    found: dict[str, MailAddress] = {}
    end = 0
    for address in ADDRESS.finditer(header):
        key = decode_words(address.group()).strip(".'").lower()
        name = NAME_EDGES.sub("", header[end : address.start()])
        end = address.end()
        found.setdefault(key, MailAddress(key, decode_words(name).strip("'\" ")))
    return tuple(found.values())


@lru_cache(maxsize=4096)
def canonical_address(email: str) -> str:
    """An address as it is compared: NFC, lower case, domain in its IDNA form.

    A name that IDNA refuses is kept as it stands, and so equals only itself.
    """
    local, _, domain = unicodedata.normalize("NFC", email.strip()).lower().rpartition("@")
    with contextlib.suppress(idna.IDNAError):
        domain = idna.encode(domain, uts46=True).decode("ascii") if domain else domain
    return f"{local}@{domain}"


def domain_of(email: str) -> str:
    """The domain of an address, as compared."""
    return canonical_address(email).rpartition("@")[2]


def is_no_reply(email: str) -> bool:
    """Tell whether an address says of itself that nobody reads it."""
    return NO_REPLY.search(email.partition("@")[0]) is not None


def find_look_alikes(email: str, known: Iterable[str]) -> tuple[str, ...]:
    """The known addresses that `email` could be taken for, without being one of them.

    Same letters once confusable characters are folded, a domain one slip away, or a known
    domain's name inside a longer one («cabinet-energie-conseil.fr» for «cabinet-energie.fr»).
    """
    mine = canonical_address(email)
    others = {canonical_address(other) for other in known}
    if mine in others:
        return ()
    return tuple(sorted(other for other in others if _look_alike(mine, other)))


def _look_alike(left: str, right: str) -> bool:
    (left_local, _, left_domain), (right_local, _, right_domain) = (
        left.rpartition("@"),
        right.rpartition("@"),
    )
    if left_domain == right_domain:
        return False
    left_shape, right_shape = _shape(left_domain), _shape(right_domain)
    if left_shape == right_shape or _is_one_slip(left_shape, right_shape):
        return True
    left_name, right_name = left_shape.split(".")[0], right_shape.split(".")[0]
    same_person = _shape(left_local) == _shape(right_local)
    is_inside = right_name in left_name or (same_person and left_name == right_name)
    return len(right_name) > 4 and is_inside


CONFUSABLE = str.maketrans(
    {"0": "o", "1": "l", "3": "e", "5": "s", "i": "l", "|": "l", "а": "a", "е": "e", "о": "o",
     "р": "p", "с": "c", "у": "y", "х": "x", "і": "l", "ѕ": "s"}
)  # fmt: skip


def _shape(name: str) -> str:
    with contextlib.suppress(idna.IDNAError, UnicodeError):
        name = idna.decode(name)
    folded = unicodedata.normalize("NFKD", name.lower())
    letters = "".join(char for char in folded if not unicodedata.combining(char))
    return letters.translate(CONFUSABLE).replace("rn", "m").replace("vv", "w").replace("-", "")


def _is_one_slip(left: str, right: str) -> bool:
    if abs(len(left) - len(right)) > 1 or min(len(left), len(right)) < 6:
        return False
    start = 0
    while start < min(len(left), len(right)) and left[start] == right[start]:
        start += 1
    rest_left, rest_right = left[start:], right[start:]
    return rest_left[1:] == rest_right[1:] or rest_left[1:] == rest_right or (
        rest_left == rest_right[1:])  # fmt: skip
