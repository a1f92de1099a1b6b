"""Run all topics on other versions: `python -m book._tools.versions [NAME ...] [--record]`.

Each combination gets an environment of its own below build/versions/. What a version cannot
do is declared in the chapter's front matter (`needs:`), never skipped in a test. With
--record the figures go to book/_records/versions.json, which the book prints. nox and tox make such
environments, too, but the figures, and what a combination cannot do, would be ours all the same.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
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
    Combination("lowest", arguments=("--resolution=lowest-direct",)),
    Combination("newest", arguments=("--upgrade",)),
    Combination("pre-releases", arguments=("--upgrade", "--prerelease=allow")),
    Combination("Django 5.2 LTS", requirements=("django~=5.2.0",)),
    Combination("Django 6.0", requirements=("django~=6.0.0",)),
    Combination("Django 6.1", requirements=("django~=6.1.0",)),
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
    chosen = [known[name] for name in options.names] or COMBINATIONS
    results = [run(combination) for combination in chosen]
    for result in results:
        print(line(result))
    if options.record:
        RECORD.parent.mkdir(exist_ok=True)
        record = {"date": datetime.now(UTC).date().isoformat(), "commit": commit()}
        text = json.dumps({**record, "combinations": results}, indent=1)
        RECORD.write_text(f"{text}\n", "utf-8")
        print(f"recorded in {RECORD.relative_to(ROOT)}")
    return 1 if any(result["failed"] for result in results) else 0


def run(combination: Combination) -> dict:
    """Install a combination, run the topics it can run, and count."""
    print(f"\n== {combination.name}", flush=True)
    place = FOLDER / re.sub(r"\W+", "-", combination.name.lower())
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    made = call("uv", "venv", "--quiet", "--clear", f"--python={combination.python}", str(place))
    if made.returncode:
        reason = f"Python {combination.python} was not installed"
        return {"name": combination.name, "absent": reason, "failed": [], "passed": 0}
    installed = call(
        "uv", "pip", "install", "--quiet", "--compile-bytecode", f"--python={python}",
        "--group=tests", *combination.arguments, *combination.requirements,
    )  # fmt: skip
    if installed.returncode:
        raise SystemExit(f"{combination.name}: the versions could not be installed, see above")
    versions = versions_in(python)
    able = {topic: lacks(topic, versions) for topic in topics()}
    counts = test(python, place / "result.xml", [topic for topic in able if not able[topic]])
    return {
        "name": combination.name,
        "versions": versions,
        "needs": {topic: need for topic, need in able.items() if need},
        **counts,
    }


def call(*command: str, **options: object) -> subprocess.CompletedProcess:
    return subprocess.run([*command], cwd=ROOT, **options)  # type: ignore[call-overload]  # options


def versions_in(python: Path) -> dict[str, str]:
    """The versions of Python and the frameworks that an environment has."""
    code = (
        "import json, platform, sys; from importlib.metadata import version;"
        "print(json.dumps({'python': platform.python_version(),"
        " **{name: version(name) for name in sys.argv[1:]}}))"
    )
    names = [framework.distribution for framework in FRAMEWORKS.values()]
    result = call(str(python), "-c", code, *names, capture_output=True, text=True, check=True)
    return json.loads(result.stdout)


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
    options = ["-q", "--no-evidence", "--numprocesses=logical", "--dist=loadfile"]
    call(str(python), "-m", "pytest", *options, f"--junitxml={result}", *files)
    return counts(result)


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
        "skipped": sorted(skipped),
    }


def line(result: dict) -> str:
    if "absent" in result:
        return f"{result['name']:<22} not run: {result['absent']}"
    versions = " ".join(f"{name} {number}" for name, number in result["versions"].items())
    needs = "".join(f"; {topic} {need}" for topic, need in result["needs"].items())
    return f"{result['name']:<22} {result['passed']} passed, {len(result['failed'])} failed ({versions}){needs}"


def commit() -> str:
    return call(
        "git", "rev-parse", "--short", "HEAD", capture_output=True, text=True
    ).stdout.strip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
