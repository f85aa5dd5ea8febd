"""Tender files through the API: brought, scored by the queue, read, proposed, decided."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

import httpx
import procrastinate
import psycopg
import pytest
from docx import Document
from openpyxl import load_workbook

from agents.tender_scoring.desk import TenderDesk
from agents.tender_scoring.storage import LOCK, list_running
from api.app import create_app
from api.auth import Gatekeeper
from api.services import Services, build_clock, build_engine
from api.tender_jobs import RESUME, TenderJobs
from api.worker import build_worker
from chat.services import Assistant
from core.context import Context, Identity
from core.database import Database
from core.settings import Settings
from crm.proposals.approving import Line, approve
from crm.proposals.canonical import digest_batch
from tests.conftest import SECRETS, make_identity, writing
from tests.integration.changes import executing, read_row
from tests.integration.tender_files import build_pieces, zip_pieces

TODAY = dt.date(2026, 11, 16)
TOKEN = "jeton-de-commande-pour-les-essais"
INSERT_PASSWORD = "INSERT INTO security.passwords (user_id, password_hash) VALUES (%s, 'x')"
INSERT_ACCOUNT = """
INSERT INTO accounts (id, tenant_id, name, segment, status, owner_id)
VALUES (%s, %s, 'Commune de Nozay-l’Étang', 'local_authority', 'client', %s)
"""
INSERT_SITE = """
INSERT INTO sites (id, tenant_id, account_id, name) VALUES (%s, %s, %s, 'Mairie')
"""


@dataclass
class Running:
    """The API of one firm and its queue."""

    http: httpx.AsyncClient
    queue: procrastinate.App
    desk: TenderDesk
    identity: Identity
    services: Services

    async def work(self) -> None:
        """Do what is in the queue."""
        await self.queue.run_worker_async(wait=False, install_signal_handlers=False)

    async def bring(self, *paths: Path) -> str:
        """Post files as one tender."""
        files = [("files", (path.name, path.read_bytes())) for path in paths]
        answer = await self.http.post("/api/v1/tenders", files=files)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    async def score(self, *paths: Path) -> str:
        """Post files and have them scored."""
        tender = await self.bring(*paths)
        await self.work()
        status = (await self.http.get(f"/api/v1/tenders/{tender}")).json()
        assert status["status"] == "done", status
        return tender


def open_account(conninfo: str, identity: Identity) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(INSERT_PASSWORD, (identity.user_id,))


@pytest.fixture
async def api(
    database: Database, identity: Identity, conninfo: str, tmp_path: Path
) -> AsyncIterator[Running]:
    open_account(conninfo, identity)
    settings = Settings(data_dir=tmp_path, today=TODAY.isoformat(), _env_file=None)
    clock, engine = build_clock(settings), build_engine(settings)
    jobs = TenderJobs(TenderDesk(database, engine, clock), identity)
    queue = build_worker(database, identity, tmp_path / "documents", 1, (jobs,))
    services = Services(settings, database, Gatekeeper(database, SECRETS), cast(Assistant, None),
                        engine, clock, TOKEN, tenders=jobs.desk)  # fmt: skip
    transport = httpx.ASGITransport(app=create_app(services))
    headers = {"authorization": f"Bearer {TOKEN}", "x-voltaire-user": identity.email}
    async with (
        queue.open_async(),
        httpx.AsyncClient(transport=transport, base_url="http://essai", headers=headers) as http,
    ):
        yield Running(http, queue, jobs.desk, identity, services)


@pytest.fixture(scope="module")
def pieces(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return build_pieces("syndicat-val-erdre", tmp_path_factory.mktemp("syndicat"))


@pytest.fixture
def archive(pieces: list[Path], tmp_path: Path) -> Path:
    return zip_pieces(pieces, tmp_path / "DCE Val d’Erdre.zip")


async def carry_out(api: Running, proposals: list[dict[str, Any]]) -> None:
    """Approve and execute, as two directors and the executor would."""
    ids = [UUID(p["proposal_id"]) for p in proposals if p["proposal_id"]]
    second = make_identity(api.desk.database.base_conninfo, "director", "reader",
                           tenant_id=api.identity.tenant_id)  # fmt: skip
    for person in (api.identity, second):
        context = Context(person, api.desk.database, api.desk.engine, api.desk.clock)
        for id_ in ids:
            async with context.database.transaction(person) as connection:
                cursor = await connection.execute(
                    "SELECT digest, status FROM proposals WHERE id = %s", (id_,)
                )
                row = await cursor.fetchone()
            assert row is not None
            if row["status"] == "pending":
                line = Line(id_, row["digest"])
                await approve(context, [line], digest_batch([(id_, row["digest"])]))
    async with executing(api.desk.database) as executor:
        await executor.run_once()


async def test_an_archive_is_scored_followed_and_given_back(api: Running, archive: Path) -> None:
    tender = await api.bring(archive)
    waiting = await api.http.get(f"/api/v1/tenders/{tender}/card")
    assert (waiting.status_code, "terminée" in waiting.json()["detail"]) == (422, True)
    await api.work()

    lines = (await api.http.get(f"/api/v1/tenders/{tender}/events")).text.splitlines()
    assert lines[0] == "event: done"
    assert json.loads(lines[1].removeprefix("data: "))["label"] == "DCE Val d’Erdre"

    card = (await api.http.get(f"/api/v1/tenders/{tender}/card")).json()
    buyer = next(fact for fact in card["facts"] if fact["label"] == "Acheteur")
    assert "Val d’Erdre" in buyer["value"]
    result = (await api.http.get(f"/api/v1/tenders/{tender}/result")).json()
    assert result["id"] == tender and result["digest"] == card["digest"]
    listed = (await api.http.get("/api/v1/tenders")).json()["tenders"]
    assert [(t["id"], t["buyer"]) for t in listed] == [(tender, buyer["value"])]


async def test_a_citation_opens_its_piece(api: Running, archive: Path) -> None:
    tender = await api.score(archive)
    card = (await api.http.get(f"/api/v1/tenders/{tender}/card")).json()
    places = [place for fact in card["facts"] for place in fact["places"]]
    cited = next(place for place in places if place["file"].endswith(".pdf"))
    opened = await api.http.get(
        f"/api/v1/tenders/{tender}/pieces", params={"piece": cited["piece"]}
    )
    assert opened.content.startswith(b"%PDF") and cited["page"] >= 1
    assert opened.headers["content-disposition"].startswith("inline")
    marked = await api.http.get(
        f"/api/v1/tenders/{tender}/pieces", params={"piece": cited["piece"], "place": 1}
    )
    assert marked.content.startswith(b"%PDF") and b"/Highlight" in marked.content
    with psycopg.connect(api.desk.database.base_conninfo, autocommit=True) as connection:
        connection.execute("UPDATE tender_files SET content = 'abîmé'")
    refused = await api.http.get(
        f"/api/v1/tenders/{tender}/pieces", params={"piece": cited["piece"], "place": 1}
    )
    assert refused.status_code == 422 and "surligné" in refused.json()["detail"]
    word = next(p for p in (await api.http.get(f"/api/v1/tenders/{tender}/result")).json()["pieces"]
                if p["name"].endswith(".docx"))  # fmt: skip
    given = await api.http.get(f"/api/v1/tenders/{tender}/pieces", params={"piece": word["id"]})
    assert given.headers["content-disposition"].startswith("attachment")
    place = (await api.http.get(f"/api/v1/tenders/{tender}/places/1")).text
    assert "> " in place and "Ouvrir la pièce" in place
    assert (await api.http.get(f"/api/v1/tenders/{tender}/places/999")).status_code == 404
    absent = await api.http.get(f"/api/v1/tenders/{tender}/pieces", params={"piece": "0:absent"})
    assert absent.status_code == 404


async def test_every_export_opens(api: Running, archive: Path) -> None:
    tender = await api.score(archive)
    names = (await api.http.get(f"/api/v1/tenders/{tender}")).json()["exports"]
    for name in names:
        export = await api.http.get(f"/api/v1/tenders/{tender}/exports/{name}")
        assert export.status_code == 200, name
        if name.endswith("xlsx"):
            assert load_workbook(BytesIO(export.content)).worksheets[0].max_row > 3
        elif name.endswith("docx"):
            assert Document(BytesIO(export.content)).paragraphs
    refused = await api.http.get(f"/api/v1/tenders/{tender}/exports/matrix.pdf")
    assert refused.status_code == 404 and "matrix.xlsx" in refused.json()["detail"]


async def test_pieces_brought_one_by_one_are_one_tender(api: Running, pieces: list[Path]) -> None:
    tender = await api.score(*pieces)
    result = (await api.http.get(f"/api/v1/tenders/{tender}/result")).json()
    assert {p["name"] for p in result["pieces"]} == {p.name for p in pieces}


async def test_what_cannot_be_read_is_told_and_nothing_is_lost(
    api: Running, tmp_path: Path
) -> None:
    empty = tmp_path / "vide.pdf"
    empty.write_bytes(b"")
    refused = await api.http.post("/api/v1/tenders", files=[("files", ("vide.pdf", b""))])
    assert refused.status_code == 422 and "vide" in refused.json()["detail"]
    broken = tmp_path / "RC.pdf"
    broken.write_bytes(b"%PDF-1.4 rien")
    tender = await api.bring(broken, empty)
    await api.work()
    ended = (await api.http.get(f"/api/v1/tenders/{tender}")).json()
    assert (ended["status"], ended["verdict"], ended["exports"]) == ("failed", None, [])
    assert "- RC.pdf\u00a0:" in ended["error"] and "- vide.pdf\u00a0:" in ended["error"]
    for path in ("card", "exports/card.md"):
        refused = await api.http.get(f"/api/v1/tenders/{tender}/{path}")
        assert refused.status_code == 422 and refused.json()["detail"] == ended["error"]
    assert (await api.http.post(f"/api/v1/tenders/{tender}/retry")).status_code == 202
    await api.work()
    again = (await api.http.get(f"/api/v1/tenders/{tender}")).json()
    assert again["error"] == ended["error"]  # the files were kept


async def test_an_interrupted_analysis_is_taken_up_and_done_once(
    api: Running, archive: Path
) -> None:
    tender = await api.bring(archive)
    database = api.desk.database
    async with database.session(api.identity) as other:
        await other.execute(LOCK, (tender,))
        await api.work()
        [running] = await list_running(database, api.identity)
        assert str(running.id) == tender
        await other.execute("SELECT pg_advisory_unlock_all()")
    await api.queue.configure_task(RESUME).defer_async(timestamp=0)
    await api.work()
    assert (await api.http.get(f"/api/v1/tenders/{tender}")).json()["status"] == "done"


async def test_delivery_points_known_to_the_crm_are_told_with_their_client(
    api: Running, archive: Path, database: Database
) -> None:
    first = await api.score(archive)
    before = (await api.http.get(f"/api/v1/tenders/{first}/card")).json()["points"]
    assert before["known"] == 0 and before["total"] > 50
    point = (await api.http.get(f"/api/v1/tenders/{first}/result")).json()["energy"]["points"][0]
    account, site, tenant = uuid4(), uuid4(), api.identity.tenant_id
    async with writing(database, api.identity) as connection:
        await connection.execute(INSERT_ACCOUNT, (account, tenant, api.identity.user_id))
        await connection.execute(INSERT_SITE, (site, tenant, account))
        await connection.execute(
            "INSERT INTO delivery_points (id, tenant_id, site_id, code, energy, segment,"
            " grid_operator) VALUES (%s, %s, %s, %s, 'electricity', 'C5', 'Enedis')",
            (uuid4(), tenant, site, point["code"]),
        )  # fmt: skip
    second = await api.score(archive)
    points = (await api.http.get(f"/api/v1/tenders/{second}/card")).json()["points"]
    assert points["known"] == 1
    assert points["clients"] == [{"name": "Commune de Nozay-l’Étang", "points": 1}]
    text = (await api.http.get(f"/api/v1/tenders/{second}/exports/card.md")).text
    assert "Commune de Nozay-l’Étang" in text


async def test_record_then_lots_then_their_criteria_are_written_by_approvals(
    api: Running, archive: Path, database: Database
) -> None:
    tender = await api.score(archive)
    early = await api.http.post(f"/api/v1/tenders/{tender}/decision",
                                json={"decision": "go", "reason": "Client clé"})  # fmt: skip
    assert early.status_code == 422 and "pas encore de fiche" in early.json()["detail"]

    first = (await api.http.post(f"/api/v1/tenders/{tender}/proposals")).json()
    assert [p["refusal"] for p in first["proposals"]] == [None], first
    assert "attend son approbation" in first["waiting"][0]
    again = (await api.http.post(f"/api/v1/tenders/{tender}/proposals")).json()
    assert again["proposals"] == []

    await carry_out(api, first["proposals"])
    second = (await api.http.post(f"/api/v1/tenders/{tender}/proposals")).json()
    record = UUID(second["record_id"])
    assert not [p for p in second["proposals"] if p["refusal"]], second
    await carry_out(api, second["proposals"])
    row = await read_row(database, api.identity, "tenders", record)
    assert (row["reference"], row["status"]) == ("2026-SEVE-ELEC-04", "detected")

    third = (await api.http.post(f"/api/v1/tenders/{tender}/proposals")).json()
    await carry_out(api, third["proposals"])
    fourth = (await api.http.post(f"/api/v1/tenders/{tender}/proposals")).json()
    assert fourth["proposals"] == [] and not fourth["waiting"]
    counts = {}
    async with database.transaction(api.identity) as connection:
        for name in ("tender_lots", "tender_criteria", "tasks"):
            cursor = await connection.execute(
                f"SELECT count(*) AS n FROM {name} WHERE tender_id = %s".encode(), (record,)
            )
            counts[name] = (await cursor.fetchone() or {})["n"]
    assert counts["tender_lots"] == 3 and counts["tender_criteria"] == 3 and counts["tasks"] > 5

    wish = {"decision": "go", "reason": "Client clé"}
    decided = (await api.http.post(f"/api/v1/tenders/{tender}/decision", json=wish)).json()
    await carry_out(api, decided)
    row = await read_row(database, api.identity, "tenders", record)
    assert row["status"] == "go" and "contre le verdict" in row["verdict_reason"]
    ended = (await api.http.post(f"/api/v1/tenders/{tender}/outcome",
                                 json={"outcome": "lost"})).json()  # fmt: skip
    await carry_out(api, ended)
    wished = (await api.http.get("/api/v1/tender-settings/calibration")).json()
    assert (wished["cases"], wished["is_change"]) == (1, False)
    assert "Pas assez d’issues" in wished["remark"]


async def test_a_refused_record_may_be_proposed_again(api: Running, archive: Path) -> None:
    tender = await api.score(archive)
    [first] = (await api.http.post(f"/api/v1/tenders/{tender}/proposals")).json()["proposals"]
    card = (await api.http.get(f"/api/v1/proposals/{first['proposal_id']}")).json()
    done = await api.http.post(f"/api/v1/proposals/{first['proposal_id']}/rejection",
                               json={"digest": card["digest"], "reason": "Doublon"})  # fmt: skip
    assert done.status_code < 300, done.text
    [second] = (await api.http.post(f"/api/v1/tenders/{tender}/proposals")).json()["proposals"]
    assert second["is_new"] and second["proposal_id"] != first["proposal_id"]


async def test_profile_and_grid_are_read_replaced_and_restored(api: Running) -> None:
    grid = (await api.http.get("/api/v1/tender-settings/grid")).json()
    assert grid["previous"] is None
    changed = {**grid["grid"], "go_from": "65"}
    done = await api.http.put("/api/v1/tender-settings/grid", content=json.dumps(changed))
    assert done.json()["grid"]["go_from"] == "65"
    back = (await api.http.post("/api/v1/tender-settings/grid/restore")).json()
    assert back["grid"]["go_from"] == grid["grid"]["go_from"]
    light = {key: each | {"weight": 1} for key, each in grid["grid"]["criteria"].items()}
    for body, told in (("criteria: {}", "il manque fit"), ("&a [*a]", "ni du YAML"),
                       ("[" * 9000, "ni du YAML"),
                       (json.dumps({"criteria": light}), "100")):  # fmt: skip
        wrong = await api.http.put("/api/v1/tender-settings/grid", content=body)
        assert wrong.status_code == 422 and told in wrong.json()["detail"]
    await api.http.put("/api/v1/tender-settings/profile", content="name: Cabinet Essai\n")
    profile = (await api.http.get("/api/v1/tender-settings/profile")).json()
    assert profile["name"] == "Cabinet Essai"


async def test_a_reader_reads_and_no_more_and_another_firm_sees_nothing(
    api: Running, archive: Path, conninfo: str
) -> None:
    tender = await api.score(archive)
    reader = make_identity(conninfo, "reader", tenant_id=api.identity.tenant_id)
    stranger = make_identity(conninfo, "director", "reader")
    for person in (reader, stranger):
        open_account(conninfo, person)
    as_reader, as_stranger = ({"x-voltaire-user": p.email} for p in (reader, stranger))
    assert (await api.http.get(f"/api/v1/tenders/{tender}/card", headers=as_reader)).is_success
    files = [("files", ("RC.pdf", b"%PDF-1.4"))]
    refused = await api.http.post("/api/v1/tenders", files=files, headers=as_reader)
    assert refused.status_code == 403
    grid = await api.http.put("/api/v1/tender-settings/profile", content="name: X",
                              headers=as_reader)  # fmt: skip
    assert grid.status_code == 403
    for path in ("", "/card", "/events", "/exports/card.md", "/places/1"):
        hidden = await api.http.get(f"/api/v1/tenders/{tender}{path}", headers=as_stranger)
        assert hidden.status_code == 404, path
