"""Bringing the records of a spreadsheet in, as proposals that people approve."""
