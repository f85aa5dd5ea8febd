"""Minutes as people receive them: on screen, Word, PDF, e-mail, tasks."""
