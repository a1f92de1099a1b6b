"""Request handling that only Flask has."""

from io import BytesIO

import pytest
from flask import Flask, request
from werkzeug.exceptions import BadRequestKeyError

DUNE = b'{"title": "Dune", "price": 1}'


@pytest.mark.server_errors
def test_a_fault_of_the_servers_own_is_no_422(client, snippet, monkeypatch):
    """A `ValidationError` that is the server's own fault is a 500, because the handler is for `Refused`"""

    def break_a_rule(search):
        return snippet.NewBook(title="", price=1)

    monkeypatch.setattr(snippet.NewBook, "model_dump", break_a_rule)
    response = client.post("/books", json={"title": "Dune", "price": 1})
    assert response.status_code == 500


def test_get_takes_the_default_for_what_it_cannot_read(snippet):
    """`request.args.get("limit", 10, type=int)` takes `many` for 10, `type=bool` takes `false` for true"""
    with snippet.app.test_request_context("/search?limit=many&used=false"):
        args = snippet.request.args
        assert args.get("limit", 10, type=int) == 10
        assert args.get("used", type=bool) is True


def test_the_session_cookie_goes_along_from_other_sites():
    """Flask's session cookie has no `SameSite` unless `SESSION_COOKIE_SAMESITE` gives it one"""
    assert Flask("plain").config["SESSION_COOKIE_SAMESITE"] is None


def test_in_debug_mode_a_missing_key_is_raised():
    """In debug mode a missing key of `request.form` is no 400 but an exception, for the debugger"""
    app = Flask("debugged")
    app.add_url_rule("/form", view_func=lambda: request.form["name"], methods=["POST"])
    assert app.test_client().post("/form").status_code == 400
    app.debug = True
    with pytest.raises(BadRequestKeyError):
        app.test_client().post("/form")


def test_a_flask_view_can_raise_the_limit():
    """A view that sets `request.max_content_length` to 50,000 reads 30,000 bytes where `MAX_CONTENT_LENGTH` is 20,000"""
    app = Flask("raised")
    app.config["MAX_CONTENT_LENGTH"] = 20_000

    @app.put("/<int:limit>")
    def measure(limit):
        request.max_content_length = limit
        return str(len(request.get_data()))

    client = app.test_client()
    assert client.put("/20000", data=b"x" * 30_000).status_code == 413
    assert client.put("/50000", data=b"x" * 30_000).text == "30000"


def chunked(snippet, method, url, content, *, ends=True, **options):
    """The answer to a body without `Content-Length`."""
    return snippet.app.test_client().open(
        url,
        method=method,
        input_stream=BytesIO(content),
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True} if ends else {},
        **options,
    )


def test_a_chunked_body_is_read_up_to_the_limit(snippet):
    """Where the server sets `wsgi.input_terminated`, 19,999 bytes in chunks are read; 20,000 are a 413"""
    assert chunked(snippet, "PUT", "/stock", b"\n" * 19_999).json == {"lines": 19_999}
    assert chunked(snippet, "PUT", "/stock", b"\n" * 20_000).status_code == 413


def test_a_chunked_body_is_empty_where_the_server_does_not_say_that_it_ends(snippet):
    """A chunked body is read as empty unless the server sets `wsgi.input_terminated`"""
    assert chunked(snippet, "PUT", "/stock", b"\n\n", ends=False).json == {"lines": 0}


def test_chunked_json_is_cut_at_the_limit(snippet):
    """Where the server sets `wsgi.input_terminated`, `get_json()` reads the first 20,000 of 30,000 bytes, and says nothing"""
    answer = chunked(snippet, "POST", "/books", DUNE.ljust(30_000), content_type="application/json")
    assert answer.status_code == 201


def test_the_limit_on_a_form_field_is_for_multipart():
    """`MAX_FORM_MEMORY_SIZE` is 500,000 and `MAX_FORM_PARTS` 1,000 unless you set them"""
    config = Flask("plain").config
    assert config["MAX_FORM_MEMORY_SIZE"] == 500_000
    assert config["MAX_FORM_PARTS"] == 1_000
    assert config["MAX_CONTENT_LENGTH"] is None


class Noted(BytesIO):
    """A body that notes how much of it was asked for at a time."""

    def __init__(self, content):
        super().__init__(content)
        self.asked = []

    def readinto(self, buffer):
        self.asked.append(len(buffer))
        return super().readinto(buffer)

    def read(self, size=-1):
        self.asked.append(size)
        return super().read(size)


def test_flask_asks_for_4096_bytes(snippet):
    """Flask's view asks for 4096 bytes of a raw body at a time, and not for all of it"""
    body = Noted(b"\n" * 10_000)
    answer = snippet.app.test_client().put("/stock", input_stream=body, content_length=10_000)
    assert answer.json == {"lines": 10_000}
    assert (body.asked[0], min(body.asked), max(body.asked)) == (4096, 10_000 - 2 * 4096, 4096)
