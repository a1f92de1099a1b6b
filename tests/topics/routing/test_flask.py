"""Routing that only Flask has."""

import pytest
from flask import Flask
from flask.views import MethodView
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import BaseConverter


def test_strict_slashes_off_answers_both_paths(snippet):
    """`strict_slashes = False`: `/books` and `/books/` are answered alike"""
    app = Flask("small")
    app.url_map.strict_slashes = False
    app.add_url_rule("/books/", "books", lambda: "books")
    client = app.test_client()
    assert [client.get(path).status_code for path in ("/books", "/books/")] == [200, 200]


def test_trusted_hosts_refuse_a_strange_host(snippet, monkeypatch):
    """`TRUSTED_HOSTS`: another `Host` is a 400"""
    monkeypatch.setitem(snippet.app.config, "TRUSTED_HOSTS", ["shop.example"])
    client = snippet.app.test_client()
    assert client.get("/books", base_url="http://evil.example").status_code == 400
    assert client.get("/books", base_url="http://shop.example").status_code == 308


def test_an_int_may_be_signed(snippet):
    """`<int(signed=True):number>` matches `-1`, which `<int:number>` does not"""
    app = Flask("small")
    app.add_url_rule("/plain/<int:number>", "plain", lambda number: str(number))
    app.add_url_rule("/signed/<int(signed=True):number>", "signed", lambda number: str(number))
    client = app.test_client()
    assert client.get("/plain/-1").status_code == 404
    assert client.get("/signed/-1").text == "-1"


def test_a_value_error_of_a_converter_is_an_error(snippet):
    """A converter's `ValueError` is no miss: it is raised, where `ValidationError` is a 404"""

    class Even(BaseConverter):
        def to_python(self, value):
            raise ValueError(value)

    app = Flask("small")
    app.testing = True
    app.url_map.converters["even"] = Even
    app.add_url_rule("/<even:number>", "even", lambda number: "")
    with pytest.raises(ValueError, match="7"):
        app.test_client().get("/7")


def test_flask_makes_a_view_class_anew_for_each_request(snippet):
    """A `MethodView` is made anew for each request, or once with `init_every_request = False`"""
    seen = []

    class View(MethodView):
        def get(self):
            seen.append(self)
            return ""

    class One(View):
        init_every_request = False

    app = Flask("small")
    app.add_url_rule("/many", view_func=View.as_view("many"))
    app.add_url_rule("/one", view_func=One.as_view("one"))
    client = app.test_client()
    for path in ("/many", "/many", "/one", "/one"):
        assert client.get(path).status_code == 200
    assert seen[0] is not seen[1]
    assert seen[2] is seen[3]


def test_a_blueprint_puts_its_name_before_the_route_s_name(snippet):
    """The name of a route in a group begins with the names of its groups: `shop.staff.report`"""
    assert "shop.staff.report" in snippet.app.view_functions
    assert "report" not in snippet.app.view_functions


def test_proxy_fix_reads_the_prefix_from_a_header(client, snippet, monkeypatch):
    """`ProxyFix(…, x_prefix=1)` reads the prefix from `X-Forwarded-Prefix`"""
    header = {"X-Forwarded-Prefix": "/bookshop"}
    assert client.get("/links", headers=header).json()["book"] == "/books/1"
    monkeypatch.setattr(snippet.app, "wsgi_app", ProxyFix(snippet.app.wsgi_app, x_prefix=1))
    assert client.get("/links", headers=header).json()["book"] == "/bookshop/books/1"


def test_flask_keeps_converters_per_application(snippet):
    """The converter `date` is this application's alone: another one does not know it"""
    assert "date" in snippet.app.url_map.converters
    with pytest.raises(LookupError, match="the converter 'date' does not exist"):
        Flask("other").add_url_rule("/<date:day>", "day", lambda day: "")


def test_flask_brings_a_route_for_static_files(snippet):
    """A route that nobody wrote: `/static/<path:filename>`"""
    (rule,) = snippet.app.url_map.iter_rules("static")
    assert rule.rule == "/static/<path:filename>"
