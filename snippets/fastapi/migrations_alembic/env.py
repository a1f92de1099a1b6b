"""Alembic's way into the FastAPI app: its tables, its database."""

import asyncio
import logging

from alembic import context
from sqlalchemy import NullPool
from sqlalchemy.ext.asyncio import create_async_engine

from snippets.fastapi.migrations import Base, database_url

logging.basicConfig(format="%(levelname)s %(message)s")
logging.getLogger("alembic").setLevel(logging.INFO)


def migrate(connection=None, **target):
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        # SQLite alters little: batch mode copies the table instead.
        render_as_batch=True,
        compare_server_default=True,
        # Opt-in, and safe here because every CHECK has a name.
        autogenerate_plugins=[
            "alembic.autogenerate.*",
            "alembic.ext.checkconstraint_byname",
        ],
        # A transaction for each step: its locks end with it.
        transaction_per_migration=True,
        # Of SQLite, Alembic would not expect it.
        transactional_ddl=True,
        **target,
    )
    with context.begin_transaction():
        context.run_migrations()


async def migrate_online():
    # Otherwise SQLite's driver keeps DDL out of the transaction.
    sqlite = database_url().startswith("sqlite")
    engine = create_async_engine(
        database_url(),
        poolclass=NullPool,
        connect_args={"autocommit": False} if sqlite else {},
    )
    async with engine.connect() as connection:
        await connection.run_sync(migrate)


if context.is_offline_mode():
    migrate(
        url=database_url(),
        literal_binds=True,
        dialect_opts={"paramstyle": "named"},
    )
else:
    asyncio.run(migrate_online())
