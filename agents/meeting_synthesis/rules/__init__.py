"""What can be said of a meeting without a model: rules of spoken French."""
