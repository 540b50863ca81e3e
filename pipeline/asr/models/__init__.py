"""The ear's models: which there are, whether they are here and whole, and our adapter merged into the default."""
