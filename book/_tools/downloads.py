"""Unpacks each download of the book into an empty folder, runs its line, and asks what it serves.

`python -m book._tools.downloads [NAME ...] [--pip]`: needs uv, and a package registry or a cache.
"""

import argparse
import contextlib
import difflib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
from uv import find_uv_bin

from book._core import curl
from book._core.bundles import Bundle, bundles
from book._core.chapters import chapter, topics
from book._core.evidence import Request

SECONDS = 120
"""In which a download must have installed what it needs, and answer."""
OURS = ("PYTHON", "VIRTUAL_ENV", "DJANGO_", "DATABASE_URL", "PYTEST_")
"""Variables of a session of this book, which a reader does not have."""
EMPTY = (b"", b"[]", b"{}")


class NotRunning(Exception):
    """A download does not do what the book says. The message says what it said."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="nox -s downloads --", description=__doc__)
    parser.add_argument("names", nargs="*", help="such as flask-routing (default: all)")
    parser.add_argument("--pip", action="store_true", help="by the line for pip")
    arguments = parser.parse_args()
    known = {bundle.name: bundle for topic in topics() for bundle in bundles(topic)}
    if unknown := set(arguments.names) - known.keys():
        wrong = min(unknown)
        near = difflib.get_close_matches(wrong, known, n=1) or known
        parser.error(f"no download {wrong}; did you mean {' or '.join(near)}?")
    chosen = [known[name] for name in arguments.names or known]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda bundle: outcome(bundle, pip=arguments.pip), chosen))
    failed = [result for result in results if result]
    print("\n".join(failed))
    print(f"{len(chosen) - len(failed)} of {len(chosen)} downloads ran and answered")
    return 1 if failed else 0


def outcome(bundle: Bundle, *, pip: bool) -> str:
    """What is wrong with a download, or nothing."""
    try:
        with served(bundle, pip=pip) as address:
            ask(address, chapter(bundle.topic).example)
    except NotRunning as problem:
        return f"{bundle.name}: {problem}"
    return ""


@contextlib.contextmanager
def served(bundle: Bundle, *, pip: bool = False) -> Iterator[str]:
    """Run the line that the book prints, in an empty folder and with an empty environment;
    gives "127.0.0.1:port"."""
    with tempfile.TemporaryDirectory(prefix="download-") as name:
        folder = Path(name)
        (folder / bundle.file).write_bytes(bundle.archive())
        address = f"127.0.0.1:{(port := free_port())}"
        log = folder / "log"
        with (
            log.open("wb") as out,
            subprocess.Popen(  # noqa: S602 (the line is for a shell, and made by us)
                bundle.line(pip=pip, port=port),
                shell=True,
                cwd=folder,
                env=clean(folder),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            ) as process,
        ):
            try:
                wait(process, port, log)
                yield address
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGTERM)
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)


def clean(folder: Path) -> dict[str, str]:
    """The environment of somebody who has uv, a Python and nothing of this book."""
    (folder / "bin").mkdir()
    (folder / "bin" / "uv").symlink_to(find_uv_bin())
    path = os.pathsep.join([str(folder / "bin"), f"{sys.base_prefix}/bin", os.defpath])
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return {**kept, "PATH": path}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def wait(process: subprocess.Popen, port: int, log: Path) -> None:
    """Return when something listens at `port`; NotRunning if the line ends, or takes too long."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            raise NotRunning(f"its line ended with {process.returncode}:\n{log.read_text()}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise NotRunning(f"nothing listens after {SECONDS} s:\n{log.read_text()}")


def ask(address: str, request: Request) -> None:
    """NotRunning unless the chapter's own request gets an answer that shows something."""
    with httpx2.Client(timeout=20) as client:
        answer = client.request(
            request.method,
            f"http://{address}{request.target}",
            content=request.body,
            headers=request.headers,
        )
    if answer.status_code >= 500 or answer.content.strip() in EMPTY:
        raise NotRunning(
            f"{curl.command(request, address)} got {answer.status_code} {answer.text[:200]!r}"
        )


if __name__ == "__main__":
    sys.exit(main())
