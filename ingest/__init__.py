"""One module per source: what enters the knowledge base and how it is read."""
