"""Watch and rebuild while writing: `python -m book._tools.live`, or `… live routing`.

A saved snippet or test runs its topic's tests, and if they are green, its page is built again and
reloads itself in the browser. A red test or a broken page is shown on the terminal; the watch
goes on.
"""

import contextlib
import difflib
import logging
import signal
import subprocess
import sys
import time
from pathlib import Path

from watchfiles import watch

from book._core import evidence, places, proof
from book._core.chapters import Chapter, ChapterError, chapter, topics
from book._core.chapters import names as chapter_names
from book._core.frameworks import ROOT, relative
from book._core.markdown import fences
from book._tools import preview

WATCHED = ("book", "snippets", "tests", "conf.py")


def main(arguments: list[str]) -> int:
    logging.getLogger("watchfiles").setLevel(logging.WARNING)  # react() says what changed
    if unknown := [name for name in arguments if name not in chapter_names()]:
        print(refusal(unknown[0]), file=sys.stderr)
        return 2
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    with contextlib.suppress(KeyboardInterrupt):
        live(arguments)
    return 0


def refusal(name: str) -> str:
    """That there is no such chapter, and which could be meant."""
    near = difflib.get_close_matches(name, chapter_names(), n=1)
    question = f" Did you mean '{near[0]}'?" if near else ""
    return f"no chapter is called '{name}'.{question} There are: {', '.join(chapter_names())}"


def stop(*_: object) -> None:
    """End it all, wherever it is just now."""
    raise KeyboardInterrupt


def live(names: list[str]) -> None:
    """Prove and build these chapters, or all; then again after each change."""
    stale = [topic for topic in needed(names) if is_stale(topic)]
    if stale:
        print(
            f"First the tests of {', '.join(stale)}, which have not run on this state …", flush=True
        )
        test(stale)
    print(f"Building {', '.join(names) or 'all chapters'} …", flush=True)
    preview.build(names)
    with preview.serving(names) as server:
        page = f"{names[0]}.html" if names else ""
        print(f"\nhttp://127.0.0.1:{server.server_port}/{page}  (Ctrl-C ends)", flush=True)
        for changes in watch(*(ROOT / name for name in WATCHED)):
            if react({Path(path) for _, path in changes}, names):
                server.built()


def needed(names: list[str]) -> list[str]:
    """The topics whose evidence the pages of these chapters print; all, if one sums them up."""
    found: set[str] = set()
    for name in names:
        if name not in topics():
            return topics()
        found.add(name)
        with contextlib.suppress(ChapterError):  # the build says it
            found |= mentioned(chapter(name))
    return [topic for topic in topics() if topic in found] if names else topics()


def mentioned(found: Chapter) -> set[str]:
    """The other topics that a chapter shows something of, or names tests of."""
    text = found.path.read_text("utf-8")
    shown = {fence.options["topic"] for fence in fences(text) if "topic" in fence.options}
    return shown | {topic for mark in proof.marks(found, text) for topic, _ in mark.tests if topic}


def is_stale(topic: str) -> bool:
    try:
        evidence.load(topic)
    except evidence.EvidenceError:
        return True
    return False


def react(paths: set[Path], names: list[str]) -> bool:
    """Run the tests of the topics behind these files, then build; whether pages are new."""
    print(f"\n{', '.join(sorted({path.name for path in paths}))} changed", flush=True)
    started = time.monotonic()
    affected = [topic for topic in needed(names) if any(concerns(path, topic) for path in paths)]
    if affected and not test(affected):
        print("red: the page stays as it was", flush=True)
        return False
    built = preview.build(names)
    words = "built" if built else "not built"
    print(f"{words}, {time.monotonic() - started:.1f} s", flush=True)
    return built


def concerns(path: Path, topic: str) -> bool:
    """Whether the tests of a topic have to run again after a change of this file."""
    owner = places.owner(path)
    if owner:
        return owner[0] == topic and owner[1] != "book"
    return relative(path).startswith(("tests/harness/", "tests/conftest.py", "snippets/"))


def test(names: list[str]) -> bool:
    """Run all tests of these topics in a process of their own; True if they are green."""
    chosen = [f"--topic={name}" for name in names]
    if len(names) > 1:
        chosen += ["--numprocesses=logical", "--dist=loadfile"]
    command = [sys.executable, "-m", "pytest", "-q", *chosen]
    return subprocess.run(command, cwd=ROOT).returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
