"""The witness of a test run: which tests ran which file, what was said, and whether all was green.

At the end it writes evidence for each topic that ran whole and green, forgets the evidence
of each that did not, and fails the run if a line or branch of a snippet never ran.
"""

import contextlib
import importlib
import json
import os
import platform
import re
import tempfile
from collections import defaultdict
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path

import coverage
import pytest

from book._ext import evidence
from book._ext.chapters import topics
from book._ext.frameworks import FRAMEWORKS, ROOT, SNIPPETS, relative
from tests import guards

BODY_LIMIT = 4_000
"""Characters of a body that are kept: a page shows a screen of it at most."""
ASYNC_ENGINE = "sqlalchemy.ext.asyncio"
VOLATILE = ("date", "server", "connection")
CLIENT_HEADERS = ("host", "accept", "accept-encoding", "connection", "user-agent", "content-length")


@cache
def place(path: Path) -> tuple[str, str] | None:
    """The topic and the folder that a test file, snippet or chapter speaks about."""
    parts = Path(path).resolve().relative_to(ROOT).parts
    stem = Path(parts[-1]).stem
    if len(parts) == 3 and parts[0] == "tests" and stem.startswith("test_"):
        return stem.removeprefix("test_"), parts[1]
    if len(parts) == 3 and parts[0] == "snippets" and stem not in FRAMEWORKS[parts[1]].project:
        return stem, parts[1]
    if len(parts) == 2 and parts[0] == "book" and stem in topics():
        return stem, "book"
    return None


