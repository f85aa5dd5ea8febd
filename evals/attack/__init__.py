"""The attack run: a hostile model and hostile people against the guarded writes."""
