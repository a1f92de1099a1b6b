"""Serves any snippet of the book on this machine: `nox -s run -- flask/routing`.

Tests start the same servers in threads: `with running("flask", "routing") as address`.
"""

import argparse
import contextlib
import difflib
import importlib
import io
import logging
import os
import shlex
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import uvicorn
import werkzeug.serving

from book._core.chapters import BOOK, chapter, topics
from book._core.frameworks import FRAMEWORKS, relative

HOST = "127.0.0.1"
PATIENCE = 5
"""Seconds that requests and sockets have to end when their server stops."""


class NotServed(Exception):
    """A snippet cannot be served. The message says what would be right."""


class WSGIRequestHandler(werkzeug.serving.WSGIRequestHandler):
    """Werkzeug's, except that it leaves reading from a WebSocket to flask-sock.

    Before it closes a connection, Werkzeug waits for the rest of the request's body. That could
    take the client's answer to a close frame away, and then wait for a client that waits, too.
    """

    def make_environ(self) -> dict[str, Any]:
        environ = super().make_environ()
        if environ.get("HTTP_UPGRADE", "").lower() == "websocket":
            self.received, self.rfile = self.rfile, io.BytesIO()
        return environ

    def finish(self) -> None:
        super().finish()
        if hasattr(self, "received"):
            self.received.close()


class WSGIServer(werkzeug.serving.ThreadedWSGIServer):
    """Werkzeug's server, a thread for each connection; stopping it ends those, too."""

    def __init__(self, app: Callable, listener: socket.socket):
        self.connections: dict[Any, threading.Thread] = {}
        port = listener.getsockname()[1]
        super().__init__(HOST, port, app, WSGIRequestHandler, fd=listener.fileno())

    def process_request(self, request: Any, client_address: Any) -> None:
        thread = threading.Thread(
            target=self.process_request_thread, args=(request, client_address), daemon=True
        )
        self.connections[request] = thread
        thread.start()

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        self.connections.pop(request, None)

    def run(self) -> None:
        self.serve_forever(poll_interval=0.05)

    def wait(self) -> None:
        """Nothing to wait for: the listening socket already takes connections."""

    def stop(self) -> None:
        self.shutdown()
        left = list(self.connections.items())
        for request, _ in left:
            with contextlib.suppress(OSError):  # it may have ended in this moment
                request.shutdown(socket.SHUT_RDWR)
        for _, thread in left:
            thread.join(PATIENCE)


class ASGIServer(uvicorn.Server):
    """Uvicorn. `wait` returns when the application has started, or says that it did not."""

    def __init__(self, app: Callable, listener: socket.socket):
        super().__init__(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=PATIENCE))
        self.listener = listener
        self.ended_or_started = threading.Event()

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            super().run([self.listener])
        except SystemExit:
            # Uvicorn has logged why. In a thread nobody would hear of the exit.
            pass
        finally:
            self.ended_or_started.set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ended_or_started.set()

    def wait(self) -> None:
        self.ended_or_started.wait()
        if not self.started:
            raise NotServed("the application's lifespan failed at its start; the log says why")

    def stop(self) -> None:
        self.should_exit = True


@contextlib.contextmanager
def running(
    framework: str, topic: str, *, port: int = 0, database: Path | None = None
) -> Iterator[str]:
    """Serve a snippet from a thread for as long as this lasts; gives "127.0.0.1:port".

    Django's tables are made in `database`, an SQLite file that need not exist; without it
    the project's own database is used as it is. Django's settings belong to the process,
    so only one Django topic can run at a time.
    """
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(listening(port))
        if framework == "django":
            stack.enter_context(django_project(topic, database))
        module = importlib.import_module(f"snippets.{framework}.{topic}")
        server = SERVERS[framework](module, listener)
        thread = threading.Thread(target=server.run, name=f"{framework}/{topic}", daemon=True)
        thread.start()
        try:
            server.wait()
            yield "{}:{}".format(*listener.getsockname())
        finally:
            server.stop()
            thread.join()


def listening(port: int) -> socket.socket:
    """A listening socket; port 0 is any that is free."""
    try:
        return socket.create_server((HOST, port))
    except (OSError, OverflowError) as error:
        raise NotServed(f"port {port} cannot be had: {error}; leave --port away") from None


