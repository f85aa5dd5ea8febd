"""All prompts: kept as rendered, in good French typography, their examples true."""

import datetime as dt
import json
import re
from pathlib import Path

import pytest

from agents.prompts import PromptFile, list_prompts
from core.formats import format_number
from core.prompts import DATA_RULE_PLACE
from core.settings import PROJECT_ROOT, Settings
from crm.queries import compose_aggregate, compose_list
from demo.firm import generate_firm
from evals.prompts import find_snapshot, format_report, mend_spaces, render_all
from tools.registry import TOOLS, AggregateArguments, ListArguments

CALL = re.compile(r"^→ `(\w+)` (\{.*\})$", re.MULTILINE)
QUOTE = re.compile(r"Réponse\u00a0: .*?«\u00a0(.+?)\u00a0» \[S")
RENDERED = render_all()


@pytest.mark.parametrize("name", RENDERED)
def test_a_rendered_prompt_is_the_one_under_review(name: str) -> None:
    kept = find_snapshot(name)
    assert kept.exists(), "lancez « python -m evals.prompts » et relisez ce qu’il écrit"
    assert kept.read_text(encoding="utf-8") == f"{RENDERED[name]}\n"


def test_every_prompt_is_found_and_has_a_name_of_its_own() -> None:
    prompts = list_prompts()
    assert "portfolio_assistant/prompt" in {p.name for p in prompts}
    assert len({find_snapshot(p.name) for p in prompts}) == len(prompts)


@pytest.mark.parametrize("prompt", list_prompts(), ids=lambda p: p.name)
def test_a_prompt_that_takes_texts_of_others_states_the_rule_on_them(prompt: PromptFile) -> None:
    text = prompt.path.read_text(encoding="utf-8")
    assert not prompt.places or f"{{{{{DATA_RULE_PLACE}}}}}" in text.replace(" ", "")


def test_the_report_gives_every_prompt_its_weight() -> None:
    report = format_report(RENDERED, Settings.model_construct())
    assert all(f"| {name} |" in report for name in RENDERED)


def test_the_calls_of_the_examples_are_ones_that_the_tools_take() -> None:
    calls = [(n, json.loads(a)) for n, a in CALL.findall(RENDERED["portfolio_assistant/prompt"])]
    assert len(calls) >= 6
    for name, arguments in calls:
        TOOLS[name].arguments.model_validate(arguments)


def test_the_fields_of_the_examples_are_those_of_the_objects() -> None:
    calls = dict.fromkeys(CALL.findall(RENDERED["portfolio_assistant/prompt"]))
    for name, written in calls:
        given = TOOLS[name].arguments.model_validate(json.loads(written))
        if isinstance(given, ListArguments):
            compose_list(
                given.object, given.filters, given.related, given.columns, given.order_by,
                given.descending, given.limit,
            )  # fmt: skip
        if isinstance(given, AggregateArguments):
            compose_aggregate(
                given.object, given.measures, given.group_by, given.filters, given.related,
                given.having, given.descending, given.limit,
            )  # fmt: skip


def test_the_clients_of_the_examples_are_those_of_the_demonstration_firm() -> None:
    known = (PROJECT_ROOT / "demo" / "content" / "accounts.csv").read_text(encoding="utf-8")
    text = RENDERED["portfolio_assistant/prompt"]
    names = re.findall(r'"account\.name", "value": "(.+?)"', text)
    assert names
    for name in (*names, "Biscuiterie Le Goff", "Boulangerie Le Goff"):
        assert f",{name}," in known


def test_the_quotes_of_the_examples_stand_in_the_demonstration_s_documents() -> None:
    sources = PROJECT_ROOT / "demo" / "documents" / "sources"
    texts = [path.read_text(encoding="utf-8") for path in sources.rglob("*.md")]
    quotes = QUOTE.findall(RENDERED["portfolio_assistant/prompt"])
    assert quotes
    for quote in quotes:
        assert any(quote in text for text in texts)


def test_the_whole_of_the_examples_totals_is_that_of_the_firm() -> None:
    firm = generate_firm(dt.date(2026, 11, 22))
    clients = {a["id"] for a in firm.tenant_rows("accounts") if a["segment"] == "industry"}
    sites = {s["id"] for s in firm.tenant_rows("sites") if s["account_id"] in clients}
    points = [p for p in firm.tenant_rows("delivery_points") if p["site_id"] in sites]
    total = sum(p["annual_consumption_mwh"] for p in points if p["energy"] == "gas")
    assert format_number(total) in RENDERED["portfolio_assistant/prompt"]


@pytest.mark.parametrize("path", [p.path for p in list_prompts()], ids=lambda p: p.parent.name)
def test_guillemets_and_double_signs_have_their_hard_spaces(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert mend_spaces(text) == text, "lancez « python -m evals.prompts »"


def test_hard_spaces_are_put_in_prose_and_not_in_code() -> None:
    given = 'Citez « ainsi » : « a » ; `x : y` non ?\n→ `f` {"q": "a ?"}\n```\na : b\n```\n- fin :'
    mended = mend_spaces(given)
    assert mended.replace("\u00a0", " ") == given
    assert "«\u00a0ainsi\u00a0»\u00a0: «\u00a0a\u00a0»\u00a0; `x : y` non\u00a0?" in mended
    assert '→ `f` {"q": "a ?"}\n```\na : b\n```\n- fin\u00a0:' in mended
    assert mend_spaces(mended) == mended
