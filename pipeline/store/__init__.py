"""The state of record: one SQL database behind `SqlStore`, SQLite by default, PostgreSQL where it is given."""
