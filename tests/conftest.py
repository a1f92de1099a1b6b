"""What a test may ask for.

The topic comes from the test's file name, the framework from its parameter: a test cannot
exercise the wrong snippet.
"""

from functools import partial

import pytest

from tests.harness import clients
from tests.harness.adapters import adapter
from tests.harness.plugin import WITNESS
from tests.harness.snippets import BrokenSnippet
from tests.harness.witness import about


@pytest.fixture
def topic(request):
    """The topic of this test, from the name of its file."""
    return about(request)[0]


@pytest.fixture
def snippet(framework, topic, request):
    """The module snippets.<framework>.<topic>, its data restored afterwards."""
    broken = ""
    try:
        module = adapter(framework).load(topic)
    except BrokenSnippet as error:
        broken = str(error).splitlines()[0]
    if broken:
        pytest.fail(broken, pytrace=False)
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


@pytest.fixture(scope="session")
def postgresql():
    """The URL of a real PostgreSQL, started for the first test that asks."""
    from tests.harness.postgresql import server

    with server() as url:
        yield url
