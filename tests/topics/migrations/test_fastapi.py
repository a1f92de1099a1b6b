"""Migrations that only FastAPI has: an env.py with an event loop of its own."""

import asyncio
import gc

import pytest

from tests.topics.migrations import histories


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
    """`command.upgrade` inside an `async def`, such as a lifespan, raises `RuntimeError`"""
    with pytest.warns(RuntimeWarning, match="'migrate_online' was never awaited"):
        refused_upgrade(history)
    assert history.columns() == set()


async def test_in_a_thread_of_its_own_an_upgrade_runs(history):
    await asyncio.to_thread(history.upgrade)
    assert history.columns() == {"id", "isbn", "title", "price_cents"}


def test_for_mysql_a_step_has_to_repeat_the_type(history):
    """The preview for MySQL, without its driver: `existing_type` is in the SQL"""
    history.point_at("mysql+asyncmy://shop@localhost/shop")
    assert "ALTER TABLE book MODIFY price FLOAT NULL;" in history.preview(2)
    assert "ALTER TABLE book MODIFY price_cents INTEGER NOT NULL;" in history.preview(4)
    down = history.preview_down(4)
    assert "DROP CHECK ck_book_price_cents;" in down
    assert "ALTER TABLE book MODIFY price_cents INTEGER NULL;" in down
    assert "ALTER TABLE book MODIFY price FLOAT NOT NULL;" in history.preview_down(2)
