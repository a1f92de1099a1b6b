"""Migrations that only FastAPI has: an env.py with an event loop of its own."""

import asyncio
import gc
import logging

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


def test_every_step_is_logged(history, caplog):
    logging.getLogger("alembic").setLevel(logging.NOTSET)
    history.upgrade()
    assert f"Running upgrade  -> {history.names[0]}, Create book." in caplog.messages


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
