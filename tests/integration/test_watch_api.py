"""The routes of the watch: list, detail, chart, wishes, filters, and who may what."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import httpx
import psycopg
import pytest

from agents.tender_scoring.desk import TenderDesk
from api.app import create_app
from api.auth import Gatekeeper
from api.services import Services, build_clock, build_engine
from api.watch_jobs import DISABLED, WatchJobs
from chat.services import Assistant
from core.context import Identity, frozen_clock
from core.database import Database
from core.errors import ConfigurationError
from core.settings import Settings
from crm.watch import list_requests
from ingest.clients.boamp import BoampClient
from ingest.watch.arrivals import take_arrivals
from ingest.watch.watching import watch
from tests.conftest import SECRETS, make_identity
from tests.doubles.boamp import BoampDouble, records
from tests.doubles.boamp.server import BASE_URL

TODAY = dt.date(2026, 11, 26)
INSERT_PASSWORD = "INSERT INTO security.passwords (user_id, password_hash) VALUES (%s, 'x')"


def open_account(conninfo: str, identity: Identity) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(INSERT_PASSWORD, (identity.user_id,))


@pytest.fixture
async def api(
    database: Database, identity: Identity, conninfo: str, tmp_path: Path
) -> AsyncIterator[Any]:
    open_account(conninfo, identity)
    settings = Settings(data_dir=tmp_path, today=TODAY.isoformat(), _env_file=None)
    services = Services(settings, database, Gatekeeper(database, SECRETS), cast(Assistant, None),
                        build_engine(settings), build_clock(settings),
                        "jeton-de-commande-pour-les-essais",
                        tenders=TenderDesk(database, build_engine(settings),
                                           build_clock(settings)))  # fmt: skip
    double = BoampDouble([records.make_fnsimple(), records.make_mapa(), records.make_eforms()])
    client = BoampClient(double.client(), BASE_URL, double.sleep)
    await watch(database, identity, client, frozen_clock(TODAY))
    transport = httpx.ASGITransport(app=create_app(services))
    headers = {"authorization": "Bearer jeton-de-commande-pour-les-essais",
               "x-voltaire-user": identity.email}  # fmt: skip
    async with httpx.AsyncClient(
        transport=transport, base_url="http://essai", headers=headers
    ) as opened:
        yield opened


async def test_the_board_has_a_column_per_status(api: httpx.AsyncClient) -> None:
    board = (await api.get("/api/v1/watch")).json()
    assert [(c["label"], len(c["items"])) for c in board["columns"]] == [
        ("Nouveau", 3), ("Conservé", 0), ("Converti", 0), ("Écarté", 0)]  # fmt: skip
    narrowed = (await api.get("/api/v1/watch", params={"words": "gaz", "status": "new"})).json()
    assert narrowed["total"] == 1
    early = (await api.get("/api/v1/watch", params={"before": "2026-12-16"})).json()
    assert early["total"] == 1


async def test_a_detail_explains_every_part_of_the_prescore(api: httpx.AsyncClient) -> None:
    item = (await api.get("/api/v1/watch")).json()["columns"][0]["items"][0]
    detail = (await api.get(f"/api/v1/watch/{item['id']}")).json()
    score = detail["notices"][0]["prescore"]
    assert score["low"] <= score["points"] <= score["high"]
    assert all(part["reason"] for part in score["parts"])
    assert "ne remplace pas le verdict" in score["warning"]


async def test_the_chart_adds_values_by_week_and_counts_the_unknown_apart(
    api: httpx.AsyncClient,
) -> None:
    weeks = (await api.get("/api/v1/watch/chart")).json()["weeks"]
    assert [(w["week"], w["items"], w["without_value"]) for w in weeks] == [
        ("2026-12-14", 1, 1), ("2026-12-21", 1, 0), ("2027-01-04", 1, 0)]  # fmt: skip
    assert weeks[2]["value_eur"] in {"18500000.00", 18500000.0}


async def test_moving_an_item_only_wishes_it(api: httpx.AsyncClient) -> None:
    item = (await api.get("/api/v1/watch")).json()["columns"][0]["items"][0]
    answer = await api.post(f"/api/v1/watch/{item['id']}/status", json={"status": "kept"})
    [draft] = answer.json()["drafts"]
    assert (draft["operation"], draft["fields"]) == ("update", {"status": "kept"})
    again = (await api.get(f"/api/v1/watch/{item['id']}")).json()
    assert again["item"]["status"] == "new"


async def test_a_tender_is_proposed_with_its_lots_and_criteria(api: httpx.AsyncClient) -> None:
    board = (await api.get("/api/v1/watch", params={"words": "gaz"})).json()
    item = board["columns"][0]["items"][0]
    drafts = (await api.post(f"/api/v1/watch/{item['id']}/tender")).json()["drafts"]
    assert [draft["object"] for draft in drafts] == [
        "tenders", "tender_lots", "tender_lots", "tender_criteria", "tender_criteria"]  # fmt: skip
    assert drafts[0]["fields"]["submission_deadline"] == "2026-12-15T17:00:00+01:00"
    assert "estimated_value_eur" not in drafts[0]["fields"]
    assert len({draft["key"] for draft in drafts}) == len(drafts)


async def test_an_awaited_file_is_scored_when_it_is_left_there(
    api: httpx.AsyncClient, database: Database, identity: Identity, tmp_path: Path
) -> None:
    item = (await api.get("/api/v1/watch")).json()["columns"][0]["items"][0]
    answer = (await api.post(f"/api/v1/watch/{item['id']}/score")).json()
    assert item["source_reference"] in answer["message"]
    folder = tmp_path / "veille"
    folder.mkdir()
    (folder / f"DCE_{item['source_reference']}.zip.part").write_bytes(b"x")
    (folder / "DCE_26-1400019.zip").write_bytes(b"autre")
    scored: list[str] = []

    async def score(_: Identity, __: Any, path: Path) -> None:
        scored.append(path.name)

    assert await take_arrivals(database, identity, folder, score) == []
    (folder / f"DCE_{item['source_reference']}.zip").write_bytes(b"dossier")
    await take_arrivals(database, identity, folder, score)
    await take_arrivals(database, identity, folder, score)
    assert scored == [f"DCE_{item['source_reference']}.zip"]
    assert await list_requests(database, identity) == []


async def test_a_file_that_is_there_is_scored_at_once(
    api: httpx.AsyncClient, tmp_path: Path
) -> None:
    item = (await api.get("/api/v1/watch")).json()["columns"][0]["items"][0]
    folder = tmp_path / "veille"
    folder.mkdir()
    (folder / f"DCE_{item['source_reference']}.txt").write_text("Règlement", encoding="utf-8")
    answer = (await api.post(f"/api/v1/watch/{item['id']}/score")).json()
    tender = (await api.get(f"/api/v1/tenders/{answer['tender_id']}")).json()
    assert (tender["label"], tender["status"]) == (f"DCE_{item['source_reference']}", "running")
    again = (await api.post(f"/api/v1/watch/{item['id']}/score")).json()
    assert again["tender_id"] is None


async def test_the_figure_draws_a_bar_per_status_and_the_values(api: httpx.AsyncClient) -> None:
    figure = (await api.get("/api/v1/watch/figure")).json()
    assert [trace["name"] for trace in figure["data"]] == ["Nouveau", "Valeur connue"]
    assert figure["data"][0]["y"] == [1, 1, 1] and figure["data"][1]["y"][2] == 18_500_000


async def test_a_notice_file_enters_the_watch(api: httpx.AsyncClient) -> None:
    body = json.dumps(records.make_fnsimple("26-200000", objet="Achat d'énergie, conseil"))
    answer = await api.post("/api/v1/watch/notices", files={"file": ("avis.json", body)})
    assert answer.json() == {"outcome": "updated"}
    refused = await api.post("/api/v1/watch/notices", files={"file": ("avis.json", "{}")})
    assert refused.status_code == 422


async def test_a_reader_may_look_and_not_wish(
    api: httpx.AsyncClient, identity: Identity, conninfo: str
) -> None:
    reader = make_identity(conninfo, "reader", tenant_id=identity.tenant_id)
    open_account(conninfo, reader)
    item = (await api.get("/api/v1/watch")).json()["columns"][0]["items"][0]
    who = {"x-voltaire-user": reader.email}
    assert (await api.get("/api/v1/watch", headers=who)).json()["total"] == 3
    for path in (f"{item['id']}/status", f"{item['id']}/tender", f"{item['id']}/score"):
        body = {"status": "kept"} if path.endswith("status") else None
        answer = await api.post(f"/api/v1/watch/{path}", json=body, headers=who)
        assert answer.status_code == 403
    refused = await api.put("/api/v1/watch/filters", headers=who, json={
        "cpv_prefixes": [], "keywords": [], "excluded_words": [], "regions": []})  # fmt: skip
    assert refused.status_code == 403


async def test_filters_are_checked_then_kept(api: httpx.AsyncClient) -> None:
    body = {"cpv_prefixes": ["71314"], "keywords": ["énergie"], "excluded_words": [],
            "regions": ["pays de la loire"], "remote_regions": []}  # fmt: skip
    kept = (await api.put("/api/v1/watch/filters", json=body)).json()
    assert kept["regions"] == ["pays de la loire"]
    wrong = await api.put("/api/v1/watch/filters", json={**body, "regions": ["Atlantide"]})
    assert wrong.status_code == 422
    assert "Atlantide" in wrong.text


async def test_nothing_leaves_while_the_watch_is_off(
    api: httpx.AsyncClient, database: Database, identity: Identity, tmp_path: Path
) -> None:
    answer = await api.post("/api/v1/watch/runs")
    assert answer.status_code == ConfigurationError.status
    jobs = WatchJobs(None, 1.0, frozen_clock(TODAY), tmp_path)
    with pytest.raises(ConfigurationError, match="éteinte") as raised:
        await jobs.run(database, identity)
    assert raised.value.message == DISABLED
