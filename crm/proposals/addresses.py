"""E-mail addresses compared as a person could be deceived: NFC, IDNA, alphabets, look-alikes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from core.formats import NBSP
from crm.proposals.errors import InvalidChange

ADDRESS = re.compile(r"[^\s@<>\"(),:;\[\]\\]{1,64}@[^\s@<>\"(),:;\[\]\\]{1,253}")
PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("nn", "m"))
LOOKALIKES = str.maketrans({"0": "o", "1": "l", "3": "e", "5": "s", "i": "l", "|": "l"})


def check_address(label: str, text: str) -> str:
    """The address in one writing: NFC, lower case, its domain in ASCII (IDNA).

    InvalidChange for what is no address, or mixes or leaves the Latin alphabet: such an address
    may look like another one.
    """
    address = unicodedata.normalize("NFC", text.strip())
    if not ADDRESS.fullmatch(address):
        raise InvalidChange(f"«{NBSP}{label}{NBSP}»{NBSP}: «{NBSP}{text[:80]}{NBSP}» n’est pas une "
                            "adresse de courriel.")  # fmt: skip
    local, _, domain = address.rpartition("@")
    readable = _readable_domain(domain)
    if readable is None or not local.isascii() or not all(map(_is_latin, readable)):
        raise InvalidChange(
            f"«{NBSP}{label}{NBSP}»{NBSP}: l’adresse «{NBSP}{text[:80]}{NBSP}» emploie des "
            "caractères qui imitent d’autres lettres. Retapez-la à la main."
        )
    return f"{local.lower()}@{readable.encode('idna').decode('ascii')}"


def find_lookalike(address: str, known: Collection[str]) -> str | None:
    """The known address that `address` could be taken for without being it."""
    if address in known:
        return None
    shape = _skeleton(address)
    return next((other for other in sorted(known) if _skeleton(other) == shape), None)


def _readable_domain(domain: str) -> str | None:
    """The domain in Unicode, lower case; None when it has no IDNA writing."""
    try:
        readable = domain.lower().encode("idna").decode("idna")
    except UnicodeError:
        return None
    labels = readable.split(".")
    return readable if len(labels) > 1 and all(labels) else None


def _is_latin(char: str) -> bool:
    if char.isascii():
        return char.isprintable()
    is_letter = unicodedata.name(char, "").startswith("LATIN SMALL LETTER")
    return is_letter and unicodedata.normalize("NFD", char)[0].isascii()


def _skeleton(address: str) -> str:
    local, _, domain = address.rpartition("@")
    readable = f"{local}@{_readable_domain(domain) or domain}"
    bare = "".join(
        c for c in unicodedata.normalize("NFD", readable.lower()) if not unicodedata.combining(c)
    )
    for pair, single in PAIRS:
        bare = bare.replace(pair, single)
    return bare.translate(LOOKALIKES).replace("-", "").replace("_", "")
