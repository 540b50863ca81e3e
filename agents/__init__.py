"""The stages of understanding: each maps an event to events, and knows nothing of how they travel."""
