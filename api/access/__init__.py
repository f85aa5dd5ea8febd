"""Who may enter: accounts, passwords, sessions, API keys, the accounts of a directory."""
