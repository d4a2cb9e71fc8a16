"""Alembic environment: migrates over the connection that mailbot.edges.store.migrate hands in."""

from alembic import context

from mailbot.edges.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
