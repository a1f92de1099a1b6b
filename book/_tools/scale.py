"""What a larger book would cost: `python -m book._tools.scale 25 [--gates] [--record]`.

Copies the repository into a temporary folder, and there topics under new names until there are
that many. Their tests run, all three editions are built, and what each step took is printed:
seconds, seconds of all cores together, and the most memory that one process had at a time.
"""

import argparse
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import count, islice
from pathlib import Path
from typing import Any

import pypdfium2

from book._core import places
from book._core.chapters import topics
from book._core.frameworks import FRAMEWORKS, ROOT, relative

RECORD = places.RECORDS / "scale.json"
# Not those of the machine, which do not grow with the book.
TESTS = ("tests/topics", "tests/test_book.py", "snippets", "book")
CORES = ("--numprocesses=logical", "--dist=loadfile")
# The first edition that is built reads the chapters for all.
EDITIONS = {"pdf": "side-by-side.pdf", "epub": "side-by-side.epub", "html": ""}
MODEL = re.compile(r"^class (\w+)\([^)]*\bmodels\.Model\b", re.MULTILINE)
LABEL = re.compile(r'^    label = "(\w+)"$', re.MULTILINE)
CHECKS = re.compile(r"(\d+) passed")


@dataclass(frozen=True)
class Cost:
    """What a step took."""

    seconds: float
    cpu: float
    megabytes: float

    def __str__(self) -> str:
        return f"{self.seconds:6.1f} s, {self.cpu:6.1f} s of CPU, {self.megabytes:5.0f} MB"


