"""The shop as a package: made from an environment, as a server would, but in this process."""

import contextlib
import runpy
import sys
import unittest
from functools import partial
from types import SimpleNamespace
from unittest import mock

import pytest

from book._core.variants import SERVED
from tests.harness import clients, stacks
from tests.harness.plugin import WITNESS
from tests.topics.project_structure import apps, projects


@pytest.fixture
def volatile():
    """A cookie's signature and its time."""
    return {r"(?<=session=)[^;]+": "…"}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder in which the shop is started; a file `.env` would lie there."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def start(framework, snippet, folder):
    """`with start(PAGE_SIZE="5") as app`: the package's application, of these variables alone."""

    @contextlib.contextmanager
    def start(**variables):
        with projects.environment(variables), projects.STARTED[framework]() as app:
            yield app

    return start


@pytest.fixture
def shop(request, framework, start, volatile):
    """`with shop(PAGE_SIZE="5") as client`: the same, and a client that asks it."""
    witness = request.config.stash.get(WITNESS, None)

    @contextlib.contextmanager
    def shop(**variables):
        with (
            start(**{"SECRET_KEY": projects.KEY, **variables}) as app,
            clients.connect(
                framework,
                SimpleNamespace(app=app),
                on_response=witness and partial(witness.record_exchange, volatile=volatile),
            ) as client,
        ):
            yield client

    return shop


@pytest.fixture
def package_test(framework, start, folder):
    """The test that lies in the package, as a function; Django's needs the project's settings.

    With `titles` the warehouse is another one, which has these on each page.
    """

    def with_pytest(titles=None):
        path = projects.FOLDERS[framework] / "tests" / "test_books.py"
        with (
            projects.environment({"PAGE_SIZE": "many"}),
            projects.importing(projects.FOLDERS[framework] / "src"),
        ):
            test = runpy.run_path(str(path))["test_a_small_page"]
            with warehouse_with(titles, "shop.books.warehouse"):
                test()

    def with_unittest(titles=None):
        with start(SECRET_KEY=projects.KEY, PAGE_SIZE="2"):
            result = unittest.TestResult()
            with warehouse_with(titles, "books.warehouse"):
                unittest.defaultTestLoader.loadTestsFromName("books.tests").run(result)
        assert (result.testsRun, result.failures, result.errors) == (1, [], [])

    return with_unittest if framework == "django" else with_pytest


@contextlib.contextmanager
def warehouse_with(titles, module):
    if titles is None:
        yield
        return
    with mock.patch.object(sys.modules[module].Warehouse, "titles", return_value=titles):
        yield


@pytest.fixture(scope="module")
def servers(request, tmp_path_factory):
    """What each real server has answered and logged: some visits, SIGTERM, the end of its process.

    All servers at once, but none of a framework that this run leaves out.
    """
    here = {
        getattr(item, "callspec", None) and item.callspec.params.get("framework")
        for item in request.session.items
    }
    started = {}
    for variant, function in apps.SERVED.items():
        if SERVED[variant].framework not in here:
            continue
        log = tmp_path_factory.mktemp("servers") / f"{variant}.log"
        target = f"{apps.__name__}:{function}"
        process, port = stacks.start(variant, target, log)
        started[variant] = process, stacks.Stack(variant, port, log)
    answers = {}
    for variant, (_, stack) in started.items():
        with stack.client() as client:
            answers[variant] = [client.get(path).text for path in ("/books/1", "/last", "/books")]
    for process, _ in started.values():
        process.terminate()
    for process, _ in started.values():
        stacks.stop(process)
    return {variant: (answers[variant], stack.said()) for variant, (_, stack) in started.items()}
