"""Rules that read non-conformities in the words of a mail."""
