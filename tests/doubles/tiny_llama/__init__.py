"""A real Messages API server of another house, on a model of random weights."""
