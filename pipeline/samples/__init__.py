"""Sample calls: recordings of invented callers and agents, with what was said and what the ticket should hold."""
