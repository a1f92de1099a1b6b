"""Contract of the chapter on request handling."""

import gc
import json
from contextlib import nullcontext
from functools import cache
from types import SimpleNamespace
from typing import Annotated

import pytest
from django.conf import global_settings
from django.http import JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from fastapi import FastAPI, Form, UploadFile
from flask import Flask, request
from pydantic import BaseModel

from tests.harness import clients
from tests.harness.differs import differs, only
from tests.harness.plugin import WITNESS

LIMIT = 20_000
PNG = b"\x89PNG\r\n\x1a\n"
JSON = {"content-type": "application/json"}
MULTIPART = {"content-type": "multipart/form-data; boundary=page"}


def post_json(client, text):
    content = text if isinstance(text, bytes) else text.encode()
    return client.post("/books", content=content, headers=JSON)


def refused_fields(response):
    """The fields that a 422 names, each with the messages for it."""
    assert response.status_code == 422
    (key, errors), *rest = response.json().items()
    assert (key, rest) == ("errors", [])
    for messages in errors.values():
        assert len(messages) == 1
        assert isinstance(messages[0], str)
        assert messages[0]
    return set(errors)


def part(head, content):
    """A multipart body of one part, as httpx2 would never send it."""
    return b"--page\r\nContent-Disposition: form-data; %b\r\n\r\n%b\r\n--page--\r\n" % (
        head,
        content,
    )


# The query


def test_a_query_arrives_with_its_types(client):
    response = client.get("/search?q=dune&limit=5&tag=sf&tag=epic")
    assert response.status_code == 200
    assert response.json() == {"q": "dune", "limit": 5, "tags": ["sf", "epic"]}


def test_what_the_query_leaves_out_has_a_default(client):
    assert client.get("/search").json() == {"q": "", "limit": 10, "tags": []}


def test_a_limit_that_is_no_number_or_out_of_range_is_named(client):
    for limit in ("0", "51", "1.5", "9" * 5000, "many"):
        assert refused_fields(client.get(f"/search?limit={limit}")) == {"limit"}


def test_the_smallest_and_the_largest_limit_are_taken(client):
    assert client.get("/search?limit=1").json()["limit"] == 1
    assert client.get("/search?limit=50").json()["limit"] == 50


@differs(flask=422, fastapi=422, django="200, the default")
def test_an_empty_number_in_the_query(client, expected):
    """`GET /search?limit=`: an empty number"""
    response = client.get("/search?limit=")
    assert str(response.status_code) == str(expected)[:3]
    if response.status_code == 200:
        assert response.json()["limit"] == 10


@differs(flask="the first", fastapi="the last", django="the last")
def test_a_value_sent_twice(client, expected):
    """`GET /search?limit=1&limit=2`: which one counts"""
    counts = {1: "the first", 2: "the last"}
    assert counts[client.get("/search?limit=1&limit=2").json()["limit"]] == expected


@differs(flask="it stays `%FF`", fastapi="it becomes `U+FFFD`", django="it becomes `U+FFFD`")
def test_a_query_that_is_not_utf_8(client, expected):
    """`GET /search?q=%FF`: a byte that is no UTF-8"""
    became = {"%FF": "it stays `%FF`", "\N{REPLACEMENT CHARACTER}": "it becomes `U+FFFD`"}
    assert became[client.get("/search?q=%FF").json()["q"]] == expected


# JSON


def test_a_json_body_becomes_a_book(client):
    response = client.post("/books", json={"title": "Dune", "price": 12.5})
    assert response.status_code == 201
    assert response.json() == {"title": "Dune", "price": "12.5"}


def test_a_price_may_be_sent_as_text_and_keeps_its_digits(client):
    response = client.post("/books", json={"title": "Dune", "price": "12.50"})
    assert response.json() == {"title": "Dune", "price": "12.50"}


def test_a_field_nobody_asked_for_is_dropped(client):
    response = client.post("/books", json={"title": "Dune", "price": 1, "staff": True})
    assert response.status_code == 201
    assert response.json() == {"title": "Dune", "price": "1"}


def test_of_a_key_sent_twice_the_last_value_counts(client):
    response = post_json(client, '{"title": "Dune", "price": 1, "price": 2}')
    assert response.json() == {"title": "Dune", "price": "2"}


