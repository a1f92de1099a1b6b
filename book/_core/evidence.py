"""Evidence: what a green test run proved about a topic, in build/evidence/<topic>.json.

The tests write it: `Proof` in tests/harness/verdict.py builds an `Evidence`, nobody else does.
Sphinx and the commands `load` it. It is believed only if every file in it has the bytes that
ran, the installed versions are the ones that ran, and its own seal is unbroken.
"""

import ast
import contextlib
import hashlib
import json
import os
import re
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cache, cached_property
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from pathlib import Path
from typing import Any

from book._core import places
from book._core.frameworks import FRAMEWORKS, ROOT, relative

FORMAT = 4
OURS = {"snippets", "tests", "book"}
FOLDER = ROOT / "build" / "evidence"


class EvidenceError(ValueError):
    """No evidence, or none that can be believed. The message says why and what to run."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a client sent; a WebSocket's method is "WS"."""

    method: str
    target: str
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""


@dataclass(frozen=True, kw_only=True)
class Response:
    """What came back. A body that is no text, or too long to show, is counted instead."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """A request and its answer: a response, or the frames [who, what] of a WebSocket."""

    request: Request
    response: Response | None = None
    frames: list[list[str]] = field(default_factory=list)

    @classmethod
    def of(cls, data: dict[str, Any]) -> "Exchange":
        """An exchange from what `asdict` made of it."""
        response = data["response"]
        return cls(
            request=Request(**data["request"]),
            response=response and Response(**response),
            frames=data["frames"],
        )


@dataclass(frozen=True, kw_only=True)
class GreenTest:
    """A behaviour that tests showed wherever they ran; in a topic it is known by their name.

    Usually that is one function. test_flask.py and test_django.py can have one each: then `file`
    and `line` are of the first, `source` of all. `runs` counts the checks: a test of two cases
    that ran on three frameworks has six. What was said and which SQL was sent is kept per
    framework, of the first of several cases.
    """

    file: str
    line: int
    label: str
    source: str
    """The test as it is written, decorators included; "" for doctests and transcripts."""
    differs: dict[str, Any] | None = None
    """The answers by framework, where they are not one."""
    variants: dict[str, Any] = field(default_factory=dict)
    """Other answers on a real server or in debug mode, by the variant's name."""
    frameworks: list[str] = field(default_factory=list)
    cases: int = 1
    """How many sets of parameters it has of its own, beside the framework; 1 without any."""
    runs: int = 0
    exchanges: dict[str, list[Exchange]] = field(default_factory=dict)
    statements: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, data: dict[str, Any]) -> "GreenTest":
        """A test from what `asdict` made of it."""
        exchanges = {
            framework: [Exchange.of(each) for each in said]
            for framework, said in data["exchanges"].items()
        }
        return cls(**{**data, "exchanges": exchanges})


@dataclass(frozen=True, kw_only=True)
class RanFile:
    """A file of snippets/ that ran: its bytes, and the names of the tests that ran it."""

    sha256: str
    tests: list[str]


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What a green run proved about one topic.

    `files` are what the book may show, `proofs` the hashes of the tests and of the harness.
    """

    topic: str
    date: str
    python: str
    versions: dict[str, str]
    files: dict[str, RanFile]
    proofs: dict[str, str]
    tests: dict[str, GreenTest]

    @classmethod
    def of(cls, data: dict[str, Any]) -> "Evidence":
        """Evidence from what `asdict` made of it."""
        files = {name: RanFile(**ran) for name, ran in data["files"].items()}
        tests = {name: GreenTest.of(test) for name, test in data["tests"].items()}
        return cls(**{**data, "files": files, "tests": tests})

    @cached_property
    def digest(self) -> str:
        """Changes when anything that a page could print changes."""
        return seal(asdict(self))

    @property
    def ran_on(self) -> dict[str, str]:
        """The versions of the frameworks that have the topic, by the frameworks' names."""
        return {
            name: self.versions[framework.distribution]
            for name, framework in FRAMEWORKS.items()
            if framework.distribution in self.versions
        }

    @property
    def checks(self) -> int:
        """How many checks were green: a test that ran on three frameworks counts three."""
        return sum(test.runs for test in self.tests.values())

    @property
    def contract(self) -> dict[str, GreenTest]:
        """The contract tests, in the order of their file."""
        return {
            name: test
            for name, test in self.tests.items()
            if test.file.endswith("/test_contract.py")
        }

    def test(self, name: str) -> GreenTest:
        """One contract test, or EvidenceError with the nearest names."""
        if name in self.contract:
            return self.contract[name]
        has = ", ".join(self.contract)
        raise EvidenceError(
            f"no green test '{name}' in tests/topics/{self.topic}/test_contract.py; it has: {has}"
        )


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def seal(data: dict[str, Any]) -> str:
    """A digest over everything that is stored: shows truncation and hand-editing."""
    return hashlib.sha256(json.dumps(data).encode()).hexdigest()


SPELLING = {
    "isbn": "ISBN",
    "json": "JSON",
    "kib": "KiB",
    "postgresql": "PostgreSQL",
    "pydantics": "Pydantic's",
    "sql": "SQL",
    "starlettes": "Starlette's",
}
"""Words that a function's name cannot write as a reader should see them."""


def sentence(test: str) -> str:
    """A test's name as the behaviour that it states: test_a_json_list, "A JSON list"."""
    words = test.removeprefix("test_").split("_")
    said = " ".join(SPELLING.get(word, word) for word in words)
    return said[:1].upper() + said[1:]


