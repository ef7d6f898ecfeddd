"""How Alembic runs the scripts: on the connection, and inside the transaction, that `storage.schema` hands over."""

from alembic import context

from storage.schema import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    version_table=VERSION_TABLE,
    transactional_ddl=True,  # SQLite too: our connections begin by themselves
)
with context.begin_transaction():
    context.run_migrations()
