-- Programs that call the tools through MCP: their calls are kept as the assistant's are.
ALTER TABLE conversations DROP CONSTRAINT conversations_surface_check;
ALTER TABLE conversations ADD CONSTRAINT conversations_surface_check
    CHECK (surface IN ('chat', 'api', 'cli', 'mcp'));
