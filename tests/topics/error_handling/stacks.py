"""The applications on which nothing is configured, on real servers, each in a process of its own."""

import contextlib
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import httpx2

from book._core.frameworks import ROOT
from tests.harness.sockets import plain

HERE = "tests.topics.error_handling"
GUNICORN = "-m gunicorn --no-control-socket --threads 2 --bind fd://{fd}"
UVICORN = "-m uvicorn --fd {fd} --factory"
COMMANDS = {
    "flask": {
        "gunicorn": f"{GUNICORN} {HERE}.bare_flask:served()",
        "waitress": f"-m {HERE}.bare_flask {{fd}}",
    },
    "fastapi": {"uvicorn": f"{UVICORN} {HERE}.bare_fastapi:served"},
    "django": {
        "gunicorn": f"{GUNICORN} {HERE}.bare_django:wsgi()",
        "uvicorn": f"{UVICORN} --lifespan off {HERE}.bare_django:asgi",
    },
}


@dataclass
class Server:
    """A real server, and what it has logged."""

    address: tuple[str, int]
    log: Path

    def get(self, path):
        with httpx2.Client(transport=plain(), timeout=60) as client:
            return client.get("http://{}:{}".format(*self.address) + path)

    def follow(self, path):
        """The status of an answer, and whether it comes to its end."""
        with httpx2.Client(transport=plain(), timeout=60) as client:
            address = "http://{}:{}".format(*self.address) + path
            with client.stream("GET", address) as response:
                try:
                    response.read()
                except httpx2.RemoteProtocolError:
                    return response.status_code, False
                return response.status_code, True

    def logs(self, path, words):
        """Whether a request is answered with 500 and puts these words into the log in a second."""
        before = self.log.stat().st_size
        assert self.get(path).status_code == 500
        until = time.monotonic() + 1
        while words not in self.log.read_bytes()[before:].decode(errors="replace"):
            if time.monotonic() > until:
                return False
            time.sleep(0.02)
        return True

    def answer_to(self, raw):
        """What comes back for these bytes until the server closes: status and media type."""
        with socket.create_connection(self.address, 60) as connection:
            connection.sendall(raw)
            connection.shutdown(socket.SHUT_WR)
            said = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
        found = re.search(r"(?i)^content-type: ([^;\r]+)", said, re.MULTILINE)
        return int(said.split()[1]), found and found[1]


@contextlib.contextmanager
def serving(framework):
    """Serve the application on each of its framework's servers; gives them by the server's name.

    The sockets listen before the servers start, so a first request waits until it is answered.
    """
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="errors-")))
        servers = {}
        for name, command in COMMANDS[framework].items():
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            log = folder / f"{name}.log"
            stack.enter_context(process(command.format(fd=listener.fileno()), listener, log))
            servers[name] = Server(listener.getsockname(), log)
        yield servers


@contextlib.contextmanager
def process(command, listener, log):
    """A Python process that may use the listener, for as long as this lasts."""
    with log.open("wb") as written:
        started = subprocess.Popen(
            [sys.executable, *command.split()],
            cwd=ROOT,
            env={**os.environ, "PYTHONWARNINGS": "error"},
            pass_fds=[listener.fileno()],
            stdout=written,
            stderr=subprocess.STDOUT,
        )
    try:
        yield
    finally:
        started.terminate()
        started.wait()
