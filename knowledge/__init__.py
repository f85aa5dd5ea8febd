"""Documents, versions, sections, chunks, sentences: embeddings, search, citations."""
