"""`--wire`: contract tests run again, unchanged, against real servers on this machine.

A test speaks over the wire if its client is all it speaks through. What needs more of a snippet
than that (its module, a patch, the SQL it sends) stays in process, and so does what says
`@in_process("reason")`. There is one server for each topic and variant; before each test its data
is put back as it was. Databases are SQLite files, in which everything is committed.
"""

import contextlib
import inspect
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

import httpx2
import pytest

from book._core.frameworks import FRAMEWORKS
from book._core.variants import SERVED, Variant
from tests.harness import clients, databases, stacks
from tests.harness.served import RESET, TABLES

TIMEOUTS = ("connect", "read", "write", "pool")
ERROR = re.compile(r"^(?!Exception ignored).*\nTraceback ", re.MULTILINE)
"""A traceback in a log; what Python only says of an object that nobody has closed is none."""
IN_PROCESS = "in process: "
PLAIN = {"client", "framework", "expected", "request", "topic", "variant"}
"""What a test, or a fixture around its client, may ask for."""


def variants(frameworks: Iterable[str]) -> list[Variant]:
    """The servers for these frameworks that are installed here."""
    return [
        variant
        for variant in SERVED.values()
        if variant.framework in frameworks and find_spec(variant.server)
    ]


def chosen(items: list[pytest.Item]) -> list[pytest.Item]:
    """The tests that have a client; those that cannot speak over the wire will say why not.

    Over the wire there is one database: that it may also be PostgreSQL is for the other tests.
    """
    found: list[pytest.Item] = []
    for item in items:
        if not isinstance(item, pytest.Function) or "client" not in item.fixturenames:
            continue
        if "postgresql" in parameters(item).values():
            continue
        if words := in_process(item):
            item.add_marker(pytest.mark.skip(reason=f"{IN_PROCESS}{words}"))
        found.append(item)
        variant, answers = (item.get_closest_marker(name) for name in ("variant", "differs"))
        if variant:
            name = variant.args[0].name
            otherwise = name in answers.kwargs if answers else False
            item.user_properties += [("variant", name), ("otherwise", otherwise)]
    return found


def in_process(item: pytest.Function) -> str:
    """Why a test stays in process, in words; "" if it speaks through its client alone."""
    if marker := item.get_closest_marker("in_process"):
        return marker.args[0]
    fixtures = item._fixtureinfo.name2fixturedefs  # pytest says nowhere else what needs what
    seen = {*PLAIN, *parameters(item)}
    waiting = {*inspect.signature(item.function).parameters}
    while names := waiting - seen:
        seen |= names
        for name in sorted(names):
            needs = fixtures[name][-1].argnames if name in fixtures else ()
            if "client" in needs:  # it is one, in other words or with some data
                waiting |= {*needs}
            elif "wire_database" not in needs:
                return f"takes {name}"
    return ""


def parameters(item: pytest.Item) -> dict:
    """The parameters of a test, by name."""
    return getattr(getattr(item, "callspec", None), "params", {})


class Server:
    """A real server in a process of its own, which starts while you go on."""

    def __init__(self, variant: Variant, topic: str, folder: Path, *, tables: bool):
        self.variant = variant
        self.tables = tables
        self.database = folder / f"{variant.name}.sqlite3"
        log = folder / f"{variant.name}.log"
        log.touch()
        self.log = log.open("rb")
        environment = {name: text for name, text in os.environ.items() if name != "REDIS_URL"}
        environment |= {"DATABASE_URL": f"sqlite:///{self.database}"}
        if tables:
            environment[TABLES] = "yes"
        self.process, self.port = stacks.start(variant.name, topic, log, environment)

    @contextlib.contextmanager
    def client(self, *, may_fail: bool = False) -> Iterator[httpx2.Client]:
        """A client of the server, with its data as at the start. It calls the server testserver.

        What the server logs meanwhile as an error fails the test, unless the test is about that.
        """
        with clients.client(Wire(self.port)) as client:
            try:
                client.get(RESET).raise_for_status()
            except httpx2.HTTPError as error:
                pytest.fail(f"{self.variant.name} does not answer: {error!r}\n{self.said()}")
            self.emptied()
            self.said()
            yield client
        said = self.said()
        if ERROR.search(said) and not may_fail:
            pytest.fail(f"{self.variant.name} logs an error:\n{said}")

    def emptied(self) -> Path:
        """The file of its database, without rows; without tables, if tests make them."""
        databases.empty(self.database, drop=not self.tables)
        return self.database

    def said(self) -> str:
        """What it has printed since this was last asked."""
        return self.log.read().decode(errors="replace")

    def stop(self) -> None:
        stacks.stop(self.process)
        self.log.close()


class Wire(httpx2.BaseTransport):
    """Whatever the host of a request, it goes to this port of this machine."""

    def __init__(self, port: int):
        self.port = port
        # Reading the machine's certificates would take longer than most tests.
        self.transport = httpx2.HTTPTransport(verify=False)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.scheme != "http":
            raise httpx2.UnsupportedProtocol(
                f"{request.url}: no TLS over the wire; mark the test with @in_process(reason)"
            )
        return self.transport.handle_request(
            httpx2.Request(
                request.method,
                request.url.copy_with(host=stacks.HOST, port=self.port),
                headers=request.headers,
                stream=request.stream,
                extensions={
                    **request.extensions,
                    "timeout": dict.fromkeys(TIMEOUTS, stacks.SECONDS),
                },
            )
        )

    def close(self) -> None:
        self.transport.close()


@contextlib.contextmanager
def serving(topic: str, *, tables: bool) -> Iterator[dict[str, Server]]:
    """The servers of a topic by the name of their variant, started all at once."""
    present = [name for name in FRAMEWORKS if FRAMEWORKS[name].snippet(topic).exists()]
    with tempfile.TemporaryDirectory(prefix="wire-") as folder, contextlib.ExitStack() as stack:
        started = {}
        for variant in variants(present):
            started[variant.name] = Server(variant, topic, Path(folder), tables=tables)
            stack.callback(started[variant.name].stop)
        yield started
