"""HTTP API, sign-in, worker and command line."""