class Witness:
    """A pytest plugin object; one per run."""

    def __init__(self, config):
        self.config = config
        preload()
        self.coverage = measurement("thread")
        # Following greenlets makes all code twice as slow, so only the tests that need it do.
        self.coverage_in_greenlets = measurement("thread", "greenlet")
        self.coverage.start()
        self.items = {}
        self.failed = set()
        self.green = set()
        self.finished = set()
        self.partial = set()
        self.exchanges = defaultdict(list)
        self.opened = defaultdict(set)
        self.current = None
        self.problems = []

    # Collection: a topic counts only if all of its tests are in this run.

    def pytest_collection_modifyitems(self, items):
        self.items = {item.nodeid: item for item in items if place(item.path)}

    def pytest_deselected(self, items):
        for item in items:
            if where := place(item.path):
                self.partial.add(where[0])

    def pytest_collectreport(self, report):
        path = getattr(report, "fspath", None)
        if report.failed and path and (where := place(ROOT / path)):
            self.failed.add(where[0])

    # Running

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
        self.current = item.nodeid
        self.coverage.switch_context(item.nodeid)
        guards.opened.clear()
        try:
            if not uses_greenlets(item):
                return (yield)
            with in_context(self.coverage_in_greenlets, item.nodeid):
                return (yield)
        finally:
            self.opened[item.nodeid] |= guards.opened
            self.coverage.switch_context("")
            self.current = None

    def pytest_runtest_logreport(self, report):
        if report.nodeid not in self.items:
            return
        if report.when == "teardown":
            self.finished.add(report.nodeid)
        if report.failed:
            self.failed.add(place(self.items[report.nodeid].path)[0])
            self.green.discard(report.nodeid)
        elif report.when == "call" and report.passed:
            self.green.add(report.nodeid)

    def record_exchange(self, response):
        """Keep a request and its answer for the test that is running."""
        self.record(exchange(response))

    def record(self, said):
        """Keep an exchange that is data already: a WebSocket's has "frames" as its answer."""
        self.exchanges[self.current].append(said)

    # The end

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session):
        self.coverage.stop()
        self.coverage.get_data().update(self.coverage_in_greenlets.get_data())
        if session.exitstatus not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            return  # interrupted, or nothing ran: that proves nothing
        for topic in sorted({place(item.path)[0] for item in self.items.values()} | self.failed):
            if topic in self.failed:
                evidence.forget(topic)
            elif self._is_whole(topic):
                self._conclude(topic)
        if self.problems and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _is_whole(self, topic):
        if topic in self.partial or any("::" in arg for arg in self.config.args):
            return False
        wanted = {*evidence.proofs_of(topic), *(f.snippet(topic) for f in FRAMEWORKS.values())}
        collected = {item.path for item in self.items.values()}
        own = {nodeid for nodeid, item in self.items.items() if topic == place(item.path)[0]}
        return own <= self.finished and {path for path in wanted if path.exists()} <= collected

    def _conclude(self, topic):
        files = evidence.owned(topic, topics())
        executed = self._measure([path for path in files if path.suffix == ".py"])
        problems = [
            f"{name}: no test runs {what}"
            for name, report in executed.items()
            if (what := never_ran(report))
        ]
        tests_by_file = {relative(path): self._who_ran(path, executed) for path in files}
        problems += [f"{name}: no test runs it" for name, ran in tests_by_file.items() if not ran]
        if problems:
            self.problems += problems
            evidence.forget(topic)
            return
        shared = [path for name in FRAMEWORKS for path in evidence.support(name)]
        proofs = [*evidence.proofs_of(topic), *evidence.harness()]
        evidence.write(
            {
                "format": evidence.FORMAT,
                "topic": topic,
                "date": today(),
                "python": platform.python_version(),
                "versions": {
                    name: version(name) for name in evidence.distributions_of([*files, *shared])
                },
                "files": {
                    name: {"sha256": evidence.sha256(ROOT / name), "tests": ran}
                    for name, ran in {
                        **tests_by_file,
                        **{relative(path): ["every test of its framework"] for path in shared},
                    }.items()
                },
                "proofs": {relative(path): evidence.sha256(path) for path in proofs},
                "tests": self._tests(topic),
            }
        )

    def _measure(self, files):
        """Coverage's own JSON report per file: lines, branches and the tests that ran each."""
        if not files:
            return {}
        with tempfile.TemporaryDirectory() as folder:
            target = os.path.join(folder, "coverage.json")
            self.coverage.json_report(
                include=[str(path) for path in files],
                outfile=target,
                show_contexts=True,
                ignore_errors=False,
            )
            report = json.loads(Path(target).read_text("utf-8"))
        return {Path(name).as_posix(): data for name, data in report["files"].items()}

    def _who_ran(self, path, executed):
        if path.suffix == ".py":
            report = executed.get(relative(path), {"contexts": {}})
            ran = {test for tests in report["contexts"].values() for test in tests if test}
            # A file of constants is run by whoever imports it, before the first test; so is one
            # without a statement, such as an empty __init__.py.
            empty = report.get("summary", {}).get("num_statements") == 0
            if not ran and (empty or report.get("executed_lines")):
                ran = {"import"}
        else:
            ran = {test for test, files in self.opened.items() if str(path) in files}
        return sorted({name_of(test) for test in ran})

    def _tests(self, topic):
        """The green tests of a topic, each with its label, expected answers and exchanges."""
        ordered = sorted(
            (item for item in self.items.values() if place(item.path)[0] == topic),
            key=lambda item: (relative(item.path), item.reportinfo()[1] or 0, item.nodeid),
        )
        found = {}
        for item in ordered:
            if item.nodeid not in self.green:
                continue
            name = name_of(item.nodeid)
            test = found.setdefault(name, self._describe(item, name))
            test["runs"] += 1
            if said := self.exchanges.get(item.nodeid):
                variant = item.callspec.params["framework"] if hasattr(item, "callspec") else ""
                test["exchanges"].setdefault(variant, said)
        return found

    def _describe(self, item, name):
        marker = item.get_closest_marker("differs")
        function = getattr(item, "function", None)
        label = (function.__doc__ or "").strip().split("\n")[0] if function else ""
        return {
            "file": relative(item.path),
            "label": label or evidence.sentence(name),
            "differs": {k: shown(v) for k, v in marker.kwargs.items()} if marker else None,
            "exchanges": {},
            "runs": 0,
        }

    def pytest_terminal_summary(self, terminalreporter):
        if self.problems:
            terminalreporter.section("snippets that are not fully shown to run", red=True)
            for problem in self.problems:
                terminalreporter.line(problem)


