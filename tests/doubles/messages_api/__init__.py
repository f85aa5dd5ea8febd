"""A local Messages API that refuses what the real one refuses."""

from tests.doubles.messages_api.replies import Answer, Cite, Expired, Failure, Reply, ToolCall
from tests.doubles.messages_api.server import MessagesApi, RecordedRequest

__all__ = [
    "Answer",
    "Cite",
    "Expired",
    "Failure",
    "MessagesApi",
    "RecordedRequest",
    "Reply",
    "ToolCall",
]
