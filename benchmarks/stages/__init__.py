"""Understanding and the way to the page: utterances per second, and how long a final takes to be seen."""
