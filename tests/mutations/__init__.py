"""What happens when one guard of the writes is taken away: a named test must fail."""
