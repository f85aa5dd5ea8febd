"""A spreadsheet brought in through the API: previewed, proposed, approved; lists written out."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook

from core.context import Identity
from core.database import Database
from crm.proposals import firm
from crm.proposals.policy import Policy, find_policy
from ingest.spreadsheets.grid import read_grid
from tests.conftest import make_identity
from tests.integration.changes import executing, make_context, run_sql, submit, wish
from tests.integration.portfolio import build_portfolio
from tests.integration.test_api import Api, api
from tools.importing.headings import lay_out
from tools.importing.preview import preview_import
from tools.importing.proposing import propose_import

__all__ = ["api"]
SHEET = """Raison sociale;SIRET;Segment;Ville;CA annuel (k€);Responsable
Métropole de Dijon;212 102 310 00018;Collectivité;Dijon;1 200;
Aciéries du Rhône;;Industrie;Lyon;5 000;
Nouvelle Usine;552 081 317 00015;Industrie;Brest;8,5;
Nouvelle Usine;552 081 317 00015;Industrie;Brest;8,5;
Nouvelle Usine;552 081 317 00015;Industrie;Quimper;8,5;
Mauvaise;123;Fonderie;Brest;beaucoup;Personne
Sans segment;;;;;
TOTAL;;;;7 050;
"""


async def send(
    api: Api, who: Identity, path: str, content: bytes, name: str = "clients.csv", **form: str
) -> httpx.Response:
    files = {"file": (name, content)}
    headers = api.bearer(who)
    return await api.client.post(f"/api/v1/{path}", files=files, data=form, headers=headers)


def by_line(preview: Any) -> dict[int, Any]:
    return {line["number"]: line for line in preview["lines"]}


async def test_the_preview_tells_each_line_s_fate(
    api: Api, database: Database, identity: Identity
) -> None:
    await build_portfolio(database, identity)
    answer = await send(api, identity, "imports/preview", SHEET.encode("cp1252"))
    assert answer.status_code == 200, answer.text
    preview = answer.json()
    assert preview["object"] == "accounts"
    lines = by_line(preview)
    assert {number: line["outcome"] for number, line in lines.items()} == {
        2: "identical", 3: "update", 4: "create", 5: "ignored", 6: "refused", 7: "refused",
        8: "refused",
    }  # fmt: skip
    assert lines[3]["changes"] == [{"label": "Ville", "before": "Givors", "after": "Lyon"}]
    assert {"label": "Chiffre d’affaires", "before": "–", "after": "8\u202f500\u00a0€"} in (
        lines[4]["changes"]
    )
    assert "ligne 4" in lines[6]["reasons"][0]
    told = " ".join(lines[7]["reasons"])
    for part in ("quatorze chiffres", "pas dans la liste", "pas un nombre", "Personne"):
        assert part in told, told
    assert "manque" in lines[8]["reasons"][0]


async def test_an_import_waits_for_people_and_writes_nothing_itself(
    api: Api, database: Database, identity: Identity
) -> None:
    await build_portfolio(database, identity)
    content = SHEET.encode()
    preview = (await send(api, identity, "imports/preview", content)).json()
    other = await send(api, identity, "imports", content, digest="0" * 64)
    assert other.status_code == 409 and "aperçu" in other.json()["detail"]
    done = await send(api, identity, "imports", content, digest=preview["digest"])
    assert done.status_code == 200, done.text
    assert len(done.json()["proposal_ids"]) == 2 and done.json()["refused"] == []
    again = (await send(api, identity, "imports", content, digest=preview["digest"])).json()
    assert (again["proposal_ids"], again["already"]) == ([], 2)
    found = await run_sql(database, identity, "assistant_read",
                          "SELECT 1 FROM accounts WHERE name = 'Nouvelle Usine'")  # fmt: skip
    assert found == []
    headers = api.bearer(identity)
    for one in (await api.client.get("/api/v1/proposals", headers=headers)).json():
        assert all(card["is_tainted"] and card["evidence"][0]["quote"] for card in one["cards"])
        lines = [{"proposal_id": c["id"], "digest": c["digest"]} for c in one["cards"]]
        body = {"lines": lines, "batch_digest": one["batch_digest"]}
        approved = await api.client.post("/api/v1/approvals", json=body, headers=headers)
        assert approved.status_code == 200, approved.text
    async with executing(database) as executor:
        await executor.run_once()
    rows = await run_sql(database, identity, "assistant_read",
                         "SELECT siret, city, annual_revenue_eur, status FROM accounts "
                         "WHERE name = 'Nouvelle Usine'")  # fmt: skip
    assert [dict(row) for row in rows] == [
        {"siret": "55208131700015", "city": "Brest", "annual_revenue_eur": Decimal("8500.00"),
         "status": "prospect"}
    ]  # fmt: skip
    after = (await send(api, identity, "imports/preview", content)).json()
    assert {by_line(after)[number]["outcome"] for number in (2, 3, 4)} == {"identical"}


async def test_the_firm_s_policy_is_read_once_for_all_lines(
    database: Database, identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    await build_portfolio(database, identity)
    context = make_context(database, identity)
    grid = read_grid("clients.csv", SHEET.encode())
    preview = await preview_import(context, grid, lay_out(grid))
    read: list[str] = []

    def count(folder: Path, slug: str) -> Policy:
        read.append(slug)
        return find_policy(folder, slug)

    monkeypatch.setattr(firm, "find_policy", count)
    done = await propose_import(context, preview, preview.digest, "clients.csv", SHEET.encode())
    assert len(done.proposal_ids) == 2
    assert len(read) == 1


async def test_new_clients_are_one_list(database: Database, identity: Identity) -> None:
    context = make_context(database, identity)
    made = [
        await submit(context, wish("accounts", name=f"Client {n}", segment="industry"))
        for n in range(2)
    ]
    rows = await run_sql(database, identity, "assistant_read",
                         "SELECT account_id FROM proposals WHERE id = ANY(%s)",
                         [one.proposal_id for one in made])  # fmt: skip
    assert [row["account_id"] for row in rows] == [None, None]


async def test_links_are_found_by_their_names_and_never_in_another_firm(
    api: Api, database: Database, identity: Identity, conninfo: str
) -> None:
    ids = (await build_portfolio(database, identity)).ids
    stranger = make_identity(conninfo, "reader", "director")
    sheet = (
        "PRM;Client;Site;Segment;GRD;Conso annuelle (kWh)\n"
        "30001234567890;Métropole de Dijon;Hôtel de ville;C4;Enedis;120 500\n"
        "30005555555555;clinique saint-eloi;;C5;Enedis;36 000\n"
        "30006666666666;Inconnu SA;;C5;Enedis;1\n"
        "123;Métropole de Dijon;Hôtel de ville;C5;Enedis;1\n"
    ).encode()
    preview = (await send(api, identity, "imports/preview", sheet)).json()
    lines = by_line(preview)
    assert preview["object"] == "delivery_points"
    assert (lines[2]["outcome"], lines[2]["record_id"]) == ("identical", str(ids["prm"]))
    assert lines[3]["outcome"] == "create"
    assert {"label": "Énergie", "before": "–", "after": "Électricité"} in lines[3]["changes"]
    assert "Importez d’abord les clients" in lines[4]["reasons"][0]
    assert "PRM" in lines[5]["reasons"][0]
    theirs = (await send(api, stranger, "imports/preview", sheet)).json()
    assert {line["outcome"] for line in theirs["lines"]} == {"refused"}


async def test_who_may_not_propose_is_told(
    api: Api, database: Database, identity: Identity, conninfo: str
) -> None:
    reader = make_identity(conninfo, "reader", tenant_id=identity.tenant_id)
    content = b"Nom;Segment\nNouveau;Industrie\n"
    preview = (await send(api, reader, "imports/preview", content, object="accounts")).json()
    refused = await send(api, reader, "imports", content, object="accounts",
                         digest=preview["digest"])  # fmt: skip
    assert refused.status_code == 403 and "rôle" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("content", "form", "told"),
    [
        (b"", {}, "vide"), (b"%PDF-1.4", {}, "PDF"), (b"alpha;beta\n1;2\n", {}, "ligne de titres"),
        (b"Nom\nA\n", {"object": "users"}, "ne s’importent pas"),
        (b"Nom;Ville\nA;B\n", {"mapping": "[1]"}, "objet JSON"),
        (b"Nom;Ville\nA;B\n", {"object": "accounts", "mapping": '{"Ville": "planete"}'},
         "n’est pas un champ"),
    ],
)  # fmt: skip
async def test_bad_files_say_what_to_do(
    api: Api, identity: Identity, content: bytes, form: dict[str, str], told: str
) -> None:
    answer = await send(api, identity, "imports/preview", content, **form)
    assert answer.status_code == 422 and told in answer.json()["detail"], answer.text


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_what_is_written_out_comes_back_identical_and_runs_nothing(
    api: Api, database: Database, identity: Identity, form: str, tmp_path: Path
) -> None:
    ids = (await build_portfolio(database, identity)).ids
    await run_owner(database, identity, "UPDATE accounts SET city = %s, address = %s WHERE id = %s",
                    "=HYPERLINK(1)", "+33 rue @ -1", ids["acier"])  # fmt: skip
    for name in ("accounts", "contacts", "sites", "delivery_points", "contracts", "tenders"):
        headers = api.bearer(identity)
        answer = await api.client.get(f"/api/v1/exports/{name}.{form}", headers=headers)
        assert answer.status_code == 200, answer.text
        grid = read_grid(f"a.{form}", answer.content)
        layout = lay_out(grid, name)
        preview = await preview_import(make_context(database, identity), grid, layout)
        assert preview.counts["identical"] == len(grid.rows) - 1, (name, preview.lines)
        if name == "accounts":
            check_defused(answer.content, form)


def check_defused(content: bytes, form: str) -> None:
    if form == "csv":
        cells = [c for row in csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";")
                 for c in row]  # fmt: skip
        assert "'=HYPERLINK(1)" in cells and "'+33 rue @ -1" in cells
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
        return
    sheet: Any = load_workbook(io.BytesIO(content)).active
    cells = [cell for row in sheet.iter_rows() for cell in row]
    risky = [cell for cell in cells if str(cell.value).startswith(("=", "+"))]
    assert len(risky) == 2 and {cell.data_type for cell in risky} == {"s"}
    assert all(cell.quotePrefix for cell in risky)


async def run_owner(database: Database, who: Identity, statement: str, *values: Any) -> None:
    from tests.conftest import writing

    async with writing(database, who) as connection:
        await connection.execute(statement.encode(), values)


async def test_a_list_is_filtered_and_within_one_s_firm(
    api: Api, database: Database, identity: Identity, conninfo: str
) -> None:
    await build_portfolio(database, identity)
    stranger = make_identity(conninfo, "reader")
    wanted = {"filters": json.dumps([{"field": "city", "value": "Dijon"}]), "columns": "name, city"}
    url = "/api/v1/exports/accounts.csv"
    mine = await api.client.get(url, params=wanted, headers=api.bearer(identity))
    assert mine.content.decode("utf-8-sig") == "Nom;Ville\r\nMétropole de Dijon;Dijon\r\n"
    theirs = await api.client.get(url, params=wanted, headers=api.bearer(stranger))
    assert theirs.content.decode("utf-8-sig") == "Nom;Ville\r\n"
    for more, told in (({"filters": "x"}, "liste JSON"), ({"columns": "planete"}, "n’existe pas")):
        wrong = await api.client.get(url, params=more, headers=api.bearer(identity))
        assert wrong.status_code == 422 and told in wrong.json()["detail"]
