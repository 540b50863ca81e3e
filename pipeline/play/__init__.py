"""The other end of the door: plays recordings as a switch would fork them; for demo, tests and trials."""
