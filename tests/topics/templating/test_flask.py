"""Templating that only Flask has."""

import re

import pytest
from flask import render_template_string

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


def test_a_script_cannot_read_the_session_nor_another_site_send_it(client):
    """The session's cookie is `HttpOnly` and `SameSite=Lax`"""
    cookie = client.get("/books/2").headers["set-cookie"]
    assert cookie.split("; ")[1:] == ["HttpOnly", "Path=/", "SameSite=Lax"]


def test_over_https_the_referrer_is_checked_too(client):
    """Over HTTPS a valid token with a foreign `Referer` is refused"""
    client.base_url = "https://testserver"
    form = {**FORM, "csrf_token": token(client)}
    foreign = client.post(
        "/books/2/reviews", data=form, headers={"referer": "https://evil.example"}
    )
    assert foreign.status_code == 400
    own = client.post(
        "/books/2/reviews", data=form, headers={"referer": "https://testserver/books/2"}
    )
    assert own.status_code == 302


def test_a_template_made_of_a_strangers_text_prints_the_secret_key(snippet):
    """`render_template_string` on a stranger's `{{ config.SECRET_KEY }}` prints the key"""
    with snippet.app.test_request_context():
        printed = render_template_string("{{ config.SECRET_KEY }}")
    assert printed == snippet.app.secret_key
    assert len(printed) == 64


@pytest.mark.parametrize("name", ["request", "session", "g", "config"])
def test_some_names_are_in_every_template(snippet, name):
    """`request`, `session`, `g` and `config` are in every template"""
    with snippet.app.test_request_context():
        assert render_template_string(f"{{{{ {name} is defined }}}}") == "True"
