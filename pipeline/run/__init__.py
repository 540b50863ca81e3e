"""Runtimes: how the parts are put together and kept alive. The logic is elsewhere."""
