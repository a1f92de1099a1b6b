"""Serves any snippet of the book on this machine: `nox -s run -- flask/routing`."""

import argparse
import difflib
import logging
import os
import signal
import sys
import tempfile
import threading
from pathlib import Path

from book._core import curl
from book._core.chapters import BOOK, chapter, topics
from book._core.evidence import Request
from book._core.frameworks import FRAMEWORKS, relative
from tests.harness.servers import NotServed, running
from tests.harness.snippets import BrokenSnippet

TOP = Request(method="GET", target="/")


def snippets() -> list[str]:
    """Every snippet as the command names it, e.g. "flask/routing"."""
    return [
        f"{framework.name}/{topic}"
        for framework in FRAMEWORKS.values()
        for topic in topics()
        if framework.snippet(topic).exists()
    ]


def find(name: str) -> tuple[str, str]:
    """Framework and topic of a snippet's name; NotServed names those that could be meant."""
    known = snippets()
    if name in known:
        framework, _, topic = name.partition("/")
        return framework, topic
    near = " or ".join(difflib.get_close_matches(name, known, n=3))
    question = f" Did you mean {near}?" if near else ""
    raise NotServed(
        f"no snippet is called '{name}'.{question} nox -s run -- --list names them all."
    )


def example(topic: str) -> Request:
    """A request that is answered: the chapter's `try:`."""
    return chapter(topic).example if (BOOK / f"{topic}.md").exists() else TOP


def serve(name: str, port: int) -> None:
    """Serve a snippet until Ctrl-C or SIGTERM; say where."""
    framework, topic = find(name)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with tempfile.TemporaryDirectory(prefix="bookshop-") as folder:
        # A database that was named on purpose is not ours to migrate.
        database = None if "DATABASE_URL" in os.environ else Path(folder) / "bookshop.sqlite3"
        with running(framework, topic, port=port, database=database) as address:
            known = FRAMEWORKS[framework]
            request = example(topic)
            print(f"{known.label} {known.version} serves {relative(known.snippet(topic))}")
            print(f"http://{address}{request.target}\n{curl.command(request, address)}")
            print("Ctrl-C stops it.", flush=True)
            while not stopped.wait(1):  # on Windows, a wait without end hears no Ctrl-C
                pass


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="nox -s run --", description="Serve one snippet on 127.0.0.1."
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("snippet", nargs="?", help="such as flask/routing")
    what.add_argument("--list", action="store_true", help="name every snippet and stop")
    parser.add_argument("--port", type=int, default=0, help="default: any free one")
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join(snippets()))
        return 0
    try:
        serve(arguments.snippet, arguments.port)
    except (NotServed, BrokenSnippet) as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
