"""Mails made from templates and a seed: threads of one to four messages from many clients."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime

START = dt.datetime(2026, 10, 5, 8, tzinfo=dt.UTC)
FIRST = (
    "Bonjour,\n\nPouvez-vous nous envoyer le contrat {ref} avant le {day} octobre ?\n\n{name}",
    "Bonjour,\n\nLa facture applique {price},20 €/MWh au lieu de {other},10 €/MWh. Merci de "
    "demander l’avoir.\n\nCordialement,\n{name}",
    "Bonjour,\n\nNous n’avons reçu aucune réponse depuis trois semaines, c’est décevant.\n\n{name}",
    "Bonjour,\n\nQuel est le délai pour passer le point {point} à {power} kVA ?\n\n{name}",
)
NEXT = (
    "Bonjour,\n\nAvez-vous pu regarder ? Merci de répondre avant le {day} octobre.\n\n{name}",
    "Merci. Pouvez-vous aussi vérifier la puissance de {power} kVA ?\n\n{name}",
)
NAMES = ("Léa Roux", "Marc Petit", "Inès Faure", "Yann Le Gall", "Élodie Marchand")


@dataclass(frozen=True)
class Generated:
    """A mail and the conversation it belongs to."""

    raw: bytes
    conversation: str


def generate(count: int, seed: int) -> Iterator[Generated]:
    """`count` mails, the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - reproducible, no secret
    made = thread = 0
    while made < count:
        thread += 1
        for mail in _write_thread(chance, thread, min(chance.randint(1, 4), count - made)):
            made += 1
            yield mail


def _write_thread(chance: random.Random, thread: int, length: int) -> Iterator[Generated]:
    name, domain = chance.choice(NAMES), f"client{thread}.example"
    sent, ids = START + dt.timedelta(minutes=7 * thread), list[str]()
    for rank in range(length):
        mail = EmailMessage()
        mail["From"] = f"{name} <contact@{domain}>"
        mail["To"] = "equipe@cabinet.example"
        mail["Subject"] = ("RE: " if rank else "") + f"Dossier {thread}"
        mail["Date"] = format_datetime(sent + dt.timedelta(hours=5 * rank))
        mail["Message-ID"] = f"<{thread}.{rank}@{domain}>"
        if ids:
            mail["In-Reply-To"], mail["References"] = ids[-1], " ".join(ids)
        ids.append(f"<{thread}.{rank}@{domain}>")
        template = chance.choice(NEXT if rank else FIRST)
        mail.set_content(
            template.format(
                ref=f"CT-2026-{thread:04}", day=chance.randint(10, 28), name=name,
                price=chance.randint(80, 120), other=chance.randint(50, 79),
                point=f"{chance.randint(10**13, 10**14 - 1)}", power=chance.randint(36, 250),
            )
        )  # fmt: skip
        yield Generated(mail.as_bytes(), f"conv-{thread}")
