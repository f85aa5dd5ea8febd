"""Names and references recognised in a broker's words."""

from __future__ import annotations

from uuid import uuid4

import pytest

from core.context import Identity
from core.database import Database
from crm.mentions import Mentions, find_mentions
from tests.conftest import make_identity, writing
from tests.integration.portfolio import PCE, PRM, Portfolio, build_portfolio, insert

SIRET = "21210231000018"


@pytest.fixture
async def portfolio(database: Database, identity: Identity) -> Portfolio:
    return await build_portfolio(database, identity)


async def mention(database: Database, identity: Identity, text: str) -> Mentions:
    async with database.transaction(identity) as connection:
        return await find_mentions(connection, text)


def told(mentions: Mentions) -> list[tuple[str, list[str]]]:
    return [(m.kind, sorted(c.name for c in m.candidates)) for m in mentions.found]


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("Faites le point sur la Métropole de Dijon", "account", "Métropole de Dijon"),
        ("les contrats de metropole de dijon", "account", "Métropole de Dijon"),
        ("LES CONTRATS DES ACIÉRIES DU RHÔNE", "account", "Aciéries du Rhône"),
        ("contrats des acieries du rhone", "account", "Aciéries du Rhône"),
        ("contrats des Acieires du Rhone", "account", "Aciéries du Rhône"),
        ("Et pour Saint-Éloi ?", "account", "Clinique Saint-Éloi"),
        ("la clinique Saint Eloi", "account", "Clinique Saint-Éloi"),
        ("le numéro de Zoé Lefevre", "contact", "Zoé Lefèvre"),
        ("les contrats chez Gaz du Sud", "supplier", "Gaz du Sud"),
        ("les points Enedis", "grid_operator", "Enedis"),
        ("clients en Occitanie", "region", "Occitanie"),
        ("les sites de Nimes", "place", "Nîmes"),
        ("les appels d’offres face à Courtage Rival", "competitor", "Courtage Rival"),
    ],
)
async def test_a_name_is_recognised_whatever_its_accents_case_and_slips(
    database: Database, identity: Identity, portfolio: Portfolio, text: str, kind: str, name: str
) -> None:
    found = told(await mention(database, identity, text))
    assert (kind, [name]) in found


async def test_a_word_of_french_is_no_slip_of_a_name(
    database: Database, identity: Identity, portfolio: Portfolio
) -> None:
    async with writing(database, identity) as connection:
        await insert(connection, identity, "accounts", id=uuid4(), segment="industry",
                     name="Papeteries du Val d’Ardière", status="client")  # fmt: skip
    arrears = await mention(database, identity, "trois ans en arrière")
    assert told(arrears) == []
    slip = await mention(database, identity, "les contrats d’Ardierre")
    assert ("account", ["Papeteries du Val d’Ardière"]) in told(slip)


async def test_a_number_said_names_nobody(
    database: Database, identity: Identity, portfolio: Portfolio
) -> None:
    async with writing(database, identity) as connection:
        await insert(connection, identity, "accounts", id=uuid4(), segment="industry",
                     name="Centre commercial Les Trois Moulins", status="client")  # fmt: skip
    text = "Quelles sont les trois plus grosses consommations ?"
    assert told(await mention(database, identity, text)) == []
    (found,) = told(await mention(database, identity, "Les contrats des Trois Moulins"))
    assert found == ("account", ["Centre commercial Les Trois Moulins"])


async def test_a_name_that_fits_two_clients_gives_them_both(
    database: Database, identity: Identity, portfolio: Portfolio
) -> None:
    found = told(await mention(database, identity, "Quels sont les contrats des Aciéries ?"))
    assert found == [("account", ["Aciéries du Midi", "Aciéries du Rhône"])]


async def test_the_telling_word_settles_between_two_likely_clients(
    database: Database, identity: Identity, portfolio: Portfolio
) -> None:
    found = told(await mention(database, identity, "les contrats des aciéries du midi"))
    assert found == [("account", ["Aciéries du Midi"])]


