"""`python -m book._tools.mutate [TOPIC …]`: plant faults in snippets and see which go unnoticed."""

import argparse
import os
import signal
import sys
import time
from datetime import UTC, datetime

from _pytest.config import default_plugins

from book._core import evidence, places
from book._core.chapters import topics
from book._core.frameworks import FRAMEWORKS, ROOT, relative
from book._tools.mutate import equivalents, prose, report, select
from book._tools.mutate.faults import Fault, plant
from book._tools.mutate.fork import Target
from book._tools.mutate.run import AT_LEAST, MutationError, Result, Runner, preload


def main(arguments: list[str] | None = None) -> int:
    """0 if the bar is met, 1 if not, 2 if nothing can be said."""
    options = parser().parse_args(arguments)
    try:
        return mutate(options)
    except MutationError as error:
        print(f"mutate: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def parser() -> argparse.ArgumentParser:
    """What the command understands."""
    parser = argparse.ArgumentParser(prog="mutate", description=__doc__)
    parser.add_argument("topics", nargs="*", metavar="TOPIC", help="default: all")
    parser.add_argument(
        "--framework", action="append", choices=list(FRAMEWORKS), help="default: all"
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes at a time")
    parser.add_argument(
        "--at-least",
        type=float,
        default=AT_LEAST,
        metavar="SECONDS",
        help="how long a run may take in any case before it counts as hanging (%(default)s)",
    )
    parser.add_argument(
        "--changed", action="store_true", help="only what has changed since it was recorded"
    )
    parser.add_argument(
        "--record", action="store_true", help="write book/_records/TOPIC/faults.json"
    )
    parser.add_argument(
        "--prose", action="store_true", help="plant faults in the chapters' sentences instead"
    )
    parser.add_argument(
        "--at-most",
        type=int,
        metavar="N",
        help="of more faults than this, a sample: the same for the same files",
    )
    parser.add_argument("--list", action="store_true", help="show the faults, run nothing")
    return parser


def mutate(options: argparse.Namespace) -> int:
    """Do what the command line asks for."""
    if options.prose:
        return prose.run(sorted(set(options.topics)) or topics())
    names = chosen(options)
    targets = select.targets(names)
    texts = {file: (ROOT / file).read_text("utf-8") for target in targets for file in target.files}
    planted = plant_all(targets, texts)
    whole = sum(map(len, planted.values()))
    planted = select.sample(planted, options.at_most or whole)
    count = sum(map(len, planted.values()))
    if count < whole:
        print(f"a sample: {count:,} of {whole:,} faults", flush=True)
    entries = equivalents.of(names)
    files = {name: evidence.hashes(name) for name in names}
    if options.list:
        show(planted)
        return 0
    if not planted:
        print("nothing to do: no snippet of these topics, or none has changed since its record")
        return 0
    started = time.monotonic()
    preload([f"_pytest.{name}" for name in default_plugins])
    preload(["pytest_django", "httpx2", *sorted({target.framework for target in planted})])
    runner = Runner(
        planted,
        texts,
        jobs=max(1, options.jobs),
        at_least=options.at_least,
        notify=progress(),
        warn=warn,
    )
    results = runner.run(ROOT)
    seconds = time.monotonic() - started
    excused = equivalents.excused(results, entries)
    parts = (
        report.findings(results, excused, texts),
        report.table(results, excused),
        report.totals(results, excused, seconds),
    )
    print("\n\n".join(part for part in parts if part))
    if options.record:
        date = datetime.now(UTC).date().isoformat()
        for topic in report.topics_of(results):
            own = report.select(results, topic)
            path = places.record(topic, report.NAME)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(report.record(own, excused, date=date, files=files[topic]), "utf-8")
            print(f"wrote {relative(path)}")
    problems = report.missed(results, excused, each=count == whole)
    if count == whole:  # a sample cannot know which entries are of no more use
        problems += equivalents.stale(results, entries, ROOT)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def chosen(options: argparse.Namespace) -> dict[str, tuple[str, ...]]:
    """The topics that the command line means, each with its frameworks."""
    if options.record and (options.framework or options.at_most):
        raise MutationError("a record is about whole topics: leave out --framework and --at-most")
    found = dict.fromkeys(sorted(set(options.topics)) or topics(), (*FRAMEWORKS,))
    if options.changed:
        differing = select.changed([*found])
        found = dict.fromkeys(differing, (*FRAMEWORKS,)) if options.record else differing
    wanted = options.framework or FRAMEWORKS
    return {
        name: tuple(framework for framework in frameworks if framework in wanted)
        for name, frameworks in found.items()
    }


def plant_all(targets: list[Target], texts: dict[str, str]) -> dict[Target, list[Fault]]:
    """The faults of all files of each target that has any."""
    planted = {
        target: [
            fault for file in target.files for fault in plant(file, texts[file], target.framework)
        ]
        for target in targets
    }
    return {target: faults for target, faults in planted.items() if faults}


def show(planted: dict[Target, list[Fault]]) -> None:
    """Print the faults, each with its lines before and after."""
    for faults in planted.values():
        for fault in faults:
            print(f"{fault.file}:{fault.line} {fault.kind}")
            for sign, lines in (("-", fault.original), ("+", fault.mutated)):
                print("\n".join(sign + line for line in lines.splitlines()) or sign)


def progress():
    """A line on a terminal that says how far it is; nothing elsewhere."""
    if not sys.stderr.isatty():
        return lambda done, total, result: None
    started = time.monotonic()

    def notify(done: int, total: int, result: Result) -> None:
        left = (time.monotonic() - started) / done * (total - done)
        line = f"{done}/{total}, {left // 60:.0f}:{left % 60:02.0f} left, {result.fault.file}"
        print(f"\r\033[K{line}", end="\r\033[K" if done == total else "", file=sys.stderr)
        sys.stderr.flush()

    return notify


def warn(message: str) -> None:
    """A remark that is no result."""
    print(message, file=sys.stderr)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that copies are removed
    sys.exit(main())
