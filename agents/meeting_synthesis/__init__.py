"""Minutes of a meeting from its transcript: decisions, actions, open points, each cited."""
