"""Alembic's way into the Flask app: its tables and its database."""

import logging

from alembic import context
from sqlalchemy import NullPool, create_engine

from snippets.flask.migrations import Base, create_app, db

logging.basicConfig(format="%(levelname)s %(message)s")
logging.getLogger("alembic").setLevel(logging.INFO)


def migrate(**target):
    context.configure(
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


with create_app().app_context():
    url = db.engine.url

if context.is_offline_mode():
    migrate(
        url=url,
        literal_binds=True,
        dialect_opts={"paramstyle": "named"},
    )
else:
    # Otherwise SQLite's driver keeps DDL out of the transaction.
    sqlite = url.get_backend_name() == "sqlite"
    engine = create_engine(
        url,
        poolclass=NullPool,
        connect_args={"autocommit": False} if sqlite else {},
    )
    with engine.connect() as connection:
        migrate(connection=connection)
