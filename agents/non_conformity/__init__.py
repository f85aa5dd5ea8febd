"""Detection of non-conformities in a mail thread."""
