"""Measures of the reading of tenders."""
