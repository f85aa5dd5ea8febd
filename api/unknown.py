"""Answers for the addresses of the API that do not exist, and for methods they do not take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.routing import compile_path
from starlette.types import Receive, Scope, Send

from api.problems import problem_response

METHODS = ("get", "post", "put", "patch", "delete")


class UnknownAddress:
    """The last route under `/api`: 404, or 405 with the methods that the address takes."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse the request, saying which way to turn."""
        path: str = scope["path"]
        allowed = find_methods(scope["app"].openapi()["paths"], path)
        if allowed:
            detail = f"Cette adresse ne prend que\u00a0: {', '.join(allowed)}."
            answer = problem_response(405, detail, {"allow": ", ".join(allowed)})
        else:
            answer = problem_response(404, f"L’adresse « {path[:80]} » n’existe pas.")
        await answer(scope, receive, send)


def find_methods(paths: Mapping[str, Mapping[str, Any]], path: str) -> list[str]:
    """The methods that the documented `paths` take at `path`, in capitals."""
    found = {
        method.upper()
        for template, operations in paths.items()
        if compile_path(template)[0].match(path)
        for method in METHODS
        if method in operations
    }
    return sorted(found)
