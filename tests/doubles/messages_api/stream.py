"""A reply as the API's server-sent events, or as one message."""

import json
from collections.abc import Iterator
from itertools import count, pairwise
from typing import Any

from tests.doubles.messages_api.cache import InputUsage
from tests.doubles.messages_api.replies import Reply

Event = dict[str, Any]
TEXT_STEP = 7
JSON_STEP = 3
FIRST_BYTE_OF_CHARACTER = 0xC0


def build_message(reply: Reply, blocks: list[Event], model: str, usage: InputUsage) -> Event:
    """The whole answer, as given without streaming."""
    return {
        "id": "msg_double",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": blocks,
        "stop_reason": reply.get_stop_reason(),
        "stop_sequence": None,
        "usage": {
            "input_tokens": usage.fresh,
            "cache_read_input_tokens": usage.read,
            "cache_creation_input_tokens": usage.written,
            "output_tokens": count_output(blocks),
            "service_tier": "standard",
        },
    }


def count_output(blocks: list[Event]) -> int:
    return max(1, len(json.dumps(blocks, ensure_ascii=False).encode()) // 4)


def build_events(message: Event, raw_inputs: dict[str, str]) -> Iterator[Event]:
    """The events of a stream; `raw_inputs` gives the arguments' JSON by tool use id."""
    opening: Event = {**message, "content": [], "stop_reason": None}
    opening["usage"] = {**message["usage"], "output_tokens": 1}
    yield {"type": "message_start", "message": opening}
    for index, block in enumerate(message["content"]):
        yield {"type": "content_block_start", "index": index, "content_block": empty(block)}
        if index == 0:
            yield {"type": "ping"}
        for delta in split_block(block, raw_inputs):
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    yield {
        "type": "message_delta",
        "delta": {"stop_reason": message["stop_reason"], "stop_sequence": None},
        "usage": {"output_tokens": message["usage"]["output_tokens"]},
    }
    yield {"type": "message_stop"}


def empty(block: Event) -> Event:
    """The block as its start event shows it."""
    blanks: Event = {"text": "", "thinking": "", "signature": "", "input": {}, "citations": []}
    return {key: blanks.get(key, value) for key, value in block.items()}


def split_block(block: Event, raw_inputs: dict[str, str]) -> Iterator[Event]:
    if block["type"] == "text":
        for piece in split(block["text"], TEXT_STEP):
            yield {"type": "text_delta", "text": piece}
        for citation in block.get("citations", []):
            yield {"type": "citations_delta", "citation": citation}
    elif block["type"] == "thinking":
        for piece in split(block["thinking"], TEXT_STEP):
            yield {"type": "thinking_delta", "thinking": piece}
        yield {"type": "signature_delta", "signature": block["signature"]}
    else:
        yield {"type": "input_json_delta", "partial_json": ""}
        for piece in split(raw_inputs[block["id"]], JSON_STEP):
            yield {"type": "input_json_delta", "partial_json": piece}


def split(text: str, step: int) -> list[str]:
    return [text[i : i + step] for i in range(0, len(text), step)]


def encode_event(event: Event) -> bytes:
    """One server-sent event, its characters unescaped."""
    data = json.dumps(event, ensure_ascii=False)
    return f"event: {event['type']}\ndata: {data}\n\n".encode()


def split_awkwardly(data: bytes) -> list[bytes]:
    """Cuts inside every multibyte character, and between the two ends of line of an event."""
    cuts = [i + 1 for i, byte in enumerate(data) if byte >= FIRST_BYTE_OF_CHARACTER]
    cuts.append(len(data) - 1)
    bounds = [0, *sorted(set(cuts)), len(data)]
    return [data[a:b] for a, b in pairwise(bounds) if a < b]


def number_ids(prefix: str) -> Iterator[str]:
    """Ids as the API makes them: a prefix and something unique."""
    return (f"{prefix}_{number:024d}" for number in count(1))
