"""Fixtures for Django: a file of tests has its topic's project, each test its own database."""

import contextlib

import pytest

from tests.harness.adapters import adapter
from tests.harness.snippets import BrokenSnippet
from tests.harness.witness import about


@pytest.fixture(scope="session")
def django_tables(django_db_setup, django_db_blocker):
    """A function that makes the tables of apps that were not there before."""
    from django.apps import apps

    complete = {config.label for config in apps.get_app_configs()}

    def make():
        labels = {config.label for config in apps.get_app_configs()}
        if not labels <= complete:
            with django_db_blocker.unblock():
                adapter("django").make_tables()
            complete.update(labels)

    return make


@pytest.fixture(scope="module", autouse=True)
def _django_topic(request):
    """The project of this file's topic, if a test of the file runs Django.

    For the whole file, and so before a test's transaction starts: tables are made outside.
    """
    items = (item for item in request.session.items if item.path == request.path)
    if not any(item.get_closest_marker("django_db") for item in items):
        yield
        return
    make_tables = request.getfixturevalue("django_tables")
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(BrokenSnippet):  # the tests that ask for it will say so
            stack.enter_context(adapter("django").project(about(request)[0]))
            make_tables()
        yield


@pytest.fixture
def django_project(db, settings):
    """A database in a transaction that nobody commits; settings that are put back."""
    from django.core.signals import request_finished, request_started
    from django.db import close_old_connections

    # Inside the test's transaction the connection must stay. Django's own test client
    # reconnects these receivers, so this is per test.
    signals = [
        s for s in (request_started, request_finished) if s.disconnect(close_old_connections)
    ]
    yield
    for signal in signals:
        signal.connect(close_old_connections)
