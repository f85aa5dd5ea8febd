"""Costs and budgets over HTTP and in the terminal; what doctor says of a model."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import time
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from pydantic import SecretStr

from agents.prompts import list_prompts
from api.app import create_app
from api.auth import Gatekeeper
from api.costs import read_amount, write_report
from api.doctor import Finding
from api.model_findings import (
    describe_health,
    examine_models,
    gather_alike,
    list_account_findings,
    probe_models,
)
from api.services import Services, build_engine, meter_engine
from core.context import PARIS, Context, Identity, system_clock
from core.database import Database
from core.engine.anthropic import AnthropicEngine
from core.engine.offline import OfflineEngine
from core.engine.protocol import Message, Request, Text, Usage
from core.errors import InvalidInput
from core.ledger.budgets import check_budget, describe_scope
from core.ledger.calls import Call, Ledger, Result
from core.ledger.costs import list_costs
from core.ledger.health import Health
from core.ledger.labels import USE_CASES, label_key
from core.ledger.prices import load_prices
from core.settings import Settings
from tests.conftest import SECRETS
from tests.doubles.messages_api import Failure, MessagesApi
from tests.integration.test_api import ScriptedAssistant, make_person

pytest_plugins = ("tests.doubles.messages_api.fixtures",)

MODEL = "claude-sonnet-5-5"


@pytest.fixture
def identity(conninfo: str) -> Identity:
    """A director who can sign in."""
    return make_person(conninfo, "reader", "director")


@pytest.fixture
async def client(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    gatekeeper = Gatekeeper(database, SECRETS)
    services = Services(
        Settings(), database, gatekeeper, ScriptedAssistant(database), OfflineEngine({})
    )
    transport = httpx.ASGITransport(create_app(services), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://voltaire") as client:
        yield client


def bearer(database: Database, identity: Identity) -> dict[str, str]:
    token = Gatekeeper(database, SECRETS).issue_token(identity).value
    return {"authorization": f"Bearer {token}"}


async def spend(
    database: Database, identity: Identity, record: str | None = None, **limits: str
) -> None:
    """One call of 0,004916 €."""
    request = Request(
        "portfolio_assistant", "balanced", "x", (Message("user", (Text("?"),)),), (),
        dt.date(2026, 11, 26), 100, "0" * 64, record,
    )  # fmt: skip
    ledger, call = Ledger(database, load_prices(), limits), Call(uuid4(), request, MODEL)
    await ledger.open(identity, call)
    await ledger.close(identity, call, Result(MODEL, Usage(1000, 200, 4000, 500), "ok", 10))


async def test_a_director_reads_the_firm_s_costs_and_a_seller_their_own(
    client: httpx.AsyncClient, database: Database, identity: Identity, conninfo: str
) -> None:
    seller = make_person(conninfo, "sales", tenant_id=identity.tenant_id)
    await spend(database, identity, "tenders:7")
    await spend(database, seller)
    found = (await client.get("/api/v1/costs?by=record", headers=bearer(database, identity))).json()
    assert {line["key"]: line["calls"] for line in found["lines"]} == {"tenders:7": 1, "(aucun)": 1}
    assert Decimal(found["total"]["cost_eur"]) == Decimal("0.009832")
    assert found["total"]["cache_read_tokens"] == 8000
    own = (await client.get("/api/v1/costs?by=use_case", headers=bearer(database, seller))).json()
    assert own["total"]["calls"] == 1


async def test_costs_come_as_a_file_for_a_spreadsheet(
    client: httpx.AsyncClient, database: Database, identity: Identity
) -> None:
    await spend(database, identity, "=1+1")
    response = await client.get(
        "/api/v1/costs?by=record&format=csv", headers=bearer(database, identity)
    )
    assert response.headers["content-type"].startswith("text/csv")
    assert "attachment" in response.headers["content-disposition"]
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=";"))
    assert [row[0] for row in rows] == ["clé", "'=1+1", "Total"]
    assert rows[1][7] == "0,004916"


@pytest.mark.parametrize(
    "query", ["by=password", "since=hier", "since=2026-12-01&until=2026-11-01",
              "since=1900-01-01", "format=xml"],
)  # fmt: skip
async def test_a_wrong_question_about_costs_is_refused_in_french(
    client: httpx.AsyncClient, database: Database, identity: Identity, query: str
) -> None:
    response = await client.get(f"/api/v1/costs?{query}", headers=bearer(database, identity))
    assert response.status_code == 422
    assert response.json()["title"] == "Demande incorrecte"


async def test_the_first_and_last_days_that_exist_are_spans_like_others(
    client: httpx.AsyncClient, database: Database, identity: Identity
) -> None:
    for query, first in (("until=0001-01-02", "0001-01-01"), ("until=9999-12-31", "9999-12-02")):
        response = await client.get(f"/api/v1/costs?{query}", headers=bearer(database, identity))
        assert (response.status_code, response.json()["since"]) == (200, first)


async def test_costs_are_for_those_who_sign_in(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/v1/costs")).status_code == 401


async def test_an_administrator_sets_a_budget_and_nobody_else_does(
    client: httpx.AsyncClient, database: Database, identity: Identity, conninfo: str
) -> None:
    admin = make_person(conninfo, "admin", tenant_id=identity.tenant_id)
    body = {"scope": "use_case:tender_scoring", "period": "month", "limit_eur": "12.50"}
    refused = await client.put("/api/v1/budgets", json=body, headers=bearer(database, identity))
    assert refused.status_code == 403
    done = await client.put("/api/v1/budgets", json=body, headers=bearer(database, admin))
    assert done.status_code == 204
    found = (await client.get("/api/v1/budgets", headers=bearer(database, identity))).json()
    assert found == [body]
    for wrong in (
        *({"scope": scope} for scope in ("planète", "user:moi", "tenant:x")),
        *({"limit_eur": limit} for limit in ("-1", "NaN", "1e30", "0.001")),
        {"period": "year"},
    ):
        answer = await client.put("/api/v1/budgets", json=body | wrong,
                                  headers=bearer(database, admin))  # fmt: skip
        assert answer.status_code == 422


async def test_the_report_of_the_terminal_has_totals_and_says_what_emissions_are_worth(
    database: Database, identity: Identity
) -> None:
    await spend(database, identity, "tenders:7")
    day = system_clock().astimezone(PARIS).date()
    lines = await list_costs(database, identity, "record", day, day)
    report = write_report(lines, "record", day, day)
    assert "Appel d’offres 7" in report
    assert "tenders" not in report
    assert "0,0049\u00a0€" in report
    assert "ordre de grandeur" in report
    assert write_report([], "day", day, day).startswith("Aucun appel")


# Doctor


def settings_of(double: MessagesApi, tmp_path: Path, **changes: Any) -> Settings:
    values: dict[str, Any] = {
        "data_dir": tmp_path,
        "anthropic_api_key": SecretStr(double.key),
        "anthropic_base_url": double.base_url,
        "model_timeout_s": 2.0,
    }
    return Settings().model_copy(update=values | changes)


async def probe(settings: Settings) -> list[Finding]:
    engine = build_engine(settings, max_retries=0)
    try:
        return await probe_models(engine, settings)
    finally:
        if isinstance(engine, AnthropicEngine):
            await engine.aclose()


def no_fault(double: MessagesApi) -> None:
    double.reply_forever("oui")


FINDINGS: dict[str, tuple[Any, dict[str, Any], str]] = {
    "all is well": (no_fault, {}, "répond"),
    "wrong key": (no_fault, {"anthropic_api_key": SecretStr("sk-ant-fausse")}, "a été refusée"),
    "broken key": (no_fault, {"anthropic_api_key": SecretStr("clé à moi")}, "impossibles"),
    "withdrawn model": (
        lambda d: d.respond(lambda body: Failure(404, f"model: {body['model']}")), {},
        "n'existe pas ou n'est plus servi",
    ),
    "nobody there": (no_fault, {"anthropic_base_url": "http://127.0.0.1:9"}, "injoignable"),
    "no address": (no_fault, {"anthropic_base_url": "pas une adresse"}, "adresse"),
    "a web page": (
        lambda d: [d.fail(403, body=b"<html>filtre</html>") for _ in range(9)], {}, "filtre",
    ),
    "a proxy that cuts": (
        lambda d: [d.reply("oui", disturbance="cut", undisturbed=2) for _ in range(9)], {},
        "interrompue",
    ),
    "no credit": (lambda d: [d.fail(402) for _ in range(9)], {}, "crédit"),
}  # fmt: skip


@pytest.mark.parametrize("case", list(FINDINGS))
async def test_doctor_says_what_is_wrong_with_a_model_and_what_to_do(
    case: str, messages_api: MessagesApi, tmp_path: Path
) -> None:
    set_up, changes, expected = FINDINGS[case]
    set_up(messages_api)
    settings = settings_of(messages_api, tmp_path, **changes)
    findings = await probe(settings)
    assert {finding.state for finding in findings} == {"ok" if case == "all is well" else "failed"}
    assert len(findings) == 3
    for finding in findings:
        assert expected in finding.detail
        assert messages_api.key not in finding.line


ADVICE: dict[str, tuple[Any, dict[str, Any], str]] = {
    "wrong key": (
        no_fault, {"anthropic_api_key": SecretStr("sk-ant-fausse")}, "VOLTAIRE_ANTHROPIC_API_KEY",
    ),
    "withdrawn model": (
        lambda d: d.respond(lambda body: Failure(404, f"model: {body['model']}")), {},
        "VOLTAIRE_MODEL_BALANCED",
    ),
    "nobody there": (
        no_fault, {"anthropic_base_url": "http://moi:secret@127.0.0.1:9"},
        "VOLTAIRE_ANTHROPIC_BASE_URL (à présent 127.0.0.1:9)",
    ),
    "a web page": (
        lambda d: [d.fail(403, body=b"<html>filtre</html>") for _ in range(9)], {}, "HTTPS_PROXY",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", list(ADVICE))
async def test_doctor_names_the_setting_to_change_and_never_sends_back_to_itself(
    case: str, messages_api: MessagesApi, tmp_path: Path
) -> None:
    set_up, changes, expected = ADVICE[case]
    set_up(messages_api)
    findings = await probe(settings_of(messages_api, tmp_path, **changes))
    for finding in findings:
        assert expected in finding.detail
        assert "voltaire doctor" not in finding.detail
        assert "secret" not in finding.line
    gathered = gather_alike(findings)
    assert len(gathered) == (3 if case == "withdrawn model" else 1)
    assert MODEL in " ".join(finding.subject for finding in gathered)


async def test_a_server_that_says_nothing_is_waited_for_once(
    messages_api: MessagesApi, tmp_path: Path
) -> None:
    messages_api.reply_forever("oui", delay=30)
    started = time.monotonic()
    findings = await probe(settings_of(messages_api, tmp_path, model_timeout_s=1.0))
    assert {finding.state for finding in findings} == {"failed"}
    assert time.monotonic() - started < 2.5


def test_doctor_tries_the_model_though_the_database_is_out_of_reach(
    messages_api: MessagesApi, tmp_path: Path
) -> None:
    no_fault(messages_api)
    settings = settings_of(
        messages_api, tmp_path, database_url=SecretStr("postgresql://x@127.0.0.1:9/x")
    )
    assert [finding.state for finding in examine_models(settings)] == ["ok", "ok", "ok"]


async def test_doctor_is_counted_and_tells_of_a_spent_budget_and_of_a_warning(
    messages_api: MessagesApi, database: Database, identity: Identity, tmp_path: Path
) -> None:
    no_fault(messages_api)
    settings = settings_of(messages_api, tmp_path, budget_tenant_day_eur=Decimal("0.005"))
    engine = meter_engine(build_engine(settings), database, settings)
    context = Context(identity, database, engine, system_clock)
    await spend(database, identity, tenant_day="0.005")
    await spend(database, identity)
    findings = await probe_models(context.engine, settings)
    assert all("épuisé" in finding.detail for finding in findings)
    accounts = await list_account_findings(context, settings)
    assert any("budget du jour du cabinet" in finding.line.lower() for finding in accounts)
    day = system_clock().astimezone(PARIS).date()
    counted = await list_costs(database, identity, "use_case", day, day)
    assert [(line.key, line.calls, line.fallbacks) for line in counted] == [
        ("doctor", 3, 3), ("portfolio_assistant", 2, 0),
    ]  # fmt: skip


def test_doctor_tells_of_an_open_breaker_and_of_an_idle_cache() -> None:
    assert list(describe_health(Health({"ok": 3}, 19, 0.0))) == []
    assert list(describe_health(Health({"ok": 3}, 500, 0.4))) == []
    stopped, idle = describe_health(Health({"breaker_open": 2}, 20, 0.0))
    assert "réessayé tout seul" in stopped.detail
    assert "aucune lecture" in idle.detail


async def test_a_model_that_declines_the_word_it_is_asked_answers_all_the_same(
    messages_api: MessagesApi, tmp_path: Path
) -> None:
    messages_api.reply_forever("Non.", stop_reason="refusal")
    settings = settings_of(messages_api, tmp_path)
    findings = await probe(settings)
    assert {finding.state for finding in findings} == {"ok"}


@pytest.mark.parametrize(
    ("scope", "period", "amount", "told"),
    [
        ("planète", "day", "5", "n’est pas une portée. Choisissez tenant (le cabinet)"),
        ("use_case:toto", "day", "5", "n’est pas un usage du modèle. Choisissez portfolio_assist"),
        ("user:moi", "day", "5", "n’est pas une portée"),
        ("tenant", "an", "5", "n’est pas une période. Choisissez day (le jour)"),
        ("tenant", "day", "-5", "un montant positif"),
        ("tenant", "day", "5,005", "deux décimales"),
        ("tenant", "day", "cinq", "« cinq » n’est pas un montant"),
        ("tenant", "day", "", "n’est pas un montant"),
    ],
)
def test_a_wrong_budget_is_told_by_what_is_wrong_in_it(
    scope: str, period: str, amount: str, told: str
) -> None:
    with pytest.raises(InvalidInput, match=re.escape(told)):
        check_budget(scope, period, read_amount(amount))


def test_a_budget_is_typed_as_on_a_french_keyboard_and_told_in_french() -> None:
    amount = read_amount("1 250,50 €")
    check_budget("use_case:reply_draft", "month", amount)
    assert amount == Decimal("1250.50")
    assert describe_scope("use_case:reply_draft") == (
        "de l’usage «\u00a0Brouillon de réponse\u00a0»"
    )


def test_every_use_case_that_asks_a_model_has_a_french_name() -> None:
    asked = {prompt.use_case for prompt in list_prompts()}
    assert asked <= set(USE_CASES)
    assert label_key("portfolio_assistant") == "Assistant de portefeuille"
    assert label_key("2026-11-26") == "26/11/2026"
    assert label_key("claude-sonnet-5-5") == "claude-sonnet-5-5"
