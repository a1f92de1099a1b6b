"""Contract of the introduction: the smallest apps, and what one install brings."""

import asyncio
import importlib
import inspect
from importlib.metadata import metadata, requires
from urllib.parse import quote

import httpx2
import pytest
from django.core.asgi import get_asgi_application
from fastapi import FastAPI
from flask import Flask
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from book._core.frameworks import FRAMEWORKS
from tests.harness.differs import differs, in_process, only, since

PROTECTIVE = {
    "x-frame-options",
    "x-content-type-options",
    "referrer-policy",
    "cross-origin-opener-policy",
}


def brings(name):
    """Everything that installing `name` without extras installs here, itself included."""
    found, waiting = set(), [name]
    while waiting:
        current = canonicalize_name(waiting.pop())
        if current not in found:
            found.add(current)
            needs = [Requirement(text) for text in requires(current) or []]
            waiting += [n.name for n in needs if not n.marker or n.marker.evaluate({"extra": ""})]
    return found


# The smallest app


def test_says_where_it_is(client, framework):
    response = client.get("/")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.text == f"A bookshop on {FRAMEWORKS[framework].label}"


def test_greets_by_name_in_json(client):
    response = client.get("/hello/Ada")
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.json() == {"hello": "Ada"}


@pytest.mark.parametrize("name", ["Zoë", "夏目", "a b", "<b>", "0"])
def test_greets_whatever_the_name_is(client, name):
    """A name that is not ASCII, has a space, or means something in HTML"""
    response = client.get(f"/hello/{quote(name)}")
    assert response.headers["content-type"] == "application/json"
    assert response.json() == {"hello": name}


@differs(flask="an HTML page", fastapi="JSON", django="an HTML page")
def test_the_body_of_a_404(client, expected):
    """The body of a 404, without any code of yours"""
    response = client.get("/nope")
    assert response.status_code == 404
    media = response.headers["content-type"].split(";")[0]
    assert media == {"an HTML page": "text/html", "JSON": "application/json"}[expected]


# What one install brings


@differs(
    flask="all three",
    fastapi="none of them; `fastapi[standard]` adds them",
    django="all three",
)
def test_what_you_need_on_the_first_evening(framework, expected):
    """A development server, a test client and a parser of forms that work after one install"""
    installed = brings(FRAMEWORKS[framework].distribution)
    homes = {
        "flask": ["werkzeug.serving", "werkzeug.test", "werkzeug.formparser"],
        "django": ["django.core.servers.basehttp", "django.test", "django.http.multipartparser"],
        "fastapi": [],
    }[framework]
    if expected == "all three":
        for home in homes:
            assert home.split(".")[0] in installed
            assert importlib.import_module(home)
    else:
        needed = {"uvicorn", "httpx2", "python-multipart"}
        assert not needed & installed
        extra = [Requirement(text) for text in requires("fastapi") or []]
        standard = {r.name for r in extra if r.marker and r.marker.evaluate({"extra": "standard"})}
        assert needed < standard


@differs(flask="Werkzeug", fastapi="Starlette and Pydantic", django="its own")
def test_the_toolkit(framework, expected):
    """The toolkit that one install brings for requests, routes and validation"""
    toolkits = {"werkzeug", "starlette", "pydantic"} & brings(FRAMEWORKS[framework].distribution)
    assert (
        toolkits
        == {
            "Werkzeug": {"werkzeug"},
            "Starlette and Pydantic": {"starlette", "pydantic"},
            "its own": set(),
        }[expected]
    )


@pytest.mark.parametrize("need", ["orm", "admin", "forms", "auth", "migrations"])
@differs(flask="choose a package", fastapi="choose a package", django="in the box")
def test_what_is_in_the_box(framework, expected, need):
    """ORM, admin, forms, users, migrations"""
    homes = {
        "orm": "django.db.models",
        "admin": "django.contrib.admin",
        "forms": "django.forms",
        "auth": "django.contrib.auth",
        "migrations": "django.db.migrations",
    }
    rivals = {"sqlalchemy", "wtforms", "alembic", "flask-admin", "flask-login"}
    assert not rivals & brings(FRAMEWORKS[framework].distribution)
    if expected == "in the box":
        assert importlib.util.find_spec(homes[need])


@differs(flask="none of the four", fastapi="none of the four", django="all four")
def test_protective_headers_that_nobody_asked_for(client, expected):
    """`X-Frame-Options`, `X-Content-Type-Options`, `Referrer-Policy`, `Cross-Origin-Opener-Policy`"""
    sent = PROTECTIVE & set(client.get("/").headers)
    assert sent == {"none of the four": set(), "all four": PROTECTIVE}[expected]


