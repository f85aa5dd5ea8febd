"""Which model serves which use case, and what the administrator is told of that choice."""

import datetime as dt

import pytest
from anthropic.resources.messages.messages import DEPRECATED_MODELS

from core.engine.catalog import KNOWN_MODELS, find_family, find_retirement, parse_retirement
from core.engine.protocol import Tier
from core.engine.routing import Choice, Routing, read_routing
from core.settings import Settings

TODAY = dt.date(2026, 11, 26)
MODELS: dict[Tier, str] = {
    "fast": "claude-haiku-5-5",
    "balanced": "claude-sonnet-5-5",
    "deep": "claude-opus-5-5",
}


def warn(model: str, *, official: bool = True) -> list[str]:
    return list(Routing({**MODELS, "fast": model}).list_warnings(TODAY, official=official))


def test_the_tier_gives_the_model_its_effort_and_its_thinking() -> None:
    routing = Routing(MODELS, {"deep": "high"}, {"balanced": "between_tools"})
    assert routing.choose("tender_scoring", "deep") == Choice("claude-opus-5-5", "high")
    assert routing.choose("x", "balanced") == Choice("claude-sonnet-5-5", thinking="between_tools")


def test_a_use_case_may_go_to_another_tier_or_to_a_model() -> None:
    overrides = {"reply_draft": "deep", "email_summary": "claude-haiku-4-5"}
    routing = Routing(MODELS, {"fast": "low", "deep": "high"}, overrides=overrides)
    assert routing.choose("reply_draft", "fast") == Choice("claude-opus-5-5", "high")
    assert routing.choose("email_summary", "fast") == Choice("claude-haiku-4-5")
    assert routing.choose("meeting", "fast") == Choice("claude-haiku-5-5", "low")


def test_an_option_the_model_does_not_offer_is_left_out_and_told() -> None:
    routing = Routing(MODELS, thinking={"deep": "disabled"})
    assert routing.choose("tender_scoring", "deep").thinking is None
    (warning,) = routing.list_warnings(TODAY, official=True)
    assert "claude-opus-5-5" in warning
    assert "«\u00a0disabled\u00a0»" in warning


def test_nothing_is_sent_to_a_model_of_another_house() -> None:
    routing = Routing({**MODELS, "fast": "mistral-small"}, {"fast": "low"}, {"fast": "disabled"})
    assert routing.choose("email_summary", "fast") == Choice("mistral-small")


def test_room_is_added_for_thinking_where_a_model_may_think() -> None:
    assert Choice("claude-haiku-5-5", "low").thinking_room > 0
    assert Choice("claude-haiku-5-5", "low", "disabled").thinking_room == 0
    assert Choice("claude-haiku-4-5").thinking_room == 0
    assert Choice("mistral-small").thinking_room == 0


def test_the_default_models_raise_no_warning() -> None:
    assert list(read_routing(Settings.model_construct()).list_warnings(TODAY, official=True)) == []


def test_a_model_close_to_its_retirement_is_told_with_the_date() -> None:
    (warning,) = warn("claude-sonnet-4-5")
    assert "sera retiré le 30/11/2026" in warning


def test_a_model_already_retired_is_told() -> None:
    (warning,) = warn("claude-3-5-haiku-20241022")
    assert "n’est plus servi depuis le 19/02/2026" in warning


def test_an_unknown_model_is_told_unless_the_server_is_another() -> None:
    assert "inconnu" in warn("claude-haiku-99")[0]
    assert warn("claude-haiku-99", official=False) == []


def test_every_date_of_the_sdk_s_table_is_read() -> None:
    assert all(isinstance(find_retirement(m), dt.date) for m in DEPRECATED_MODELS)
    assert parse_retirement("July 21st, 2025") == dt.date(2025, 7, 21)


def test_every_model_of_the_sdk_has_its_family() -> None:
    missing = [m for m in KNOWN_MODELS if find_family(m) is None and m not in DEPRECATED_MODELS]
    assert missing == []


@pytest.mark.parametrize(
    ("model", "minimum"),
    [
        ("claude-haiku-5-5", 512),
        ("claude-opus-4-5-20251101", 4096),
        ("claude-opus-5", 512),
        ("claude-sonnet-5", 1024),
        ("claude-fable-5-1", 512),
    ],
)
def test_dated_and_minor_versions_find_their_family(model: str, minimum: int) -> None:
    family = find_family(model)
    assert family is not None
    assert family.minimum_prefix == minimum


def test_thinking_is_not_held_back_at_the_highest_efforts() -> None:
    routing = Routing(MODELS, {"balanced": "max"}, {"balanced": "between_tools"})
    assert routing.choose("x", "balanced") == Choice("claude-sonnet-5-5", "max")
    (warning,) = routing.list_warnings(TODAY, official=True)
    assert "demande une réflexion libre" in warning
