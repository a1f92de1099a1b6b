"""Routing that only Flask has."""

import pytest
from flask import Blueprint, Flask, send_from_directory, url_for
from flask.views import MethodView
from werkzeug.exceptions import NotFound
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import BaseConverter


def test_strict_slashes_off_answers_both_paths(snippet):
    """`app.url_map.strict_slashes = False`: `/books` and `/books/` are alike, from then on"""
    app = Flask("small")
    app.add_url_rule("/authors/", "authors", lambda: "authors")
    app.url_map.strict_slashes = False
    app.add_url_rule("/books/", "books", lambda: "books")
    client = app.test_client()
    assert [client.get(path).status_code for path in ("/books", "/books/")] == [200, 200]
    assert client.get("/authors").status_code == 308


class Word(BaseConverter):
    """A converter that says nothing of how much it counts."""

    regex = "[a-z]+"


class Light(Word):
    """A converter that counts as much as `int`."""

    weight = 50


@pytest.mark.parametrize(
    ("narrow", "wide", "target", "told_apart"),
    [
        ("/new", "/<int:a>", "/new", True),
        ("/<int:a>", "/<a>", "/1", True),
        ("/<float:a>", "/<a>", "/1.5", True),
        ("/<a>", "/<path:a>", "/new", True),
        ("/<int:a>/<b>", "/<a>/new", "/1/new", True),
        ("/<path:a>/edit", "/<a>/<b>", "/new/edit", True),
        ("/<light:a>", "/<a>", "/new", True),
        ("/<uuid:a>", "/<a>", "/6f1d2c3b-4a59-4687-8123-abcdef012345", False),
        ("/<any(red, blue):a>", "/<a>", "/red", False),
        ("/<word:a>", "/<a>", "/new", False),
    ],
)
def test_what_flask_s_order_tells_apart(snippet, narrow, wide, target, told_apart):
    """`<int:…>`, `<float:…>` before `<name>` before `<path:…>`; not `<uuid:…>`, `<any(…):…>`, your own without a `weight`"""
    for rules in ((narrow, wide), (wide, narrow)):
        app = Flask("small")
        app.url_map.converters.update(word=Word, light=Light)
        for rule in rules:
            app.add_url_rule(rule, rule, lambda rule=rule, **taken: rule)
        winner = narrow if told_apart else rules[0]
        assert app.test_client().get(target).text == winner


def test_a_flask_converter_takes_arguments(snippet):
    """`<int(min=1):number>` refuses 0, `<any(red, blue):colour>` takes `red` and no `green`"""
    app = Flask("small")
    app.add_url_rule("/n/<int(min=1):number>", "n", lambda number: "")
    app.add_url_rule("/c/<any(red, blue):colour>", "c", lambda colour: "")
    client = app.test_client()
    targets = ("/n/0", "/n/1", "/c/red", "/c/green")
    assert [client.get(target).status_code for target in targets] == [404, 200, 200, 404]


def test_an_int_with_limits_takes_an_isbn(snippet):
    """`int` with `fixed_digits`, `min` and `max` takes an ISBN, as a number"""
    app = Flask("small")
    limits = "fixed_digits=13, min=9780000000000, max=9799999999999"
    app.add_url_rule(f"/<int({limits}):isbn>", "isbn", lambda isbn: repr(isbn))
    client = app.test_client()
    assert client.get("/9780441172719").text == "9780441172719"
    for other in ("9991234567890", "978044117271", "09780441172719", "97804411727191"):
        assert client.get(f"/{other}").status_code == 404


def test_flask_converts_nothing_by_a_hint(snippet):
    """`def show(number: int)` for `/<number>` gets the text `"7"`"""
    app = Flask("small")

    @app.get("/<number>")
    def show(number: int):
        return repr(number)

    assert app.test_client().get("/7").text == "'7'"


def test_send_from_directory_stays_in_its_folder(snippet, tmp_path):
    """`send_from_directory` answers `../secret` with 404, though the file exists"""
    (tmp_path / "covers").mkdir()
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "covers/front").write_text("front")
    with Flask("small").test_request_context():
        with send_from_directory(tmp_path / "covers", "front") as response:
            assert response.status_code == 200
        with pytest.raises(NotFound):
            send_from_directory(tmp_path / "covers", "../secret")


def test_a_blueprint_that_is_registered_takes_no_more_routes(snippet):
    """A route that is added after `register_blueprint` is an `AssertionError`"""
    late = Blueprint("late", __name__)
    Flask("small").register_blueprint(late)
    with pytest.raises(AssertionError, match="can no longer be called on the blueprint"):
        late.add_url_rule("/books", "books", lambda: "books")


def test_flask_builds_an_absolute_link(snippet):
    """`url_for(…, _external=True)`: scheme and host of the request, then the path"""
    with snippet.app.test_request_context(base_url="https://shop.example"):
        assert url_for("show_book", book_id=1, _external=True) == "https://shop.example/books/1"


def test_without_a_request_flask_needs_a_server_name(snippet, monkeypatch):
    """`url_for` outside of a request wants `SERVER_NAME`; `PREFERRED_URL_SCHEME` is its `https`"""
    with snippet.app.app_context(), pytest.raises(RuntimeError, match="without 'SERVER_NAME'"):
        url_for("show_book", book_id=1)
    monkeypatch.setitem(snippet.app.config, "SERVER_NAME", "shop.example")
    with snippet.app.app_context():
        assert url_for("show_book", book_id=1) == "http://shop.example/books/1"
    monkeypatch.setitem(snippet.app.config, "PREFERRED_URL_SCHEME", "https")
    with snippet.app.app_context():
        assert url_for("show_book", book_id=1) == "https://shop.example/books/1"


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
    """`ProxyFix(…, x_prefix=1)` reads the prefix from `X-Forwarded-Prefix`, whoever sent it"""
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
