"""`python -m book._tools.wire [TOPIC …]`: contract tests against real servers, and their record."""

import argparse
import json
import platform
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from book._core import places
from book._core.chapters import topics
from book._core.frameworks import FRAMEWORKS, ROOT, relative
from book._core.variants import SERVED
from book._core.wire import NAME, about

NOTHING = 5
"""pytest's exit code where no test ran: a contract may have no test with a client, as sockets do."""


def main(arguments: list[str] | None = None) -> int:
    """pytest's exit code; 2 if the command line names no topic."""
    parser = argparse.ArgumentParser(prog="wire", description=__doc__)
    parser.add_argument("topics", nargs="*", metavar="TOPIC", help="default: all")
    parser.add_argument(
        "--changed", action="store_true", help="only what has changed since it was recorded"
    )
    parser.add_argument("--record", action="store_true", help=f"write book/_records/TOPIC/{NAME}")
    options = parser.parse_args(arguments)
    if unknown := {*options.topics} - {*topics()}:
        parser.error(f"no topic is called {', '.join(unknown)}; topics: {', '.join(topics())}")
    names = sorted({*options.topics}) or topics()
    if options.changed:
        names = [name for name in names if changed(name)]
    if not names:
        print("nothing to do: all topics are as they were when they ran over the wire")
        return 0
    files = {name: about(name) for name in names}
    code, results = run(names)
    for name in names:
        print(line(name, results[name]))
    if options.record and code == 0:
        for name in names:
            path = places.record(name, NAME)
            path.parent.mkdir(parents=True, exist_ok=True)
            record = {**circumstances(), "files": files[name], **results[name]}
            path.write_text(f"{json.dumps(record, indent=2)}\n", "utf-8")
            print(f"wrote {relative(path)}")
    return code


def changed(topic: str) -> bool:
    """Whether a topic is not as it was recorded, or never was."""
    record = places.record(topic, NAME)
    return not record.exists() or json.loads(record.read_text("utf-8"))["files"] != about(topic)


def run(names: list[str]) -> tuple[int, dict[str, dict[str, Any]]]:
    """Run the contracts of these topics; pytest's exit code, and what each topic came to."""
    contracts = [relative(places.TESTS / name / "test_contract.py") for name in names]
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        options = ["--wire", "--no-evidence", "-q", f"--junitxml={report}"]
        cores = ["--numprocesses=logical", "--dist=loadfile"] if len(names) > 1 else []
        command = [sys.executable, "-m", "pytest", *options, *cores, *contracts]
        code = subprocess.run(command, cwd=ROOT).returncode
        if code == NOTHING:
            code = 0
        cases = [*ElementTree.parse(report).iter("testcase")] if report.exists() else []  # noqa: S314 (pytest wrote it)
    return code, {name: counted(name, cases) for name in names}


def counted(topic: str, cases: list[ElementTree.Element]) -> dict[str, Any]:
    """How many checks answered as in process, and how many otherwise, by variant.

    And which tests stayed in process, with the reason: those of which no case spoke.
    """
    found: dict[str, Counter[str]] = {name: Counter() for name in SERVED}
    stayed: dict[str, str] = {}
    spoke = set()
    for case in cases:
        if f".topics.{topic}." not in f".{case.get('classname')}.":
            continue
        name = (case.get("name") or "").partition("[")[0]
        if (skipped := case.find("skipped")) is not None:
            stayed[name] = (skipped.get("message") or "").removeprefix("in process: ")
            continue
        spoke.add(name)
        if case.find("failure") is None and case.find("error") is None:
            said = {each.get("name"): each.get("value") for each in case.iter("property")}
            kind = "otherwise" if said["otherwise"] == "True" else "alike"
            found[said["variant"] or ""][kind] += 1
    return {
        "variants": {
            name: dict(sorted(counts.items())) for name, counts in found.items() if counts
        },
        "in_process": {name: stayed[name] for name in sorted(stayed.keys() - spoke)},
    }


def circumstances() -> dict[str, Any]:
    """When, of which commit, and on what this runs."""
    command = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout.strip()
    frameworks = [framework.distribution for framework in FRAMEWORKS.values()]
    servers = sorted({variant.server for variant in SERVED.values()})
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "commit": commit,
        "python": platform.python_version(),
        "versions": {name: version(name) for name in [*frameworks, *servers]},
    }


def line(topic: str, result: dict[str, Any]) -> str:
    """A topic's figures for the terminal."""
    counts = ", ".join(f"{name} {numbers(each)}" for name, each in result["variants"].items())
    return f"{topic}: {counts or 'nothing'}; {len(result['in_process'])} tests stay in process"


def numbers(counts: dict[str, int]) -> str:
    otherwise = f" + {counts['otherwise']} otherwise" if "otherwise" in counts else ""
    return f"{counts.get('alike', 0)}{otherwise}"


if __name__ == "__main__":
    sys.exit(main())