def measurement(*concurrency):
    """Coverage of the snippets: lines, branches and the tests that ran them."""
    made = coverage.Coverage(
        data_file=None, source=[str(SNIPPETS)], branch=True, config_file=False, messages=False
    )
    made.set_option("run:core", "ctrace")
    made.set_option("run:concurrency", list(concurrency))
    return made


@contextlib.contextmanager
def in_context(measured, context):
    """Measure with this one instead; the one that is running pauses."""
    measured.start()
    measured.switch_context(context)
    try:
        yield
    finally:
        measured.stop()


def uses_greenlets(item):
    """Whether a test runs a snippet on SQLAlchemy's async engine, which switches greenlets."""
    if (where := place(item.path)) is None:
        return False
    folder = item.callspec.params.get("framework") if hasattr(item, "callspec") else where[1]
    return folder in FRAMEWORKS and ASYNC_ENGINE in sources(where[0], folder)


@cache
def sources(topic, framework):
    """All Python of a topic in one framework."""
    folder = SNIPPETS / framework
    files = [path for path in evidence.owned(topic, topics()) if path.suffix == ".py"]
    return "".join(path.read_text("utf-8") for path in files if folder in path.parents)


def preload():
    """Import the frameworks before coverage watches: it slows down imports, and is not about them."""
    snippets = list(SNIPPETS.rglob("*.py"))
    for name in evidence.distributions_of(snippets):
        importlib.import_module(name.replace("-", "_"))


def name_of(nodeid):
    """A test's name without file and parameters; doctests and transcripts keep their file."""
    path, _, name = nodeid.partition("::")
    return name.partition("[")[0] if name.startswith("test_") else f"{path} {name}".strip()


def never_ran(report):
    """What of a file no test ran, in words; empty if all did."""
    lines = [str(line) for line in report["missing_lines"]]
    jumps = [f"{start} to {max(end, 0) or 'the end'}" for start, end in report["missing_branches"]]
    parts = []
    if lines:
        parts.append("line " + ", ".join(lines))
    elif jumps:
        parts.append("the branch from line " + ", ".join(jumps))
    return "; ".join(parts)


def today():
    """The date of the run, or of SOURCE_DATE_EPOCH where builds have to be reproducible."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    moment = datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)
    return moment.date().isoformat()


def shown(value):
    """An expected answer as JSON can hold it and a reader should see it."""
    if isinstance(value, (set, frozenset)):
        value = sorted(value)
    return value if isinstance(value, (str, int, float, bool, list, dict)) else str(value)


def exchange(response):
    """A request and its response as data: what the client sent on purpose, what came back."""
    request = response.request
    sent = {k: v for k, v in request.headers.items() if k not in CLIENT_HEADERS}
    boundary = re.search(r"boundary=(\S+)", sent.get("content-type", ""))
    body = text_of(request.content)
    if boundary:
        sent["content-type"] = sent["content-type"].replace(boundary[1], "boundary")
        body = body.replace(boundary[1], "boundary")
    return {
        "request": {
            "method": request.method,
            "target": request.url.raw_path.decode("ascii"),
            "headers": sent,
            "body": body,
        },
        "response": {
            "status": response.status_code,
            "headers": {k: v for k, v in response.headers.items() if k not in VOLATILE},
            "body": text_of(response.content),
        },
    }


def text_of(content: bytes) -> str:
    """A body as text, at most BODY_LIMIT characters; bytes that are no text are counted."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return f"({len(content)} bytes)"
    return text if len(text) <= BODY_LIMIT else f"{text[:BODY_LIMIT]} … ({len(content)} bytes)"