@pytest.mark.parametrize("scheme", ["http", pytest.param("https", marks=in_process("HTTPS"))])
def test_protective_headers_that_you_always_add_yourself(client, scheme):
    """`Content-Security-Policy` and `Strict-Transport-Security` come from none of the three"""
    headers = client.get(f"{scheme}://testserver/").headers
    assert "content-security-policy" not in headers
    assert "strict-transport-security" not in headers


@differs(flask="no", fastapi="`/docs`, `/redoc`, `/openapi.json`", django="no")
def test_pages_about_the_interface(client, expected):
    """Pages that document the interface, without any code of yours"""
    for target in ("/docs", "/redoc", "/openapi.json"):
        assert client.get(target).status_code == (404 if expected == "no" else 200)


@differs(flask="Jinja", fastapi="none", django="its own")
def test_the_template_engine(framework, expected):
    """The template engine that one install brings"""
    installed = brings(FRAMEWORKS[framework].distribution)
    assert ("jinja2" in installed) == (expected == "Jinja")
    if expected == "its own":
        assert importlib.import_module("django.template").Engine


@differs(flask=7, fastapi=11, django=3)
def test_packages_that_one_install_brings(framework, expected):
    """Packages that one install brings, itself included"""
    assert len(brings(FRAMEWORKS[framework].distribution)) == expected


# Servers and views


@differs(flask="WSGI", fastapi="ASGI", django="both")
def test_the_server_interface(framework, expected, snippet):
    """The interface to the server"""
    if framework == "django":
        assert callable(importlib.import_module("django.core.wsgi").get_wsgi_application())
        assert callable(importlib.import_module("django.core.asgi").get_asgi_application())
    else:
        asynchronous = inspect.iscoroutinefunction(snippet.app.__call__)
        assert asynchronous == (expected == "ASGI")


def test_an_async_view_waits_for_two_things_at_once(client, snippet, monkeypatch):
    """An `async def` view asks two suppliers: the second question begins before the first ends"""
    events = []

    async def sleep(seconds):
        events.append(f"begins {seconds}")
        await pause(0)
        events.append("ends")

    pause = asyncio.sleep
    monkeypatch.setattr(snippet.asyncio, "sleep", sleep)
    response = client.get("/offers")
    assert response.status_code == 200
    assert response.json() == {"offers": ["Abbey", "Bell"]}
    assert events == ["begins 0.1", "begins 0.1", "ends", "ends"]


@only("flask", "fastapi")
def test_two_applications_in_one_process(snippet):
    """A second application in the process has routes of its own"""
    other = type(snippet.app)("other") if isinstance(snippet.app, Flask) else FastAPI()
    assert "/hello" in str(routes(snippet.app))
    assert "/hello" not in str(routes(other))


@differs(
    flask="one for each request",
    fastapi="the server's, one for all",
    django="WSGI: one for each request; ASGI: the server's, one for all",
)
def test_the_event_loop_of_an_async_view(framework, client, snippet, expected, monkeypatch):
    """The event loop that an `async def` view runs on"""
    loops = []

    async def ask(supplier):
        loops.append(asyncio.get_running_loop())

    monkeypatch.setattr(snippet, "ask", ask)
    one_for_each, one_for_all = 2, 1
    client.get("/offers")
    client.get("/offers")
    counts = [len(set(loops))]
    if framework == "django":
        loops.clear()
        counts.append(asyncio.run(two_requests(get_asgi_application(), loops)))
    assert (
        counts
        == {
            "flask": [one_for_each],
            "fastapi": [one_for_all],
            "django": [one_for_each, one_for_all],
        }[framework]
    )


async def two_requests(app, loops):
    """How many loops two requests to an ASGI application ran on; it was this one."""
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as client:
        await client.get("/offers")
        await client.get("/offers")
    assert set(loops) == {asyncio.get_running_loop()}
    return len(set(loops))


def routes(app):
    """What an application answers."""
    return [*app.url_map.iter_rules()] if isinstance(app, Flask) else app.routes


# Before you choose


@since("FastAPI 0.162.0 and older also run on Python 3.10", fastapi="0.163")
@differs(flask="3.9", fastapi="3.11", django="3.12")
def test_the_oldest_python(framework, expected):
    """The oldest Python that the package admits"""
    versions = SpecifierSet(metadata(FRAMEWORKS[framework].distribution)["Requires-Python"])
    assert versions.contains(f"{expected}.99")
    minor = int(expected.split(".")[1])
    assert not versions.contains(f"3.{minor - 1}.99")


@differs(flask="BSD-3-Clause", fastapi="MIT", django="BSD-3-Clause")
def test_the_licence(framework, expected):
    """The licence"""
    assert metadata(FRAMEWORKS[framework].distribution)["License-Expression"] == expected
