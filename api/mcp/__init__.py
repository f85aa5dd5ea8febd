"""The MCP server: the assistant's reads and proposals, for programs that speak that protocol."""
