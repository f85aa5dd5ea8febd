"""Where mail comes from: a mailbox of Microsoft 365, an IMAP account, a folder, an mbox file."""
