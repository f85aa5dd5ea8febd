"""What a reply that only promises leaves open."""

from __future__ import annotations

import pytest

from ingest.mail.cleaning import clean_thread
from ingest.mail.reading import list_unanswered, read_facts
from tests.unit.mail.samples import BROKER, OWN, make_mail

ASKED = (
    "Bonjour,\n\nQuelle est la puissance souscrite du site de Rezé ?\n"
    "Pouvez-vous m’envoyer l’avenant signé ?\n\nPaul"
)
AGAIN = "Bonjour,\n\nJe vous relance, merci.\n\nPaul"


def answer(reply: str, *more: str) -> list[str]:
    """The client's messages that wait, after a reply of ours and their further words."""
    mails = [make_mail(ASKED, name="1"), make_mail(reply, name="2", sender=BROKER, hours=1)]
    mails += [make_mail(text, name=str(3 + n), hours=2 + n) for n, text in enumerate(more)]
    thread = clean_thread(mails)
    return [message.source_id for message in list_unanswered(thread, OWN)]


@pytest.mark.parametrize(
    "reply",
    [
        "Bonjour,\n\nJe me renseigne et reviens vers vous.\n\nMaud",
        "Bonjour Paul,\n\nBien reçu, nous vérifions auprès du fournisseur.\n\nCordialement,\nMaud",
        "Bonjour,\n\nJe regarde et reviens vers vous. Quel est le point concerné ?\n\nMaud",
        "Votre demande a bien été prise en compte.\nBien à vous,\nMaud",
    ],
)
def test_a_promise_leaves_open_what_was_asked(reply: str) -> None:
    assert answer(reply, AGAIN) == ["<1@test>", "<3@test>"]
    assert answer(reply) == []


@pytest.mark.parametrize(
    "reply",
    [
        "Bonjour,\n\nLa puissance souscrite est de 250 kVA et l’avenant est joint.\n\nMaud",
        "Bonjour,\n\nL’avenant signé le 12 mars est en pièce jointe. Je vérifie la puissance.\nMaud",
        "Merci, c’est entendu pour jeudi.\n\nMaud",
    ],
)
def test_an_answer_closes_it(reply: str) -> None:
    assert answer(reply, AGAIN) == ["<3@test>"]


def test_the_questions_left_open_are_asks_of_the_thread() -> None:
    mails = [
        make_mail(ASKED, name="1"),
        make_mail("Bonjour,\n\nJe me renseigne.\n\nMaud", name="2", sender=BROKER, hours=1),
        make_mail(AGAIN, name="3", hours=2),
    ]
    facts = read_facts(clean_thread(mails), OWN)
    quotes = [ask.span.quote for ask in facts.asks]
    assert any("puissance souscrite" in quote for quote in quotes)
    assert any("avenant" in quote for quote in quotes)
