"""A span is exact, or it does not exist."""

from core.spans import find_span, is_exact

SOURCE = "Le prix est de 72,50 €/MWh,\n  ferme jusqu’au 31 décembre 2027."


def test_a_quote_with_other_blanks_is_found_and_becomes_exact() -> None:
    span = find_span("s", SOURCE, "72,50 €/MWh, ferme")
    assert span is not None
    assert span.quote == "72,50 €/MWh,\n  ferme"
    assert is_exact(span, SOURCE)


def test_a_changed_word_is_not_found() -> None:
    assert find_span("s", SOURCE, "73,50 €/MWh") is None
    assert find_span("s", SOURCE, "   ") is None


def test_a_span_is_no_longer_exact_once_its_source_changed() -> None:
    span = find_span("s", SOURCE, "31 décembre 2027")
    assert span is not None
    assert not is_exact(span, SOURCE.replace("2027", "2028"))
