"""Twenty CRM: what is mirrored from it, and how its records read as ours."""
