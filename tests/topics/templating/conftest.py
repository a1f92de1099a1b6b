"""What the tests of templating have in common."""

import itertools
import os
import sys

import flask
import pytest
from django.template import engines
from django.test import RequestFactory, override_settings
from fastapi import Request
from fastapi.templating import Jinja2Templates
from jinja2 import FileSystemLoader


@pytest.fixture
def volatile():
    """Tokens and the cookies that hold them are random, and some cookies have a date."""
    return {
        r'(?<=csrf_token" value=")[^"]+': "(token)",
        r'(?<=csrfmiddlewaretoken" value=")[^"]+': "(token)",
        r"(?<=csrf_token=)[^&]+": "(token)",
        r"(?<=csrfmiddlewaretoken=)[^&]+": "(token)",
        r"(?<=x-csrftoken: ).+": "(token)",
        r"(?<=session=)[^;]+": "(signed)",
        r"(?<=messages=)[^;]+": "(signed)",
        r"(?<=csrftoken=)[^;]+": "(secret)",
        r"(?<=expires=)[^;]+": "(date)",
    }


@pytest.fixture
def render(framework, snippet, tmp_path, settings):
    """Write templates as files and answer a request with the last, by this snippet's engine."""

    def jinja(environment):
        return environment.overlay(loader=FileSystemLoader(tmp_path))

    if framework == "flask":
        environment = jinja(snippet.app.jinja_env)

        def answer(name, context):
            with snippet.app.test_request_context("/"):
                return flask.render_template(environment.get_template(name), **context)

    elif framework == "fastapi":
        templates = Jinja2Templates(
            env=jinja(snippet.templates.env),
            context_processors=snippet.templates.context_processors,
        )
        scope = {
            "type": "http",
            "path": "/",
            "headers": [(b"host", b"testserver")],
            "app": snippet.app,
            "router": snippet.app.router,
        }

        def answer(name, context):
            response = templates.TemplateResponse(Request(scope), name, context)
            return bytes(response.body).decode()

    else:
        settings.TEMPLATES = [{**snippet.TEMPLATES[0], "DIRS": [tmp_path]}]

        def answer(name, context):
            return engines["django"].get_template(name).render(context, RequestFactory().get("/"))

    moments = itertools.count()

    def write(name, source):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(source, "utf-8")
        # Each file is a second younger than the last, however fast they are written.
        os.utime(path, (0, next(moments)))

    def write_and_render(source, name="page.html", files=(), **context):
        for other, text in dict(files).items():
            write(other, text)
        write(name, source)
        return answer(name, context)

    return write_and_render


TWO_PARTS = {
    "shop/templates/list.html": "the shop's",
    "staff/templates/list.html": "the staff's",
    "shop/templates/shop/list.html": "the shop's",
    "staff/templates/staff/list.html": "the staff's",
}


@pytest.fixture
def render_from_two(framework, tmp_path, monkeypatch):
    """Render a template by its name in a project of two parts, each with templates of its own.

    The parts are blueprints in Flask, folders in FastAPI and apps in Django.
    """
    for name, text in TWO_PARTS.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    parts = ["shop", "staff"]
    if framework == "flask":
        app = flask.Flask("project", root_path=str(tmp_path))
        for part in parts:
            folder = str(tmp_path / part)
            blueprint = flask.Blueprint(
                part, "project", root_path=folder, template_folder="templates"
            )
            app.register_blueprint(blueprint)
        with app.app_context():
            yield flask.render_template
    elif framework == "fastapi":
        templates = Jinja2Templates([tmp_path / part / "templates" for part in parts])
        yield lambda name: templates.get_template(name).render()
    else:
        for part in parts:
            (tmp_path / part / "__init__.py").touch()
        monkeypatch.syspath_prepend(tmp_path)
        backend = "django.template.backends.django.DjangoTemplates"
        with override_settings(
            INSTALLED_APPS=parts, TEMPLATES=[{"BACKEND": backend, "APP_DIRS": True}]
        ):
            yield lambda name: engines["django"].get_template(name).render()
        for part in parts:  # apps are imported, and would be there for every test that follows
            del sys.modules[part]
