"""Understanding and the way to the page: utterances per second through all stages, and how long a final takes to be seen."""
