"""The model engine: one protocol, served by Claude, by deterministic rules or by a test script."""
