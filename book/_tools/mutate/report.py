"""What a run of mutation testing found: survivors as diffs, scores, the record for the book."""

import difflib
import json
import platform
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from book._core.frameworks import FRAMEWORKS
from book._tools.mutate.equivalents import Equivalent
from book._tools.mutate.run import KILLED, SURVIVED, TIMED_OUT, Result

NAME = "faults.json"
OVERALL = 97
"""Per cent of all faults that must be noticed."""
PER_TOPIC = 93
"""Per cent of the faults of each topic that must be noticed."""


@dataclass(frozen=True)
class Score:
    """How many faults were planted and what became of them."""

    killed: int
    timed_out: int
    survived: int
    equivalent: int

    @property
    def noticed(self) -> int:
        return self.killed + self.timed_out

    @property
    def counted(self) -> int:
        """The faults that could be noticed."""
        return self.noticed + self.survived

    @property
    def percent(self) -> float:
        return 100 * self.noticed / self.counted if self.counted else 100.0

    def __str__(self) -> str:
        """Cut off, not rounded: 100.0 means all."""
        return f"{self.noticed}/{self.counted} {int(self.percent * 10) / 10:.1f} %"


def score(results: Iterable[Result], excused: dict[Result, Equivalent]) -> Score:
    """The score of some results."""
    states = Counter("equivalent" if result in excused else result.state for result in results)
    return Score(states[KILLED], states[TIMED_OUT], states[SURVIVED], states["equivalent"])


def topics_of(results: list[Result]) -> list[str]:
    """The topics that have results, by name."""
    return sorted({result.target.topic for result in results})


def select(results: list[Result], topic: str, framework: str | None = None) -> list[Result]:
    """The results of a topic, or of one framework in it."""
    return [
        result
        for result in results
        if result.target.topic == topic and framework in (None, result.target.framework)
    ]


def missed(
    results: list[Result], excused: dict[Result, Equivalent], *, each: bool = True
) -> list[str]:
    """Which bars are missed, in words: over all, and of each topic if it has all of its faults.

    Of a sample a topic may have three faults, of which one says nothing in per cent.
    """
    problems = []
    overall = score(results, excused)
    if overall.percent < OVERALL:
        problems.append(f"all in all {overall} of the faults are noticed; the bar is {OVERALL} %")
    for topic in topics_of(results) if each else ():
        own = score(select(results, topic), excused)
        if own.percent < PER_TOPIC:
            problems.append(f"{topic}: {own} of the faults are noticed; the bar is {PER_TOPIC} %")
    return problems


def diff(result: Result, original: str) -> str:
    """A fault as a unified diff. `original` is the text of its file."""
    lines = difflib.unified_diff(
        original.splitlines(),
        result.fault.text.splitlines(),
        result.fault.file,
        f"{result.fault.file} with the fault",
        n=1,
        lineterm="",
    )
    return "\n".join(lines)


def findings(
    results: list[Result], excused: dict[Result, Equivalent], texts: dict[str, str]
) -> str:
    """Every fault that was not simply noticed: the survivors, each with its diff, come last."""
    parts = [
        f"equivalent: {_place(result)}: {entry.reason}\n{diff(result, texts[result.fault.file])}"
        for result, entry in excused.items()
    ]
    parts += [
        f"timed out: {_place(result)}: {result.fault.mutated.strip() or '(removed)'}"
        for result in results
        if result.state == TIMED_OUT
    ]
    parts += [
        f"survived: {_place(result)}\n{diff(result, texts[result.fault.file])}"
        for result in results
        if result.state == SURVIVED and result not in excused
    ]
    return "\n\n".join(parts)


def _place(result: Result) -> str:
    fault = result.fault
    inside = f" in {fault.where}" if fault.where else ""
    return f"{fault.file}:{fault.line}{inside} ({fault.kind})"


def table(results: list[Result], excused: dict[Result, Equivalent]) -> str:
    """Noticed of all, per topic and framework, and what became of the faults in all."""
    present = {result.target.framework for result in results}
    names = [name for name in FRAMEWORKS if name in present]
    rows = [["", *(FRAMEWORKS[name].label for name in names), "all"]]
    for topic in topics_of(results):
        cells = [str(score(select(results, topic, name), excused)) for name in names]
        rows.append([topic, *cells, str(score(select(results, topic), excused))])
    if len(rows) > 2:
        by_framework = [
            [result for result in results if result.target.framework == name] for name in names
        ]
        rows.append(["all", *(str(score(own, excused)) for own in (*by_framework, results))])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def totals(results: list[Result], excused: dict[Result, Equivalent], seconds: float) -> str:
    """One line: what became of the faults, and how long it took."""
    own = score(results, excused)
    each = seconds / len(results) if results else 0
    return (
        f"{len(results)} faults: {own.killed} killed, {own.survived} survived, "
        f"{own.timed_out} timed out, {own.equivalent} equivalent; "
        f"{seconds:.0f} s, {each:.2f} s each"
    )


def record(
    results: list[Result],
    excused: dict[Result, Equivalent],
    *,
    date: str,
    files: Mapping[str, str],
) -> str:
    """The record of one topic that the book prints, as JSON.

    `files` has the hashes of its snippets and tests, as `evidence.hashes` gives them. They say
    what the figures are about; a commit would be another one after a rebase.
    """

    def row(own: list[Result]) -> dict:
        found = score(own, excused)
        return {
            "faults": len(own),
            "killed": found.killed,
            "timed_out": found.timed_out,
            "survived": found.survived,
            "equivalent": found.equivalent,
        }

    by_framework = {
        name: [result for result in results if result.target.framework == name]
        for name in FRAMEWORKS
    }
    data = {
        "date": date,
        "python": platform.python_version(),
        "versions": {name: framework.version for name, framework in FRAMEWORKS.items()},
        "files": files,
        "faults": {name: row(own) for name, own in by_framework.items() if own},
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
