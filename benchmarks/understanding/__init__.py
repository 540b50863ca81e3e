"""How long understanding takes per utterance in calls of any length, what a live call keeps, what a search costs."""
