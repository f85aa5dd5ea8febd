"""Foundations that know nothing of energy: settings, errors, context, database, model engine."""
