"""Alembic migrations of the store; run by mailbot.edges.store.migrate."""
