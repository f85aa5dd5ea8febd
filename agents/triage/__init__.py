"""Triage of mail: each message stored, each thread understood, what is due left for a person."""
