"""The history of the tables, one file per step."""
