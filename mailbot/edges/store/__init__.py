"""The only SQL: what is known, on SQLite or PostgreSQL. Functions take the `Store` first and every time by hand."""

from mailbot.edges.store.connection import Store, open_store

__all__ = ["Store", "open_store"]
