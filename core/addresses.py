"""Where the HTTP API answers, for those who serve it and those who write links to it."""

from __future__ import annotations

API = "/api/v1"
MCP = "/mcp"
