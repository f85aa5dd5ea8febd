"""The domain: business objects, their declarations and queries, migrations."""
