"""Templating that only Flask has."""

import importlib
import re
import time

import flask
import pytest
from flask import render_template_string
from itsdangerous import TimestampSigner

FORM = {"text": "Long."}


def token(client):
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/books/2").text)
    assert found
    return found[1]


def test_the_token_may_come_in_a_header(client):
    """The token may come in the header `X-CSRFToken`, as scripts send it"""
    response = client.post("/books/2/reviews", data=FORM, headers={"x-csrftoken": token(client)})
    assert response.status_code == 302


def test_the_token_of_another_visitor_is_refused(client):
    stolen = token(client)
    client.cookies.clear()
    own = token(client)
    assert stolen != own
    response = client.post("/books/2/reviews", data={**FORM, "csrf_token": stolen})
    assert response.status_code == 400
    assert "The CSRF tokens do not match." in response.text


def test_a_token_ends_after_an_hour(client, monkeypatch):
    """A token is valid for 3600 seconds: a form that is sent later is answered with 400"""
    form = {**FORM, "csrf_token": token(client)}
    for seconds, status in {3600: 302, 3602: 400}.items():
        later = int(time.time()) + seconds
        monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda self, later=later: later)
        response = client.post("/books/2/reviews", data=form)
        assert response.status_code == status
    assert "The CSRF token has expired." in response.text


def test_a_script_cannot_read_the_session_nor_another_site_send_it(client):
    """The session's cookie is `HttpOnly` and `SameSite=Lax`"""
    cookie = client.get("/books/2").headers["set-cookie"]
    assert cookie.split("; ")[1:] == ["HttpOnly", "Path=/", "SameSite=Lax"]


def test_over_https_the_referrer_is_checked_too(client):
    """Over HTTPS a valid token is refused without a `Referer` or with a foreign one"""
    client.base_url = "https://testserver"
    form = {**FORM, "csrf_token": token(client)}
    for headers, reason in (
        ({}, "The referrer header is missing."),
        ({"referer": "https://evil.example"}, "The referrer does not match the host."),
    ):
        response = client.post("/books/2/reviews", data=form, headers=headers)
        assert response.status_code == 400
        assert reason in response.text


def test_a_template_made_of_a_strangers_text_prints_the_secret_key(snippet):
    """`render_template_string` on a stranger's `{{ config.SECRET_KEY }}` prints the key"""
    with snippet.app.test_request_context():
        printed = render_template_string("{{ config.SECRET_KEY }}")
    assert printed == snippet.app.secret_key
    assert len(printed) == 64


@pytest.mark.parametrize("name", ["request", "session", "g", "config", "url_for", "csrf_token"])
def test_some_names_are_in_every_template(snippet, name):
    """`request`, `session`, `g`, `config`, `url_for` and Flask-WTF's `csrf_token` are in every template"""
    with snippet.app.test_request_context():
        assert render_template_string(f"{{{{ {name} is defined }}}}") == "True"


@pytest.mark.parametrize("name", ["sbs_module.py", "sbs_package/__init__.py"])
def test_templates_lie_in_the_folder_templates(snippet, tmp_path, monkeypatch, name):
    """Without `template_folder` Flask looks in `templates` beside the module or in the package"""
    source = tmp_path / name
    folder = source.parent / "templates"
    folder.mkdir(parents=True)
    (folder / "page.html").write_text("here")
    source.write_text("from flask import Flask\napp = Flask(__name__)\n")
    monkeypatch.syspath_prepend(tmp_path)
    app = importlib.import_module(name.split("/")[0].removesuffix(".py")).app
    with app.app_context():
        assert flask.render_template("page.html") == "here"


def test_the_application_comes_before_its_blueprints(snippet, tmp_path):
    """A file in the application's own `templates` wins over a blueprint's file of that name"""
    for folder, text in (("templates", "the project's"), ("shop", "the shop's")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "list.html").write_text(text)
    app = flask.Flask("project", root_path=str(tmp_path))
    folder = str(tmp_path / "shop")
    app.register_blueprint(flask.Blueprint("shop", "project", template_folder=folder))
    with app.app_context():
        assert flask.render_template("list.html") == "the project's"
