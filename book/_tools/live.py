"""Watch and rebuild while writing: `python -m book._tools.live`.

A saved snippet or contract runs its topic's tests, and if they are green, its page is built
again. A red test or a broken page is shown on the terminal; the watch goes on.
"""

import contextlib
import functools
import http.server
import logging
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from sphinx.cmd.build import build_main
from watchfiles import Change, watch

from book._core import evidence, places
from book._core.chapters import topics
from book._core.frameworks import ROOT

HTML = ROOT / "build" / "live"
WATCHED = ("book", "snippets", "tests", "conf.py")
stopped = threading.Event()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serves the built pages without a line per request."""

    def log_message(self, format: str, *args: object) -> None:
        pass


def main() -> int:
    logging.getLogger("watchfiles").setLevel(logging.WARNING)  # react() says what changed
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    with contextlib.suppress(KeyboardInterrupt):
        live()
    return 0


def stop(*_: object) -> None:
    """End it all, wherever it is just now."""
    stopped.set()
    raise KeyboardInterrupt


def live() -> None:
    for topic in topics():
        try:
            evidence.load(topic)
        except evidence.EvidenceError:
            test([topic])
    build()
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(QuietHandler, directory=str(HTML))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"\nhttp://127.0.0.1:{server.server_port}/  (Ctrl-C ends)", flush=True)
    try:
        for changes in watch(*(ROOT / name for name in WATCHED)):
            react(changes)
    finally:
        server.shutdown()
        server.server_close()


def react(changes: set[tuple[Change, str]]) -> None:
    """Run the tests of the topics behind these files, then build what is out of date."""
    paths = [Path(name) for _, name in changes]
    code = [path for path in paths if path.suffix != ".pyc" and path.suffix != ".md"]
    affected = sorted({topic for path in code for topic in topics() if concerns(path, topic)})
    started = time.monotonic()
    names = ", ".join(sorted({path.name for path in paths}))
    print(f"\n{names} changed", flush=True)
    if affected and not test(affected):
        print("red: the page stays as it was", flush=True)
        return
    build()
    print(f"{time.monotonic() - started:.1f} s", flush=True)


def concerns(path: Path, topic: str) -> bool:
    return path in [*places.snippets(topic), *places.tests(topic)]


def test(names: list[str]) -> bool:
    """Run all tests of these topics in a process of their own; True if they are green."""
    chosen = [f"--topic={name}" for name in names]
    command = [sys.executable, "-m", "pytest", "-q", *chosen]
    return subprocess.run(command, cwd=ROOT).returncode == 0


def build() -> None:
    """Build the HTML pages that are out of date, in this process: Sphinx is loaded once."""
    arguments = ["-b", "html", "-W", "-n", "-q", "-c", str(ROOT)]
    folders = ["-d", str(ROOT / "build" / "doctrees-live"), str(ROOT / "book"), str(HTML)]
    if build_main([*arguments, *folders]) == 0:
        print("built", flush=True)
    if stopped.is_set():  # Sphinx takes it for the end of the build alone
        raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
