"""This chapter's programs on real servers, each in a process of its own."""

import contextlib
import os
import pkgutil
import socket
import subprocess
import sys

from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler

from book._core.frameworks import ROOT
from tests.harness.adapters import adapter

GUNICORN = "-m gunicorn --no-control-socket --threads 2 --bind fd://{fd}"
UVICORN = "-m uvicorn --fd {fd}"
WAITRESS = f"-m {__name__} {{fd}}"
COMMANDS = {
    "flask": {
        "gunicorn": f"{GUNICORN} snippets.flask.request_handling:app",
        "waitress": f"{WAITRESS} snippets.flask.request_handling:app",
    },
    "fastapi": {"uvicorn": f"{UVICORN} snippets.fastapi.request_handling:app"},
    "django": {
        "gunicorn": f"{GUNICORN} {__name__}:django_wsgi()",
        "uvicorn": f"{UVICORN} --lifespan off --factory {__name__}:django_asgi",
    },
}

PROJECT = contextlib.ExitStack()


@contextlib.contextmanager
def serving(framework):
    """Serve the program on each of its servers; gives their addresses by the server's name.

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
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        yield
    finally:
        started.terminate()
        started.communicate()


def django_wsgi():
    """What gunicorn serves; its process has this topic's project until it ends."""
    PROJECT.enter_context(adapter("django").project("request_handling"))
    return WSGIHandler()


def django_asgi():
    """What uvicorn serves."""
    PROJECT.enter_context(adapter("django").project("request_handling"))
    return ASGIHandler()


if __name__ == "__main__":
    # Waitress takes a socket from a program, not from its command line.
    fd, target = sys.argv[1:]
    app = pkgutil.resolve_name(target)
    pkgutil.resolve_name("waitress:serve")(app, sockets=[socket.socket(fileno=int(fd))])
