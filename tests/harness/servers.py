"""Serves a snippet on this machine from a thread: `with running("flask", "routing") as address`."""

import contextlib
import io
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import uvicorn
import werkzeug.serving

from tests.harness.adapters import adapter

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
    framed = adapter(framework)
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(listening(port))
        module = stack.enter_context(framed.project(topic))
        if database is not None:
            stack.enter_context(framed.database_file(database))
        asgi = framed.is_asgi(module)
        server = (ASGIServer if asgi else WSGIServer)(
            framed.application(module, asgi=asgi), listener
        )
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
