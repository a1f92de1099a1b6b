"""Contract of the introduction: the smallest apps, and what one install brings."""

import importlib
from importlib.metadata import metadata, requires

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from book._core.frameworks import FRAMEWORKS
from tests.harness.differs import differs


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


def test_says_where_it_is(client, framework):
    response = client.get("/")
    assert response.status_code == 200
    assert response.headers["content-type"] in (
        "text/plain; charset=utf-8",
        "text/plain",
    )
    assert response.text == f"A bookshop on {FRAMEWORKS[framework].label}"


def test_greets_by_name_in_json(client):
    response = client.get("/hello/Ada")
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.json() == {"hello": "Ada"}


@differs(flask="an HTML page", fastapi="JSON", django="an HTML page")
def test_the_body_of_a_404(client, expected):
    """The body of a 404, without any code of yours"""
    response = client.get("/nope")
    assert response.status_code == 404
    media = response.headers["content-type"].split(";")[0]
    assert media == {"an HTML page": "text/html", "JSON": "application/json"}[expected]


@differs(flask="none", fastapi="none", django="4, all of them")
def test_protective_headers_that_nobody_asked_for(client, expected):
    """Protective headers on an answer, out of the box"""
    headers = {
        "x-frame-options",
        "x-content-type-options",
        "referrer-policy",
        "cross-origin-opener-policy",
    } & set(client.get("/").headers)
    assert len(headers) == {"none": 0, "4, all of them": 4}[expected]


@differs(flask="no", fastapi="`/docs`, `/redoc`, `/openapi.json`", django="no")
def test_pages_about_the_interface(client, expected):
    """Pages that document the interface, without any code of yours"""
    for target in ("/docs", "/redoc", "/openapi.json"):
        assert client.get(target).status_code == (404 if expected == "no" else 200)


@differs(flask=7, fastapi=11, django=3)
def test_packages_that_one_install_brings(framework, expected):
    """Packages that one install brings, itself included"""
    assert len(brings(FRAMEWORKS[framework].distribution)) == expected


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


@differs(flask="Jinja", fastapi="none", django="its own")
def test_the_template_engine(framework, expected):
    """The template engine that one install brings"""
    installed = brings(FRAMEWORKS[framework].distribution)
    assert ("jinja2" in installed) == (expected == "Jinja")
    if expected == "its own":
        assert importlib.import_module("django.template").Engine


@differs(flask="WSGI", fastapi="ASGI", django="both")
def test_the_server_interface(framework, expected, snippet):
    """The interface to the server"""
    if framework == "django":
        assert callable(importlib.import_module("django.core.wsgi").get_wsgi_application())
        assert callable(importlib.import_module("django.core.asgi").get_asgi_application())
    else:
        answer = snippet.app.__call__
        asynchronous = importlib.import_module("inspect").iscoroutinefunction(answer)
        assert asynchronous == (expected == "ASGI")


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
