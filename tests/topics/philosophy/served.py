"""The programs with requests that wait, for real servers, and a neighbour that rings."""

import contextlib
from concurrent.futures import ThreadPoolExecutor

from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings

from snippets.django.settings import MIDDLEWARE
from tests.harness.snippets import load

SETTINGS = contextlib.ExitStack()
"""Those of a server's process last until it ends."""


def flask():
    return load("snippets.flask.philosophy_parts.waiting").app


def fastapi():
    return load("snippets.fastapi.philosophy_parts.waiting").app


def django_wsgi():
    settle()
    return WSGIHandler()


def django_asgi():
    settle()
    return ASGIHandler()


def settle():
    program = load("snippets.django.philosophy_parts.waiting")
    settings = {"ROOT_URLCONF": program.__name__, "MIDDLEWARE": MIDDLEWARE}
    SETTINGS.enter_context(override_settings(**settings))


def heard(stack, path, *, requests=1):
    """Which of some requests saw a neighbour's begin while they waited.

    The neighbour asks again and again until they are answered, so no clock has to say when. A
    request that waits silences the bell first, so it hears what began after it.
    """
    with stack.client() as client, stack.client() as neighbour, ThreadPoolExecutor() as pool:
        waiting = [pool.submit(client.get, path) for _ in range(requests)]
        while not all(each.done() for each in waiting):
            assert neighbour.get("/ring").json() == {"rang": True}
        return [each.result().json()["rang"] for each in waiting]
