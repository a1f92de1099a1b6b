"""A real server for one topic: `python -m tests.harness.served flask_waitress routing 7`.

The last argument is the number of a listening socket that the parent has opened. The server ends
when its standard input does, so it never outlives the tests. Everything is as a reader would
have it who starts this server without options, but for two things: the server listens where it
is told to, and one path of the application, which no topic has, puts its data back.

Instead of the topic's program, an application that its tests make can be served: with
`tests.topics.routing.apps:prefixed` for the topic, that is what the function `prefixed` returns.
"""

import contextlib
import os
import pkgutil
import signal
import socket
import sys
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from book._core.variants import VARIANTS, Variant
from tests.harness.adapters import adapter
from tests.harness.clients import snapshot

RESET = "/-/reset"
TABLES = "SERVED_WITH_TABLES"
"""In the environment where Django's tables have to be made before the first request."""
THREADS = 4
"""Of Gunicorn; Waitress has as many by default."""
LIFE = contextlib.ExitStack()
"""What lasts as long as the process."""


def application(variant: Variant, topic: str) -> Callable:
    """The topic's application, which also answers on RESET."""
    framed = adapter(variant.framework)
    module = LIFE.enter_context(framed.project(topic))
    if TABLES in os.environ:
        framed.make_tables()
    answering = resettable_asgi if variant.asgi else resettable_wsgi
    return answering(framed.application(module, asgi=variant.asgi), snapshot(module))


def made(variant: Variant, function: str) -> Callable:
    """The application that a function of a topic's tests returns, in that topic's project."""
    topic = function.split(".")[2]
    LIFE.enter_context(adapter(variant.framework).project(topic))
    return pkgutil.resolve_name(function)()


def resettable_wsgi(app: Callable, restore: Callable[[], None]) -> Callable:
    def answer(environ: dict[str, Any], start_response: Callable) -> Any:
        if environ["PATH_INFO"] != RESET:
            return app(environ, start_response)
        restore()
        start_response("204 No Content", [])
        return []

    return answer


def resettable_asgi(app: Callable, restore: Callable[[], None]) -> Callable:
    async def answer(scope: dict[str, Any], receive: Callable, send: Callable) -> None:
        if scope.get("path") != RESET:
            return await app(scope, receive, send)
        restore()
        await send({"type": "http.response.start", "status": 204})
        await send({"type": "http.response.body"})

    return answer


def gunicorn(make: Callable[[], Callable], listener: socket.socket) -> None:
    from gunicorn.app.base import BaseApplication

    class Server(BaseApplication):
        def load_config(self) -> None:
            for name, value in {
                "bind": f"fd://{listener.fileno()}",
                "threads": THREADS,
                "control_socket_disable": True,
                "post_worker_init": lambda worker: end_with_parent(os.getppid()),
            }.items():
                self.cfg.set(name, value)

        def load(self) -> Callable:
            return make()

    Server().run()


def waitress(make: Callable[[], Callable], listener: socket.socket) -> None:
    from waitress import serve

    end_with_parent(os.getpid())
    serve(make(), sockets=[listener])


def uvicorn(make: Callable[[], Callable], listener: socket.socket) -> None:
    from uvicorn import Config, Server

    end_with_parent(os.getpid())
    Server(Config(make())).run([listener])


SERVERS = {server.__name__: server for server in (gunicorn, waitress, uvicorn)}


def end_with_parent(server: int) -> None:
    """Stop the server when the process that has started it is gone."""

    def watch() -> None:
        os.read(sys.stdin.fileno(), 1)
        os.kill(server, signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def main(name: str, target: str, number: str) -> None:
    variant = VARIANTS[name]
    listener = socket.socket(fileno=int(number))
    make = made if ":" in target else application
    SERVERS[variant.server](partial(make, variant, target), listener)


if __name__ == "__main__":
    main(*sys.argv[1:])
