"""What a test may ask for.

The topic comes from the test's file name, the framework from its parameter: a test cannot
exercise the wrong snippet.
"""

import importlib
from functools import partial

import pytest

from tests.harness import clients
from tests.harness.plugin import WITNESS
from tests.harness.witness import about


@pytest.fixture
def topic(request):
    """The topic of this test, from the name of its file."""
    return about(request)[0]


@pytest.fixture
def snippet(framework, topic, request):
    """The module snippets.<framework>.<topic>, its data restored afterwards."""
    module = importlib.import_module(f"snippets.{framework}.{topic}")
    if framework == "django":
        request.getfixturevalue("django_project")
    with clients.restored(module):
        yield module


@pytest.fixture
def expected(request, framework):
    """The answer that @differs says this framework gives."""
    marker = request.node.get_closest_marker("differs")
    if marker is None:
        raise pytest.UsageError(f"{request.node.nodeid} asks for 'expected' but has no @differs")
    return marker.kwargs[framework]


@pytest.fixture
def volatile():
    """What is another at each run, such as a token, and the words that the record has instead.

    Regular expressions for a body, or for a header's line `name: value`; a topic that has such
    values says so in its own conftest.py. Without that its evidence, and so its page, would be
    new after each run.
    """
    return {}


@pytest.fixture
def client(request, framework, snippet, volatile):
    """An httpx2.Client on this topic's app, in process. Its exchanges become evidence."""
    witness = request.config.stash.get(WITNESS, None)
    lenient = request.node.get_closest_marker("server_errors") is not None
    with clients.connect(
        framework,
        snippet,
        raise_app_exceptions=not lenient,
        on_response=witness and partial(witness.record_exchange, volatile=volatile),
    ) as connected:
        yield connected


@pytest.fixture
def record_statements(request):
    """Keep SQL statements, in the order in which they were sent, for `{statements}`."""
    witness = request.config.stash.get(WITNESS, None)
    return witness.record_statements if witness else lambda statements: None


@pytest.fixture
def django_project(request, settings, topic):
    """Django's half of a topic: its URLconf, its SETTINGS and a database."""
    from django.core.signals import request_finished, request_started
    from django.db import close_old_connections

    request.getfixturevalue("db")
    module = importlib.import_module(f"snippets.django.{topic}")
    settings.ROOT_URLCONF = module.__name__
    for name, value in getattr(module, "SETTINGS", {}).items():
        setattr(settings, name, value)
    # Inside the test's transaction the connection must stay. Django's own test client
    # reconnects these receivers, so this is per test.
    signals = [
        s for s in (request_started, request_finished) if s.disconnect(close_old_connections)
    ]
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture(scope="session")
def postgresql():
    """The URL of a real PostgreSQL, started for the first test that asks."""
    from tests.harness.postgresql import server

    with server() as url:
        yield url
