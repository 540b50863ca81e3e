"""The outermost ring: doors, ears, logs, stores, runtimes, wiring, settings and the command line."""
