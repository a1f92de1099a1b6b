"""The programs behind a proxy, for real servers, and what the proxy sends."""

import contextlib

from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings

from tests.harness.snippets import load
from tests.harness.stacks import serving

FORWARDED = {
    "X-Forwarded-For": "203.0.113.9, 192.0.2.1",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "shop.example",
}
"""The client claims to be 203.0.113.9; the proxy has added from where it really came, 192.0.2.1."""
SETTINGS = contextlib.ExitStack()
"""Those of a server's process last until it ends."""


def flask():
    return load("snippets.flask.middleware_parts.proxy").app


def fastapi():
    """Without the layer around it, so what counts is what Uvicorn believes."""
    return load("snippets.fastapi.middleware_parts.proxy").shop


def django_wsgi():
    settle()
    return WSGIHandler()


def django_asgi():
    settle()
    return ASGIHandler()


def settle():
    program = load("snippets.django.middleware_parts.proxy")
    settings = {**program.SETTINGS, "ROOT_URLCONF": program.__name__}
    SETTINGS.enter_context(override_settings(**settings))


def seen_on(variant, application, **environment):
    """Address, scheme and host that an application here sees behind a proxy, on a real server."""
    target = {variant: f"{__name__}:{application}"}
    with serving(target, **environment) as stacks, stacks[variant].client() as client:
        return seen(client)


def seen(client):
    """The same, asked by a client."""
    said = client.get("/visit", headers=FORWARDED).json()
    return f"{said['address']} {said['scheme']} {said['host'].partition(':')[0]}"
