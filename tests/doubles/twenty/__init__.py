"""A strict double of Twenty CRM: it refuses what the real one refuses."""