def test_json_that_is_cut_off_is_a_bad_request(client):
    response = post_json(client, '{"title": "Du')
    assert response.status_code == 400
    assert response.json() == {"error": "invalid json"}


def post_dune(client, media_type):
    headers = {"content-type": media_type} if media_type else {}
    return client.post("/books", content=b'{"title": "Dune", "price": 1}', headers=headers)


def test_json_under_another_media_type_is_refused(client):
    for media_type in (None, "application/x-www-form-urlencoded", "text/json", "text/plain"):
        response = post_dune(client, media_type)
        assert response.status_code == 415
        assert response.json() == {"error": "unsupported media type"}


def test_a_media_type_may_carry_a_charset_and_capitals(client):
    assert post_dune(client, "Application/JSON ; charset=utf-8").status_code == 201


def test_a_wrong_book_gets_an_error_for_every_field(client):
    response = client.post("/books", json={"title": "", "price": -1})
    assert refused_fields(response) == {"title", "price"}


def test_a_missing_field_is_named(client):
    for body in ("{}", '{"title": null, "price": null}'):
        assert refused_fields(post_json(client, body)) == {"title", "price"}


def test_json_that_is_no_object_is_refused(client):
    for body in ('"Dune"', "null", "7", "[1]"):
        assert refused_fields(post_json(client, body)) == {"body"}


def post_price(client, price):
    return post_json(client, f'{{"title": "Dune", "price": {price}}}')


def test_a_price_that_is_none_is_refused(client):
    for price in ('"x"', "true", "[1]", '{"a": 1}', "-0.01", "10000", "12345.6", "1.234"):
        assert refused_fields(post_price(client, price)) == {"price"}


def test_prices_from_nothing_to_the_largest_are_taken(client):
    for price in ("0", "9999.99"):
        response = post_price(client, price)
        assert response.status_code == 201
        assert response.json()["price"] == price


def test_a_number_that_is_not_finite_is_refused(client):
    """`NaN` and `1e999` for a price are refused, though Python's JSON parser takes them"""
    for price in ("Infinity", "-Infinity", "1e999", "NaN"):
        assert refused_fields(post_price(client, price)) == {"price"}


def test_a_list_is_no_title(client):
    response = post_json(client, '{"title": ["Dune"], "price": 1}')
    assert refused_fields(response) == {"title"}


def test_json_that_the_parser_gives_up_on_is_a_bad_request(client):
    """20,000 brackets, or a number of 5,000 digits, are a bad request"""
    for body in ("[" * LIMIT, '{"price": ' + "9" * 5000 + "}"):
        response = post_json(client, body)
        assert response.status_code == 400
        assert set(response.json()) == {"error"}


def test_brackets_in_a_field_are_an_error_of_that_field(client):
    deep = "[" * 1200 + "]" * 1200
    response = post_json(client, f'{{"price": 1, "title": {deep}}}')
    assert refused_fields(response) == {"title"}


@differs(flask=400, fastapi=422, django=400)
def test_an_empty_body(client, expected):
    """An empty body that is called JSON"""
    assert post_json(client, "").status_code == expected


@differs(
    flask="`invalid json`",
    fastapi="`There was an error parsing the body`",
    django="`invalid json`",
)
def test_json_that_is_not_utf_8(client, expected):
    """The error for JSON that is not UTF-8: 400, in these words"""
    response = post_json(client, b'{"title": "\xff"}')
    assert response.status_code == 400
    assert response.json() == {"error": expected.strip("`")}


@differs(flask=422, fastapi=422, django='201, it becomes `"5"`')
def test_a_number_where_a_text_belongs(client, expected):
    """`"title": 5`: a number where text belongs"""
    response = post_json(client, '{"title": 5, "price": 1}')
    assert str(response.status_code) == str(expected)[:3]
    if response.status_code == 201:
        assert response.json()["title"] == "5"


@differs(flask=201, fastapi=201, django=422)
def test_a_null_character(client, expected):
    r"""`"title": "\u0000"`: a null character"""
    response = post_json(client, r'{"title": "\u0000", "price": 1}')
    assert response.status_code == expected


