"""Sound as numbers, before the ear: telephone codecs, sample rates, recordings on disk."""
