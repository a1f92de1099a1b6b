"""The verdict on a test run: what it proved of each topic.

For each topic that ran whole and green it writes evidence, and forgets the evidence of each
that did not. It fails the run if a line or branch of a snippet never ran.
"""

import json
import os
import platform
import tempfile
from collections import ChainMap, Counter, defaultdict
from datetime import UTC, datetime
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

import coverage
import pytest

from book._core import evidence, places
from book._core.chapters import ChapterError, chapter
from book._core.evidence import Evidence, Exchange, GreenTest, RanFile
from book._core.frameworks import FRAMEWORKS, ROOT, SNIPPETS, relative
from tests.harness.witness import name_of, place


class Judge:
    """A pytest plugin object; one per run. It hears each witness once."""

    def __init__(self, config, witness=None):
        self.config = config
        self.witness = witness
        self.testimonies = []
        self.failed = set()
        self.green = set()
        self.finished = set()
        self.problems = []
        self.began_with = digests()

    def pytest_collectreport(self, report):
        if report.failed:
            self._fail(report.nodeid)

    def pytest_runtest_logreport(self, report):
        if report.when == "teardown":
            self.finished.add(report.nodeid)
        if report.failed:
            self._fail(report.nodeid)
            self.green.discard(report.nodeid)
        elif report.when == "call" and report.passed:
            self.green.add(report.nodeid)

    def _fail(self, nodeid):
        if where := place(ROOT / nodeid.partition("::")[0]):
            self.failed.add(where[0])

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node):
        """A process of pytest-xdist has ended. One that crashed has nothing to say."""
        if testimony := getattr(node, "workeroutput", {}).get("testimony"):
            self.testimonies.append(testimony)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session):
        if self.witness:
            self.testimonies.append(self.witness.testimony())
        if session.exitstatus not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            return  # interrupted, or nothing ran: that proves nothing
        if not self.testimonies:
            self.problems.append("no process of this run said what it had seen: no evidence")
        self._conclude(Seen(self.testimonies))
        if self.problems and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _conclude(self, seen):
        selected = any("::" in argument for argument in self.config.args)
        for topic in sorted(seen.topics | self.failed):
            proof = Proof(topic, seen, self.green)
            if topic in self.failed:
                evidence.forget(topic)
            elif not selected and proof.is_whole(self.finished):
                if problems := proof.problems() + proof.changed_since(self.began_with):
                    self.problems += problems
                    evidence.forget(topic)
                else:
                    evidence.write(proof.as_evidence())

    def pytest_terminal_summary(self, terminalreporter):
        if self.problems:
            terminalreporter.section("snippets that are not fully shown to run", red=True)
            for problem in self.problems:
                terminalreporter.line(problem)


class Seen:
    """What all witnesses of a run saw together."""

    def __init__(self, testimonies):
        self.items, self.exchanges, self.statements, self.ran = (
            dict(ChainMap(*(testimony[name] for testimony in testimonies)))
            for name in ("items", "exchanges", "statements", "ran")
        )
        self.partial = {topic for testimony in testimonies for topic in testimony["partial"]}
        self.topics = {item["topic"] for item in self.items.values()}
        self.arcs = defaultdict(set)
        for testimony in testimonies:
            for file, arcs in testimony["arcs"].items():
                self.arcs[file].update(arcs)


