"""The command line: one tool, `hotline`; each file holds one group of commands."""
