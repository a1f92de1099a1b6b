"""Real servers in processes of their own, for what a client in process cannot see.

`with serving("routing", ["flask_waitress"]) as stacks` serves a topic's program, and
`serving({"flask_waitress": "tests.topics.routing.apps:prefixed"})` an application that the
topic's tests make. They start all at once; a first request waits until its server is there.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx2

from book._core.frameworks import ROOT
from book._core.variants import SERVED

HOST = "127.0.0.1"
SECONDS = 30
"""How long a server may take to start, to answer, or to end."""


def start(
    variant: str, target: str, log: Path, environment: Mapping[str, str] = os.environ
) -> tuple[subprocess.Popen, int]:
    """Start a server (tests/harness/served.py says what `target` is); gives its port, too."""
    with socket.create_server((HOST, 0)) as listener, log.open("wb") as written:
        number = str(listener.fileno())
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.harness.served", variant, target, number],
            cwd=ROOT,
            env={**environment, "PYTHONWARNINGS": "error"},
            pass_fds=[listener.fileno()],
            stdin=subprocess.PIPE,
            stdout=written,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for the tests, not for the server
        )
        return process, listener.getsockname()[1]


def stop(process: subprocess.Popen) -> None:
    """End a server and what it has started, at once if it does not end by itself."""
    process.terminate()
    try:
        process.wait(SECONDS)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdin:
            process.stdin.close()


@dataclass(frozen=True)
class Stack:
    """A framework on a real server: where it is, and what it has logged."""

    variant: str
    port: int
    log: Path

    @property
    def server(self) -> str:
        """The server's name, as readers know it: "gunicorn"."""
        return SERVED[self.variant].server

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}"

    def client(self) -> httpx2.Client:
        # Reading the machine's certificates would take longer than most tests.
        transport = httpx2.HTTPTransport(verify=False)
        return httpx2.Client(base_url=self.address, transport=transport, timeout=SECONDS)

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def says(self, words: str, seconds: float = 1) -> bool:
        """Whether these words are in the log, or come into it within seconds."""
        until = time.monotonic() + seconds
        while words not in self.said():
            if time.monotonic() > until:
                return False
            time.sleep(0.02)
        return True


@contextlib.contextmanager
def serving(
    served: str | Mapping[str, str], variants: Iterable[str] = (), **environment: str
) -> Iterator[dict[str, Stack]]:
    """Stacks by the name of their variant, for as long as this lasts."""
    targets = dict.fromkeys(variants, served) if isinstance(served, str) else served
    with tempfile.TemporaryDirectory(prefix="stacks-") as folder, contextlib.ExitStack() as ending:
        started = {}
        for variant, target in targets.items():
            log = Path(folder, f"{variant}.log")
            process, port = start(variant, target, log, {**os.environ, **environment})
            ending.callback(stop, process)
            started[variant] = Stack(variant, port, log)
        yield started
