"""Alembic's entry: the connection is the caller's, and so is the transaction."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], version_table="reconciler_version")
context.run_migrations()
