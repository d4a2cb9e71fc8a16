"""Alembic environment: migrates over the connection that mailbot.edges.store.migrate hands in."""

from alembic import context

from mailbot.edges.store import schema
from mailbot.edges.store.metadata import metadata

assert schema.HEAD  # its import puts every table into the metadata
context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
