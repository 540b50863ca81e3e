"""The extractors: one module per family of fields, each from readings of utterances to values with evidence."""
