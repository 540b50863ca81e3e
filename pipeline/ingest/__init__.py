"""Step 1 of a call: the doors. A switch forks its media here; frames, gaps and news of the call go to the log."""
