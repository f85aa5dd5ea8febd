"""Spreadsheets that people keep by hand, read as rows of values."""
