"""Migrations that only Django has."""

import pytest
from django.core.management import call_command
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.utils import ConnectionHandler

from tests.topics.migrations import histories


@pytest.fixture
def history(framework, snippet):
    with histories.opened(framework, snippet) as opened:
        yield opened


@pytest.fixture
def client(history, client):
    return client


def test_a_module_called_migrations_makes_no_history(tmp_path, monkeypatch, settings):
    """The file `migrations.py` beside `apps.py` is no package: that app stays without history"""
    for name in ("__init__.py", "apps.py", "migrations.py"):
        (tmp_path / "shelf" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "shelf" / name).touch()
    monkeypatch.syspath_prepend(tmp_path)
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "shelf"]
    loader = MigrationLoader(None)
    assert "shelf" in loader.unmigrated_apps
    assert "catalogue" in loader.migrated_apps


def test_a_data_step_stays_on_the_database_that_is_migrated(history):
    """A data step with the alias of `schema_editor` stays on the database that is migrated"""
    history.start(3)
    history.old_code_adds("9780441013593", "Dune", 19.99)
    history.new_code_adds("9780141439587", "Emma", 950)
    default = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(history.database)}
    other = {**default, "NAME": str(history.folder / "other.sqlite3")}
    connections["other"] = ConnectionHandler({"default": default, "other": other})["other"]
    try:
        for name in ("0003", "0002"):
            call_command("migrate", "catalogue", name, database="other", verbosity=0)
    finally:
        connections["other"].close()
        del connections["other"]
    assert history.sql("SELECT price, price_cents FROM book") == [(19.99, None), (None, 950)]


@pytest.mark.server_errors
def test_only_a_database_error_is_answered_with_503(history, client, snippet, monkeypatch):
    def broken(*names):
        raise ZeroDivisionError

    monkeypatch.setattr(snippet.Book.objects, "order_by", broken)
    assert client.get("/books").status_code == 500


def test_the_other_middleware_stays_in_place(client):
    assert client.get("/ready").headers["x-content-type-options"] == "nosniff"
