"""The truth of portfolio questions, computed from the demonstration firm's rows."""
