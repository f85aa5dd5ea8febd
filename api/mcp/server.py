"""The server's answers: the tools of the user's roles and of the credential's scopes, nothing more.

Each request stands alone: who asks is read from its own credentials, never from its arguments.
What comes through here was written by a program that may have read anything: every proposal
counts as tainted, names only records that this server has shown, and waits for a person.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from mcp import types
from mcp.server.lowlevel import Server
from pydantic import AnyUrl
from starlette.requests import Request

from agents.portfolio_assistant.evidence import present
from agents.portfolio_assistant.outside_calls import (
    OutsideCall,
    keep_call,
    list_known_ids,
    name_day,
)
from api.access.accounts import Access
from api.identities import SCOPE_MISSING, get_services
from api.mcp.catalogue import INSTRUCTIONS, OBJECTS_URI, describe_objects, describe_tool
from api.problems import UNEXPECTED, UNUSABLE
from core.context import Context
from core.database import UnusableValue
from core.errors import VoltaireError
from tools.approvals import get_card
from tools.outputs import Failure, Proposed, ToolOutput
from tools.proposals import Circumstances
from tools.registry import ALL_TOOLS, Tool, call_tool, list_tools, proposes

logger = logging.getLogger(__name__)

NAME = "voltaire"
MOST_ARGUMENTS_CHARS = 200_000
TOO_LONG = (
    "Les arguments sont trop longs\u00a0: 200\u202f000 caractères au plus. Raccourcissez-les."
)
NO_RESOURCE = f"Cette ressource n’existe pas. La seule est « {OBJECTS_URI} »."
TO_APPROVE = "Une personne approuve dans Voltaire\u00a0: page de conversation, Outlook ou Teams."
Answer = Callable[[Any], Awaitable[types.ServerResult]]
AnyServer = Server[Any, Request]


def build_server() -> AnyServer:
    """The protocol's handlers over the registry of tools."""
    server: AnyServer = Server(NAME, instructions=INSTRUCTIONS)

    async def on_list_tools(_: types.ListToolsRequest) -> types.ServerResult:
        offered = list_offered(_get_access(server))
        return types.ServerResult(types.ListToolsResult(tools=[describe_tool(t) for t in offered]))

    async def on_call_tool(request: types.CallToolRequest) -> types.ServerResult:
        asked = request.params
        return types.ServerResult(await _call(server, asked.name, asked.arguments or {}))

    async def on_list_resources(_: types.ListResourcesRequest) -> types.ServerResult:
        listed = types.Resource(
            uri=AnyUrl(OBJECTS_URI), name="objets", title="Les objets et leurs champs",
            mimeType="text/markdown",
        )  # fmt: skip
        return types.ServerResult(types.ListResourcesResult(resources=[listed]))

    async def on_read_resource(request: types.ReadResourceRequest) -> types.ServerResult:
        return types.ServerResult(_read_resource(request.params.uri))

    handlers: Mapping[type, Answer] = {
        types.ListToolsRequest: on_list_tools,
        types.CallToolRequest: on_call_tool,
        types.ListResourcesRequest: on_list_resources,
        types.ReadResourceRequest: on_read_resource,
    }
    server.request_handlers.update(handlers)
    return server


def list_offered(access: Access) -> tuple[Tool, ...]:
    """The tools that both the user's roles and the credential's scopes open."""
    return tuple(tool for tool in list_tools(access.identity) if scope_of(tool) in access.scopes)


def scope_of(tool: Tool) -> str:
    """The scope that a credential needs to call the tool."""
    return "propose" if proposes(tool.name) else "read"


def _get_access(server: AnyServer) -> Access:
    access: Access = _get_request(server).state.access
    return access


def _get_request(server: AnyServer) -> Request:
    request = server.request_context.request
    if request is None:
        raise RuntimeError("a call reached the tools without the request that carries it")
    return request


async def _call(server: AnyServer, name: str, arguments: dict[str, Any]) -> types.CallToolResult:
    access = _get_access(server)
    context = get_services(_get_request(server)).make_context(access.identity)
    try:
        return await _tell(context, await _run(context, access, name, arguments))
    except UnusableValue:
        return _refuse(UNUSABLE)
    except VoltaireError as error:
        return _refuse(error.message)
    except Exception:
        logger.exception("Appel MCP interrompu")
        return _refuse(UNEXPECTED)


async def _run(
    context: Context, access: Access, name: str, arguments: dict[str, Any]
) -> ToolOutput:
    """Run a tool and keep the call, refused or not."""
    tool = ALL_TOOLS.get(name)
    if tool is not None and scope_of(tool) not in access.scopes:
        return Failure(message=SCOPE_MISSING.format(scope=scope_of(tool)))
    written = json.dumps(arguments, ensure_ascii=False, sort_keys=True)
    if len(written) > MOST_ARGUMENTS_CHARS:
        return Failure(message=TOO_LONG)
    day = name_day(context.identity, context.today)
    started_at, started = context.clock(), time.monotonic()
    circumstances = None
    if tool is not None and proposes(name):
        circumstances = Circumstances(
            name="mcp",
            conversation_id=day,
            key=_name_wish(context, name, written, started_at),
            known_ids=await list_known_ids(context.database, context.identity),
        )
    output = await call_tool(context, name, arguments, circumstances)
    if tool is not None:
        duration = round((time.monotonic() - started) * 1000)
        call = OutsideCall(name, tool.label, arguments, output, started_at, duration)
        await keep_call(context.database, context.identity, day, call)
    return output


def _name_wish(context: Context, name: str, written: str, at: dt.datetime) -> str:
    """The same call repeated within the hour, its answer having been lost, is one wish."""
    digest = hashlib.sha256(written.encode("utf-8", "replace")).hexdigest()[:24]
    return f"mcp:{context.identity.user_id}:{at:%Y-%m-%dT%H}:{name}:{digest}"


async def _tell(context: Context, output: ToolOutput) -> types.CallToolResult:
    """Text in French as a model reads it, and the same values as a program does."""
    if isinstance(output, Failure):
        return _refuse(output.message)
    values = output.model_dump(mode="json", exclude={"kind", "query"})
    text = present(1, output)
    if isinstance(output, Proposed):
        status = (await get_card(context, output.proposal_id)).status_label
        values["status_label"] = status
        text = json.dumps(
            {**json.loads(text), "etat": status, "suite": TO_APPROVE}, ensure_ascii=False
        )
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=text)], structuredContent=values
    )


def _refuse(message: str) -> types.CallToolResult:
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=message)], isError=True
    )


def _read_resource(uri: AnyUrl) -> types.ReadResourceResult:
    from mcp.shared.exceptions import McpError

    if str(uri) != OBJECTS_URI:
        raise McpError(types.ErrorData(code=-32002, message=NO_RESOURCE))
    return types.ReadResourceResult(
        contents=[
            types.TextResourceContents(uri=uri, mimeType="text/markdown", text=describe_objects())
        ]
    )