@differs(flask=422, fastapi=422, django=201)
def test_half_a_character(client, expected):
    r"""`"title": "\ud800"`: half of a surrogate pair"""
    response = post_json(client, r'{"title": "\ud800", "price": 1}')
    assert response.status_code == expected


@only("flask", "fastapi")
def test_the_messages_are_pydantics(client):
    response = client.post("/books", json={"title": "", "price": "x"})
    assert response.json() == {
        "errors": {
            "title": ["String should have at least 1 character"],
            "price": ["Input should be a valid decimal"],
        }
    }


# Forms


def test_a_form_is_read(client):
    response = client.post("/customers", data={"name": "Ada", "newsletter": "on"})
    assert response.status_code == 201
    assert response.json() == {"name": "Ada", "newsletter": True}


def test_a_box_that_is_not_ticked_is_not_sent_and_means_no(client):
    response = client.post("/customers", data={"name": "Ada"})
    assert response.json() == {"name": "Ada", "newsletter": False}


def test_a_form_may_come_as_multipart(client):
    body = part(b'name="name"', b"Ada")
    response = client.post("/customers", content=body, headers=MULTIPART)
    assert response.json() == {"name": "Ada", "newsletter": False}


def test_a_name_that_is_missing_empty_or_too_long_is_refused(client):
    for form in ({}, {"nickname": "Ada"}, {"name": "x" * 41}, {"name": ""}):
        assert refused_fields(client.post("/customers", data=form)) == {"name"}


def test_the_shortest_and_the_longest_name_are_taken(client):
    for name in ("x", "x" * 40):
        assert client.post("/customers", data={"name": name}).status_code == 201


def test_json_sent_to_a_form_route_is_an_empty_form(client):
    assert refused_fields(client.post("/customers", json={"name": "Ada"})) == {"name"}


@differs(flask="201, kept", fastapi="201, kept", django=422)
def test_a_name_of_blanks(client, expected):
    """`name=++`: a name of two blanks"""
    response = client.post("/customers", data={"name": "  "})
    assert str(response.status_code) == str(expected)[:3]
    if response.status_code == 201:
        assert response.json()["name"] == "  "


@differs(flask="false", fastapi="false", django="true")
def test_a_box_sent_as_off(client, expected):
    """`newsletter=off`, read as a boolean"""
    response = client.post("/customers", data={"name": "Ada", "newsletter": "off"})
    assert response.json()["newsletter"] is (expected == "true")


@differs(flask=422, fastapi=422, django="201, true")
def test_a_box_sent_as_maybe(client, expected):
    """`newsletter=maybe`, read as a boolean"""
    response = client.post("/customers", data={"name": "Ada", "newsletter": "maybe"})
    assert str(response.status_code) == str(expected)[:3]
    if response.status_code == 201:
        assert response.json()["newsletter"] is True


# Headers, cookies, the client


def test_a_header_and_a_cookie_are_read(client):
    response = client.get("/visit", headers={"X-Trace": "t1", "Cookie": "theme=dark"})
    assert response.status_code == 200
    assert response.json() == {
        "trace": "t1",
        "theme": "dark",
        "address": "127.0.0.1",
        "scheme": "http",
    }


def test_the_case_of_a_header_does_not_matter(client):
    assert client.get("/visit", headers={"x-TRACE": "t2"}).json()["trace"] == "t2"


def test_a_header_and_a_cookie_that_were_not_sent_are_null(client):
    visit = client.get("/visit").json()
    assert visit["trace"] is None
    assert visit["theme"] is None


def test_the_scheme_is_the_one_the_server_saw(client):
    assert client.get("https://testserver/visit").json()["scheme"] == "https"


def test_nobody_believes_the_headers_of_a_proxy(client):
    """`X-Forwarded-For` and `X-Forwarded-Proto` are ignored"""
    headers = {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "https"}
    visit = client.get("/visit", headers=headers).json()
    assert visit["address"] == "127.0.0.1"
    assert visit["scheme"] == "http"


@differs(flask="the first", fastapi="the last", django="the last")
def test_a_cookie_sent_twice(client, expected):
    """`Cookie: theme=dark; theme=light`: which one counts"""
    response = client.get("/visit", headers={"Cookie": "theme=dark; theme=light"})
    counts = {"dark": "the first", "light": "the last"}
    assert counts[response.json()["theme"]] == expected


