"""One package per use case."""
