"""Tender scoring: a tender file read, checked and scored, each statement with its page."""
