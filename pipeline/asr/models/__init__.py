"""The ear's models: which there are, where they come from, whether they are whole, and the adapter merged into the default."""