@pytest.mark.parametrize(
    ("text", "kind", "short"),
    [
        ("Que dit CT-2025-0001 ?", "reference:contracts", "c1"),
        ("Que dit ct-2025-0001 ?", "reference:contracts", "c1"),
        ("Que dit CT_2025_0001 ?", "reference:contracts", "c1"),
        ("Que dit CT-2026-0005 ?", "reference:contracts", "c5"),
        ("L’appel d’offres AO-2026-014", "reference:tenders", "t1"),
        ("Où en est NC-2026-002 ?", "reference:non_conformities", "nc2"),
        (f"Le point {PRM}", "reference:delivery_points", "prm"),
        ("Le point 3000 1234 567 890", "reference:delivery_points", "prm"),
        ("Le PRM 30 001 234 567 890", "reference:delivery_points", "prm"),
        ("Le PRM 30\u00a0001\u00a0234\u00a0567\u00a0890", "reference:delivery_points", "prm"),
        (f"Le PCE {PCE}", "reference:delivery_points", "pce"),
        ("Le PCE GI 123456", "reference:delivery_points", "pce"),
        (f"Le SIRET {SIRET}", "reference:accounts", "dijon"),
        ("Le SIRET 212 102 310 00018", "reference:accounts", "dijon"),
    ],
)
async def test_a_reference_is_recognised_however_it_is_spaced(
    database: Database, identity: Identity, portfolio: Portfolio, text: str, kind: str, short: str
) -> None:
    found = await mention(database, identity, text)
    assert found.unknown_codes == ()
    assert [(m.kind, [c.record_id for c in m.candidates]) for m in found.found] == [
        (kind, [portfolio.ids[short]])
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Quels contrats arrivent à échéance dans les 90 jours ?",
        "Combien de clients industriels avons-nous ?",
        "la liste des sites de la ville et de la métropole",
        "les non-conformités majeures ouvertes du centre",
        "le volume de gaz par fournisseur",
        "Comment traiter une réclamation ?",
        "",
        "?!… €",
    ],
)
async def test_common_words_name_nobody(
    database: Database, identity: Identity, portfolio: Portfolio, text: str
) -> None:
    assert told(await mention(database, identity, text)) == []


async def test_codes_that_nothing_answers_to_are_reported_as_typed(
    database: Database, identity: Identity, portfolio: Portfolio
) -> None:
    found = await mention(database, identity, "CT-2099-0001 et 30009999999998, puis CT-2025-0001")
    assert set(found.unknown_codes) == {"CT-2099-0001", "30009999999998"}
    assert told(found) == [("reference:contracts", ["CT-2025-0001"])]


async def test_two_references_in_one_question_keep_to_their_own_place(
    database: Database, identity: Identity, portfolio: Portfolio
) -> None:
    text = f"Comparez CT-2025-0002 et AO-2026-015 du SIRET {SIRET}"
    found = await mention(database, identity, text)
    assert [(text[m.start : m.end], m.candidates[0].record_id) for m in found.found] == [
        ("CT-2025-0002", portfolio.ids["c2"]),
        ("AO-2026-015", portfolio.ids["t2"]),
        (SIRET, portfolio.ids["dijon"]),
    ]


async def test_a_siret_does_not_steal_the_place_of_another_reference(
    database: Database, identity: Identity, portfolio: Portfolio
) -> None:
    text = f"CT-2099-0001 pour {SIRET}"
    found = await mention(database, identity, text)
    assert [(m.text, m.kind) for m in found.found] == [(SIRET, "reference:accounts")]
    assert found.unknown_codes == ("CT-2099-0001",)


async def test_another_firm_recognises_none_of_our_names(
    database: Database, conninfo: str, portfolio: Portfolio
) -> None:
    stranger = make_identity(conninfo, "director")
    text = f"Aciéries du Rhône, Zoé Lefèvre, CT-2025-0001, {PRM}"
    found = await mention(database, stranger, text)
    assert told(found) == []
    assert set(found.unknown_codes) == {"CT-2025-0001", PRM}


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("les contrats visés par l’article L-224-11", ()),
        ("la loi 2019-1147 et nos sites", ()),
        ("le contrat AB-2099-77 selon l’article L-224-11", ("AB-2099-77",)),
    ],
)
async def test_a_reference_to_the_law_is_no_record_that_is_missing(
    database: Database, identity: Identity, portfolio: Portfolio, text: str, unknown: tuple[str]
) -> None:
    assert (await mention(database, identity, text)).unknown_codes == unknown