def support(framework: str) -> list[Path]:
    """The files that serve every topic of a framework; a change in them unproves all."""
    folder = ROOT / "snippets" / framework
    names = sorted(FRAMEWORKS[framework].project)
    return [path for name in names if (path := folder / f"{name}.py").exists()]


def hashes(topic: str) -> dict[str, str]:
    """The SHA-256 of each snippet and each test of a topic: what a recorded run was about."""
    files = [*places.snippets(topic), *places.tests(topic)]
    return {relative(path): sha256(path) for path in files}


def write(found: Evidence, folder: Path = FOLDER) -> None:
    """Seal and store evidence, whole or not at all.

    If nothing but the date is new, the old file stays, so that no page is rebuilt for it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{found.topic}.json"
    with contextlib.suppress(OSError, EvidenceError):
        old = _parse(target.read_bytes(), target, found.topic)
        if old.date >= found.date and replace(old, date=found.date) == found:
            return
    data = {"format": FORMAT, "seal": found.digest, **asdict(found)}
    with tempfile.NamedTemporaryFile("w", dir=folder, delete=False, encoding="utf-8") as file:
        try:
            json.dump(data, file, indent=1)
            file.flush()
        except OSError:  # the disk is full
            os.unlink(file.name)
            raise
    os.replace(file.name, target)


def forget(topic: str, folder: Path = FOLDER) -> None:
    """A topic with a red test has no evidence."""
    (folder / f"{topic}.json").unlink(missing_ok=True)


@cache
def load(topic: str, folder: Path = FOLDER) -> Evidence:
    """The evidence of a topic, or EvidenceError.

    It is checked once a build: the extension's setup() clears this cache.
    """
    path = folder / f"{topic}.json"
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise EvidenceError(
            f"no evidence for '{topic}': its tests did not all run green; {_cure(topic)}"
        ) from None
    evidence = _parse(content, path, topic)
    for name, ran_file in evidence.files.items():
        _same_bytes(name, ran_file.sha256, evidence)
    for name, digest in evidence.proofs.items():
        _same_bytes(name, digest, evidence)
    for name, ran in evidence.versions.items():
        if (present := installed(name)) != ran:
            raise EvidenceError(
                f"the tests ran on {name} {ran}, installed is {present}; run 'nox -s tests'"
            )
    return evidence


def _cure(topic: str) -> str:
    return f"run 'nox -s tests -- --topic {topic}'"


def installed(distribution: str) -> str:
    """The version of a distribution, or "none" in place of it."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "none"


def _parse(content: bytes, path: Path, topic: str) -> Evidence:
    where = f"evidence {path.name}"
    cure = _cure(topic)
    try:
        data = json.loads(content)
    except ValueError:
        raise EvidenceError(f"{where} is cut off or no JSON; {cure}") from None
    sealed = data.pop("seal", None) if isinstance(data, dict) else None
    form = data.pop("format", None) if sealed else FORMAT
    if sealed and form != FORMAT:
        raise EvidenceError(f"{where} was written by another state of the book; {cure}")
    if not sealed or sealed != seal(data):
        raise EvidenceError(f"{where} was changed by hand: its seal is broken; {cure}")
    if data["topic"] != topic:
        raise EvidenceError(f"{where} is of another topic; {cure}")
    return Evidence.of(data)


def _same_bytes(name: str, digest: str, evidence: Evidence) -> None:
    """EvidenceError unless a file has the bytes that ran.

    What serves all topics is named without this one: it is wrong in all of them, and is said once.
    """
    path = ROOT / name
    if path.exists() and sha256(path) == digest:
        return
    if places.owner(path):
        tests, cure = f"the tests of {evidence.date}", _cure(evidence.topic)
    else:
        tests, cure = "the tests", "run 'nox -s tests'"
    if not path.exists():
        raise EvidenceError(f"{name} ran in {tests}, but is gone; {cure}")
    raise EvidenceError(f"{name} is not the file that ran: it changed after {tests}; {cure}")


def proves(evidence: Evidence, path: Path) -> None:
    """EvidenceError unless the run that left this evidence also ran the file at `path`."""
    name = relative(path)
    if name not in evidence.files:
        raise EvidenceError(
            f"no test of '{evidence.topic}' ran {name}; a file belongs to a topic by its place: "
            f"snippets/<framework>/{evidence.topic}.py or one folder {evidence.topic}_<word> beside it"
        )


def modules_of(paths: list[Path]) -> set[str]:
    """The top-level names of all modules that these Python files import."""
    found: set[str] = set()
    for path in paths:
        if path.suffix == ".py":
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Import):
                    found.update(alias.name.partition(".")[0] for alias in node.names)
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    found.add(node.module.partition(".")[0])
    return found


@cache
def _packages() -> Mapping[str, list[str]]:
    return packages_distributions()


def distributions_of(paths: list[Path]) -> list[str]:
    """The installed distributions whose modules these Python files import, by normalised name."""
    return distributions_called(modules_of(paths))


def distributions_called(modules: set[str]) -> list[str]:
    """The installed distributions with these modules, by normalised name.

    Most are called as their module is. For the rest the files of everything that is installed are
    read, which takes half a second.
    """
    found = set()
    for module in modules - sys.stdlib_module_names - OURS:
        found.update([module] if installed(module) != "none" else _packages().get(module, []))
    return sorted(re.sub(r"[-_.]+", "-", name).lower() for name in found)
