"""A prepared reply as the blocks of a message, its citations read from the request."""

import base64
import json
from collections.abc import Iterator
from typing import Any

from tests.doubles.messages_api.blocks import Body, as_blocks, walk
from tests.doubles.messages_api.replies import Cite, Reply

Built = tuple[list[dict[str, Any]], dict[str, str]]


def build_blocks(reply: Reply, body: Body, tool_ids: Iterator[str], signature: str) -> Built:
    """The blocks, and the raw JSON of the arguments by tool use id."""
    blocks: list[dict[str, Any]] = []
    raw_inputs: dict[str, str] = {}
    if reply.thinking is not None:
        blocks.append({"type": "thinking", "thinking": reply.thinking, "signature": signature})
    if reply.text:
        blocks.append(build_text(reply, body))
    for call in reply.tool_uses:
        tool_id = call.id or next(tool_ids)
        blocks.append({"type": "tool_use", "id": tool_id, "name": call.name, "input": call.input})
        raw_inputs[tool_id] = call.raw_json or json.dumps(call.input, ensure_ascii=False)
    return blocks, raw_inputs


def build_text(reply: Reply, body: Body) -> dict[str, Any]:
    block: dict[str, Any] = {"type": "text", "text": reply.text}
    if reply.citations:
        block["citations"] = [build_citation(cite, body) for cite in reply.citations]
    return block


def build_citation(cite: Cite, body: Body) -> dict[str, Any]:
    """The citation as the API gives it: sources counted by kind, over the whole request."""
    found = [block for _, block in walk(body) if block.get("type") == cite.kind]
    source = found[cite.index] if cite.index < len(found) else {}
    made = build_result_citation if cite.kind == "search_result" else build_page_citation
    return {**made(cite, source), **cite.forged}


def build_result_citation(cite: Cite, source: dict[str, Any]) -> dict[str, Any]:
    texts = [block["text"] for block in as_blocks(source.get("content", []))]
    return {
        "type": "search_result_location",
        "search_result_index": cite.index,
        "start_block_index": cite.start,
        "end_block_index": cite.end,
        "cited_text": "".join(texts[cite.start : cite.end]),
        "source": source.get("source", ""),
        "title": source.get("title"),
    }


def build_page_citation(cite: Cite, source: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "page_location",
        "document_index": cite.index,
        "document_title": source.get("title"),
        "start_page_number": cite.start,
        "end_page_number": cite.end,
        "cited_text": read_first_sentence(source, cite.start),
        "file_id": None,
    }


def read_first_sentence(source: dict[str, Any], page: int) -> str:
    import pypdfium2

    data = base64.b64decode(source["source"]["data"])
    with pypdfium2.PdfDocument(data) as document:
        text = document[page - 1].get_textpage().get_text_bounded()
    return text.split(".")[0] + "."
