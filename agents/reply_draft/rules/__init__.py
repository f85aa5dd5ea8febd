"""Rules that write and check replies."""
