"""Migrations that only FastAPI has: an env.py with an event loop of its own."""

import asyncio
import gc
import logging

import pytest
from alembic import command

from tests import histories


@pytest.fixture
def history(framework, snippet, tmp_path):
    with histories.opened(framework, snippet, tmp_path) as opened:
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
