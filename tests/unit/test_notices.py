"""Notices in every shape they are published in, and what must never be read from them."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ConfigurationError
from core.settings import get_settings
from evals.tenders.ted import load_notices, measure
from ingest.notices.criteria import read_criteria
from ingest.notices.errors import NoticeUnreadable
from ingest.notices.notice import Duration
from ingest.notices.reading import read_notice
from ingest.notices.text import read_text
from ingest.notices.tree import MAX_BYTES, parse_xml
from ingest.notices.wording import parse_amount, parse_day, parse_duration, parse_moment, to_decimal
from tests.doubles.boamp import records


def test_fnsimple_notice_is_read_field_by_field() -> None:
    notice = read_notice(records.make_fnsimple())
    assert notice.buyer == "Communauté de communes des Trois Étangs"
    assert notice.buyer_id == "20004123400017"
    assert notice.reference == "2026-AMO-07"
    assert (notice.cpv, notice.cpv_additional) == ("71314200", ("79418000",))
    assert notice.value == Decimal(64000)
    assert notice.is_framework is True
    assert notice.deadline and notice.deadline.instant
    assert notice.deadline.instant.isoformat() == "2026-12-21T12:00:00+01:00"
    [lot] = notice.lots
    assert [(c.name, c.weight) for c in lot.criteria] == [("Valeur technique", 60), ("Prix", 40)]
    assert lot.duration == Duration(Decimal(36), "month")
    assert lot.allows_variants is False
    assert notice.platform_url == "https://profil.example/consultation/881"


def test_mapa_notice_gives_its_lots_and_structured_criteria() -> None:
    notice = read_notice(records.make_mapa())
    assert [(lot.number, lot.title, lot.energy) for lot in notice.lots] == [
        ("1", "Gaz, points T1 et T2", "gas"), ("2", "Gaz, points T3", "gas")]  # fmt: skip
    assert [(c.name, c.weight, c.kind) for c in notice.lots[1].criteria] == [
        ("Prix des prestations", 70, "price"), ("Qualité du suivi", 30, "quality")]  # fmt: skip
    assert notice.validity == Duration(Decimal(90), "day")
    assert notice.lots[0].duration == Duration(Decimal(24), "month")
    assert notice.cpv is None


def test_eforms_within_a_boamp_record_gives_weights_per_lot() -> None:
    notice = read_notice(json.dumps(records.make_eforms()))
    assert notice.buyer == "Syndicat d'énergie du Haut-Plateau"
    assert [(lot.number, [c.weight_text for c in lot.criteria]) for lot in notice.lots] == [
        ("LOT-0001", ["60 %"]), ("LOT-0002", ["70 %"])]  # fmt: skip
    assert notice.framework == "accord-cadre avec remise en concurrence"
    assert notice.validity == Duration(Decimal(120), "day")
    assert notice.value == Decimal(18500000)
    assert notice.platform_url == "https://demat.example/2026-204"


def test_a_correction_names_what_it_corrects() -> None:
    notice = read_notice(
        records.make_correction("26-141000", "26-140001", "2027-01-06T12:00:00+01:00")
    )
    assert (notice.kind, notice.refers_to) == ("correction", ("26-140001",))


def test_placeholder_dates_of_results_are_not_read() -> None:
    notice = read_notice(records.make_award("26-150000", "26-140002"))
    [award] = notice.awards
    assert notice.kind == "award"
    assert (award.winner, award.amount, award.awarded_on) == (
        "Gaz des Marches SA", Decimal("412000.50"), None)  # fmt: skip


def test_every_value_of_a_notice_has_its_place() -> None:
    notice = read_notice(records.make_eforms())
    for field in ("buyer", "title", "cpv", "reference", "platform_url"):
        assert notice.proofs[field].quote == getattr(notice, field)
        assert notice.proofs[field].path


def test_deadlines_that_differ_are_told() -> None:
    record = records.make_fnsimple(datelimitereponse="2026-12-23T11:00:00+00:00")
    notice = read_notice(record)
    assert notice.deadline and notice.deadline.on == dt.date(2026, 12, 23)
    assert notice.doubts


@pytest.mark.parametrize("body", [
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><TED_EXPORT>&a;</TED_EXPORT>',
    b'<?xml version="1.0"?><!DOCTYPE x SYSTEM "file:///etc/passwd"><ContractNotice/>',
    b"<TED_EXPORT>" + b"<a>" * 200 + b"</a>" * 200 + b"</TED_EXPORT>",
    b"<ContractNotice>", b"<html><body>page</body></html>", b"{", b"[]", b'{"a": 1}',
    b"", b"Bonjour, ceci est une lettre.", b"<" + b"a" * (MAX_BYTES + 1),
])  # fmt: skip
def test_what_is_not_a_notice_is_refused_with_a_sentence(body: bytes) -> None:
    with pytest.raises(NoticeUnreadable) as raised:
        read_notice(body)
    assert "Téléchargez-le à nouveau" in raised.value.message


@given(st.text(max_size=400))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read_text(text)
    except NoticeUnreadable:
        return


@given(st.recursive(st.none() | st.booleans() | st.text(max_size=20) | st.integers(),
                    lambda inner: st.lists(inner, max_size=3)
                    | st.dictionaries(st.sampled_from(["lot", "cpv", "criteres", "titre", "@x",
                                                       "#text", "duree"]), inner, max_size=4),
                    max_leaves=20))  # fmt: skip
def test_any_form_in_a_record_is_read_without_error(tree: object) -> None:
    notice = read_notice(records.make_record("26-1", donnees={"FNSimple": tree}))
    assert notice.id == "26-1"


@pytest.mark.parametrize(("text", "pairs"), [
    (["Valeur technique 60 ; environnement 20 ; prix 20"],
     [("Valeur technique", "60"), ("environnement", "20"), ("Prix", "20")]),
    (["Valeur technique 55 %, prix 35 %, RSE 10 %"],
     [("Valeur technique", "55 %"), ("Prix", "35 %"), ("RSE", "10 %")]),
    (["1. Prix des prestations (50 points)", "2. Délai : 20 points"],
     [("Prix des prestations", "50 points"), ("Délai", "20 points")]),
    (["Critère de qualité - Nom: Méthode; moyens / Pondération: 45", "Prix - Pondération: 55"],
     [("Méthode; moyens", "45"), ("Prix", "55")]),
    (["Prix"], [("Prix", None)]),
    (["voir règlement de la consultation"], []),
    (["Critères énoncés ci-dessous"], []),
])  # fmt: skip
def test_criteria_are_read_as_written(text: list[str], pairs: list[tuple[str, str | None]]) -> None:
    assert [(c.name, c.weight_text) for c in read_criteria(text, "")] == pairs


def test_values_as_notices_write_them() -> None:
    assert parse_day("le 3 février 2027") == dt.date(2027, 2, 3)
    assert parse_day("31/02/2027") is None
    moment = parse_moment("2026-10-02T10:00:00+00:00")
    assert moment and (moment.on, moment.at) == (dt.date(2026, 10, 2), dt.time(12, 0))
    assert parse_moment("Date: 19/02/2018 Heure locale: 12h30") == moment.__class__(
        dt.date(2018, 2, 19), dt.time(12, 30)
    )
    assert parse_amount("Valeur hors TVA: 700 000.00 EUR") == Decimal("700000.00")
    assert to_decimal("4.270.000,50") == Decimal("4270000.50")
    assert parse_duration("validité : 4 heures") == Duration(Decimal(4), "hour")


def test_without_written_offset_hours_are_of_paris_in_summer_too() -> None:
    moment = parse_moment("15/07/2026 à 16 h 00")
    assert moment and moment.instant and moment.instant.utcoffset() == dt.timedelta(hours=2)


OLD_FORM = """<?xml version="1.0"?><TED_EXPORT DOC_ID="1234-2013"><CODED_DATA_SECTION><REF_OJS>
<DATE_PUB>20130304</DATE_PUB></REF_OJS></CODED_DATA_SECTION><FORM_SECTION><CONTRACT LG="FR">
<FD_CONTRACT CTYPE="SERVICES"><CONTRACTING_AUTHORITY_INFORMATION><ORGANISATION>
<OFFICIALNAME>Ville de Montval</OFFICIALNAME></ORGANISATION></CONTRACTING_AUTHORITY_INFORMATION>
<OBJECT_CONTRACT_INFORMATION><TITLE_CONTRACT><P>Conseil en énergie</P></TITLE_CONTRACT>
<CPV><CPV_MAIN><CPV_CODE CODE="71314200"/></CPV_MAIN></CPV><NO_ACCEPTED_VARIANTS/>
<F02_ANNEX_B><LOT_NUMBER>2</LOT_NUMBER><LOT_TITLE>Gaz</LOT_TITLE></F02_ANNEX_B>
<PERIOD_WORK_DATE_STARTING><MONTHS>36</MONTHS></PERIOD_WORK_DATE_STARTING>
</OBJECT_CONTRACT_INFORMATION><PROCEDURE_DEFINITION><PT_OPEN/><CRITERIA_STATED_BELOW>
<CRITERIA_DEFINITION><CRITERIA>Prix</CRITERIA><WEIGHTING>55</WEIGHTING></CRITERIA_DEFINITION>
<CRITERIA_DEFINITION><CRITERIA>Méthode</CRITERIA><WEIGHTING>45</WEIGHTING></CRITERIA_DEFINITION>
</CRITERIA_STATED_BELOW><FILE_REFERENCE_NUMBER><P>13-07</P></FILE_REFERENCE_NUMBER>
<RECEIPT_LIMIT_DATE><DAY>15</DAY><MONTH>4</MONTH><YEAR>2013</YEAR><TIME>16:30</TIME>
</RECEIPT_LIMIT_DATE></PROCEDURE_DEFINITION></FD_CONTRACT></CONTRACT></FORM_SECTION>
</TED_EXPORT>"""


def test_the_older_contract_forms_are_read_too() -> None:
    notice = read_notice(OLD_FORM)
    assert (notice.buyer, notice.reference, notice.cpv, notice.procedure) == (
        "Ville de Montval", "13-07", "71314200", "open")  # fmt: skip
    assert notice.deadline and notice.deadline.instant
    assert notice.deadline.instant.isoformat() == "2013-04-15T16:30:00+02:00"
    [lot] = notice.lots
    assert (lot.number, lot.title, lot.energy, lot.allows_variants) == ("2", "Gaz", "gas", False)
    assert [c.weight for c in lot.criteria] == [55, 45]
    assert lot.duration == Duration(Decimal(36), "month")


def test_xml_text_keeps_order_around_inner_marks() -> None:
    root = parse_xml("<T><P>une 2<FT>e</FT> période</P><P>suite</P></T>".encode())
    assert root.text == "une 2e période\nsuite"


def test_ted_notices_are_read_from_text_and_from_xml() -> None:
    folder = get_settings().eval_data / "ted-fr"
    try:
        next(load_notices(folder))
    except ConfigurationError:
        pytest.skip("jeu d’avis TED absent")
    wrong = [
        case for case in measure(folder, limit=12) if case.failures and "bare" not in case.tags
    ]
    assert len(wrong) <= 1


BARE = """Syndicat d'énergie du Val Perdu
21 rue des Lilas
Valperdu
72000
achats@valperdu.example
https://achats.valperdu.example
GENERAL_PUBLIC_SERVICES
Assistance à l'achat d'énergie
2026-AMO-3
71314200
SERVICES
Mission de conseil.
90000
Électricité
1
71314200
FRG04
Suivi des contrats d'électricité.
Valeur technique
60
40
50000
24
Gaz
2
71314200
FRG04
Suivi des contrats de gaz.
36
2027-01-15
12:00
FR
"""


def test_values_without_headings_are_read_and_doubtful_weights_are_not() -> None:
    notice = read_notice(BARE)
    assert (notice.title, notice.reference, notice.cpv) == (
        "Assistance à l'achat d'énergie", "2026-AMO-3", "71314200")  # fmt: skip
    assert notice.deadline and notice.deadline.at == dt.time(12, 0)
    first, second = notice.lots
    assert [(c.name, c.weight_text) for c in first.criteria] == [
        ("Valeur technique", "60"), ("Prix", "40")]  # fmt: skip
    assert (first.value, second.value) == (Decimal(50000), None)
    assert (second.number, second.title, second.criteria) == ("2", "Gaz", ())
    assert first.duration is None
