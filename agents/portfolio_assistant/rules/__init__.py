"""The deterministic engine of the assistant: reads a question, plans reads, writes the answer."""
