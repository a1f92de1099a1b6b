"""Request handling that only Django has."""

from io import BytesIO

import pytest
from django.core.exceptions import RequestDataTooBig
from django.db import connection
from django.http.request import RawPostDataException
from django.test import Client, RequestFactory


def test_the_messages_are_the_forms(client):
    response = client.post("/books", json={"title": "", "price": "x"})
    assert response.json() == {
        "errors": {"title": ["This field is required."], "price": ["Enter a number."]}
    }


def test_the_messages_of_a_view_are_its_own(client):
    assert client.post("/scans").json() == {"errors": {"scans": ["A file is needed."]}}


def test_the_log_says_what_was_too_large(client, caplog):
    """The log says what was too large, a body, an upload or a stream; the answer does not"""
    large = b"x" * 20_001
    client.post("/books", content=large, headers={"content-type": "application/json"})
    client.post("/covers", files={"cover": large})
    client.put("/stock", content=large)
    said = [record.getMessage() for record in caplog.records if "security" in record.name]
    assert said == [
        "Request body exceeded settings.DATA_UPLOAD_MAX_MEMORY_SIZE.",
        "too big an upload",
        "too big a stream",
    ]


def test_a_body_that_is_no_object_is_not_given_to_a_form(client):
    response = client.post("/books", json=["Dune"])
    assert response.json() == {"errors": {"body": ["An object is needed."]}}


def test_half_a_character_passes_a_form_and_fails_in_the_database(client):
    """Half of a surrogate pair passes a form; the database driver raises"""
    body = rb'{"title": "\ud800", "price": 1}'
    response = client.post("/books", content=body, headers={"content-type": "application/json"})
    assert response.status_code == 201
    with connection.cursor() as cursor, pytest.raises(UnicodeEncodeError):
        cursor.execute("SELECT %s", [response.json()["title"]])


def test_blanks_around_a_text_are_cut_off(client):
    response = client.get("/search?q=%20dune%20")
    assert response.json()["q"] == "dune"


def test_a_box_is_ticked_by_any_text_but_false(client):
    """A box is ticked by any text but `false`: by `0`, too"""
    sent = ["on", "no", "0", "True", "False", ""]
    answers = [client.post("/customers", data={"name": "Ada", "newsletter": x}) for x in sent]
    ticked = [answer.json()["newsletter"] for answer in answers]
    assert ticked == [True, True, True, True, False, False]


def test_a_query_has_at_most_a_thousand_parameters(client):
    """A query of 1,001 parameters is a bad request"""
    response = client.get("/search?" + "&".join(["tag=sf"] * 1001))
    assert response.status_code == 400
    assert response.json() == {"error": "bad request"}


def test_each_view_names_its_methods(client):
    wrong = [
        ("OPTIONS", "/search", "GET, HEAD"),
        ("OPTIONS", "/visit", "GET, HEAD"),
        ("GET", "/books", "POST"),
        ("GET", "/customers", "POST"),
        ("GET", "/covers", "POST"),
        ("GET", "/scans", "POST"),
        ("POST", "/stock", "PUT"),
    ]
    for method, url, allowed in wrong:
        response = client.request(method, url)
        assert response.status_code == 405
        assert response.headers["allow"] == allowed


def test_with_debug_django_shows_its_own_page_instead(client, settings):
    """With `DEBUG = True` nobody asks `handler400`: too large a body is a 400 in HTML"""
    settings.DEBUG = True
    headers = {"content-type": "application/json"}
    response = client.post("/books", content=b" " * 20_001, headers=headers)
    assert response.status_code == 400
    assert response.headers["content-type"].startswith("text/html")


def test_the_limit_is_for_the_body_in_memory_not_for_read(snippet):
    """`DATA_UPLOAD_MAX_MEMORY_SIZE` limits `request.body`, not `request.read()`"""
    body = b"x" * 20_001
    assert RequestFactory().generic("PUT", "/", body).read() == body
    with pytest.raises(RequestDataTooBig):
        _ = RequestFactory().generic("PUT", "/", body).body


class Unreadable(BytesIO):
    """A body that must not be read."""

    def read(self, *size):
        raise AssertionError("the body was read")


def test_an_upload_that_is_too_large_is_refused_unread(snippet):
    request = RequestFactory().post("/covers", {"cover": BytesIO(b"x" * 20_001)})
    request._stream = Unreadable()
    with pytest.raises(RequestDataTooBig):
        _ = request.FILES


def test_a_chunked_body_is_empty_under_wsgi(snippet):
    """Under WSGI a body without `Content-Length` is read as empty"""
    response = Client().generic("PUT", "/stock", b"\n\n", CONTENT_LENGTH="")
    assert response.json() == {"lines": 0}


def test_the_body_is_gone_after_a_multipart_form_was_read(snippet):
    """`request.body` after `request.POST` of a multipart form is an exception"""
    request = RequestFactory().post("/", {"name": "Ada"})
    assert request.POST["name"] == "Ada"
    with pytest.raises(RawPostDataException):
        _ = request.body
