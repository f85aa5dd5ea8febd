"""What is asked of the mail, told from what is asked of the portfolio and the documents."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

import pytest

from agents.triage.asking import Days, read_ask
from agents.triage.finding import choose_threads
from crm.mentions import Mention, Named

TODAY = dt.date(2026, 11, 26)


@pytest.mark.parametrize(
    ("question", "act"),
    [
        ("Que s’est-il passé depuis hier ?", "list"),
        ("Quoi de neuf depuis ce matin ?", "list"),
        ("Quoi de neuf dans la boîte mail ?", "list"),
        ("mes mails du jour", "list"),
        ("réclamations cette semaine", "list"),
        ("Quels courriels sont arrivés hier ?", "list"),
        ("montre-moi le brouillon pour Armor", "draft"),
        ("Affiche la réponse préparée pour Mme Roy", "draft"),
        ("prépare une réponse au courriel d’Armor", "reply"),
        ("Rédige-moi une réponse à Paul Durand", "reply"),
        ("ouvre le courriel d’Armor", "mail"),
        ("Lis-moi le dernier message de la mairie", "mail"),
        ("résume le fil d’Armor", "summary"),
        ("Que demande Armor dans son dernier mail ?", "summary"),
        ("Quels brouillons sont à relire ?", "drafts"),
        ("Non-conformités à confirmer", "reviews"),
        ("Quels contrats arrivent à échéance depuis hier ?", None),
        ("Combien de non-conformités ouvertes ?", None),
        ("Combien de courriels reçus en novembre 2026 ?", None),
        ("Quelles non-conformités en brouillon ?", None),
        ("C’est quoi une réclamation urgente ?", None),
        ("Sous quel délai faut-il accuser réception d’une réclamation ?", None),
        ("Comment répondre à une réclamation ?", None),
        ("Envoie un mail à Florence Lacroix pour lui dire que c’est réglé", None),
        ("Crée une tâche pour répondre au mail d’Armor vendredi", None),
        ("Modèles de document de type courriel en vigueur", None),
        ("le dernier mail échangé avec Armor date de quand ?", None),
    ],
)
def test_the_mail_answers_its_own_questions_alone(question: str, act: str | None) -> None:
    ask = read_ask(question, TODAY)
    assert (ask.act if ask else None) == act


@pytest.mark.parametrize(
    ("question", "days"),
    [
        ("mes mails du jour", Days(TODAY, TODAY)),
        ("mails d’hier", Days(dt.date(2026, 11, 25), dt.date(2026, 11, 25))),
        ("réclamations cette semaine", Days(dt.date(2026, 11, 23), dt.date(2026, 11, 29))),
        ("les courriels reçus depuis lundi", Days(dt.date(2026, 11, 23))),
        ("Que s’est-il passé depuis hier ?", None),
    ],
)
def test_the_period_is_read(question: str, days: Days | None) -> None:
    ask = read_ask(question, TODAY)
    assert ask is not None and ask.days == days


def test_the_kind_of_mail_is_read() -> None:
    billing = read_ask("Les mails de facturation de cette semaine", TODAY)
    assert billing is not None and billing.categories == ("facturation",)
    complaint = read_ask("Quelles réclamations avons-nous reçues hier ?", TODAY)
    assert complaint is not None and complaint.is_complaint
    pressing = read_ask("les mails urgents d’aujourd’hui", TODAY)
    assert pressing is not None and pressing.is_pressing


ARMOR, OTHER = UUID(int=1), UUID(int=2)


def row(subject: str, account_id: UUID | None, account: str, *senders: str) -> dict[str, Any]:
    return {"subject": subject, "account_id": account_id, "account": account,
            "senders": list(senders), "contacts": [], "draft": None}  # fmt: skip


ROWS = (
    row("Facture de mars", ARMOR, "Armor", "p.durand@armor.example"),
    row("Rendez-vous", OTHER, "Armor Sud", "x@sud.example"),
    row("Panne", None, "", "inconnu@ailleurs.example"),
)


def subjects(question: str, *mentions: Mention) -> list[str]:
    return [found["subject"] for found in choose_threads(question, ROWS, mentions).threads]


def named(text: str, *candidates: tuple[str, UUID]) -> Mention:
    known = tuple(Named("account", name, id_) for name, id_ in candidates)
    return Mention("account", 0, len(text), text, known, 1.0)


def test_a_thread_is_found_by_client_subject_address_or_words() -> None:
    assert subjects("ouvre le mail d’Armor", named("Armor", ("Armor", ARMOR))) == [
        "Facture de mars"
    ]
    assert subjects("ouvre le mail « Rendez-vous »") == ["Rendez-vous"]
    assert subjects("ouvre le mail de inconnu@ailleurs.example") == ["Panne"]
    assert subjects("montre le message sur la panne") == ["Panne"]
    assert subjects("ouvre le courriel de Bidule") == []
    assert subjects("ouvre le courriel") == []


def test_a_name_of_several_clients_is_asked() -> None:
    both = named("Armor", ("Armor", ARMOR), ("Armor Sud", OTHER))
    found = choose_threads("résume le fil d’Armor", ROWS, (both,))
    assert found.names == (("Armor", "Armor"), ("Armor", "Armor Sud"))
