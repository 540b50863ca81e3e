"""Between log and record: the recorder writes what was heard and proposed, the relay publishes what was decided."""
