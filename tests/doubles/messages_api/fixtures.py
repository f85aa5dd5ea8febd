"""The running double as a pytest fixture."""

from collections.abc import Iterator

import pytest

from tests.doubles.messages_api.server import MessagesApi


@pytest.fixture(scope="session")
def running_messages_api() -> Iterator[MessagesApi]:
    """One server for the whole run: starting and stopping one takes 0.2 s."""
    with MessagesApi() as double:
        yield double


@pytest.fixture
def messages_api(running_messages_api: MessagesApi) -> MessagesApi:
    """The double on a free loopback port, with nothing prepared, recorded or cached."""
    running_messages_api.reset()
    return running_messages_api
