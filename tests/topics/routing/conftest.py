"""What the tests on routing ask for: small applications of their own, and a prefix in front."""

import contextlib
import types

import httpx2
import pytest
from django.urls import clear_script_prefix

from tests.harness import clients
from tests.harness.adapters.fastapi import ASGITransport
from tests.harness.adapters.wsgi import WSGITransport

PREFIX = "/bookshop"


@pytest.fixture(autouse=True)
def _prefix_is_dropped():
    """Django keeps the prefix of a thread's last request for links that are built outside of one."""
    yield
    clear_script_prefix()


@pytest.fixture
def serving(framework, snippet):
    """`serving(*paths)`: a client on an application with these paths, declared in this order.

    Paths are written as Flask and Django do, `/books/<int:book_id>`; each answers with its own
    text and with what it took from the request's path.
    """
    with contextlib.ExitStack() as stack:
        yield lambda *paths: stack.enter_context(APPLICATIONS[framework](paths))


@contextlib.contextmanager
def flask_application(paths):
    from flask import Flask

    app = Flask("small")
    for path in paths:
        app.add_url_rule(path, path, lambda path=path, **taken: {"path": path, "taken": taken})
    with clients.connect("flask", types.SimpleNamespace(app=app)) as client:
        yield client


@contextlib.contextmanager
def fastapi_application(paths):
    from fastapi import FastAPI, Request

    def answering(path):
        def view(request: Request):
            return {"path": path, "taken": request.path_params}

        return view

    app = FastAPI()
    for path in paths:
        app.add_api_route(in_braces(path), answering(path))
    with clients.connect("fastapi", types.SimpleNamespace(app=app)) as client:
        yield client


def in_braces(path):
    """`<int:book_id>` as Starlette writes it: `{book_id:int}`."""
    parts = []
    for part in path.split("/"):
        converter, _, name = part.strip("<>").rpartition(":")
        parameter = f"{{{name}:{converter}}}" if converter else f"{{{name}}}"
        parts.append(parameter if part.startswith("<") else part)
    return "/".join(parts)


@contextlib.contextmanager
def django_application(paths):
    from django.http import JsonResponse
    from django.test import override_settings
    from django.urls import path as pattern

    def view(request, written, **taken):
        return JsonResponse({"path": written, "taken": taken})

    urls = types.ModuleType("small_urls")
    patterns = [pattern(path[1:], view, {"written": path}) for path in paths]
    vars(urls).update(urlpatterns=patterns)
    with override_settings(ROOT_URLCONF=urls), clients.connect("django", urls) as client:
        yield client


APPLICATIONS = {
    "flask": flask_application,
    "fastapi": fastapi_application,
    "django": django_application,
}


@pytest.fixture
def link(framework, snippet):
    """`link(name, /, **parameters)`: a path built from a route's name, outside of a view."""
    if framework == "fastapi":
        return snippet.app.url_path_for
    if framework == "flask":
        from flask import url_for

        def build(name, /, **parameters):
            with snippet.app.test_request_context():
                return url_for(name, **parameters)

        return build
    from django.urls import reverse

    return lambda name, /, **parameters: reverse(name, kwargs=parameters)


@pytest.fixture
def below_a_prefix(framework, snippet):
    """A client on this topic's app, which stands below PREFIX as WSGI and ASGI say it."""
    with httpx2.Client(
        transport=PREFIXED[framework](snippet),
        base_url="http://testserver",
        follow_redirects=False,
    ) as client:
        yield client


def wsgi_below(app):
    """WSGI: the prefix stands in SCRIPT_NAME, the rest of the path in PATH_INFO."""
    return WSGITransport(
        lambda environ, start_response: app({**environ, "SCRIPT_NAME": PREFIX}, start_response)
    )


def django_below(module):
    from django.core.handlers.wsgi import WSGIHandler

    return wsgi_below(WSGIHandler())


class ASGIBelow:
    """ASGI: `path` is the whole path, and `root_path` says how much of it is the prefix."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if "path" in scope:  # start-up has none
            scope = {**scope, "root_path": PREFIX, "path": PREFIX + scope["path"]}
        await self.app(scope, receive, send)


PREFIXED = {
    "flask": lambda module: wsgi_below(module.app),
    "fastapi": lambda module: ASGITransport(ASGIBelow(module.app), raise_app_exceptions=True),
    "django": django_below,
}
