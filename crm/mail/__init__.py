"""Mail in the database: messages as they came, triage, drafts, what waits for a person."""
