"""Run all topics on other versions: `python -m book._tools.versions [NAME ...] [--record]`.

Each combination gets an environment of its own below build/versions/. What a version cannot
do is declared: in the chapter's front matter (`needs:`) for the whole topic, at a test with
`@since`. A combination that comes to the versions of an earlier one is left out, and so is one
whose Python is not here. With --record the figures go to book/_records/versions.json, which
the book prints; each combination has the date and the commit of its own run there. nox and tox
make such environments, too, but the figures, and what a combination cannot do, would be ours all
the same.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from packaging.specifiers import SpecifierSet

from book._core.chapters import chapter, topics
from book._core.frameworks import FRAMEWORKS, ROOT
from book._core.places import tests as tests_of

FOLDER = ROOT / "build" / "versions"
RECORD = ROOT / "book" / "_records" / "versions.json"
RED = ("failure", "error")
PINNED = ("--constraints=constraints.txt",)
LOWEST = ("--resolution=lowest-direct",)
VARIED = {
    **{framework.distribution: framework.label for framework in FRAMEWORKS.values()},
    "starlette": "Starlette",
    "pydantic": "Pydantic",
    "channels": "Channels",
    "sqlalchemy": "SQLAlchemy",
    "alembic": "Alembic",
}
"""The packages that the book is about; how many others differ is only counted."""


@dataclass(frozen=True)
class Combination:
    """One set of versions: a Python, what the installer is told, and pins that replace ours."""

    name: str
    python: str = "3.13"
    arguments: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()


COMBINATIONS = [
    Combination("pinned", arguments=PINNED),
    Combination("pinned, Python 3.12", "3.12", PINNED),
    Combination("pinned, Python 3.14", "3.14", PINNED),
    Combination("lowest", "3.12", LOWEST),
    # Whole chapters need Django 6: their other packages would never be met at their lowest.
    Combination("lowest with Django 6", "3.12", LOWEST, ("django>=6.0",)),
    Combination("newest", arguments=("--upgrade",)),
    Combination("pre-releases", arguments=("--upgrade", "--prerelease=allow")),
    Combination("newest, Django 5.2 LTS", requirements=("django~=5.2.0",)),
    Combination("newest, Django 6.0", requirements=("django~=6.0.0",)),
]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    known = {combination.name: combination for combination in COMBINATIONS}
    parser.add_argument("names", nargs="*", help=f"of: {', '.join(known)}")
    parser.add_argument("--record", action="store_true", help="store the figures for the book")
    options = parser.parse_args(arguments)
    for name in options.names:
        if name not in known:
            parser.error(f"no combination '{name}'; there are: {', '.join(known)}")
    results = []
    for result in run_all([known[name] for name in options.names] or COMBINATIONS):
        results.append(result)
        if options.record:
            record(result, whole=not options.names)
    print("", *map(line, results), sep="\n")
    return 1 if any(result["failed"] for result in results) else 0


def record(result: dict, *, whole: bool) -> None:
    """Put a result in the place of the combination's last one; `whole`: of all that were there."""
    before: list[dict] = []
    if RECORD.exists() and not (whole and result["name"] == COMBINATIONS[0].name):
        before = json.loads(RECORD.read_text("utf-8"))["combinations"]
    rows = {row["name"]: row for row in [*before, result]}
    names = [combination.name for combination in COMBINATIONS]
    ordered = [rows[name] for name in names if name in rows]
    RECORD.parent.mkdir(exist_ok=True)
    text = json.dumps({"varied": VARIED, "combinations": ordered}, indent=1)
    RECORD.write_text(f"{text}\n", "utf-8")
    print(f"recorded in {RECORD.relative_to(ROOT)}", flush=True)


def run_all(combinations: list[Combination]) -> Iterator[dict]:
    """The results of all that are here and differ from each other."""
    pinned = pins()
    seen: dict[tuple, str] = {}
    for combination in combinations:
        print(f"\n== {combination.name}", flush=True)
        python = install(combination)
        if python is None:
            print(f"left out: Python {combination.python} is not here")
            continue
        versions = versions_in(python)
        key = (combination.python, *sorted(without_python(versions).items()))
        if key in seen:
            print(f"left out: the same versions as '{seen[key]}'")
            continue
        seen[key] = combination.name
        when = {"date": datetime.now(UTC).date().isoformat(), "commit": commit()}
        what = described(versions, pinned)
        yield {"name": combination.name, **when, **what, **run(python, versions)}


