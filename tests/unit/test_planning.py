"""As of which day a question about documents is to be answered, and what it names."""

import datetime as dt

import pytest

from agents.portfolio_assistant.rules.interpretation import read_question
from agents.portfolio_assistant.rules.planning import (
    find_as_of,
    find_named_version,
    find_whole_document,
)
from agents.portfolio_assistant.rules.routing import (
    ASKS_RULE,
    asks_records,
    choose_route,
    record_confidence,
    rule_leaning,
)
from agents.portfolio_assistant.rules.rule import LIKELY
from agents.portfolio_assistant.rules.scene import make_scene
from core.words import fold

TODAY = dt.date(2026, 6, 15)


@pytest.mark.parametrize(
    ("question", "day"),
    [
        ("Quel était le délai au 1er mars 2025 ?", dt.date(2025, 3, 1)),
        ("Quelle accise en 2024 ?", dt.date(2024, 12, 31)),
        ("Au 2 décembre 2026, sous quel délai répond-on ?", dt.date(2026, 12, 2)),
        ("Quelle accise en 2027 ?", dt.date(2027, 1, 1)),
        ("Quel seuil sera applicable au 1er janvier 2027 ?", dt.date(2027, 1, 1)),
        ("Combien de points contrôle-t-on au 20 décembre 2026 ?", dt.date(2026, 12, 20)),
        ("Que dira PR-33 le 20 décembre 2026 ?", dt.date(2026, 12, 20)),
        ("Combien de points contrôlera-t-on le 20/12/2026 ?", dt.date(2026, 12, 20)),
        ("Quel délai pour un relevé au 1er janvier 2027 ?", dt.date(2027, 1, 1)),
        ("Comment résilier un contrat au 31 décembre 2026 ?", None),
        ("Combien de contrats arrivent à échéance au 31 décembre 2026 ?", None),
        ("Quel préavis pour dénoncer au 31 décembre 2026 ?", None),
        ("Que préparer pour l’audit prévu le 3 mars 2027 ?", None),
        ("Quelle accise en 2026 ?", None),
        ("Quel délai au 15 juin 2026 ?", None),
        ("Que faut-il faire avant le 31 décembre 2026 ?", None),
        ("Quel est le délai de réponse ?", None),
    ],
)
def test_a_question_is_answered_as_of_the_day_it_names(question: str, day: dt.date | None) -> None:
    assert find_as_of(question, TODAY) == day


@pytest.mark.parametrize(
    "question",
    ["Quelle était la règle sur les incidents ?", "quelle est la regle pour les incidents"],
)
def test_a_rule_is_no_settled_incident(question: str) -> None:
    meanings = [
        m for phrase in make_scene(question, (), (), TODAY).phrases for m in phrase.meanings
    ]
    assert ("incidents", "object") in {(m.object, m.kind) for m in meanings}
    assert "choice" not in {m.kind for m in meanings}


@pytest.mark.parametrize("question", ["Quels incidents sont réglés ?", "incidents regles"])
def test_settled_incidents_still_are(question: str) -> None:
    meanings = [
        m for phrase in make_scene(question, (), (), TODAY).phrases for m in phrase.meanings
    ]
    assert "resolved" in {m.value for m in meanings}


@pytest.mark.parametrize(
    ("question", "is_rule"),
    [
        ("Quelle était la règle sur les incidents ?", True),
        ("Quel préavis pour dénoncer un contrat ?", True),
        ("Quels contrats pour janvier ?", False),
        ("Quelle puissance pour notre site ?", False),
    ],
)
def test_a_question_about_a_rule_is_told_from_one_about_records(
    question: str, is_rule: bool
) -> None:
    assert bool(ASKS_RULE.search(fold(question))) is is_rule


