"""The double refuses what Graph refuses."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.doubles.graph.app import TOKEN, Graph
from tests.doubles.graph.server import listening

USER = "sarah@cabinet.example"
RAW = b"From: a@client.example\nSubject: S\nMessage-ID: <1@client.example>\n\nBonjour"
AUTH = {"authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def graph() -> Graph:
    made = Graph()
    made.open(USER)
    return made


@pytest.fixture
def client(graph: Graph) -> Iterator[httpx.Client]:
    with (
        listening(graph.app()) as address,
        httpx.Client(base_url=f"{address}/v1.0/users/{USER}", headers=AUTH) as opened,
    ):
        yield opened


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/sendMail", {}, 403),
        ("POST", "/messages/IMM00001/send", None, 403),
        ("GET", "/mailFolders/inbox/messages/delta?$select=inconnu", None, 400),
        ("GET", "/mailFolders/nulle-part/messages/delta", None, 400),
        ("GET", "/messages/absent", None, 404),
        ("GET", "/mailFolders/inbox/messages/delta?$deltatoken=9|0|id", None, 410),
        ("GET", "/mailFolders/inbox/messages?$top=5", None, 400),
    ],
)
def test_it_refuses(
    client: httpx.Client, method: str, path: str, body: object, status: int
) -> None:
    assert client.request(method, path, json=body).status_code == status


def test_it_refuses_without_a_token(client: httpx.Client) -> None:
    assert client.get("/messages/x", headers={"authorization": ""}).status_code == 401


def test_an_id_changes_with_the_folder_unless_it_is_immutable(
    graph: Graph, client: httpx.Client
) -> None:
    item = graph.open(USER).deliver(RAW)
    before = item.moving
    graph.open(USER).move(item, "archive")
    assert client.get(f"/messages/{before}").status_code == 404
    prefer = {"prefer": 'IdType="ImmutableId"'}
    assert client.get(f"/messages/{item.immutable}", headers=prefer).json()["id"] == item.immutable


def test_a_received_message_is_not_rewritten(graph: Graph, client: httpx.Client) -> None:
    item = graph.open(USER).deliver(RAW)
    answer = client.patch(f"/messages/{item.immutable}", json={"subject": "Autre"})
    assert answer.status_code == 400
    answer = client.patch(f"/messages/{item.immutable}", json={"isRead": True})
    assert answer.status_code == 400
