"""The part of ODSQL the product uses: parsed whole or refused, then applied to records."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

FIELDS = frozenset(
    """
idweb id contractfolderid objet filename famille code_departement code_departement_prestation
famille_libelle dateparution datefindiffusion datelimitereponse nomacheteur titulaire perimetre
type_procedure soustype_procedure procedure_libelle procedure_categorise nature sousnature
nature_libelle sousnature_libelle nature_categorise nature_categorise_libelle criteres
marche_public_simplifie marche_public_simplifie_label etat descripteur_code dc descripteur_libelle
type_marche type_marche_facette type_avis annonce_lie annonces_anterieures annonces_anterieures_lie
source_schema gestion donnees url_avis
""".split()
)
TOKEN = re.compile(
    r"""\s*(?:(?P<date>date'\d{4}-\d{2}-\d{2}')|(?P<text>"[^"]*")|(?P<sign>>=|<=|!=|=|>|<|\(|\)|,)"""
    r"""|(?P<word>[a-z_][a-z_0-9]*))""",
    re.IGNORECASE,
)
Record = Mapping[str, Any]
Test = Callable[[Record], bool]


class BadQuery(Exception):
    """The query is refused, as the API does with a 400."""


def compile_where(query: str) -> Test:
    """The test a `where` clause makes. Raises BadQuery."""
    parser = _Parser(_tokenise(query))
    test = parser.either()
    parser.expect_end()
    return test


def check_order(clause: str) -> list[tuple[str, bool]]:
    """The fields of an `order_by`, and whether each descends. Raises BadQuery."""
    keys: list[tuple[str, bool]] = []
    for part in clause.split(","):
        words = part.split()
        if not words or words[0] not in FIELDS or len(words) > 2:
            raise BadQuery(f"order_by: {part.strip()}")
        if len(words) == 2 and words[1].lower() not in {"asc", "desc"}:
            raise BadQuery(f"order_by: {part.strip()}")
        keys.append((words[0], len(words) == 2 and words[1].lower() == "desc"))
    return keys


def _tokenise(query: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    at = 0
    while query[at:].strip():
        found = TOKEN.match(query, at)
        if found is None or found.lastgroup is None:
            raise BadQuery(f"where: unexpected character at {at}")
        tokens.append((found.lastgroup, found[found.lastgroup]))
        at = found.end()
    return tokens


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens
        self.at = 0

    def either(self) -> Test:
        tests = [self.both()]
        while self._skip("or"):
            tests.append(self.both())
        return lambda record: any(test(record) for test in tests)

    def both(self) -> Test:
        tests = [self.one()]
        while self._skip("and"):
            tests.append(self.one())
        return lambda record: all(test(record) for test in tests)

    def one(self) -> Test:
        if self._skip("("):
            inner = self.either()
            self._expect(")")
            return inner
        if self._skip("not"):
            refused = self.one()
            return lambda record: not refused(record)
        kind, word = self._next()
        if kind != "word":
            raise BadQuery(f"where: {word}")
        return self._search() if word.lower() == "search" else self._compare(word)

    def expect_end(self) -> None:
        if self.at != len(self.tokens):
            raise BadQuery(f"where: {self.tokens[self.at][1]}")

    def _search(self) -> Test:
        self._expect("(")
        kind, value = self._next()
        fields = list(FIELDS)
        if kind == "word":
            fields = [_known(value)]
            self._expect(",")
            kind, value = self._next()
        self._expect(")")
        if kind != "text":
            raise BadQuery("where: search() needs a string")
        words = _fold(value.strip('"')).split()
        return lambda record: all(
            word in _fold(" ".join(str(record.get(field) or "") for field in fields))
            for word in words
        )

    def _compare(self, word: str) -> Test:
        field = _known(word)
        kind, sign = self._next()
        if sign.lower() == "in":
            values = self._list()
            return lambda record: any(value in values for value in _many(record.get(field)))
        if kind != "sign" or sign in "(),":
            raise BadQuery(f"where: {sign}")
        kind, value = self._next()
        if kind not in {"date", "text"}:
            raise BadQuery(f"where: {value}")
        wanted = value[5:-1] if kind == "date" else value.strip('"')
        return lambda record: any(_holds(sign, one, wanted) for one in _many(record.get(field)))

    def _list(self) -> list[str]:
        self._expect("(")
        values: list[str] = []
        while True:
            kind, value = self._next()
            if kind != "text":
                raise BadQuery(f"where: {value}")
            values.append(value.strip('"'))
            if not self._skip(","):
                self._expect(")")
                return values

    def _skip(self, word: str) -> bool:
        if self.at < len(self.tokens) and self.tokens[self.at][1].lower() == word:
            self.at += 1
            return True
        return False

    def _expect(self, word: str) -> None:
        if not self._skip(word):
            raise BadQuery(f"where: {word} expected")

    def _next(self) -> tuple[str, str]:
        if self.at == len(self.tokens):
            raise BadQuery("where: unexpected end")
        self.at += 1
        return self.tokens[self.at - 1]


def _known(field: str) -> str:
    if field not in FIELDS:
        raise BadQuery(f"Unknown field: {field}")
    return field


def _many(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value or "")]


def _holds(sign: str, value: str, wanted: str) -> bool:
    if not value:
        return False
    value = value[: len(wanted)] if re.match(r"\d{4}-\d{2}-\d{2}", wanted) else value
    return {
        "=": value == wanted, "!=": value != wanted, ">=": value >= wanted, "<=": value <= wanted,
        ">": value > wanted, "<": value < wanted,
    }[sign]  # fmt: skip


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.lower().replace("’", "'"))
    return "".join(char for char in decomposed if not unicodedata.combining(char))
