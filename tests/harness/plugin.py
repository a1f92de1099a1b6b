"""The pytest plugin of the book: what every run keeps to, of tests, doctests and transcripts."""

import inspect
import os
from functools import wraps

import pytest
from _pytest.doctest import DoctestItem
from asgiref.sync import async_to_sync

from book._core.chapters import topics
from book._core.frameworks import FRAMEWORKS, ROOT, SNIPPETS
from book._core.places import TESTS
from book._core.variants import VARIANTS
from tests.harness import clients, guards, headers, properties, wire
from tests.harness.adapters import adapter
from tests.harness.snippets import BrokenSnippet, load, name_of
from tests.harness.transcripts import collect_chapter as pytest_collect_file  # noqa: F401 (a hook by name)
from tests.harness.verdict import Judge
from tests.harness.witness import Witness, about, place

pytest_plugins = ["tests.harness.projects", "tests.harness.sockets"]
WITNESS = pytest.StashKey[Witness]()
LAWS = ROOT / "tests" / "test_book.py"
WIRED = {"test_contract.py", "conftest.py"}
"""The files that speak over the wire."""


def pytest_addoption(parser):
    parser.addoption(
        "--no-evidence",
        action="store_true",
        help="watch no snippet and write no evidence (used when faults are planted)",
    )
    parser.addoption("--wire", action="store_true", help="run contract tests against real servers")
    parser.addoption(
        "--topic", action="append", metavar="TOPIC", help="run the tests of this topic alone"
    )


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config):
    """Watch from before pytest-django loads the models: their modules are snippets."""
    options = early_config.known_args_namespace
    if not options.no_evidence and not is_divided(early_config):
        early_config.stash[WITNESS] = Witness()
    from tests.harness.adapters.django import set_up

    set_up()
    return (yield)


def pytest_configure(config):
    for marker in (
        "differs(flask, fastapi, django): the answers differ; the test's `expected` is one of them",
        "only(*names): the test is about these frameworks, not about all three",
        "server_errors: an unhandled exception is answered with a 500 instead of raised",
        "in_process(reason): the test does not run over the wire",
        "own_tables: the tests of this file make the tables of a database themselves",
        "variant(variant): on which variant of its framework the test runs",
    ):
        config.addinivalue_line("markers", marker)
    if unknown := sorted({*(config.option.topic or ())} - {*topics()}):
        raise pytest.UsageError(
            f"no topic is called {', '.join(unknown)}; topics: {', '.join(topics())}"
        )
    guards.install()
    witness = config.stash.get(WITNESS, None)
    if witness:
        config.pluginmanager.register(witness, "witness")
    if not config.option.no_evidence and not is_worker(config):
        config.pluginmanager.register(Judge(config, witness), "judge")


def is_worker(config):
    """Whether this process runs a part of the tests for another, by pytest-xdist."""
    return hasattr(config, "workerinput")


def is_divided(config):
    """Whether other processes run the tests for this one."""
    divides = getattr(config.known_args_namespace, "numprocesses", None)
    return bool(divides) and "PYTEST_XDIST_WORKER" not in os.environ


def pytest_sessionfinish(session):
    if is_worker(session.config) and (witness := session.config.stash.get(WITNESS, None)):
        session.config.workeroutput["testimony"] = witness.testimony()


def pytest_ignore_collect(collection_path, config):
    """With --topic, files that speak about something else are not even read.

    With --wire, contracts are all that is.
    """
    chosen = config.option.topic
    if config.option.wire and collection_path.suffix and collection_path.name not in WIRED:
        return True
    if not chosen or collection_path == LAWS:
        return None
    if collection_path.is_dir():
        other = collection_path.parent == TESTS and collection_path.name not in chosen
    else:
        other = (place(collection_path) or ("",))[0] not in chosen
    return True if other else None


def pytest_pycollect_makemodule(module_path):
    """Before a file with property tests is loaded, so is Hypothesis."""
    if "hypothesis" in module_path.read_text("utf-8"):
        properties.prepare()


