"""Measures of minutes against transcripts whose truth is written."""
