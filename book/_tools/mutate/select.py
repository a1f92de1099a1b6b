"""Which files get faults: by topic, by framework, or by what changed since it was recorded."""

import hashlib
import json
from collections.abc import Iterable, Mapping

from book._core import evidence, places
from book._core.chapters import topics
from book._core.frameworks import FRAMEWORKS, ROOT, relative
from book._tools.mutate import report
from book._tools.mutate.faults import Fault
from book._tools.mutate.fork import Target
from book._tools.mutate.run import MutationError


def targets(chosen: Mapping[str, Iterable[str]]) -> list[Target]:
    """The snippet files of these topics, each in these frameworks, with the tests that guard it."""
    known = topics()
    for name in chosen:
        if name not in known:
            raise MutationError(f"no topic is called '{name}'; topics: {', '.join(known)}")
    return [
        target
        for name, frameworks in chosen.items()
        for framework in frameworks
        if (target := _target(name, framework)).files
    ]


def _target(topic: str, framework: str) -> Target:
    folder = ROOT / "snippets" / framework
    files = [
        path
        for path in places.snippets(topic)
        if path.suffix == ".py" and path.is_relative_to(folder) and path.read_text("utf-8").strip()
    ]
    names = ("test_contract.py", f"test_{framework}.py")
    tests = [path for path in places.tests(topic) if path.name in names]
    # After the tests, so that those are collected before the file is first opened.
    doctests = [path for path in files if ">>> " in path.read_text("utf-8")]
    paths = tuple(relative(path) for path in (*tests, *doctests))
    if files and not paths:
        raise MutationError(
            f"{relative(files[0])}: no test at all; write tests/topics/{topic}/test_contract.py first"
        )
    return Target(topic, framework, tuple(map(relative, files)), paths)


def sample(planted: dict[Target, list[Fault]], at_most: int) -> dict[Target, list[Fault]]:
    """At most so many of the faults, spread over all files; the same ones for the same files."""
    every = [(target, fault) for target, faults in planted.items() for fault in faults]
    by_lot = sorted(every, key=lambda each: hashlib.sha256(repr(each[1]).encode()).digest())
    drawn = set(by_lot[:at_most])
    kept = {
        target: [fault for fault in faults if (target, fault) in drawn]
        for target, faults in planted.items()
    }
    return {target: faults for target, faults in kept.items() if faults}


def changed(names: list[str]) -> dict[str, tuple[str, ...]]:
    """Those of these topics, each with the frameworks, that are not as they were recorded.

    A snippet or a test of one framework concerns no other; a contract concerns all.
    """
    found = {}
    for name in names:
        record = places.record(name, report.NAME)
        before = json.loads(record.read_text("utf-8"))["files"] if record.exists() else {}
        differing = before.items() ^ evidence.hashes(name).items()
        parts = {(places.owner(ROOT / file) or ("", "contract"))[1] for file, _ in differing}
        if parts - FRAMEWORKS.keys():
            parts |= FRAMEWORKS.keys()
        if frameworks := tuple(framework for framework in FRAMEWORKS if framework in parts):
            found[name] = frameworks
    return found
