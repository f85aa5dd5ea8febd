"""What a model may call: registry, typed reads, read-only SQL, knowledge search."""