# Files


def upload(client, name="front.png", content=PNG + b"...", field="cover"):
    return client.post("/covers", files={field: (name, content, "image/png")})


def test_an_upload_is_stored_under_a_name_of_our_own(client, snippet):
    response = upload(client)
    assert response.status_code == 201
    stored = "8bb4a8c6a1472a36.png"
    assert response.json() == {"sent": "front.png", "stored": stored, "size": 11}
    assert dict(snippet.COVERS) == {stored: PNG + b"..."}


@differs(flask="as it was sent", fastapi="as it was sent", django="`pass wd.png`")
def test_the_name_that_the_client_sent(client, expected):
    """A file called `../../etc/pass wd.png`: the name your code gets"""
    sent = upload(client, "../../etc/pass wd.png").json()["sent"]
    assert sent == ("pass wd.png" if "pass" in expected else "../../etc/pass wd.png")


def test_a_file_that_only_calls_itself_an_image_is_refused(client, snippet):
    """`<script>` sent as `front.png`, `Content-Type: image/png`, is refused"""
    response = upload(client, content=b"<script>")
    assert response.status_code == 422
    assert response.json() == {"errors": {"cover": ["A PNG file is needed."]}}
    assert snippet.COVERS == {}


def test_an_upload_without_a_file_is_refused(client):
    assert refused_fields(client.post("/covers")) == {"cover"}
    assert refused_fields(upload(client, field="picture")) == {"cover"}


def test_no_file_chosen_or_text_for_a_file_is_refused(client):
    """A form in which no file was chosen, or text stands for the file, is refused"""
    for head, content in ((b'name="cover"; filename=""', b""), (b'name="cover"', PNG)):
        response = client.post("/covers", content=part(head, content), headers=MULTIPART)
        assert refused_fields(response) == {"cover"}


@differs(flask="422, an empty form", fastapi=400, django=400)
def test_a_multipart_body_without_a_boundary(client, expected):
    """A multipart form that does not name its boundary"""
    body = part(b'name="cover"; filename="front.png"', PNG)
    headers = {"content-type": "multipart/form-data"}
    response = client.post("/covers", content=body, headers=headers)
    assert str(response.status_code) == str(expected)[:3]
    assert set(response.json()) <= {"error", "errors"}


def scans(count):
    return [("scans", ("page.txt", b"x" * size)) for size in range(1, count + 1)]


def test_several_files_are_read(client):
    response = client.post("/scans", files=scans(3))
    assert response.status_code == 200
    assert response.json() == {"sizes": [1, 2, 3]}


def test_no_file_where_several_may_come_is_refused(client):
    assert refused_fields(client.post("/scans", data={"scans": "text"})) == {"scans"}
    assert refused_fields(client.post("/scans")) == {"scans"}


def send_four_scans(client):
    response = client.post("/scans", files=scans(4))
    gc.collect()
    return response


@differs(flask=413, fastapi=400, django=400)
def test_one_file_too_many(client, framework, expected):
    """Four files where three are allowed"""
    # Werkzeug leaves the files that it had opened by then to the garbage collector.
    with pytest.warns(ResourceWarning) if framework == "flask" else nullcontext():
        response = send_four_scans(client)
    assert response.status_code == expected
    assert set(response.json()) == {"error"}


# Raw bodies and sizes


def test_a_raw_body_is_read_in_pieces(client):
    response = client.put("/stock", content=b"dune,3\nemma,1\n")
    assert response.status_code == 200
    assert response.json() == {"lines": 2}


BODIES = {
    "json": ("POST", "/books", JSON, b'{"title": "%b"}'),
    "form": (
        "POST",
        "/customers",
        {"content-type": "application/x-www-form-urlencoded"},
        b"newsletter=on&name=%b",
    ),
    "field": ("POST", "/customers", MULTIPART, part(b'name="name"', b"%b")),
    "file": ("POST", "/covers", MULTIPART, part(b'name="cover"; filename="a.png"', PNG + b"%b")),
    "raw": ("PUT", "/stock", {}, b"\n%b"),
}


