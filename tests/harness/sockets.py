"""Fixtures for topics that need a real server: one on 127.0.0.1, and WebSocket clients for it."""

import functools
import json
import logging
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx2
import pytest
from websockets import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection
from websockets.sync.client import connect as websocket

from book._core.evidence import Exchange, Request, Response
from book._core.frameworks import ROOT
from tests.harness.plugin import WITNESS
from tests.harness.servers import running

SECONDS = 10
"""How long a client waits for what must come; a test that waits so long has failed."""


class Errors(logging.Handler):
    """What servers log as an error, tracebacks above all: a visitor must not cause any."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self.records = []

    def emit(self, record):
        self.records.append(record)

    def take(self):
        """What was logged up to now, as text; it counts as expected then."""
        taken, self.records = self.records, []
        return [self.format(record) for record in taken]


def eventually(condition):
    """Whether something becomes true in time; what servers do on leaving is not answered."""
    deadline = time.monotonic() + SECONDS
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()


def plain():
    """A transport without TLS: reading the machine's certificates takes longer than most tests."""
    return httpx2.HTTPTransport(verify=False)


class Process:
    """`python -m book._tools.serve` in a process of its own; it starts while you go on.

    `address` waits for it; leaving the `with` block ends it.
    """

    def __init__(self, *arguments, **environment):
        kept = {name: text for name, text in os.environ.items() if name != "REDIS_URL"}
        self.command = [sys.executable, "-m", "book._tools.serve", *arguments]
        self.popen = subprocess.Popen(
            self.command,
            cwd=ROOT,
            env={**kept, "PYTHONWARNINGS": "error", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        assert self.popen.stdout  # it is a pipe
        self.output = self.popen.stdout

    @functools.cached_property
    def address(self):
        """ "127.0.0.1:port", from the URL that the command prints."""
        lines = []
        watchdog = threading.Timer(6 * SECONDS, self.popen.kill)
        watchdog.start()
        try:
            for line in self.output:
                lines.append(line)
                if line.startswith("http"):
                    return urlsplit(line).netloc
        finally:
            watchdog.cancel()
        raise AssertionError(f"{shlex.join(self.command)} serves nothing:\n{''.join(lines)}")

    def end(self, number=signal.SIGTERM):
        """Send a signal to all of its processes, as Ctrl-C does; gives the exit code."""
        os.killpg(self.popen.pid, number)
        return self.popen.wait(SECONDS)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.popen.terminate()  # it removes its database on the way out
        try:
            self.popen.wait(SECONDS)
        finally:
            self.popen.kill()
            self.popen.wait()
            self.output.close()


@pytest.fixture(scope="module")
def server_errors():
    """The errors that this module's servers log; what no test takes fails the module."""
    errors = Errors()
    logging.getLogger().addHandler(errors)
    yield errors
    logging.getLogger().removeHandler(errors)
    assert errors.take() == []


@pytest.fixture(scope="module")
def servers(server_errors):
    """Servers for this module's tests, one per snippet, each started when first asked for."""
    with ExitStack() as stack:
        yield functools.cache(
            lambda framework, topic: stack.enter_context(running(framework, topic))
        )


@pytest.fixture
def address(framework, topic, servers):
    """ "127.0.0.1:port" of this topic's server."""
    return servers(framework, topic)


@pytest.fixture
def record(request):
    """Keep an `Exchange` for the book."""
    witness = request.config.stash.get(WITNESS, None)
    return witness.record if witness else lambda said: None


@pytest.fixture
def site(request, address, volatile):
    """An httpx2.Client on the real server. Its exchanges become evidence."""
    witness = request.config.stash.get(WITNESS, None)

    def read(response):
        response.read()
        if witness:
            witness.record_exchange(response, volatile)

    with httpx2.Client(
        base_url=f"http://{address}", event_hooks={"response": [read]}, transport=plain()
    ) as client:
        yield client


@dataclass
class Socket:
    """A WebSocket that speaks JSON and keeps what was said."""

    connection: ClientConnection
    frames: list[list[str]] = field(default_factory=list)
    name: str = ""

    def say(self, *messages):
        """Send text or bytes as they are, anything else as JSON; several go in one breath."""
        protocol = self.connection.protocol
        with self.connection.protocol_mutex:
            for message in messages:
                if not isinstance(message, (str, bytes)):
                    message = json.dumps(message)
                binary = isinstance(message, bytes)
                said = f"({len(message)} bytes)" if binary else message
                self.note(self.name or "client", said)
                if binary:
                    protocol.send_binary(message)
                else:
                    protocol.send_text(message.encode())
            self.connection.socket.sendall(b"".join(protocol.data_to_send()))

    def hear(self):
        """The next message, parsed; it has to come as text."""
        text = self.connection.recv(timeout=SECONDS)
        assert isinstance(text, str)
        message = json.loads(text)
        who = f"→ {self.name}" if self.name else "server"
        self.note(who, json.dumps(message))
        return message

    def note(self, who, what):
        """Put into the record what was said, or what somebody else did in between."""
        if len(what) > 100:
            what = f"{what[:20]} … ({len(what):,} characters)"
        self.frames.append([who, what])

    def cut(self):
        """End the connection without a word, as a lost network does."""
        self.connection.socket.shutdown(socket.SHUT_RDWR)

    def ending(self, *, unheard=False):
        """Code and reason with which the server closes now, such as "4000 bye".

        With `unheard` there may be messages before that, which nobody listens to.
        """
        try:
            message = self.connection.recv(timeout=SECONDS)
            while unheard:
                self.connection.recv(timeout=SECONDS)
        except ConnectionClosed as closed:
            close = closed.rcvd
            words = f"{close.code} {close.reason}".strip() if close else "no close frame"
            self.note("close", words)
            return words
        raise AssertionError(f"the server did not close, it said {message!r}")


@pytest.fixture
def connect(address, record):
    """Open a WebSocket: `with connect("/ws/echo") as socket`. The test's talk becomes evidence.

    It comes from a page of the server itself unless `origin` and `host` say otherwise. `at` is
    another server's address, `name` tells several sockets of a test apart; `headers` are sent, too.
    """
    opened: list[str] = []
    frames: list[list[str]] = []

    @contextmanager
    def connect(path, *, name="", at=address, host=None, **options):
        server, _, port = at.partition(":")
        with websocket(
            f"ws://{host or at}{path}",
            sock=socket.create_connection((server, int(port)), SECONDS),
            origin=options.get("origin", f"http://{host or at}"),
            additional_headers=options.get("headers"),
            proxy=None,
            open_timeout=SECONDS,
            close_timeout=SECONDS,
        ) as connection:
            opened.append(path)
            yield Socket(connection, frames, name)

    yield connect
    if frames:
        record(Exchange(request=Request(method="WS", target=opened[0]), frames=frames))


@pytest.fixture
def handshake(connect, record):
    """The HTTP status that answers an attempt to open a WebSocket; 101 if it opens."""

    def handshake(path, **options):
        try:
            with connect(path, **options):
                status = 101
        except InvalidStatus as refusal:
            status = refusal.response.status_code
        sent = {"origin": options["origin"]} if options.get("origin") else {}
        request = Request(method="GET", target=path, headers=sent)
        record(Exchange(request=request, response=Response(status=status)))
        return status

    return handshake