def install(combination: Combination) -> Path | None:
    """The Python of a new environment with a combination; None if that Python is not here."""
    place = FOLDER / re.sub(r"\W+", "-", combination.name.lower())
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    made = call("uv", "venv", "--quiet", "--clear", f"--python={combination.python}", str(place))
    if made.returncode:
        return None
    installed = call(
        "uv", "pip", "install", "--quiet", "--compile-bytecode", f"--python={python}",
        "--group=tests", *combination.arguments, *combination.requirements,
    )  # fmt: skip
    if installed.returncode:
        raise SystemExit(f"{combination.name}: the versions could not be installed, see above")
    return python


def pins() -> dict[str, str]:
    """What constraints.txt says, by name."""
    text = (ROOT / "constraints.txt").read_text("utf-8")
    return dict(re.findall(r"(?m)^([\w.-]+)==([^\s;]+)", text))


def described(versions: dict[str, str], pinned: dict[str, str]) -> dict:
    """The versions that the book names, and how many others are not the pinned ones."""
    others = without_python(versions).items() - pinned.items()
    return {
        "versions": {name: versions[name] for name in ("python", *VARIED)},
        "others": sum(name not in VARIED for name, _ in others),
    }


def without_python(versions: dict[str, str]) -> dict[str, str]:
    return {name: number for name, number in versions.items() if name != "python"}


def run(python: Path, versions: dict[str, str]) -> dict:
    """Run the topics that can be run on these versions, and count."""
    able = {topic: lacks(topic, versions) for topic in topics()}
    result = python.parent.parent / "result.xml"
    found = test(python, result, [topic for topic in able if not able[topic]])
    return {"needs": {topic: need for topic, need in able.items() if need}, **found}


def call(*command: str, **options: object) -> subprocess.CompletedProcess:
    return subprocess.run([*command], cwd=ROOT, **options)  # type: ignore[call-overload]  # options


def versions_in(python: Path) -> dict[str, str]:
    """The versions of Python and of all packages that an environment has."""
    code = (
        "import json, platform; from importlib.metadata import distributions;"
        "print(json.dumps({each.metadata['Name']: each.version for each in distributions()}"
        " | {'python': platform.python_version()}))"
    )
    result = call(str(python), "-c", code, capture_output=True, text=True, check=True)
    found = json.loads(result.stdout)
    return {re.sub(r"[-_.]+", "-", name).lower(): number for name, number in found.items()}


def lacks(topic: str, versions: dict[str, str]) -> str:
    """What a topic needs and these versions do not have, in words; "" if nothing."""
    for name, needed in chapter(topic).needs.items():
        if not SpecifierSet(needed).contains(versions[name], prereleases=True):
            return f"needs {name} {needed}"
    return ""


def test(python: Path, result: Path, names: list[str]) -> dict:
    """Run the tests and doctests of these topics; passed and failed by topic."""
    files = [
        str(path)
        for topic in names
        for path in [
            *(path for path in tests_of(topic) if path.name.startswith("test_")),
            *(framework.snippet(topic) for framework in FRAMEWORKS.values()),
        ]
        if path.exists()
    ]
    command = [str(python), "-m", "pytest", "-q", "--no-evidence", f"--junitxml={result}"]
    result.unlink(missing_ok=True)
    # A cache of its own, so that what failed can be called again.
    cache = f"--override-ini=cache_dir={result.with_name('.pytest_cache')}"
    call(*command, cache, "--numprocesses=logical", "--dist=loadfile", *files)
    first = counts(result)
    if not first["failed"]:
        return first
    # With all cores at work a server may not answer in time: what is red has to be so alone, too.
    call(*command, cache, "--last-failed", *files)
    again = counts(result)
    return {**first, "passed": first["passed"] + again["passed"], "failed": again["failed"]}


def counts(result: Path) -> dict:
    """What pytest's report says: how many passed, which failed, and why others did not run."""
    cases = list(ElementTree.parse(result).iter("testcase"))  # noqa: S314  # pytest wrote it
    red = [case for case in cases if any(case.find(end) is not None for end in RED)]
    skipped = [
        found.get("message", "") for case in cases if (found := case.find("skipped")) is not None
    ]
    failed = sorted(f"{case.get('classname')}.{case.get('name')}" for case in red)
    return {
        "passed": len(cases) - len(red) - len(skipped),
        "failed": failed,
        "skipped": sorted({*skipped}),
    }


def line(result: dict) -> str:
    versions = " ".join(f"{name} {number}" for name, number in result["versions"].items())
    needs = "".join(f"; {topic} {need}" for topic, need in result["needs"].items())
    return f"{result['name']:<22} {result['passed']} passed, {len(result['failed'])} failed ({versions}){needs}"


def commit() -> str:
    return call(
        "git", "rev-parse", "--short", "HEAD", capture_output=True, text=True
    ).stdout.strip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
