"""Notices of public tenders, read from the forms they are published in."""