def flask_server(module: ModuleType, listener: socket.socket) -> WSGIServer:
    return WSGIServer(app_of(module), listener)


def fastapi_server(module: ModuleType, listener: socket.socket) -> ASGIServer:
    return ASGIServer(app_of(module), listener)


def django_server(module: ModuleType, listener: socket.socket) -> WSGIServer | ASGIServer:
    """WSGI, unless the topic says with an ASGI `application` that it needs more."""
    from django.core.handlers.wsgi import WSGIHandler

    if hasattr(module, "application"):
        return ASGIServer(module.application, listener)
    return WSGIServer(WSGIHandler(), listener)


SERVERS: dict[str, Callable[[ModuleType, socket.socket], WSGIServer | ASGIServer]] = {
    "flask": flask_server,
    "fastapi": fastapi_server,
    "django": django_server,
}


def app_of(module: ModuleType) -> Callable:
    """A Flask or FastAPI application: fresh from `create_app()`, else the module's `app`."""
    return module.create_app() if hasattr(module, "create_app") else module.app


@contextlib.contextmanager
def django_project(topic: str, database: Path | None) -> Iterator[None]:
    """The book's Django project with the URLs and SETTINGS of one topic."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "snippets.django.settings")
    import django
    from django.apps import apps
    from django.test import override_settings

    if not apps.ready:
        django.setup()
    module = importlib.import_module(f"snippets.django.{topic}")
    with contextlib.ExitStack() as stack:
        settings = getattr(module, "SETTINGS", {})
        stack.enter_context(override_settings(ROOT_URLCONF=module.__name__, **settings))
        if database is not None:
            stack.enter_context(django_database(database))
        yield


@contextlib.contextmanager
def django_database(path: Path) -> Iterator[None]:
    """Django's default database is the SQLite file at `path` for every thread yet to connect.

    This thread's own connection, if it has one, stays as it is: a test may be using it.
    """
    from django.core.management import call_command
    from django.db import connections

    def migrate() -> None:
        try:
            call_command("migrate", run_syncdb=True, interactive=False, verbosity=0)
        finally:
            connections.close_all()

    before = connections.databases["default"]
    sqlite = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path)}
    connections.databases["default"] = {**before, **sqlite}
    try:
        with ThreadPoolExecutor(1) as other_thread:
            other_thread.submit(migrate).result()
        yield
    finally:
        connections.databases["default"] = before


def snippets() -> list[str]:
    """Every snippet as the command names it, e.g. "flask/routing"."""
    return [
        f"{framework.name}/{topic}"
        for framework in FRAMEWORKS.values()
        for topic in topics()
        if framework.snippet(topic).exists()
    ]


def find(name: str) -> tuple[str, str]:
    """Framework and topic of a snippet's name; NotServed lists what there is."""
    known = snippets()
    if name in known:
        framework, _, topic = name.partition("/")
        return framework, topic
    nearest = difflib.get_close_matches(name, known, n=1)
    question = f" Did you mean {nearest[0]}?" if nearest else ""
    listed = "\n".join(f"  {each}" for each in known)
    raise NotServed(f"no snippet is called '{name}'.{question} There are:\n{listed}")


def example(topic: str) -> str:
    """A path that answers: the chapter's `try:`."""
    return chapter(topic).example if (BOOK / f"{topic}.md").exists() else "/"


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
            url = f"http://{address}{example(topic)}"
            print(f"{known.label} {known.version} serves {relative(known.snippet(topic))}")
            print(f"{url}\ncurl -i {shlex.quote(url)}\nCtrl-C stops it.", flush=True)
            while not stopped.wait(1):  # on Windows, a wait without end hears no Ctrl-C
                pass


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="nox -s run --", description="Serve one snippet on 127.0.0.1."
    )
    parser.add_argument("snippet", help="such as flask/routing")
    parser.add_argument("--port", type=int, default=0, help="default: any free one")
    arguments = parser.parse_args()
    try:
        serve(arguments.snippet, arguments.port)
    except NotServed as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
