"""Judge the built book: `python -m book._tools.gates [NAME ...]`."""

import argparse
import importlib
import shlex
import sys
import time
import traceback
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from book._tools.gates import tools
from book._tools.gates.bench import Bench
from book._tools.gates.gate import GATES, Gate
from book._tools.gates.outcome import Broken, Finding, NotBuilt, NotRun, Result
from book._tools.gates.table import (
    FAILED,
    NOT_RUN,
    Row,
    details,
    exit_code,
    is_ci,
    row,
    table,
    write_report,
)

BUILD = Path("build")
# The modules with gates, in the order in which they run: the quick ones first.
MODULES = (
    "links",
    "pdf",
    "rebuild",
    "epub",
    "markup",
    "traffic",
    "shift",
    "comparisons",
    "paper",
    "search",
    "browser",
    "keyboard",
    "axe",
    "lighthouse",
)
for module in MODULES:
    importlib.import_module(f"{__package__}.{module}")


def judged(gate: Gate, bench: Bench) -> Row:
    """Run one gate. A gate that breaks has failed: it cannot vouch for anything."""
    start = time.monotonic()
    try:
        result = gate.run(bench)
    except NotRun as reason:
        figure = " ".join(str(reason).split())
        return Row(gate.name, figure, gate.bar, NOT_RUN, time.monotonic() - start)
    except NotBuilt as reason:
        return Row(gate.name, str(reason), gate.bar, FAILED, time.monotonic() - start)
    except Broken as reason:
        result = Result("came to no verdict", [Finding("", "", str(reason))])
    except Exception as error:
        text = "".join(traceback.format_exception(error)[-12:])
        result = Result(f"broke: {type(error).__name__}", [Finding("", "", text)])
    return row(gate, result, time.monotonic() - start)


def all_judged(names: Iterable[str], bench: Bench) -> list[Row]:
    """Run gates on two cores: those with programs of their own beside those that share the
    browser; each tells how it ended as soon as it has."""

    def one_by_one(gates: list[Gate]) -> list[Row]:
        rows = []
        for each in gates:
            rows.append(judged(each, bench))
            print(details(rows[-1]), flush=True)
        return rows

    chosen = [GATES[name] for name in names]
    with ThreadPoolExecutor(max_workers=1) as other_core:
        beside = other_core.submit(one_by_one, [each for each in chosen if each.beside])
        rows = one_by_one([each for each in chosen if not each.beside]) + beside.result()
    order = [each.name for each in chosen]
    return sorted(rows, key=lambda row: order.index(row.name))


def options(arguments: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m book._tools.gates", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="gates to run (default: all)")
    parser.add_argument("--list", action="store_true", help="list the gates and stop")
    parser.add_argument("--html", type=Path, default=BUILD / "html", help="folder with the pages")
    parser.add_argument("--epub", type=Path, default=BUILD / "epub" / "side-by-side.epub")
    parser.add_argument("--pdf", type=Path, default=BUILD / "pdf" / "side-by-side.pdf")
    parser.add_argument("--work", type=Path, default=BUILD / "gates", help="tools and report")
    parser.add_argument("--only", default="*", metavar="PATTERN", help="pages, e.g. 'rou*'")
    parser.add_argument(
        "--twice",
        nargs="?",
        const=shlex.join([sys.executable, "-m", "book._tools.build", "--again"]),
        metavar="COMMAND",
        help="build PDF and EPUB once more and compare; the command is given a folder for them "
        "(default: python -m book._tools.build --again)",
    )
    parser.add_argument(
        "--install", action="store_true", help="install missing Debian packages (needs root)"
    )
    parser.add_argument(
        "--allow-missing", action="store_true", help="a checker may be missing (not in CI)"
    )
    chosen = parser.parse_args(arguments)
    if unknown := [name for name in chosen.names if name not in GATES]:
        parser.error(f"no gate {', '.join(unknown)}; there are: {', '.join(GATES)}")
    return chosen


def main(arguments: list[str] | None = None) -> int:
    """Run the gates and print the table; gives the exit code."""
    chosen = options(arguments)
    if chosen.list:
        for each in GATES.values():
            print(f"{each.name:12} {each.title} Bar: {each.bar}.")
        return 0
    if chosen.install:
        tools.install_missing(chosen.work)
    with Bench(
        html=chosen.html,
        epub=chosen.epub,
        pdf=chosen.pdf,
        work=chosen.work,
        only=chosen.only,
        twice=chosen.twice,
    ) as bench:
        rows = all_judged(chosen.names or GATES, bench)
    print(f"\n{table(rows)}")
    write_report(rows, chosen.work / "report.json")
    return exit_code(rows, allow_missing=chosen.allow_missing, ci=is_ci())


if __name__ == "__main__":
    sys.exit(main())
