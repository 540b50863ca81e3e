"""Models with weights of their own: sentence embeddings and trained encoders; nothing else of `agents` runs them."""
