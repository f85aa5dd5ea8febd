"""Mails: parsing, cleaning, facts, links, detection, drafts."""
