"""Draft of a reply to a mail thread, never sent."""
