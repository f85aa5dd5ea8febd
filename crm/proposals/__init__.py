"""Guarded writes: what is proposed, who may approve it, how it is carried out and remembered."""
