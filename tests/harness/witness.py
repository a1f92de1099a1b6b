"""The witness of a process that runs tests: which tests ran which file, and what was said.

Its testimony is plain data, so that several processes can share a run; tests/harness/verdict.py
judges.
"""

import inspect
import re
from collections import defaultdict
from dataclasses import asdict
from functools import cache
from pathlib import Path

import pytest

from book._core import evidence
from book._core.chapters import topics
from book._core.evidence import Exchange, Request, Response
from book._core.frameworks import FRAMEWORKS, relative
from book._core.places import owner
from book._core.variants import VARIANTS
from tests.harness import guards
from tests.harness.tracer import Tracer

BODY_LIMIT = 4_000
"""Characters of a body that are kept: a page shows a screen of it at most."""
VOLATILE = ("date", "server", "connection")
CLIENT_HEADERS = ("host", "accept", "accept-encoding", "connection", "user-agent", "content-length")


@cache
def place(path: Path) -> tuple[str, str] | None:
    """The topic, if there is one of that name, and its part that a file speaks about."""
    where = owner(Path(path))
    return where if where and (where[1] != "book" or where[0] in topics()) else None


def about(item: pytest.Item | pytest.FixtureRequest) -> tuple[str, str]:
    """The topic and the folder of a test that has them."""
    where = place(item.path)
    assert where, f"{item.path} is about no topic"
    return where


class Witness:
    """A pytest plugin object; one per process that runs tests."""

    def __init__(self):
        self.tracer = Tracer()
        self.tracer.start()
        self.items = {}
        self.partial = set()
        self.exchanges = defaultdict(list)
        self.statements = defaultdict(list)
        self.ran = {}
        self.current = None

    def testimony(self):
        """All that was seen, as strings, numbers, lists, tuples and dicts."""
        self.tracer.stop()
        return {
            "items": {nodeid: describe(item) for nodeid, item in self.items.items()},
            "partial": sorted(self.partial),
            "exchanges": {
                nodeid: [asdict(each) for each in said] for nodeid, said in self.exchanges.items()
            },
            "statements": dict(self.statements),
            "ran": self.ran,
            "arcs": {file: sorted(arcs) for file, arcs in self.tracer.arcs.items()},
        }

    # Collection: a topic counts only if all of its tests are in this run.

    def pytest_collection_modifyitems(self, items):
        self.items = {item.nodeid: item for item in items if place(item.path)}

    def pytest_deselected(self, items):
        for item in items:
            if where := place(item.path):
                self.partial.add(where[0])

    # Running

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
        self.current = item.nodeid
        self.tracer.entered.clear()
        guards.opened.clear()
        try:
            return (yield)
        finally:
            data = {file for file in guards.opened if not file.endswith(".py")}
            if files := self.tracer.entered | data:
                self.ran[item.nodeid] = sorted(files)
            self.current = None

    def record_exchange(self, response, volatile=None):
        """Keep a request and its answer for the test that is running."""
        self.record(exchange(response, volatile or {}))

    def record(self, said):
        """Keep an `Exchange` for the test that is running."""
        self.exchanges[self.current].append(said)

    def record_statements(self, statements):
        """Keep the SQL that the running test sent."""
        self.statements[self.current] = [str(statement) for statement in statements]


def describe(item):
    """A test as data: what it speaks about, and what the book prints of it."""
    marker = item.get_closest_marker("differs")
    answers = {k: shown(v) for k, v in marker.kwargs.items()} if marker else {}
    function = getattr(item, "function", None)
    label = (function.__doc__ or "").strip().split("\n")[0] if function else ""
    name = name_of(item.nodeid)
    topic, folder = about(item)
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    return {
        "topic": topic,
        "name": name,
        "file": relative(item.path),
        "line": (item.reportinfo()[1] or 0) + 1,
        "label": label or evidence.sentence(name),
        "differs": {k: v for k, v in answers.items() if k in FRAMEWORKS} or None,
        "variants": {k: v for k, v in answers.items() if k in VARIANTS},
        "source": inspect.getsource(function) if function else "",
        "variant": item.get_closest_marker("variant") is not None,
        "framework": folder if folder in FRAMEWORKS else parameters.get("framework", ""),
    }


def name_of(nodeid):
    """A test's name without file and parameters; doctests and transcripts keep their file."""
    path, _, name = nodeid.partition("::")
    return name.partition("[")[0] if name.startswith("test_") else f"{path} {name}".strip()


def shown(value):
    """An expected answer as JSON can hold it and a reader should see it."""
    if isinstance(value, (set, frozenset)):
        value = sorted(value)
    return value if isinstance(value, (str, int, float, bool, list, dict)) else str(value)


def exchange(response, volatile):
    """What the client sent on purpose, and what came back.

    What is another at each run is named instead, so that equal runs leave equal evidence.
    """
    request = response.request
    sent = {k: v for k, v in request.headers.items() if k not in CLIENT_HEADERS}
    came = {k: v for k, v in response.headers.items() if k not in VOLATILE}
    if boundary := re.search(r"boundary=(\S+)", sent.get("content-type", "")):
        volatile = {**volatile, re.escape(boundary[1]): "boundary"}
    return Exchange(
        request=Request(
            method=request.method,
            target=request.url.raw_path.decode("ascii"),
            headers=stable_headers(sent, volatile),
            body=stable(text_of(request.content), volatile),
        ),
        response=Response(
            status=response.status_code,
            headers=stable_headers(came, volatile),
            body=stable(text_of(response.content), volatile),
        ),
    )


def stable_headers(headers, volatile):
    """Headers, each looked at as the line `name: value`."""
    lines = {name: stable(f"{name}: {value}", volatile) for name, value in headers.items()}
    return {name: line.removeprefix(f"{name}: ") for name, line in lines.items()}


def stable(text, volatile):
    """A text in which what a pattern finds gives way to the words that stand for it."""
    for pattern, words in volatile.items():
        text = re.sub(pattern, words, text)
    return text


def text_of(content: bytes) -> str:
    """A body as text, at most BODY_LIMIT characters; bytes that are no text are counted."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return f"({len(content)} bytes)"
    return text if len(text) <= BODY_LIMIT else f"{text[:BODY_LIMIT]} … ({len(content)} bytes)"
