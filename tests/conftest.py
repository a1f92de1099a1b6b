"""What a test may ask for.

The topic comes from the test's file name, the framework from its parameter: a test cannot
exercise the wrong snippet.
"""

from functools import partial

import pytest

from tests.harness import clients, wire
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


@pytest.fixture(scope="module")
def servers_on_the_wire(request):
    """Real servers for this file's topic, one for each variant."""
    topic, _ = about(request)
    tables = request.node.get_closest_marker("own_tables") is None
    with wire.serving(topic, tables=tables) as servers:
        yield servers


@pytest.fixture
def wire_database(request, variant):
    """The SQLite file that the real server uses, without rows; None in process.

    Who asks for this puts data there, so tests that take what it gives run over the wire, too.
    """
    if variant is None or not variant.server:
        return None
    return request.getfixturevalue("servers_on_the_wire")[variant.name].emptied()


@pytest.fixture
def variant(request):
    """The variant of its framework on which this test runs; None where it runs as usual."""
    marker = request.node.get_closest_marker("variant")
    return marker.args[0] if marker else None


@pytest.fixture
def expected(request, framework, variant):
    """The answer that @differs says this framework gives, or its variant on which the test runs."""
    marker = request.node.get_closest_marker("differs")
    if marker is None:
        raise pytest.UsageError(f"{request.node.nodeid} asks for 'expected' but has no @differs")
    usual = marker.kwargs[framework]
    return marker.kwargs.get(variant.name, usual) if variant else usual


@pytest.fixture
def volatile():
    """What is another at each run, such as a token, and the words that the record has instead.

    Regular expressions for a body, or for a header's line `name: value`; a topic that has such
    values says so in its own conftest.py. Without that its evidence, and so its page, would be
    new after each run.
    """
    return {}


@pytest.fixture
def client(request, framework, snippet, variant, volatile):
    """An httpx2.Client on this topic's app, in process. Its exchanges become evidence.

    With --wire it speaks to a real server instead.
    """
    witness = request.config.stash.get(WITNESS, None)
    lenient = request.node.get_closest_marker("server_errors") is not None
    if variant and variant.server:
        opened = request.getfixturevalue("servers_on_the_wire")[variant.name].client(
            may_fail=lenient
        )
    elif variant:
        opened = clients.connect(framework, snippet, debug=True)
    else:
        opened = clients.connect(
            framework,
            snippet,
            raise_app_exceptions=not lenient,
            on_response=witness and partial(witness.record_exchange, volatile=volatile),
        )
    with opened as connected:
        yield connected


@pytest.fixture
def record_statements(request):
    """Keep SQL statements, in the order in which they were sent, for `{statements}`."""
    witness = request.config.stash.get(WITNESS, None)
    return witness.record_statements if witness else lambda statements: None


@pytest.fixture(scope="session")
def postgresql():
    """The URL of a real PostgreSQL without tables, started for the first test that asks."""
    from tests.harness.postgresql import lent, server

    with lent() or server() as url:
        yield url
