"""Responses that only Flask has."""

import pytest
from flask import Flask, Response, current_app, make_response, request, stream_with_context


def test_nan_is_refused_by_the_shop_s_json_of_flask(snippet):
    """`float("nan")` is a `ValueError` with the JSON of this program, not an answer that no client can read"""
    with pytest.raises(ValueError, match="Out of range float values are not JSON compliant"):
        snippet.app.json.dumps({"price": float("nan")})


def test_what_is_no_date_is_left_to_flask(snippet):
    """What is no date goes to Flask's own provider, which refuses a set with a `TypeError`"""
    with pytest.raises(TypeError, match="set is not JSON serializable"):
        snippet.app.json.dumps({"tags": {"sf"}})


def test_a_generator_has_lost_the_request(snippet):
    """A generator that asks for `request` or `current_app`: a `RuntimeError`, unless it runs in `stream_with_context`"""
    app = Flask("small")
    app.testing = True

    def lines():
        yield request.path

    def names():
        yield current_app.name

    app.add_url_rule("/app", "app", lambda: Response(names()))
    app.add_url_rule("/lost", "lost", lambda: Response(lines()))
    app.add_url_rule("/kept", "kept", lambda: Response(stream_with_context(lines())))
    client = app.test_client()
    with pytest.raises(RuntimeError, match="Working outside of request context"):
        client.get("/lost")
    with pytest.raises(RuntimeError, match="Working outside of application context"):
        client.get("/app")
    assert client.get("/kept").text == "/kept"


def test_a_value_becomes_a_response(snippet):
    """`make_response` makes a response of a text, and of a text with a status; a cookie can be set on it"""
    app = Flask("small")

    def show():
        response = make_response("Dune", 201)
        response.set_cookie("theme", "dark")
        response.cache_control.private = True
        return response

    app.add_url_rule("/", "show", show)
    answer = app.test_client().get("/")
    assert (answer.status_code, answer.text) == (201, "Dune")
    assert answer.headers["set-cookie"] == "theme=dark; Path=/"
    assert answer.headers["cache-control"] == "private"


def test_indented_json_in_debug_mode_alone(snippet, monkeypatch):
    """JSON is indented by two blanks in debug mode, and compact otherwise"""
    client = snippet.app.test_client()
    assert client.get("/titles").text == '["Dune","Emma"]\n'
    monkeypatch.setattr(snippet.app, "debug", True)
    assert client.get("/titles").text == '[\n  "Dune",\n  "Emma"\n]\n'
