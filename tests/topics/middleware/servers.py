"""This chapter's programs behind a proxy, on real servers, each with the options that a test names."""

import contextlib
import os
import pkgutil
import socket
import subprocess
import sys

import httpx2
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings

from book._core.frameworks import ROOT
from tests.harness.adapters import adapter
from tests.harness.snippets import load
from tests.harness.sockets import plain

FORWARDED = {
    "X-Forwarded-For": "203.0.113.9, 192.0.2.1",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "shop.example",
}
"""The client claims to be 203.0.113.9; the proxy has added from where it really came, 192.0.2.1."""
PROGRAM = "snippets.{}.middleware_parts.proxy"
GUNICORN = "-m gunicorn --no-control-socket --threads 2 --bind fd://{fd}"
UVICORN = "-m uvicorn --fd {fd}"
STACKS = {
    "flask on gunicorn": f"{GUNICORN} {PROGRAM.format('flask')}:app",
    "flask on waitress": f"-m {__name__} {{fd}} {PROGRAM.format('flask')}:app",
    "fastapi on uvicorn": f"{UVICORN} {PROGRAM.format('fastapi')}:shop",
    "django on gunicorn": f"{GUNICORN} {__name__}:django_wsgi()",
    "django on uvicorn": f"{UVICORN} --lifespan off --factory {__name__}:django_asgi",
}
TRUSTED = {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"}
PROJECT = contextlib.ExitStack()


@contextlib.contextmanager
def serving(stack):
    """Serve the program, by a name of STACKS and options; gives its address.

    The socket listens before the server starts, so a first request waits until it is answered.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        name = " ".join(stack.split()[:3])
        command = f"{STACKS[name]} {stack.removeprefix(name)}".format(fd=listener.fileno())
        process = subprocess.Popen(
            [sys.executable, *command.split()],
            cwd=ROOT,
            env={**os.environ, "PYTHONWARNINGS": "error"},
            pass_fds=[listener.fileno()],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        try:
            yield "http://{}:{}".format(*listener.getsockname())
        finally:
            process.terminate()
            process.communicate()


def seen_on(stack):
    """Address, scheme and host that the program sees behind a proxy, on a server with its options."""
    with httpx2.Client(transport=plain(), timeout=60) as client, serving(stack) as address:
        said = client.get(f"{address}/visit", headers=FORWARDED).json()
    return f"{said['address']} {said['scheme']} {said['host'].partition(':')[0]}"


def django_wsgi():
    """What gunicorn serves; its process has the settings of the program until it ends."""
    settle()
    return WSGIHandler()


def django_asgi():
    """What uvicorn serves."""
    settle()
    return ASGIHandler()


def settle():
    PROJECT.enter_context(adapter("django").project("middleware"))
    program = load(PROGRAM.format("django"))
    settings = {**program.SETTINGS, "ROOT_URLCONF": program.__name__}
    PROJECT.enter_context(override_settings(**settings))


if __name__ == "__main__":
    # Waitress takes a socket from a program, not from its command line.
    fd, target, *trusts = sys.argv[1:]
    app = pkgutil.resolve_name(target)
    options = {"trusted_proxy": trusts[0], "trusted_proxy_headers": TRUSTED} if trusts else {}
    pkgutil.resolve_name("waitress:serve")(app, sockets=[socket.socket(fileno=int(fd))], **options)
