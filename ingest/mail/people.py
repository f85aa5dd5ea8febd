"""Who a thread names: its correspondents, those it greets, those it speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.mail.facts import Person
from ingest.mail.thread import CleanMessage, CleanThread

NAME = r"[A-ZÀ-ÖØ-Þ][\w’'-]+(?:[ -](?:de |du |d[’']|le |la |van |von )?[A-ZÀ-ÖØ-Þ][\w’'-]+){0,2}"
TITLED = re.compile(
    rf"\b(?:M\.|MM\.|Mme|Mlle|Monsieur|Madame|Dr|Docteur|Me|Maître|Mr\.?|Mrs\.?)[ \u00a0]({NAME})"
)
GREETED = re.compile(
    rf"(?:^|\n)[ ]*(?i:bonjour|bonsoir|salut|hello|hi|dear|ch[eè]re?|coucou)[ \u00a0]+(?:(?i:monsieur|madame|mme|m\.)[ \u00a0]+)?({NAME})"
)
WITH_ADDRESS = re.compile(rf"({NAME})[ \u00a0]*[(<]([\w.+-]+@[\w.-]+\.\w+)[)>]")
WITH_ROLE = re.compile(rf"(?<![.!?] )(?<!\n)\b({NAME})[ \u00a0]\((?![^)]*\d)[^)@]{{2,40}}\)")
NOT_NAMES = frozenset(
    """Bonjour Monsieur Madame Messieurs Mesdames Bonsoir Salut Cher Chère Merci Cordialement Enedis
    GRDF EDF Engie TotalEnergies Ekwateur Alpiq Vattenfall Chorus PRM PCE TURPE Linky""".split()
)


def list_people(thread: CleanThread) -> tuple[Person, ...]:
    """The people of a thread, each name once, correspondents first."""
    found: dict[str, Person] = {}
    for message in thread.messages:
        sender = message.message.sender
        if sender.name:
            found.setdefault(sender.name.casefold(), Person(sender.name, None, sender.email))
        for address in (*message.message.to, *message.message.cc):
            if address.name:
                found.setdefault(address.name.casefold(), Person(address.name, None, address.email))
    for message in thread.messages:
        for person in _named(message):
            found.setdefault(person.name.casefold(), person)
    return tuple(found.values())


def _named(message: CleanMessage) -> Iterator[Person]:
    text = message.mask("new", "signature")
    for pattern in (TITLED, GREETED, WITH_ADDRESS, WITH_ROLE):
        for match in pattern.finditer(text):
            if match[1].split()[0] in NOT_NAMES:
                continue
            email = match[2] if pattern is WITH_ADDRESS else None
            span = message.span(*match.span(0 if pattern is TITLED else 1))
            yield Person(span.quote, span, email)
