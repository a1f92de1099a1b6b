"""Migrations that only Django has."""

import pytest
from django.core.management import call_command
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.utils import ConnectionHandler

from tests import histories


@pytest.fixture
def history(framework, snippet, tmp_path):
    with histories.opened(framework, snippet, tmp_path) as opened:
        yield opened


def test_a_module_called_migrations_makes_no_history():
    """The file `migrations.py` beside `apps.py` is no package: that app stays without history"""
    loader = MigrationLoader(None)
    assert "bookshop" in loader.unmigrated_apps
    assert "catalogue" in loader.migrated_apps


def test_a_data_step_stays_on_the_database_that_is_migrated(history):
    history.start(2)
    history.old_code_adds("9780441013593", "Dune", 19.99)
    default = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(history.database)}
    other = {**default, "NAME": str(history.folder / "other.sqlite3")}
    connections["other"] = ConnectionHandler({"default": default, "other": other})["other"]
    try:
        call_command("migrate", "catalogue", database="other", verbosity=0)
        call_command("migrate", "catalogue", "0002", database="other", verbosity=0)
    finally:
        connections["other"].close()
        del connections["other"]
    assert history.sql("SELECT price, price_cents FROM book") == [(19.99, None)]
