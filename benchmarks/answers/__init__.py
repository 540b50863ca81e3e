"""How long the search for an answer takes on one core, beside plain BM25 over the same articles."""
