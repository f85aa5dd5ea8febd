"""Meetings: transcripts as Teams, Graph and recorders give them, and their invitations."""
