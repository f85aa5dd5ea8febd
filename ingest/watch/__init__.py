"""The market watch: published notices, filtered, pre-scored, kept without repeats."""
