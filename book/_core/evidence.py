"""Evidence: what a green test run proved about a topic, in build/evidence/<topic>.json.

The tests write it, Sphinx reads it. It is believed only if every file in it has the bytes
that ran, the installed versions are the ones that ran, and its own seal is unbroken.
"""

import contextlib
import hashlib
import json
import os
import re
import tempfile
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from book._core import places
from book._core.frameworks import FRAMEWORKS, ROOT, relative

FORMAT = 2
FOLDER = ROOT / "build" / "evidence"


class EvidenceError(ValueError):
    """No evidence, or none that can be believed. The message says why and what to run."""


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def seal(data: dict) -> str:
    """A digest over everything but the seal itself: shows truncation and hand-editing."""
    rest = {key: value for key, value in data.items() if key != "seal"}
    return hashlib.sha256(json.dumps(rest).encode()).hexdigest()


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


def write(data: dict, folder: Path = FOLDER) -> None:
    """Seal and store evidence, whole or not at all.

    If nothing but the date is new, the old file stays, so that no page is rebuilt for it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{data['topic']}.json"
    try:
        old = json.loads(target.read_text("utf-8"))
    except (OSError, ValueError):
        old = {}
    unsealed = {"seal", "date"}
    if {k: v for k, v in old.items() if k not in unsealed} == {
        k: v for k, v in data.items() if k not in unsealed
    } and old.get("date", "") >= data["date"]:
        return
    data = {**data, "seal": seal(data)}
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


class Evidence:
    """Believable evidence for one topic. Its `data` is as `tests/harness/verdict.py` wrote it."""

    def __init__(self, data: dict):
        self.data = data
        self.topic: str = data["topic"]
        self.date: str = data["date"]
        self.python: str = data["python"]
        self.versions: dict[str, str] = data["versions"]
        self.tests: dict[str, dict] = data["tests"]

    @property
    def digest(self) -> str:
        """Changes when anything that a page could print changes."""
        return self.data["seal"]

    @property
    def checks(self) -> int:
        """How many checks were green: a test that ran on three frameworks counts three."""
        return sum(test["runs"] for test in self.tests.values())

    @property
    def contract(self) -> dict[str, dict]:
        """The contract tests, in the order of their file."""
        return {
            name: test
            for name, test in self.tests.items()
            if test["file"].endswith("/test_contract.py")
        }

    def test(self, name: str) -> dict:
        """One contract test, or EvidenceError with the nearest names."""
        if name in self.contract:
            return self.contract[name]
        has = ", ".join(self.contract)
        raise EvidenceError(
            f"no green test '{name}' in tests/topics/{self.topic}/test_contract.py; it has: {has}"
        )


@cache
def load(topic: str, folder: Path = FOLDER) -> Evidence:
    """The evidence of a topic, or EvidenceError.

    It is checked once a build: the extension's setup() clears this cache.
    """
    path = folder / f"{topic}.json"
    cure = f"run 'nox -s tests -- --topic {topic}'"
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise EvidenceError(
            f"no evidence for '{topic}': its tests did not all run green; {cure}"
        ) from None
    evidence = _parse(content, path, topic, cure)
    for name, recorded in evidence.data["files"].items():
        _same_bytes(name, recorded["sha256"], evidence, cure)
    for name, digest in evidence.data["proofs"].items():
        _same_bytes(name, digest, evidence, cure)
    for name, ran in evidence.versions.items():
        if (present := installed(name)) != ran:
            raise EvidenceError(
                f"the tests of '{topic}' ran on {name} {ran}, installed is {present}; {cure}"
            )
    return evidence


def installed(distribution: str) -> str:
    """The version of a distribution, or "none" in place of it."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "none"


def _parse(content: bytes, path: Path, topic: str, cure: str) -> Evidence:
    where = path.name
    try:
        data = json.loads(content)
        whole = isinstance(data, dict) and data.get("seal") == seal(data)
    except ValueError:
        raise EvidenceError(f"evidence {where} is cut off or no JSON; {cure}") from None
    if not whole:
        raise EvidenceError(f"evidence {where} was changed by hand: its seal is broken; {cure}")
    if data["format"] != FORMAT or data["topic"] != topic:
        raise EvidenceError(f"evidence {where} is of another format or topic; {cure}")
    return Evidence(data)


def _same_bytes(name: str, digest: str, evidence: Evidence, cure: str) -> None:
    path = ROOT / name
    if not path.exists():
        raise EvidenceError(f"{name} ran in the tests of {evidence.date}, but is gone; {cure}")
    if sha256(path) != digest:
        raise EvidenceError(
            f"{name} is not the file that ran: it changed after the tests of {evidence.date}; {cure}"
        )


def proves(evidence: Evidence, path: Path) -> None:
    """EvidenceError unless the run that left this evidence also ran the file at `path`."""
    name = relative(path)
    if name not in evidence.data["files"]:
        raise EvidenceError(
            f"no test of '{evidence.topic}' ran {name}; a file belongs to a topic by its place: "
            f"snippets/<framework>/{evidence.topic}.py or one folder {evidence.topic}_<word> beside it"
        )


def modules_of(paths: list[Path]) -> set[str]:
    """The top-level names that these Python files import."""
    pattern = re.compile(r"^\s*(?:from|import)\s+([a-zA-Z_]\w*)", re.MULTILINE)
    texts = [path.read_text("utf-8") for path in paths if path.suffix == ".py"]
    return {root for text in texts for root in pattern.findall(text)}


def distributions_of(paths: list[Path]) -> list[str]:
    """The distributions whose modules these Python files import, by name.

    Every distribution that the book uses is called like its module, but for the dashes.
    """
    found = []
    for name in sorted(modules_of(paths)):
        with contextlib.suppress(PackageNotFoundError):
            version(name)
            found.append(name.lower().replace("_", "-"))
    return found
