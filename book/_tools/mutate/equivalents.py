"""Faults that change nothing: reviewed by hand, listed with a reason, stale as soon as they err.

Each topic has its list, book/_records/<topic>/equivalent.toml:

    [[equivalent]]
    file = "snippets/flask/routing.py"
    where = "show_book"        # only if the same lines stand in several functions
    original = "    first = 0"
    mutated = "    first = -0"
    reason = "…"

`original` and `mutated` are the lines with - and + of the report, without those signs.
"""

import difflib
import textwrap
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from book._core import places
from book._core.frameworks import ROOT, relative
from book._tools.mutate.run import SURVIVED, MutationError, Result

NAME = "equivalent.toml"
REQUIRED = {"file", "original", "mutated", "reason"}
OPTIONAL = {"where"}


@dataclass(frozen=True)
class Equivalent:
    """One entry of the list."""

    file: str
    original: str
    mutated: str
    reason: str
    where: str | None = None

    def matches(self, result: Result) -> bool:
        fault = result.fault
        return (
            self.file == fault.file
            and self.where in (None, fault.where)
            and (_bare(self.original), _bare(self.mutated))
            == (_bare(fault.original), _bare(fault.mutated))
        )


def of(topics: Iterable[str]) -> list[Equivalent]:
    """The entries of these topics' lists; a topic need not have one."""
    return [
        entry
        for topic in topics
        if (path := places.record(topic, NAME)).exists()
        for entry in parse(path.read_text("utf-8"), relative(path), topic)
    ]


def parse(text: str, name: str, topic: str) -> list[Equivalent]:
    """The entries of a list called `name`, or what is wrong with it."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MutationError(f"{name}: {error}") from None
    entries = data.pop("equivalent", [])
    if data:
        raise MutationError(f"{name}: unknown {', '.join(data)}; it has [[equivalent]] only")
    found = [_entry(name, number, entry) for number, entry in enumerate(entries, start=1)]
    for entry in found:
        if (owner := places.owner(ROOT / entry.file)) is None or owner[0] != topic:
            raise MutationError(f"{name}: {entry.file} is no file of '{topic}'")
    return found


def _entry(name: str, number: int, entry: dict) -> Equivalent:
    missing = sorted(key for key in REQUIRED - {"mutated"} if not str(entry.get(key, "")).strip())
    missing += ["mutated"] if "mutated" not in entry else []  # "" if the lines are gone
    unknown = sorted(entry.keys() - REQUIRED - OPTIONAL)
    if missing or unknown:
        wrong = [*(f"lacks '{key}'" for key in missing), *(f"has '{key}'" for key in unknown)]
        raise MutationError(
            f"{name}: entry {number} {', '.join(wrong)}; "
            f"it needs {', '.join(sorted(REQUIRED))} and may have {', '.join(sorted(OPTIONAL))}"
        )
    return Equivalent(**entry)


def excused(results: list[Result], entries: list[Equivalent]) -> dict[Result, Equivalent]:
    """The survivors that are on the list."""
    return {
        result: entry
        for result in results
        if result.state == SURVIVED
        for entry in entries
        if entry.matches(result)
    }


def stale(results: list[Result], entries: list[Equivalent], root: Path) -> list[str]:
    """What is wrong with the lists after these results, in words that say what would be right.

    Entries for files without results are left to the run that has them.
    """
    problems = []
    files = {result.fault.file for result in results}
    for entry in entries:
        if not (root / entry.file).exists():
            problems.append(f"{entry.file} is gone: remove its entry {_short(entry)}")
        elif entry.file in files:
            problems += _stale_entry(entry, results)
    return problems


def _stale_entry(entry: Equivalent, results: list[Result]) -> list[str]:
    matching = [result for result in results if entry.matches(result)]
    if not matching:
        return [f"{entry.file}: no fault is {_short(entry)}; {_nearest(entry, results)}"]
    return [
        f"{entry.file}:{result.fault.line}: {_short(entry)} is noticed after all "
        f"({result.by or result.state}): remove the entry, or tell it apart by 'where'"
        for result in matching
        if result.state != SURVIVED
    ]


def _nearest(entry: Equivalent, results: list[Result]) -> str:
    known = {
        _bare(result.fault.original): result.fault
        for result in results
        if result.fault.file == entry.file
    }
    near = difflib.get_close_matches(_bare(entry.original), known, n=1)
    if near:
        fault = known[near[0]]
        return f"the nearest lines are {fault.original!r} (line {fault.line})"
    return "no lines there look like it: remove the entry"


def _bare(lines: str) -> str:
    return textwrap.dedent(lines).strip("\n")


def _short(entry: Equivalent) -> str:
    return f"{_bare(entry.original)!r} → {_bare(entry.mutated)!r}"