def send(client, kind, size):
    method, url, headers, body = BODIES[kind]
    content = body % (b"x" * (size - len(body % b"")))
    assert len(content) == size
    return client.request(method, url, content=content, headers=headers)


def test_a_body_of_one_byte_too_many_is_refused(client):
    """20,001 bytes where 20,000 are allowed are refused: JSON, form, field, file, raw body"""
    for kind in BODIES:
        assert send(client, kind, LIMIT + 1).status_code == 413


def test_a_body_of_the_allowed_size_is_read(client):
    statuses = [send(client, kind, LIMIT).status_code for kind in BODIES]
    # The first three are read, and their text is too long or no price is there.
    assert statuses == [422, 422, 422, 201, 200]


@differs(flask="JSON, ours", fastapi="plain text", django="JSON, ours")
def test_the_answer_to_a_body_that_is_too_large(client, expected):
    """The answer to a body that is too large: 413, as"""
    response = client.put("/stock", content=b"dune,3\n" * 3000)
    assert response.status_code == 413
    if expected == "plain text":
        assert response.headers["content-type"] == "text/plain; charset=utf-8"
        assert response.text == "Content Too Large"
    else:
        assert response.json() == {"error": "request entity too large"}


@differs(flask=200, fastapi=413, django=200)
def test_a_large_body_that_the_view_never_reads(client, expected):
    """A body that is too large, for a view that reads none"""
    response = client.request("GET", "/visit", content=b"x" * (LIMIT + 1))
    assert response.status_code == expected


# Nothing configured: three applications without limits, handlers or checks of their own


class Book(BaseModel):
    price: float


@cache
def plain_flask():
    app = Flask("plain")

    @app.post("/json")
    def read_json():
        return {"price": request.get_json()["price"]}

    @app.route("/form", methods=["POST", "PUT"])
    def read_form():
        return {"length": len(request.form["name"])}

    @app.post("/files")
    def read_files():
        return {"files": len(request.files.getlist("files"))}

    @app.get("/query")
    def read_query():
        limit = request.args.get("limit", 10, type=int)
        return {"limit": limit, "used": request.args.get("used", type=bool)}

    return app


@cache
def plain_fastapi():
    app = FastAPI()

    @app.post("/json")
    def read_json(book: Book):
        return {"price": book.price}

    @app.put("/form")
    @app.post("/form")
    def read_form(name: Annotated[str, Form()]):
        return {"length": len(name)}

    @app.post("/files")
    def read_files(files: list[UploadFile]):
        return {"files": len(files)}

    @app.get("/query")
    def read_query(limit: int = 10, used: bool | None = None):
        return {"limit": limit, "used": used}

    return app


class PlainDjango:
    """A URLconf."""

    @staticmethod
    def read_json(request):
        return JsonResponse({"price": json.loads(request.body)["price"]})

    @staticmethod
    def read_form(request):
        return JsonResponse({"length": len(request.POST["name"])})

    @staticmethod
    def read_files(request):
        return JsonResponse({"files": len(request.FILES.getlist("files"))})

    @staticmethod
    def read_query(request):
        limit = int(request.GET.get("limit", 10))
        return JsonResponse({"limit": limit, "used": request.GET.get("used")})

    urlpatterns = (
        path("json", csrf_exempt(read_json)),
        path("form", csrf_exempt(read_form)),
        path("files", csrf_exempt(read_files)),
        path("query", read_query),
    )


@pytest.fixture
def plain(request, framework):
    """A client on the application above, with the framework's own settings."""
    made = {"flask": plain_flask, "fastapi": plain_fastapi}.get(framework, lambda: None)()
    if framework == "django":
        snippet = request.getfixturevalue("snippet")
        settings = request.getfixturevalue("settings")
        for name in snippet.SETTINGS:
            setattr(settings, name, getattr(global_settings, name))
        settings.ROOT_URLCONF = PlainDjango
    witness = request.config.stash.get(WITNESS, None)
    with clients.connect(
        framework,
        SimpleNamespace(app=made),
        raise_app_exceptions=False,
        on_response=witness and witness.record_exchange,
    ) as client:
        yield client


def status_is(response, expected):
    assert str(response.status_code) == str(expected)[:3]


