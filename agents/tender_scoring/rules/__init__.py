"""Deterministic reading and scoring of a tender file: pure functions over its texts."""
