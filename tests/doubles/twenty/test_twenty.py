"""The double of Twenty refuses what the real server refuses."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from tests.doubles.graph.server import listening
from tests.doubles.twenty.app import EXPIRED, KEY, Twenty


@pytest.fixture
def twenty() -> Twenty:
    return Twenty()


@pytest.fixture
def http(twenty: Twenty) -> Iterator[httpx.Client]:
    headers = {"authorization": f"Bearer {KEY}"}
    with (
        listening(twenty.app()) as address,
        httpx.Client(base_url=address, headers=headers) as client,
    ):
        yield client


@pytest.mark.parametrize(
    ("header", "status", "error", "message"),
    [
        ("", 403, "FORBIDDEN_EXCEPTION", "Missing authentication token"),
        ("Bearer wrong", 401, "UNAUTHENTICATED", "Token invalid."),
        (f"Bearer {EXPIRED}", 401, "UNAUTHENTICATED", "Token has expired."),
    ],
)
def test_keys(http: httpx.Client, header: str, status: int, error: str, message: str) -> None:
    answer = http.get("/rest/companies", headers={"authorization": header})
    assert answer.status_code == status
    assert answer.json() == {"statusCode": status, "error": error, "messages": [message]}


def test_lists_are_capped_and_paged_by_opaque_cursors(twenty: Twenty, http: httpx.Client) -> None:
    for number in range(205):
        twenty.add("company", name=str(number))
    page = http.get("/rest/companies", params={"limit": "500", "order_by": "updatedAt"}).json()
    assert (len(page["data"]["companies"]), page["totalCount"]) == (200, 205)
    cursor = page["pageInfo"]["endCursor"]
    assert "id" in json.loads(base64.b64decode(cursor))
    rest = http.get("/rest/companies", params={"starting_after": cursor, "order_by": "updatedAt"})
    assert len(rest.json()["data"]["companies"]) == 5
    assert rest.json()["pageInfo"]["hasNextPage"] is False


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"starting_after": "x"}, "Invalid cursor"),
        ({"depth": "2"}, "depth"),
        ({"limit": "many"}, "limit"),
        ({"order_by": "address"}, "order_by"),
        ({"filter": "siren[eq]:1"}, "does not exist"),
        ({"filter": "name[near]:1"}, "comparator"),
        ({"filter": "name"}, "invalid"),
        ({"filter": "address[eq]:1"}, "cannot be filtered"),
    ],
)
def test_bad_lists(http: httpx.Client, query: dict[str, str], told: str) -> None:
    answer = http.get("/rest/companies", params=query)
    assert answer.status_code == 400
    assert told in answer.json()["messages"][0]


def test_filters(twenty: Twenty, http: httpx.Client) -> None:
    one, two = twenty.add("company", name="A, b"), twenty.add("company", name="C")
    for text, names in {
        'name[eq]:"A, b"': ["A, b"],
        "or(name[eq]:C,name[startsWith]:A)": ["A, b", "C"],
        "not(name[eq]:C)": ["A, b"],
        f'id[in]:["{two["id"]}"]': ["C"],
        f'updatedAt[gte]:"{two["updatedAt"]}"': ["C"],
        f'updatedAt[gte]:"{one["updatedAt"]}"': ["A, b", "C"],
    }.items():
        found = http.get("/rest/companies", params={"filter": text, "order_by": "name"}).json()
        assert [row["name"] for row in found["data"]["companies"]] == names


def test_records(twenty: Twenty, http: httpx.Client) -> None:
    record_id = str(uuid4())
    made = http.post("/rest/companies", json={"id": record_id, "name": "Un"})
    assert (made.status_code, made.json()["data"]["createCompany"]["id"]) == (201, record_id)
    again = http.post("/rest/companies", json={"id": record_id})
    assert (again.status_code, again.json()["error"]) == (400, "QueryFailedError")
    place = f"/rest/companies/{record_id}"
    assert http.patch(place, json={"nom": "x"}).status_code == 400
    assert http.patch(place, json={"name": 3}).status_code == 400
    assert http.patch(place, json={"address": {"town": "x"}}).status_code == 400
    assert http.post("/rest/people", json={"companyId": str(uuid4())}).status_code == 400
    assert http.get(f"/rest/companies/{uuid4()}").json()["messages"] == ["Record not found"]
    assert "Did you mean 'companies'?" in http.get("/rest/company").json()["messages"][0]
    answer = http.delete("/rest/companies")
    assert "Filters are mandatory" in answer.json()["messages"][0]
    assert http.post("/rest/batch/companies", json=[{}] * 61).status_code == 400
    assert http.delete(place, params={"soft_delete": "true"}).status_code == 200
    assert http.get(place).status_code == 404
    assert http.patch(f"{place}/restore").status_code == 200
    assert http.delete(place).status_code == 200
    assert record_id not in twenty.table("company")


def test_metadata(twenty: Twenty, http: httpx.Client) -> None:
    where = "/rest/metadata/objects"
    legacy = http.get(where, params={"limit": "2"}).json()
    assert len(legacy["data"]["objects"]) == 2
    twenty.is_new_format = True
    query = {"starting_after": legacy["pageInfo"]["endCursor"]}
    assert len(http.get(where, params=query).json()["data"]) == 1
    assert http.get(where, params={"starting_after": "x"}).status_code == 400
    assert http.get(where, params=query | {"ending_before": str(uuid4())}).status_code == 400
    assert http.post(where, json={"nameSingular": "site"}).status_code == 400
    wrong = {"objectMetadataId": twenty.objects["company"].id, "name": "x", "label": "X"}
    for kind in ({"type": "WORD"}, {"type": "SELECT"}, {"type": "RELATION"}):
        assert http.post("/rest/metadata/fields", json=wrong | kind).status_code == 400
    reserved = wrong | {"name": "address", "type": "ADDRESS"}
    assert http.post("/rest/metadata/fields", json=reserved).status_code == 400
    assert http.post("/rest/metadata/webhooks", json={"operations": []}).status_code == 400
    assert http.get("/rest/webhooks").json() == []
