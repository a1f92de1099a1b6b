"""Migrations that only FastAPI has: an env.py with an event loop of its own."""

import asyncio
import gc
import logging
import re

import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy.schema import CreateTable

from tests import histories


@pytest.fixture
def history(framework, snippet):
    with histories.opened(framework, snippet) as opened:
        yield opened


def refused_upgrade(history):
    with pytest.raises(RuntimeError, match="cannot be called from a running event loop"):
        history.upgrade()
    # The coroutine that nobody awaited is missed when it goes.
    gc.collect()


async def test_an_upgrade_inside_a_running_loop_is_refused(history):
    """`command.upgrade` inside an `async def`, such as a lifespan, is refused"""
    with pytest.warns(RuntimeWarning, match="'migrate_online' was never awaited"):
        refused_upgrade(history)
    assert history.columns() == set()


async def test_in_a_thread_of_its_own_an_upgrade_runs(history):
    await asyncio.to_thread(history.upgrade)
    assert history.columns() == {"id", "isbn", "title", "price_cents"}


def test_the_preview_doubles_no_percent_sign(history):
    history.write("sale", parent=histories.HEAD)
    file = history.written / "sale.py"
    update = "op.execute(\"UPDATE book SET title = '10% off'\")"
    file.write_text("from alembic import op\n\n" + file.read_text().replace("pass", update, 1))
    history.point_at("postgresql://shop:shop@127.0.0.1:1/shop")
    history.config.output_buffer = history.printed
    command.upgrade(history.config, f"{history.names[-1]}:sale", sql=True)
    assert "'10% off'" in history.printed.getvalue()


def test_every_step_is_logged(history, capsys, monkeypatch):
    # As in a process in which nothing has set up logging yet.
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    monkeypatch.setattr(logging.getLogger("alembic"), "level", logging.NOTSET)
    history.upgrade()
    printed = capsys.readouterr().err.splitlines()
    assert f"INFO Running upgrade  -> {history.names[0]}, Create book." in printed


def test_a_revision_has_a_random_id(history):
    assert all(re.fullmatch("[0-9a-f]{12}", name) for name in history.names)


def clauses(sql):
    """The lines of a CREATE TABLE, in no order."""
    return {line.strip(", \t") for line in sql.replace('"', "").splitlines()}


def test_create_all_makes_the_table_that_the_steps_make(history, snippet):
    """`create_all` on an empty database makes the very table that the four steps make"""
    history.start()
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        snippet.Base.metadata.create_all(connection)
        made = connection.scalar(sa.text("SELECT sql FROM sqlite_master WHERE name = 'book'"))
    engine.dispose()
    ((migrated,),) = history.sql("SELECT sql FROM sqlite_master WHERE name = 'book'")
    assert clauses(made) == clauses(migrated)


def test_the_convention_names_every_kind_of_constraint(snippet):
    metadata = sa.MetaData(naming_convention=snippet.Base.metadata.naming_convention)
    sa.Table("author", metadata, sa.Column("id", sa.Integer, primary_key=True))
    book = sa.Table(
        "book",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("isbn", sa.String(13), sa.CheckConstraint("isbn <> ''", "isbn"), unique=True),
        sa.Column("author_id", sa.ForeignKey("author.id"), index=True),
    )
    sql = str(CreateTable(book))
    for name in ("pk_book", "uq_book_isbn", "ck_book_isbn", "fk_book_author_id"):
        assert f"CONSTRAINT {name} " in sql
    assert [index.name for index in book.indexes] == ["ix_book_author_id"]


def test_for_mysql_a_step_has_to_repeat_the_type(history):
    """The preview for MySQL, without its driver: `existing_type` is in the SQL"""
    history.point_at("mysql+asyncmy://shop@localhost/shop")
    assert "ALTER TABLE book MODIFY price FLOAT NULL;" in history.preview(2)
    assert "ALTER TABLE book MODIFY price_cents INTEGER NOT NULL;" in history.preview(4)
    down = history.preview_down(4)
    assert "DROP CHECK ck_book_price_cents;" in down
    assert "ALTER TABLE book MODIFY price_cents INTEGER NULL;" in down
    assert "ALTER TABLE book MODIFY price FLOAT NOT NULL;" in history.preview_down(2)