@pytest.mark.parametrize(
    ("question", "is_rule"),
    [
        ("Quels contrats doivent être dénoncés dans les 60 jours ?", False),
        ("Quels contrats faut-il dénoncer avant fin janvier ?", False),
        ("Quels contrats doivent être signés par la directrice ?", True),
        ("Combien de jours avant la fin faut-il dénoncer un contrat ?", True),
    ],
)
def test_what_is_due_on_days_is_a_matter_of_records(question: str, is_rule: bool) -> None:
    reading = read_question(question, (), (), TODAY)
    assert (rule_leaning(reading) > 0) is is_rule


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ("Que disait PR-08 au 3 mars 2025 ?", "PR-08"),
        ("Résumez-moi la procédure pr-08.", "PR-08"),
        ("Que contient le document AO-VE-2026-RC ?", "AO-VE-2026-RC"),
        ("Qu’y a-t-il dans l’instruction IN-04 ?", "IN-04"),
        ("Donnez-moi un résumé de PR-08", "PR-08"),
        ("Que disait PR-08 en mars 2025 ?", "PR-08"),
        ("Au 6 décembre 2026, que dit PR-08 ?", "PR-08"),
        ("Que dit PR-08 version 2 ?", "PR-08"),
        ("Que disait la version 2.0 de la procédure PR-08 ?", "PR-08"),
        ("Que dit PR-08 du délai de réponse ?", None),
        ("En cas de panne, que dit PR-08 ?", None),
        ("Que prévoit PR-08 en cas d’absence ?", None),
        ("Que dit PR-08 au sujet des devis ?", None),
        ("Que dit la procédure de réclamation ?", None),
        ("Résumez le contrat CT-2024-0070", None),
    ],
)
def test_a_whole_document_is_asked_for_by_its_code_alone(question: str, code: str | None) -> None:
    assert find_whole_document(question) == code


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("Que disait la version 2.0 de la procédure PR-08 ?", ("PR-08", "2.0")),
        ("Quel délai dans PR-08, v2 ?", ("PR-08", "2")),
        ("Quel était le délai dans la v2 de PR-08 ?", ("PR-08", "2")),
        ("Que dit la version 2 de PR-QHSE-01 ?", ("PR-QHSE-01", "2")),
        ("Dans la version 2, que disait PR-08 ?", ("PR-08", "2")),
        ("Que disait l’ancienne version de PR-08 ?", ("PR-08", "précédente")),
        ("Dans la version 1 de pr-08, qui répondait ?", ("PR-08", "1")),
        ("Quelle version de PR-08 est en vigueur ?", None),
        ("La version 2 du logiciel lit-elle PR-08 ?", None),
        ("Combien de versions du contrat CT-2024-0070 ?", None),
    ],
)
def test_the_version_that_a_question_names_is_searched(
    question: str, named: tuple[str, str] | None
) -> None:
    assert find_named_version(question) == named


@pytest.mark.parametrize(
    ("question", "is_case"),
    [
        ("J’ai un bailleur qui arrive avec 120 compteurs, mandat signé ce matin, il veut savoir "
         "quand il aura son dossier, on s’engage sur combien de jours ?", True),
        ("Le client nous a dit 1 000 MWh, moi je trouve 1 070 aux relevés. Je laisse ou je dois "
         "me justifier ?", True),
        ("Je prépare ma tournée, liste les contrats de gaz qui finissent avant mars et que nous "
         "suivons", False),
        ("Quels contrats a-t-on chez Orvane et combien consomment-ils par an, je prépare une offre "
         "pour eux ?", False),
    ],
)  # fmt: skip
def test_a_case_told_in_several_clauses_is_for_the_documents(question: str, is_case: bool) -> None:
    route = choose_route(read_question(question, [], [], TODAY))
    assert (route == "documents") is is_case


def test_what_is_read_as_the_whole_list_of_an_object_is_a_plain_request_or_nothing() -> None:
    rule = "Qui rappelle un client qui a mis une très mauvaise note ?"
    assert not asks_records(rule)
    assert record_confidence(read_question(rule, [], [], TODAY)) < 0
    for plain in ("Tu peux me sortir les appels d’offres", "clients ?", "Liste les contrats"):
        assert record_confidence(read_question(plain, [], [], TODAY)) >= 2, plain


@pytest.mark.parametrize(
    "question",
    """
    Est-ce que tu peux me dire quels contrats de gaz se terminent avant mars 2027, j'en ai besoin
    Quel est le volume des contrats de gaz que nous gérons et combien expirent-ils avant juin 2027 ?
    Je cherche le contrat qui consomme le plus en électricité, tu saurais me dire lequel c'est ?
    J'ai besoin de savoir quels contrats je dois renouveler avant fin janvier s'il te plaît
    Pouvez-vous me donner le montant des commissions que nous avons encaissées, s'il vous plaît ?
    Je voudrais savoir si nous avons des factures impayées chez un fournisseur de gaz cette année
    Tu peux me dire combien de réclamations on a eues en 2026 et combien il en reste ?
    Vous pouvez me dire le nombre de points en C5 que nous gérons en Bretagne aujourd'hui
    """.strip().splitlines(),
)
def test_courtesy_makes_no_case_of_a_question_on_records(question: str) -> None:
    assert choose_route(read_question(question.strip(), [], [], TODAY)) != "documents"


def test_a_framework_agreement_is_no_consent() -> None:
    asked = read_question("Combien d’années au plus pour un accord-cadre ?", [], [], TODAY)
    assert not asked.filters and record_confidence(asked) < 1


@pytest.mark.parametrize(
    "question", ["qd est ce qu'une nc est majeur ?", "Quand est-ce qu’une NC est majeure ?"]
)
def test_when_something_is_so_is_a_rule_however_it_is_typed(question: str) -> None:
    reading = read_question(question, [], [], TODAY)
    assert rule_leaning(reading) > 0 and record_confidence(reading) < LIKELY
