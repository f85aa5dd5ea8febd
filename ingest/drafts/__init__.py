"""Drafts of replies put where their owner finds them: Outlook, an IMAP account, a folder."""
