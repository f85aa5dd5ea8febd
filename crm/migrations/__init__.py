"""SQL migrations and what applies them."""