@pytest.hookimpl(tryfirst=True)
def pytest_make_collect_report(collector):
    """A snippet is imported in its topic's project; what is wrong with it is said in a few lines."""
    if not isinstance(collector, pytest.File) or collector.path.suffix != ".py":
        return None
    topic, framework = place(collector.path) or ("", "")
    if framework not in FRAMEWORKS or not collector.path.is_relative_to(SNIPPETS):
        return None
    try:
        adapter(framework).load(topic, name_of(collector.path))
    except BrokenSnippet as broken:
        if collector.path == FRAMEWORKS[framework].snippet(topic):
            return pytest.CollectReport(collector.nodeid, "failed", str(broken), [])
        return pytest.CollectReport(collector.nodeid, "passed", None, [])  # that is said once
    return None


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc):
    """Run a contract test for each framework that has the topic, others for their own."""
    if "framework" not in metafunc.fixturenames:
        return
    where = place(metafunc.definition.path)
    if where is None:
        raise pytest.UsageError(
            f"{metafunc.definition.nodeid}: 'client', 'snippet' and 'framework' exist only in "
            "tests/topics/<topic>/test_contract.py and test_<framework>.py"
        )
    topic, folder = where
    if topic not in topics():
        raise pytest.UsageError(
            f"{metafunc.definition.nodeid}: no snippet is called '{topic}'; topics: "
            f"{', '.join(topics())}"
        )
    marker = metafunc.definition.get_closest_marker("only")
    chosen = marker.args if marker else FRAMEWORKS
    names = [folder] if folder in FRAMEWORKS else [name for name in FRAMEWORKS if name in chosen]
    present = [name for name in names if FRAMEWORKS[name].snippet(topic).exists()]
    answers = metafunc.definition.get_closest_marker("differs")
    if answers and answers.kwargs.keys() - VARIANTS.keys() != {*present}:
        raise pytest.UsageError(
            f"{metafunc.definition.nodeid}: @differs must give the answers of {', '.join(present)}, "
            f"on which it runs; it gives those of {', '.join(answers.kwargs)}"
        )
    metafunc.parametrize("framework", [*runs(metafunc, present)], scope="function")


def runs(metafunc, frameworks):
    """Where a test runs: the frameworks, their debug mode if it says so; or servers, with --wire."""
    answers = metafunc.definition.get_closest_marker("differs")
    named = answers.kwargs.keys() if answers else ()
    on_the_wire = metafunc.config.option.wire
    if on_the_wire:
        others = wire.variants(frameworks)
    else:
        yield from frameworks
        others = [variant for name, variant in VARIANTS.items() if name in named]
        others = [variant for variant in others if not variant.server]
    for variant in others:
        marks = pytest.mark.variant(variant)
        yield pytest.param(variant.framework, id=variant.name, marks=marks)


def pytest_collection_modifyitems(config, items):
    """With --topic, keep only the laws about it; with --wire, what has a client. Mark what runs Django.

    pytest-django makes a test database only if a collected item asks.
    """
    if chosen := config.option.topic:
        items[:] = [item for item in items if item.path != LAWS or concerns(item, chosen)]
    if config.option.wire:
        items[:] = wire.chosen(items)
    for item in items:
        parameters = wire.parameters(item)
        _, folder = place(item.path) or (None, None)
        if parameters.get("framework") == "django" or folder == "django":
            item.add_marker(pytest.mark.django_db)


def concerns(law, chosen):
    """Whether a law is about one of these topics, or the chapter of one."""
    parameters = law.callspec.params if hasattr(law, "callspec") else {}
    return any(parameters.get(name) in chosen for name in ("topic", "name"))


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    """Run a coroutine test on one event loop, as Django's own runner does.

    An async plugin would run it in another thread, outside the test's transaction.
    """
    function = pyfuncitem.obj
    if inspect.iscoroutinefunction(function):
        pyfuncitem.obj = wraps(function)(async_to_sync(function))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call():
    try:
        return (yield)
    except KeyError as error:
        if made := headers.explained(error):
            raise made from None
        raise


@pytest.fixture(autouse=True)
def _doctest_stands_alone(request):
    """A snippet's doctest leaves no data behind; Django's has a database."""
    if not isinstance(request.node, DoctestItem):
        yield
        return
    _, framework = about(request)
    if framework == "django":
        request.getfixturevalue("django_project")
    with clients.restored(load(name_of(request.path))):
        yield
