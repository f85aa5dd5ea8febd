"""The crash run: processes killed at random points while changes are approved."""
