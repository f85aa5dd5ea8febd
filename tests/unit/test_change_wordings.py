"""Requests for a change in the words people use, and questions that only look like them."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

import pytest

from agents.portfolio_assistant.rules.changes import Ask, asks_change, read_change
from agents.portfolio_assistant.rules.scene import Named
from agents.portfolio_assistant.rules.task_changes import FindTask, pick_task, read_due

TODAY = dt.date(2026, 11, 26)
KNOWN = {
    "CT-2026-0104": "reference:contracts",
    "AO-2026-012": "reference:tenders",
    "NC-2026-007": "reference:non_conformities",
    "Verrerie de la Bresle": "account",
    "Hortense Valmy": "person",
}
CONTRACT, TENDER = "propose_contracts", "propose_tenders"
QUALITY, TASK, NOTE = "propose_non_conformities", "propose_task", "propose_note"
ORDERS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("il faudrait passer le contrat CT-2026-0104 en fin de vie", CONTRACT, {"status": "ending"}),
    ("Il faudra mettre le préavis du contrat CT-2026-0104 à 60 jours", CONTRACT,
     {"notice_days": 60}),
    ("Je souhaiterais que le contrat CT-2026-0104 passe en résilié", CONTRACT,
     {"status": "terminated"}),
    ("J’aimerais que vous passiez le contrat CT-2026-0104 en fin de vie", CONTRACT,
     {"status": "ending"}),
    ("Pourrais-tu s’il te plaît passer CT-2026-0104 en résilié ?", CONTRACT,
     {"status": "terminated"}),
    ("Bonjour, pourriez-vous porter le préavis de CT-2026-0104 à 3 mois ?", CONTRACT,
     {"notice_days": 90}),
    ("Corrige le prix du contrat CT-2026-0104 à 41,5 euros par MWh", CONTRACT,
     {"price_eur_per_mwh": "41.5"}),
    ("Corrige le prix du contrat CT-2026-0104 : 39 euros le MWh", CONTRACT,
     {"price_eur_per_mwh": "39"}),
    ("Passe le contrat CT-2026-0104 à 38,50 €/MWh", CONTRACT, {"price_eur_per_mwh": "38.50"}),
    ("Mets le prix du contrat CT-2026-0104 à moins 5 €/MWh", CONTRACT,
     {"price_eur_per_mwh": "-5"}),
    ("Passe le montant annuel du contrat CT-2026-0104 à 120 000 euros", CONTRACT,
     {"annual_amount_eur": "120000.00"}),
    ("Tu peux résilier le contrat CT-2026-0104 ?", CONTRACT, {"status": "terminated"}),
    ("Est-ce que vous pouvez modifier le préavis du CT-2026-0104 : 45 jours ?", CONTRACT,
     {"notice_days": 45}),
    ("Serait-il possible de passer le contrat CT-2026-0104 au statut résilié ?", CONTRACT,
     {"status": "terminated"}),
    ("Merci de bien vouloir passer le contrat CT-2026-0104 en résilié.", CONTRACT,
     {"status": "terminated"}),
    ("On passe le contrat CT-2026-0104 en résilié", CONTRACT, {"status": "terminated"}),
    ("Voltaire, mets le contrat CT-2026-0104 en résilié stp", CONTRACT, {"status": "terminated"}),
    ("J’ai besoin que tu passes le CT-2026-0104 en résilié", CONTRACT, {"status": "terminated"}),
    ("Je te demande de clôturer la non-conformité NC-2026-007", QUALITY, {"status": "closed"}),
    ("Il conviendrait de clore NC-2026-007", QUALITY, {"status": "closed"}),
    ("Voudriez-vous confier l’appel d’offres AO-2026-012 à Hortense Valmy ?", TENDER,
     {"owner_id": True}),
    ("Je voudrais que le responsable de CT-2026-0104 soit Hortense Valmy", CONTRACT,
     {"owner_id": True}),
    ("Peux-tu noter que la Verrerie de la Bresle a voté son budget ?", NOTE, {"account_id": True}),
    ("peux tu noter sur Verrerie de la Bresle : budget voté en mars", NOTE,
     {"body": "Budget voté en mars", "account_id": True}),
    ("Je voudrais que tu ajoutes une note sur la Verrerie de la Bresle : rappeler en mars", NOTE,
     {"body": "Rappeler en mars", "account_id": True}),
    ("Il faut noter chez Verrerie de la Bresle que le four est à l’arrêt", NOTE,
     {"body": "Le four est à l’arrêt"}),
    ("Pourriez-vous consigner une note sur la Verrerie de la Bresle : compteur changé ?", NOTE,
     {"body": "Compteur changé"}),
    ("À noter sur Verrerie de la Bresle : mandat signé", NOTE, {"body": "Mandat signé"}),
    ("Pourriez-vous me créer une tâche pour rappeler la Verrerie de la Bresle le 4 décembre ?",
     TASK, {"due_on": "2026-12-04", "account_id": True}),
    ("J’aimerais que tu me crées une tâche : envoyer le mandat à la Verrerie de la Bresle", TASK,
     {"account_id": True}),
    ("Il faudrait prévoir une relance de la Verrerie de la Bresle pour le 8 décembre", TASK,
     {"due_on": "2026-12-08"}),
    ("N’oublie pas de rappeler la Verrerie de la Bresle le 4 décembre", TASK,
     {"due_on": "2026-12-04"}),
    ("Nouvelle tâche : envoyer le mandat le 4 décembre", TASK, {"due_on": "2026-12-04"}),
    ("Pouvez-vous me rappeler d’appeler la Verrerie de la Bresle le 4 décembre ?", TASK,
     {"due_on": "2026-12-04"}),
    ("Merci d’ajouter à la Verrerie de la Bresle une note : contact en congé", NOTE,
     {"body": "Contact en congé", "account_id": True}),
    ("Fixe le préavis du contrat CT-2026-0104 à deux mois", CONTRACT, {"notice_days": 60}),
    ("Peux-tu créer une tâche pour Hortense Valmy : relire l’offre pour le 4 décembre ?", TASK,
     {"title": "Relire l’offre", "owner_id": True, "due_on": "2026-12-04"}),
    ("Tu peux me mettre un rappel pour vendredi sur la Verrerie de la Bresle ?", TASK,
     {"due_on": "2026-11-27", "account_id": True}),
    ("Il faudrait qu’on ajoute une tâche pour relancer la Verrerie de la Bresle", TASK, {}),
)  # fmt: skip
TASK_ORDERS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("Annule la tâche « Envoyer le mandat »", "envoyer mandat", {"status": "cancelled"}),
    ("Marque la tâche Envoyer le mandat comme faite", "envoyer mandat", {"status": "done"}),
    ("Reporte la tâche envoyer le mandat au 12 mars", "envoyer mandat", {"due_on": "2027-03-12"}),
    ("Peux-tu passer la tâche « Relire l’offre » en terminée ?", "relire offre",
     {"status": "done"}),
    ("Il faudrait décaler le rappel sur l’audit au 4 décembre", "audit",
     {"due_on": "2026-12-04"}),
    ("La tâche « Envoyer le mandat » est faite", "envoyer mandat", {"status": "done"}),
    ("Je voudrais que tu repousses ma tâche de relecture de l’offre à vendredi", "relecture offre",
     {"due_on": "2026-11-27"}),
    ("Confie la tâche « Relire l’offre » à Hortense Valmy", "relire offre", {"owner_id": True}),
    ("Vous pouvez clôturer la tâche Envoyer le mandat ?", "envoyer mandat", {"status": "done"}),
    ("Rouvre la tâche « Envoyer le mandat »", "envoyer mandat", {"status": "open"}),
    ("Change l’échéance de la tâche « Relire l’offre » : 12 mars 2027", "relire offre",
     {"due_on": "2027-03-12"}),
    ("Veuillez reporter au 15 janvier la tâche « Envoyer le mandat »", "envoyer mandat",
     {"due_on": "2027-01-15"}),
    ("Finalement, marque comme faite la tâche « Relire l’offre »", "relire offre",
     {"status": "done"}),
    ("Peux-tu changer le responsable de la tâche « Relire l’offre » pour Hortense Valmy ?",
     "relire offre", {"owner_id": True}),
    ("J’ai fini la tâche « Relire l’offre »", "relire offre", {"status": "done"}),
)  # fmt: skip
QUESTIONS = (
    "Peux-tu me dire si le contrat CT-2026-0104 est résilié ?",
    "Faudrait-il résilier le contrat CT-2026-0104 ?",
    "Faut-il passer le contrat CT-2026-0104 en renégociation ?",
    "faudrait-il noter cela chez la Verrerie de la Bresle",
    "Pouvez-vous me rappeler quand finit le contrat CT-2026-0104 ?",
    "Rappelle-moi à quelle date finit le contrat CT-2026-0104",
    "Peux-tu me rappeler de quoi parlait la réunion avec la Verrerie de la Bresle ?",
    "Peux-tu passer en revue les contrats de la Verrerie de la Bresle ?",
    "Passe-moi le contrat CT-2026-0104",
    "Il faut résilier un contrat combien de temps avant son terme",
    "Il faut passer par qui pour clôturer NC-2026-007 ?",
    "Je voudrais savoir s’il faut résilier CT-2026-0104",
    "Est-ce qu’on peut résilier le contrat CT-2026-0104 ?",
    "Dois-je clôturer la non-conformité NC-2026-007 ?",
    "Quelles tâches sont à reporter cette semaine ?",
    "La tâche « Envoyer le mandat » est-elle faite ?",
    "La tâche « Envoyer le mandat » est faite ?",
    "Qui a reporté la tâche « Envoyer le mandat » ?",
    "Pourriez-vous m’indiquer les tâches annulées ?",
    "Tu peux me lister les tâches à clôturer ?",
    "Mets-moi la liste des contrats de la Verrerie de la Bresle",
    "Est-ce que tu peux me dire qui suit AO-2026-012 ?",
    "Peut-on reporter la date de remise de AO-2026-012 ?",
    "On a reporté combien de tâches ce mois-ci",
    "Je souhaite connaître le préavis du contrat CT-2026-0104",
    "Le contrat CT-2026-0104 doit-il passer en résilié ?",
    "Il faudrait passer le contrat CT-2026-0104 en résilié ?",
    "Pense-t-on résilier le contrat CT-2026-0104 ?",
)


def names_of(question: str) -> list[Named]:
    found = [
        Named(kind, start, start + len(text), text, ((text, UUID(int=rank + 1)),))
        for rank, (text, kind) in enumerate(KNOWN.items())
        if (start := question.find(text)) >= 0
    ]
    return sorted(found, key=lambda named: named.start)


def holds(fields: dict[str, Any], expected: dict[str, Any]) -> bool:
    return all(
        name in fields and (value is True or fields[name] == value)
        for name, value in expected.items()
    )


@pytest.mark.parametrize(("question", "tool", "fields"), ORDERS)
def test_an_order_is_understood_however_it_is_worded(
    question: str, tool: str, fields: dict[str, Any]
) -> None:
    assert asks_change(question)
    wish = read_change(question, names_of(question), TODAY)
    assert isinstance(wish, tuple), wish
    assert wish[0] == tool
    assert holds(wish[1]["fields"], fields), wish[1]["fields"]


@pytest.mark.parametrize(("question", "words", "fields"), TASK_ORDERS)
def test_an_existing_task_is_looked_for_before_it_is_changed(
    question: str, words: str, fields: dict[str, Any]
) -> None:
    assert asks_change(question)
    wish = read_change(question, names_of(question), TODAY)
    assert isinstance(wish, FindTask), wish
    assert " ".join(wish.words) == words
    assert holds(dict(wish.fields), fields), wish.fields


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_never_becomes_a_change(question: str) -> None:
    assert not asks_change(question)


def test_a_price_by_the_megawatt_hour_is_never_an_amount() -> None:
    question = "Corrige le montant du contrat CT-2026-0104 à 41 euros par MWh"
    start = question.index("CT-")
    named = Named("reference:contracts", start, start + 12, "CT-2026-0104",
                  (("CT-2026-0104", UUID(int=1)),))  # fmt: skip
    assert isinstance(read_change(question, [named], TODAY), Ask)


def test_a_status_that_does_not_exist_is_told_with_those_that_do() -> None:
    question = "il faudrait passer le contrat CT-2026-0104 en renégociation"
    assert asks_change(question)
    wish = read_change(question, names_of(question), TODAY)
    assert isinstance(wish, Ask)
    assert "n’existe pas" in wish.text
    assert "Résilié" in wish.text
    assert "En fin de vie" in wish.text


TASKS = (
    {"id": "1", "title": "Envoyer le mandat", "account.name": "Verrerie de la Bresle"},
    {"id": "2", "title": "Envoyer le mandat", "account.name": "Fonderie Mandon"},
    {"id": "3", "title": "Relire l’offre", "account.name": "–"},
    {"id": "4", "title": "Relire l’offre et son bordereau", "account.name": "–"},
)


@pytest.mark.parametrize(
    ("question", "picked"),
    [
        ("Annule la tâche envoyer le mandat de la Fonderie Mandon", "2"),
        ("Annule la tâche envoyer le mandat", None),
        ("Annule la tâche « Relire l’offre »", "3"),
        ("Annule la tâche du bordereau", "4"),
        ("Annule la tâche « Commander le compteur »", None),
    ],
)
def test_the_task_that_answers_is_changed_and_none_is_guessed(
    question: str, picked: str | None
) -> None:
    wish = read_change(question, names_of(question), TODAY)
    assert isinstance(wish, FindTask)
    found = pick_task(wish, TASKS)
    if picked is None:
        assert isinstance(found, str)
    else:
        assert (found[0], found[1]["record_id"]) == ("propose_task", picked)


@pytest.mark.parametrize(
    ("text", "day"),
    [("au 12 mars", "2027-03-12"), ("au 12 mars 2026", "2026-03-12"), ("au 4/12", "2026-12-04"),
     ("hier", "2026-11-25")],
)  # fmt: skip
def test_a_day_without_its_year_is_the_next_one(text: str, day: str) -> None:
    assert str(read_due(text, TODAY)) == day


@pytest.mark.parametrize(
    ("question", "due_on"),
    [
        ("Repousse la tâche « Relire l’offre » d’une semaine", "2026-12-08"),
        ("Peux-tu décaler de deux mois la tâche « Relire l’offre » ?", "2027-02-01"),
        ("Avance la tâche « Relire l’offre » de 3 jours", "2026-11-28"),
    ],
)
def test_a_due_date_moves_from_the_one_the_task_has(question: str, due_on: str) -> None:
    wish = read_change(question, names_of(question), TODAY)
    assert isinstance(wish, FindTask)
    assert wish.words == ("relire", "offre")
    row = {"id": "3", "title": "Relire l’offre", "due_on": "01/12/2026"}
    found = pick_task(wish, [row])
    assert (found[0], found[1]["fields"]) == ("propose_task", {"due_on": due_on})
    assert isinstance(pick_task(wish, [row | {"due_on": "–"}]), str)
