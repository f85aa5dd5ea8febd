"""Other vector stores, loaded with the same passages and vectors and asked the same questions."""
