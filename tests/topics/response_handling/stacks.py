"""This chapter's programs on real servers, each in a process of its own; `plain` is below /plain."""

import contextlib
import os
import pkgutil
import socket
import subprocess
import sys
import types
from importlib import import_module

from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.urls import include, path
from starlette.applications import Starlette
from starlette.routing import Mount
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from book._core.frameworks import ROOT
from tests.harness.adapters import adapter

GUNICORN = "-m gunicorn --no-control-socket --threads 4 --bind fd://{fd}"
UVICORN = "-m uvicorn --factory --lifespan off --fd {fd}"
WAITRESS = f"-m {__name__} {{fd}}"
COMMANDS = {
    "flask": {
        "gunicorn": f"{GUNICORN} {__name__}:flask()",
        "waitress": f"{WAITRESS} {__name__}:flask",
    },
    "fastapi": {"uvicorn": f"{UVICORN} {__name__}:fastapi"},
    "django": {
        "gunicorn": f"{GUNICORN} {__name__}:django_wsgi()",
        "uvicorn": f"{UVICORN} {__name__}:django_asgi",
    },
}
PROJECT = contextlib.ExitStack()


@contextlib.contextmanager
def serving(framework):
    """Serve the programs on each of the framework's servers; gives addresses by the server's name.

    The sockets listen before the servers start, so a first request waits until it is answered.
    """
    with contextlib.ExitStack() as stack:
        addresses = {}
        for server, command in COMMANDS[framework].items():
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            stack.enter_context(process(command.format(fd=listener.fileno()), listener))
            addresses[server] = "http://{}:{}".format(*listener.getsockname())
        yield addresses


@contextlib.contextmanager
def process(command, listener):
    """A Python process that may use the listener, for as long as this lasts."""
    started = subprocess.Popen(
        [sys.executable, *command.split()],
        cwd=ROOT,
        env={**os.environ, "PYTHONWARNINGS": "error"},
        pass_fds=[listener.fileno()],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        started.terminate()
        try:
            started.wait(10)
        finally:
            started.kill()
            started.wait()


def module(framework):
    return import_module(f"snippets.{framework}.response_handling")


def plain():
    return import_module("tests.topics.response_handling.plain")


def flask():
    return DispatcherMiddleware(module("flask").app, {"/plain": plain().flask_app})


def fastapi():
    return Starlette(
        routes=[Mount("/plain", plain().fastapi_app), Mount("/", module("fastapi").app)]
    )


def django_urls():
    """The project of this topic, and `plain` below its own prefix."""
    program = PROJECT.enter_context(adapter("django").project("response_handling"))
    urls = types.ModuleType("both_urls")
    vars(urls)["urlpatterns"] = [
        path("plain/", include(plain().urlpatterns)),
        *program.urlpatterns,
    ]
    settings.ROOT_URLCONF = urls


def django_wsgi():
    django_urls()
    return WSGIHandler()


def django_asgi():
    django_urls()
    return ASGIHandler()


if __name__ == "__main__":
    # Waitress takes a socket from a program, not from its command line.
    fd, target = sys.argv[1:]
    app = pkgutil.resolve_name(target)()
    pkgutil.resolve_name("waitress:serve")(app, sockets=[socket.socket(fileno=int(fd))])
