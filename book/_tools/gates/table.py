"""The verdict on all gates: one table for people, one JSON file for machines."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from book._tools.gates.gate import Gate
from book._tools.gates.outcome import Finding, Result

PASSED, FAILED, NOT_RUN = "pass", "FAIL", "not run"
SHOWN = 30  # faults printed per gate; all of them are in the report


@dataclass(frozen=True)
class Row:
    """How one gate ended."""

    name: str
    figure: str
    bar: str
    status: str
    seconds: float
    result: Result | None = None


def row(gate: Gate, result: Result, seconds: float) -> Row:
    """The row of a gate that ran: it passed if it found nothing wrong."""
    status = FAILED if result.findings else PASSED
    return Row(gate.name, result.figure, gate.bar, status, seconds, result)


def is_ci(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether this runs on a build server, which has to have every checker."""
    return environment.get("CI", "").lower() not in {"", "0", "false"}


def exit_code(rows: list[Row], *, allow_missing: bool, ci: bool) -> int:
    """0 if every gate passed. A gate that was not run counts as failed, except
    where that was asked for and this is no build server."""
    tolerated = {PASSED, NOT_RUN} if allow_missing and not ci else {PASSED}
    return 0 if rows and all(row.status in tolerated for row in rows) else 1


def details(row: Row) -> str:
    """How a gate ended, then what it noted and found wrong, the same fault only once."""
    lines = [f"{row.name}: {row.status}, {row.figure} ({row.seconds:.1f} s)"]
    if row.result is not None:
        faults = grouped(row.result.findings)
        lines += [f"  {line}" for line in row.result.notes + faults[:SHOWN]]
        if len(faults) > SHOWN:
            lines.append(f"  … and {len(faults) - SHOWN} more, see the report")
    return "\n".join(lines)


def grouped(findings: list[Finding]) -> list[str]:
    """Each fault with its first place, and in how many more it is."""
    places: dict[str, list[Finding]] = {}
    for finding in sorted(findings):
        places.setdefault(finding.what, []).append(finding)
    return [
        str(first) + (f" (and {len(more)} more on {pages(more)} pages)" if more else "")
        for first, *more in places.values()
    ]


def pages(findings: list[Finding]) -> int:
    """On how many pages something was found."""
    return len({finding.page for finding in findings})


def table(rows: list[Row]) -> str:
    """All gates, one line each, columns aligned."""
    head = ("gate", "figure", "bar", "", "seconds")
    cells = [(r.name, r.figure, r.bar, r.status, f"{r.seconds:.1f}") for r in rows]
    widths = [max(len(line[i]) for line in (head, *cells)) for i in range(len(head))]
    rule = tuple("-" * width for width in widths)
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in (head, rule, *cells)
    )


def write_report(rows: list[Row], path: Path) -> None:
    """Merge the figures into the report, so that a run of one gate keeps the others."""
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        report = {}
    for each in rows:
        report[each.name] = asdict(each)
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(report, indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