class Failed(Exception):
    """A step went wrong. The message says which, and what it said."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="nox -s scale --", description=__doc__)
    parser.add_argument("topics", type=int, help="how many topics the book is to have")
    parser.add_argument("--of", nargs="+", metavar="TOPIC", help="which to copy (default: all)")
    parser.add_argument("--gates", action="store_true", help="judge the large book as well")
    parser.add_argument("--record", action="store_true", help=f"write {relative(RECORD)}")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="make it there, and keep it")
    options = parser.parse_args(arguments)
    today = topics()
    if options.topics < len(today):
        parser.error(f"there are {len(today)} topics already: {', '.join(today)}")
    if unknown := {*(options.of or [])} - {*today}:
        parser.error(f"no topic is called {', '.join(unknown)}; topics: {', '.join(today)}")
    with tempfile.TemporaryDirectory(prefix="scale-") as temporary:
        folder = (options.keep or Path(temporary) / "book").absolute()
        try:
            grown(folder, options.topics, options.of or today)
            figures = measured(folder, gates=options.gates)
        except Failed as error:
            print(error, file=sys.stderr)
            return 1
    if options.record:
        record(options.topics, figures)
    return 0


# The large book


def grown(folder: Path, number: int, sources: list[str]) -> None:
    """Make a book of so many topics in a folder."""
    if folder.exists() and any(folder.iterdir()):
        raise Failed(f"{folder} is not empty")
    for name in git(ROOT, "ls-files", "-z").split("\0"):
        if (ROOT / name).is_file():
            put(folder / name, (ROOT / name).read_bytes())
    added = list(islice(copies(sources), number - len(topics())))
    for topic, name in added:
        copy_topic(folder, topic, name)
    git(folder, "init", "-q")
    git(folder, "add", "--all")
    git(folder, "commit", "-qm", f"{number} topics")
    print(f"{number} topics, {len(added)} of them copies, in {folder}", flush=True)


def copies(sources: list[str]) -> Iterator[tuple[str, str]]:
    """Topics and the names of their copies, without end, each as often as the others."""
    return ((topic, f"{topic}{number}") for number in count(2) for topic in sources)


def copy_topic(folder: Path, topic: str, name: str) -> None:
    """Copy a chapter with its snippets and tests; it stands after the one that it copies."""
    renamed = renaming(topic, name)
    chapter = ROOT / "book" / f"{topic}.md"
    for path in [chapter, *places.snippets(topic), *places.tests(topic)]:
        target = folder / re.sub(rf"(?<=/){topic}(?=[_./])", name, relative(path), count=1)
        data = path.read_bytes()
        with contextlib.suppress(UnicodeDecodeError):  # a picture names no topic
            data = renamed(data.decode("utf-8")).encode("utf-8")
        put(target, data)
    index = folder / "book" / "index.md"
    text = index.read_text("utf-8")
    index.write_text(text.replace(f"\n{topic}\n", f"\n{topic}\n{name}\n", 1), "utf-8")


def put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def renaming(topic: str, name: str) -> Callable[[str], str]:
    """A function that gives a text of a topic the names of its copy.

    By patterns, since a topic's name stands in Python, templates, settings and sentences, and
    there also means other things: `starlette.routing`, `migrations.Migration`.
    """
    frameworks = "|".join(FRAMEWORKS)
    words = {folder.name for each in FRAMEWORKS for folder in places.folders(topic, each)}
    words = {re.escape(word.removeprefix(f"{topic}_")) + r"\b" for word in words}
    patterns = {
        # Modules and paths: snippets.flask.orm, flask/orm, tests/topics/orm, f"{framework}/orm"; not
        # fastapi.middleware, nor file:django/middleware in a chapter.
        rf"(snippets\.(?:{frameworks})\.|(?<!file:)\b(?:{frameworks})/|tests[./]topics[./]|\}}[./])"
        rf"{topic}\b": rf"\g<1>{name}",
        rf"(\bfrom snippets\.\w+ import ){topic}\b": rf"\g<1>{name} as {topic}",
        # Not in a path, where "migrations" is a folder of Django's.
        rf"""(?<!/ )(["']){topic}\1""": rf"\g<1>{name}\g<1>",
        # The folder of the topic, and what searches for it.
        rf"\b{topic}_(?={'|'.join([r'\*', *sorted(words)])})": f"{name}_",
    }
    for folder in places.folders(topic, "django"):
        if (apps := folder / "apps.py").exists():
            # Two apps cannot have the same label.
            for label in LABEL.findall(apps.read_text("utf-8")):
                patterns[rf"\b{label}(?=\b|_)"] = label + name.removeprefix(topic)
    snippet = FRAMEWORKS["django"].snippet(topic)
    models = MODEL.findall(snippet.read_text("utf-8")) if snippet.exists() else []
    if models:
        # The label of an app in one file is the topic's name, with which its tables begin.
        patterns[rf"\b{topic}_(?={'|'.join(models).lower()})"] = f"{name}_"

    def renamed(text: str) -> str:
        for pattern, new in patterns.items():
            text = re.sub(pattern, new, text)
        return text

    return renamed


# What it costs


def measured(folder: Path, *, gates: bool) -> dict[str, Any]:
    """Test and build the book in a folder; what that took, and how large it is."""
    out = folder / "build" / "scale"
    costs: dict[str, Cost] = {}
    # Where others compute, too, seconds say little; seconds of CPU and memory stay.
    machine = {"cores": os.cpu_count(), "load": round(os.getloadavg()[0], 1)}
    print(f"  {machine['cores']} cores, load {machine['load']} before it starts", flush=True)

    def step(name: str, *command: str, may_fail: bool = False) -> str:
        costs[name], code, said = run([sys.executable, "-m", *command], folder)
        print(f"  {name:<6} {costs[name]}", flush=True)
        if code and not may_fail:
            raise Failed(f"{said[-20_000:]}\n{name} failed in {folder}")
        return said

    said = step("tests", "pytest", "-q", *CORES, *TESTS)
    checks = CHECKS.search(said)
    for edition in EDITIONS:
        step(edition, "book._tools.build", "--again", str(out), "--editions", edition)
    if gates:
        where = [
            option
            for edition, product in EDITIONS.items()
            for option in (f"--{edition}", str(out / edition / product))
        ]
        # Copies of a page share the answers of a search, so a gate may well be red.
        print(step("gates", "book._tools.gates", "--twice", *where, may_fail=True), flush=True)
    with pypdfium2.PdfDocument(out / "pdf" / EDITIONS["pdf"]) as pdf:
        figures = {"pages": len(pdf), "checks": int(checks[1]) if checks else 0}
    print(f"  {figures['pages']} pages of PDF, {figures['checks']:,} checks", flush=True)
    return machine | figures | {name: asdict(cost) for name, cost in costs.items()}


def run(command: list[str], folder: Path) -> tuple[Cost, int, str]:
    """Run a step; what it and all its processes took, its exit code and what it said.

    By os.wait4 and not by psutil: the kernel counts what ended between two looks, too.
    """
    started = time.monotonic()
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - started
        log.seek(0)
        said = log.read().decode("utf-8", "replace")
    unit = 1 if sys.platform == "darwin" else 1024  # Linux counts in KB, macOS in bytes
    cpu, memory = used.ru_utime + used.ru_stime, used.ru_maxrss * unit
    return Cost(round(seconds, 1), round(cpu, 1), round(memory / 1e6)), process.returncode, said


def git(folder: Path, *arguments: str) -> str:
    """Run git there, as nobody in particular."""
    who = ["-c", "user.name=scale", "-c", "user.email=scale@localhost"]
    command = ["git", "-C", str(folder), *who, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def record(number: int, figures: dict[str, Any]) -> None:
    """Keep the figures of this size, with date and commit, beside those of other sizes."""
    known = json.loads(RECORD.read_text("utf-8")) if RECORD.exists() else {}
    known[str(number)] = {
        "date": datetime.now(UTC).date().isoformat(),
        "commit": git(ROOT, "rev-parse", "--short", "HEAD"),
        **figures,
    }
    ordered = dict(sorted(known.items(), key=lambda item: int(item[0])))
    RECORD.write_text(f"{json.dumps(ordered, indent=2)}\n", "utf-8")
    print(f"wrote {relative(RECORD)}")


if __name__ == "__main__":
    sys.exit(main())