@differs(flask="400, HTML", fastapi="422, JSON", django=500)
def test_cut_off_json_without_handlers(plain, expected):
    """Nothing configured: JSON that is cut off"""
    response = plain.post("/json", content=b'{"price": ', headers=JSON)
    status_is(response, expected)
    is_json = response.headers["content-type"] == "application/json"
    assert is_json is ("JSON" in str(expected))


@differs(flask=500, fastapi=400, django=500)
def test_a_hundred_thousand_brackets_without_handlers(plain, expected):
    """Nothing configured: 100,000 times `[` as JSON"""
    status_is(plain.post("/json", content=b"[" * 100_000, headers=JSON), expected)


@differs(flask=415, fastapi=422, django=200)
def test_json_called_text_without_handlers(plain, expected):
    """Nothing configured: JSON sent as `text/plain`"""
    headers = {"content-type": "text/plain"}
    status_is(plain.post("/json", content=b'{"price": 1}', headers=headers), expected)


@differs(flask="200, `NaN`", fastapi="500", django="200, `NaN`")
def test_nan_echoed_without_handlers(plain, expected):
    """Nothing configured: `NaN` in JSON, sent back"""
    response = plain.post("/json", content=b'{"price": NaN}', headers=JSON)
    status_is(response, expected)
    assert ("NaN" in response.text) is ("NaN" in expected)


@differs(flask=400, fastapi=422, django=500)
def test_a_missing_form_field_without_handlers(plain, expected):
    """Nothing configured: a form field is missing"""
    status_is(plain.post("/form", data={"title": "Dune"}), expected)


@differs(flask=200, fastapi=200, django="500, an empty form")
def test_a_form_sent_with_put_without_handlers(plain, expected):
    """Nothing configured: a form sent with `PUT`"""
    status_is(plain.put("/form", data={"name": "Ada"}), expected)


@differs(flask="200, the default", fastapi=422, django=500)
def test_a_word_for_a_number_without_handlers(plain, expected):
    """Nothing configured: `?limit=many`, read as a number"""
    response = plain.get("/query?limit=many")
    status_is(response, expected)
    if response.status_code == 200:
        assert response.json()["limit"] == 10


@differs(flask="true", fastapi="false", django='the text `"false"`')
def test_false_in_a_query_without_handlers(plain, expected):
    """Nothing configured: `?used=false`, read as a boolean"""
    used = plain.get("/query?used=false").json()["used"]
    assert used == {"true": True, "false": False}.get(expected, "false")


@differs(flask=200, fastapi=200, django=400)
def test_three_megabytes_of_json_without_limits(plain, expected):
    """Nothing configured: 3 MB of JSON"""
    body = b'{"price": 1%b}' % (b" " * 3_000_000)
    status_is(plain.post("/json", content=body, headers=JSON), expected)


def test_three_megabytes_of_file_without_limits(plain):
    """Nothing configured: a file of 3 MB is read by all three"""
    response = plain.post("/files", files={"files": ("a.txt", b"x" * 3_000_000)})
    assert response.status_code == 200
    assert response.json() == {"files": 1}


@differs(flask=413, fastapi=200, django=200)
def test_a_text_field_of_600_kb_without_limits(plain, expected):
    """Nothing configured: a multipart text field of 600 kB"""
    body = part(b'name="name"', b"x" * 600_000)
    status_is(plain.post("/form", content=body, headers=MULTIPART), expected)


@differs(flask=413, fastapi=400, django=200)
def test_a_text_field_of_1200_kb_without_limits(plain, expected):
    """Nothing configured: a multipart text field of 1.2 MB"""
    body = part(b'name="name"', b"x" * 1_200_000)
    status_is(plain.post("/form", content=body, headers=MULTIPART), expected)


@differs(flask=200, fastapi=400, django=400)
def test_a_form_of_1001_fields_without_limits(plain, expected):
    """Nothing configured: a form of 1,001 fields"""
    status_is(plain.post("/form", data={"name": ["x"] * 1001}), expected)


@differs(flask=200, fastapi=200, django=400)
def test_101_files_without_limits(plain, expected):
    """Nothing configured: a form of 101 files"""
    files = [("files", ("a.txt", b"x"))] * 101
    status_is(plain.post("/files", files=files), expected)
