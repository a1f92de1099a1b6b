"""The order in which tests meet a fault: first those that ran its lines, the quickest of them first.

The unmutated run is watched for that. Tests stop at the first that fails, so a good order is
most of the speed; what the order does not find first is found all the same, as all tests run.
"""

import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import pytest

monitoring = sys.monitoring
TOOL = 4
"""One that no debugger, profiler, coverage.py or tracer of the tests has."""
LATEST = 5
"""Neighbouring faults tend to be noticed by the same test: so many are remembered."""

Spans = Iterable[tuple[int, int]]
"""First and last lines, the narrowest span first."""


class Order:
    """A pytest plugin that sorts the tests, and watches them when it is told to.

    Among those that are likely to notice the fault, and among the others, tests that share a
    parameter for the whole session, as a database, stay together, and so do tests of a file,
    which share its servers.
    """

    def __init__(self, files: Iterable[Path]):
        self.ran: dict[str, dict[int, set[str]]] = {str(file): defaultdict(set) for file in files}
        """By file and line, the tests that ran it."""
        self.seconds: dict[str, float] = defaultdict(float)
        self.latest: list[str] = []
        self.likely: set[str] = set()
        self._failed: list[str] = []
        self._running = ""

    def watch(self) -> None:
        """From now on, note which lines of the files each test runs, in whatever thread."""
        monitoring.use_tool_id(TOOL, "mutate")
        monitoring.register_callback(TOOL, monitoring.events.PY_START, self._enter)
        monitoring.register_callback(TOOL, monitoring.events.LINE, self._line)
        monitoring.set_events(TOOL, monitoring.events.PY_START)

    def seen(self) -> tuple[dict, dict]:
        """What was noted, as built-in types."""
        ran = {
            file: {line: sorted(tests) for line, tests in lines.items()}
            for file, lines in self.ran.items()
        }
        return ran, dict(self.seconds)

    def learn(self, seen: tuple[dict, dict]) -> None:
        """Take over what a watched process has noted."""
        self.ran, self.seconds = seen

    def expect(self, file: str, spans: Spans) -> None:
        """A fault in this file is next: who ran the narrowest span that any test ran is likely."""
        self.latest = [*dict.fromkeys([*reversed(self._failed), *self.latest])][:LATEST]
        self._failed = []
        lines = self.ran.get(file, {})
        self.likely = set()
        for first, last in spans:
            self.likely = {test for line in range(first, last + 1) for test in lines.get(line, ())}
            if self.likely:
                return

    def noticed(self, test: str) -> None:
        """From the next fault on, let this test run first, where it is likely."""
        if test:
            self._failed.append(test)

    def sort(self, items: list[pytest.Item]) -> None:
        """Put the tests into the order in which they run."""
        groups = list(dict.fromkeys(map(_shared_parameters, items)))
        files = list(dict.fromkeys(item.path for item in items))

        def key(item: pytest.Item) -> tuple:
            group = groups.index(_shared_parameters(item))
            if item.nodeid not in self.likely:
                return 1, group
            if item.nodeid in self.latest:
                return 0, group, self.latest.index(item.nodeid), 0
            return 0, group, LATEST + files.index(item.path), self.seconds.get(item.nodeid, 0)

        items.sort(key=key)

    def _enter(self, code, offset):
        if code.co_filename not in self.ran:
            return monitoring.DISABLE
        monitoring.set_local_events(TOOL, code, monitoring.events.LINE)
        return None

    def _line(self, code, line):
        if self._running:
            self.ran[code.co_filename][line].add(self._running)

    def pytest_runtest_logstart(self, nodeid):
        self._running = nodeid

    def pytest_runtest_logreport(self, report):
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0) + report.duration

    def pytest_runtest_logfinish(self):
        self._running = ""


def _shared_parameters(item) -> tuple:
    """The values of the parameters that stay for longer than a test."""
    callspec = getattr(item, "callspec", None)
    if callspec is None:
        return ()
    # pytest keeps this to itself; without it, tests only run in a slower order.
    scopes = getattr(callspec, "_arg2scope", {})
    longer = [name for name, scope in scopes.items() if scope.value != "function"]
    return tuple((name, callspec.indices[name]) for name in sorted(longer))
