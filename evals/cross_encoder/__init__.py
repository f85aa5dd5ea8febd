"""Learns to tell whether a sentence answers a question, for `knowledge.cross_encoder`."""
