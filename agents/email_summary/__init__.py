"""Summary of a mail thread, with evidence."""
