"""Mail: messages as they come, their own text told from what they quote, threads, sources."""