class Proof:
    """What a run proved of one topic."""

    def __init__(self, topic, seen, green):
        self.topic = topic
        self.seen = seen
        self.green = green
        self.files = places.snippets(topic)
        self.items = {nodeid: item for nodeid, item in seen.items.items() if item["topic"] == topic}

    def is_whole(self, finished):
        """Whether every test of the topic was in the run and came to its end."""
        wanted = [
            *(path for path in places.tests(self.topic) if path.name.startswith("test_")),
            *(framework.snippet(self.topic) for framework in FRAMEWORKS.values()),
        ]
        collected = {item["file"] for item in self.items.values()}
        return (
            self.topic not in self.seen.partial
            and self.items.keys() <= finished
            and {relative(path) for path in wanted if path.exists()} <= collected
        )

    def problems(self):
        """What of the topic no test ran, in words."""
        never = [
            f"{name}: no test runs {what}"
            for name, report in self.executed.items()
            if (what := never_ran(report))
        ]
        return [
            *never,
            *(f"{name}: no test runs it" for name, ran in self.ran_by.items() if not ran),
            *self.missing(),
        ]

    def missing(self):
        """The cells of the grid that are empty without a reason, in words."""
        try:
            return chapter(self.topic).missing()
        except ChapterError as error:
            return [str(error)]

    def changed_since(self, digests):
        """What of the topic somebody saved while its tests ran, in words."""
        return [
            f"{relative(path)} changed while the tests of '{self.topic}' ran; run them again"
            for path in [*self.files, *places.tests(self.topic)]
            if digests.get(path) != evidence.sha256(path)
        ]

    def as_evidence(self):
        """The proof as it is stored, for Sphinx and the commands to read."""
        shared = [path for name in FRAMEWORKS for path in evidence.support(name)]
        ran_by = self.ran_by | {relative(path): ["every test of its framework"] for path in shared}
        proofs = [*places.tests(self.topic), *places.harness()]
        distributions = evidence.distributions_of([*self.files, *shared])
        return Evidence(
            topic=self.topic,
            date=today(),
            python=platform.python_version(),
            versions={name: version(name) for name in distributions},
            files={
                name: RanFile(sha256=evidence.sha256(ROOT / name), tests=ran)
                for name, ran in ran_by.items()
            },
            proofs={relative(path): evidence.sha256(path) for path in proofs},
            tests=self._tests(),
        )

    @cached_property
    def executed(self):
        """coverage.py's own JSON report per Python file: lines and branches that never ran."""
        files = [str(path) for path in self.files if path.suffix == ".py"]
        measured = coverage.Coverage(data_file=None, branch=True, config_file=False)
        measured.get_data().add_arcs({file: self.seen.arcs[file] for file in files})
        with tempfile.TemporaryDirectory() as folder:
            target = os.path.join(folder, "coverage.json")
            measured.json_report(include=files, outfile=target)
            report = json.loads(Path(target).read_text("utf-8"))
        measured.get_data().close(force=True)
        return {Path(name).as_posix(): data for name, data in report["files"].items()}

    @cached_property
    def ran_by(self):
        """Per file of the topic, the names of the tests that ran it."""
        return {
            relative(path): sorted({name_of(test) for test in self._who_ran(path)})
            for path in self.files
        }

    def _who_ran(self, path):
        ran = {test for test, files in self.seen.ran.items() if str(path) in files}
        # A file of constants is run by whoever imports it, before the first test; so is one
        # without a statement, such as an empty __init__.py.
        if not ran and path.suffix == ".py":
            report = self.executed[relative(path)]
            empty = report["summary"]["num_statements"] == 0
            ran = {"import"} if empty or report["executed_lines"] else set()
        return ran

    def _tests(self):
        """The green tests by name; all items of a name are one test, in whatever file they are."""
        items: dict[str, dict] = defaultdict(dict)
        for nodeid, item in sorted(self.items.items(), key=lambda each: (*order(each[1]), each[0])):
            if nodeid in self.green:
                items[item["name"]][nodeid] = item
        return {name: self._test(found) for name, found in items.items()}

    def _test(self, items):
        first = next(iter(items.values()))
        per_framework = Counter(item["framework"] for item in items.values() if not item["variant"])
        exchanges: dict[str, list[Exchange]] = {}
        statements: dict[str, list[str]] = {}
        for nodeid, item in items.items():
            if said := self.seen.exchanges.get(nodeid):
                exchanges.setdefault(item["framework"], [Exchange.of(each) for each in said])
            if sent := self.seen.statements.get(nodeid):
                statements.setdefault(item["framework"], sent)
        return GreenTest(
            **{key: first[key] for key in ("file", "line", "label", "differs", "variants")},
            source="\n\n".join(dict.fromkeys(item["source"] for item in items.values())),
            frameworks=[name for name in per_framework if name],
            cases=max(per_framework.values()),
            runs=len(items),
            exchanges=exchanges,
            statements=statements,
        )


def digests():
    """The bytes of all snippets and tests, as they are now."""
    files = [path for folder in (SNIPPETS, ROOT / "tests") for path in folder.rglob("*.*")]
    return {path: evidence.sha256(path) for path in files if path.is_file()}


def order(item):
    """Tests are listed as their files have them."""
    return item["file"], item["line"]


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
