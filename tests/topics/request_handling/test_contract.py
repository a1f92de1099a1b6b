"""Contract of the chapter on request handling."""

import json
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.harness.bodies import offer
from tests.harness.differs import differs, in_process, only

LIMIT = 20_000
JSON = {"content-type": "application/json"}
MULTIPART = {"content-type": "multipart/form-data; boundary=page"}
URLENCODED = {"content-type": "application/x-www-form-urlencoded"}


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


def status_is(response, expected):
    """The status is the number with which a cell of the table begins."""
    assert str(response.status_code) == str(expected)[:3]


# Nothing configured: the application in conftest.py. What costs a reader most comes first.


@differs(flask=415, fastapi=422, django="200, read as JSON")
def test_json_called_text_without_handlers(plain, expected):
    """Nothing configured: JSON sent as `text/plain`

    Django\'s view calls `json.loads(request.body)`.
    """
    headers = {"content-type": "text/plain"}
    status_is(plain.post("/json", content=b'{"price": 1}', headers=headers), expected)


@differs(flask="200, no limit", fastapi="200, no limit", django=400)
def test_three_megabytes_of_json_without_limits(plain, expected):
    """Nothing configured: 3 MB of JSON"""
    body = b'{"price": 1%b}' % (b" " * 3_000_000)
    status_is(plain.post("/json", content=body, headers=JSON), expected)


@differs(flask="400, HTML", fastapi="422, JSON", django=500)
def test_cut_off_json_without_handlers(plain, expected):
    """Nothing configured: JSON that is cut off

    Django\'s view calls `json.loads(request.body)`.
    """
    response = plain.post("/json", content=b'{"price": ', headers=JSON)
    status_is(response, expected)
    is_json = response.headers["content-type"] == "application/json"
    assert is_json is ("JSON" in str(expected))


@differs(flask=500, fastapi=400, django=500)
def test_a_hundred_thousand_brackets_without_handlers(plain, expected):
    """Nothing configured: 100,000 times `[` as JSON"""
    status_is(plain.post("/json", content=b"[" * 100_000, headers=JSON), expected)


@differs(flask="200, `NaN`", fastapi="500", django="200, `NaN`")
def test_nan_echoed_without_handlers(plain, expected):
    """Nothing configured: `NaN` in JSON, sent back"""
    response = plain.post("/json", content=b'{"price": NaN}', headers=JSON)
    status_is(response, expected)
    assert ("NaN" in response.text) is ("NaN" in expected)


@differs(flask=400, fastapi=422, django=500)
def test_a_missing_form_field_without_handlers(plain, expected):
    """Nothing configured: a form field is missing

    Flask\'s view asks for `request.form["name"]`, Django\'s for `request.POST["name"]`.
    """
    status_is(plain.post("/form", data={"title": "Dune"}), expected)


@differs(flask=200, fastapi=200, django="500, an empty form")
def test_a_form_sent_with_put_without_handlers(plain, expected):
    """Nothing configured: a form sent with `PUT`"""
    status_is(plain.put("/form", data={"name": "Ada"}), expected)


@differs(flask="200, the default", fastapi=422, django=500)
def test_a_word_for_a_number_without_handlers(plain, expected):
    """Nothing configured: `?limit=many`, read as a number

    Flask\'s view calls `request.args.get("limit", 10, type=int)`, Django\'s `int(…)`.
    """
    response = plain.get("/query?limit=many")
    status_is(response, expected)
    if response.status_code == 200:
        assert response.json()["limit"] == 10


@differs(flask="true", fastapi="false", django='the text `"false"`')
def test_false_in_a_query_without_handlers(plain, expected):
    """Nothing configured: `?used=false`, read as a boolean"""
    used = plain.get("/query?used=false").json()["used"]
    assert used == {"true": True, "false": False}.get(expected, "false")


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


@differs(flask=200, fastapi=400, django=200)
def test_an_urlencoded_field_of_1200_kb_without_limits(plain, expected):
    """Nothing configured: a text field of 1.2 MB in a form that is not multipart"""
    status_is(plain.post("/form", data={"name": "x" * 1_200_000}), expected)


@differs(flask=200, fastapi=400, django=400)
def test_a_form_of_1001_fields_without_limits(plain, expected):
    """Nothing configured: a form of 1,001 fields"""
    status_is(plain.post("/form", data={"name": ["x"] * 1001}), expected)


@differs(flask=413, fastapi=400, django=400)
def test_a_multipart_form_of_1001_fields_without_limits(plain, expected):
    """Nothing configured: a multipart form of 1,001 fields"""
    fields = [("name", (None, "x"))] * 1001
    status_is(plain.post("/form", files=fields), expected)


# On real servers, each as it is without settings


FORWARDED = {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "https"}
BELIEVED = {
    ("127.0.0.1", "http"): "neither",
    ("127.0.0.1", "https"): "the scheme",
    ("192.0.2.1", "https"): "both",
}


@differs(
    flask="gunicorn: the scheme; waitress: neither",
    fastapi="uvicorn: both",
    django="gunicorn: the scheme; uvicorn: both",
)
def test_what_a_server_believes_of_a_proxy_on_the_same_machine(stacks, framework, expected):
    """`X-Forwarded-For` and `-Proto` from 127.0.0.1: what a server believes unless told otherwise"""
    said = []
    for stack in stacks(framework):
        with stack.client() as client:
            visit = client.get("/visit", headers=FORWARDED).json()
        said.append(f"{stack.server}: {BELIEVED[visit['address'], visit['scheme']]}")
    assert "; ".join(said) == expected


@differs(
    flask="gunicorn: read; waitress: read",
    fastapi="uvicorn: read",
    django="gunicorn: empty; uvicorn: read",
)
def test_what_a_server_makes_of_a_body_in_chunks(stacks, framework, expected):
    """A body in chunks, without `Content-Length`"""
    said = []
    for stack in stacks(framework):
        with stack.client() as client:
            answer = client.put("/stock", content=iter([b"a\n", b"b\n"])).json()
        said.append(f"{stack.server}: { {2: 'read', 0: 'empty'}[answer['lines']] }")
    assert "; ".join(said) == expected


def on_each(stacks, framework, method, url, pieces):
    """What each server of the framework answers to a body in chunks: "gunicorn: 201"."""
    said = []
    for stack in stacks(framework):
        with stack.client() as client:
            answer = client.request(method, url, content=iter(pieces), headers=JSON)
        said.append(f"{stack.server}: {answer.status_code}")
    return "; ".join(said)


@differs(
    flask="gunicorn: 201; waitress: 413",
    fastapi="uvicorn: 413",
    django="gunicorn: 400; uvicorn: 413",
)
def test_long_json_in_chunks(stacks, framework, expected):
    """30,000 bytes of JSON in chunks, where 20,000 are allowed"""
    pieces = [b'{"title": "Dune", "price": 1}', b" " * (30_000 - 29)]
    assert on_each(stacks, framework, "POST", "/books", pieces) == expected


@differs(
    flask="gunicorn: 413; waitress: 413",
    fastapi="uvicorn: 413",
    django="gunicorn: 200; uvicorn: 413",
)
def test_a_long_stream_in_chunks(stacks, framework, expected):
    """A raw body of 30,000 bytes in chunks, where 20,000 are allowed"""
    assert on_each(stacks, framework, "PUT", "/stock", [b"x" * 15_000] * 2) == expected


ANNOUNCED = (
    b"POST /books HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
    b"Content-Type: application/json\r\nContent-Length: 1000000\r\n\r\n"
)


@differs(
    flask="gunicorn: 413; waitress: waits",
    fastapi="uvicorn: 413",
    django="gunicorn: 413; uvicorn: waits",
)
def test_a_large_body_that_is_announced_and_not_sent(stacks, framework, expected):
    """A client announces 1,000,000 bytes and sends none: what a server does"""
    said = []
    for stack in stacks(framework):
        with stack.client() as client:
            client.get("/visit")  # it has started
        with socket.create_connection(("127.0.0.1", stack.port)) as client:
            client.sendall(ANNOUNCED)
            # A server that answers may be slow; one that waits would do so for minutes.
            client.settimeout(0.5 if f"{stack.server}: waits" in expected else 30)
            try:
                answer = client.recv(12)[9:].decode()
            except TimeoutError:
                answer = "waits"
        said.append(f"{stack.server}: {answer}")
    assert "; ".join(said) == expected


TWICE = [("X-Trace", "t1"), ("X-Trace", "t2")]
COUNTS = {"t1": "the first", "t1,t2": "both"}


@differs(
    flask="gunicorn: both; waitress: both",
    fastapi="uvicorn: the first",
    django="gunicorn: both; uvicorn: both",
)
def test_a_header_sent_twice(stacks, framework, expected):
    """`X-Trace: t1` and `X-Trace: t2`: the first counts, or both, joined by a comma"""
    said = []
    for stack in stacks(framework):
        with stack.client() as client:
            trace = client.get("/visit", headers=TWICE).json()["trace"]
        said.append(f"{stack.server}: {COUNTS[trace.replace(' ', '')]}")
    assert "; ".join(said) == expected


# The query


def test_a_query_arrives_with_its_types(client):
    response = client.get("/search?q=dune&limit=5&tag=sf&tag=epic")
    assert response.status_code == 200
    assert response.json() == {"q": "dune", "limit": 5, "tags": ["sf", "epic"]}


def test_what_the_query_leaves_out_has_a_default(client):
    """What the query leaves out has a default: the limit is 10"""
    assert client.get("/search").json() == {"q": "", "limit": 10, "tags": []}


LONGER_THAN_A_SERVER_TAKES = pytest.param(
    "9" * 5000, marks=in_process("a longer URL than Gunicorn takes")
)


@pytest.mark.parametrize("limit", ["0", "51", "1.5", LONGER_THAN_A_SERVER_TAKES, "many"])
def test_a_limit_that_is_no_number_or_out_of_range_is_named(client, limit):
    """`limit=many`, `1.5`, `0` and `51` are a 422 that names the field `limit`"""
    assert refused_fields(client.get(f"/search?limit={limit}")) == {"limit"}


@differs(flask=422, fastapi=422, django="200, the default")
def test_an_empty_limit(client, expected):
    """`GET /search?limit=`, as a search form sends an empty box"""
    response = client.get("/search?limit=")
    status_is(response, expected)
    if response.status_code == 200:
        assert response.json()["limit"] == 10
    else:
        assert refused_fields(response) == {"limit"}


@pytest.mark.parametrize("limit", [1, 50])
def test_the_smallest_and_the_largest_limit_are_taken(client, limit):
    assert client.get(f"/search?limit={limit}").json()["limit"] == limit


@differs(flask="the first", fastapi="the last", django="the last")
def test_a_value_sent_twice(client, expected):
    """`GET /search?limit=1&limit=2`: which one counts"""
    counts = {1: "the first", 2: "the last"}
    assert counts[client.get("/search?limit=1&limit=2").json()["limit"]] == expected


@differs(flask="the first", fastapi="the last", django="the last")
def test_a_cookie_sent_twice(client, expected):
    """`Cookie: theme=dark; theme=light`: which one counts"""
    response = client.get("/visit", headers={"Cookie": "theme=dark; theme=light"})
    counts = {"dark": "the first", "light": "the last"}
    assert counts[response.json()["theme"]] == expected


# JSON


def post_json(client, text):
    content = text if isinstance(text, bytes) else text.encode()
    return client.post("/books", content=content, headers=JSON)


def test_a_json_body_becomes_a_book(client):
    book = {"title": "Dune", "price": 12.5, "authors": [{"name": "Frank Herbert"}]}
    response = client.post("/books", json=book)
    assert response.status_code == 201
    assert response.json() == {**book, "price": "12.5"}


def test_a_price_may_be_sent_as_text_and_keeps_its_digits(client):
    """A price sent as the text `"12.50"` comes back as `"12.50"`"""
    response = client.post("/books", json={"title": "Dune", "price": "12.50"})
    assert response.json() == {"title": "Dune", "price": "12.50", "authors": []}


def test_a_field_nobody_asked_for_is_dropped(client):
    book = {"title": "Dune", "price": 1, "staff": True, "authors": [{"name": "F", "age": 1}]}
    response = client.post("/books", json=book)
    assert response.status_code == 201
    assert response.json() == {"title": "Dune", "price": "1", "authors": [{"name": "F"}]}


def test_of_a_key_sent_twice_the_last_value_counts(client):
    response = post_json(client, '{"title": "Dune", "price": 1, "price": 2}')
    assert response.json()["price"] == "2"


def test_json_that_is_cut_off_is_a_bad_request(client):
    """JSON that is cut off is a 400: `invalid json`"""
    response = post_json(client, '{"title": "Du')
    assert response.status_code == 400
    assert response.json() == {"error": "invalid json"}


def post_dune(client, media_type):
    headers = {"content-type": media_type} if media_type else {}
    return client.post("/books", content=b'{"title": "Dune", "price": 1}', headers=headers)


OTHER_TYPES = [
    "text/plain",
    "text/json",
    "application/x-www-form-urlencoded",
    "application/jsonp",
    "application/octet-stream",
    "application/xjson",
    None,
]


@differs(flask=415, fastapi="422, of the field `body`", django=415)
@pytest.mark.parametrize("media_type", OTHER_TYPES)
def test_json_under_another_media_type_is_refused(client, media_type, expected):
    """JSON that calls itself `text/plain`, or gives no media type"""
    response = post_dune(client, media_type)
    status_is(response, expected)
    if response.status_code == 415:
        assert response.json() == {"error": "unsupported media type"}
    else:
        assert refused_fields(response) == {"body"}


JSON_TYPES = [
    "application/json",
    "Application/JSON ; charset=utf-8",
    "application/vnd.api+json",
    "application/merge-patch+json",
]


@pytest.mark.parametrize("media_type", JSON_TYPES)
def test_json_has_more_than_one_media_type(client, media_type):
    """`application/vnd.api+json` is JSON, too, and capitals or a charset change nothing"""
    assert post_dune(client, media_type).status_code == 201


def test_a_wrong_book_gets_an_error_for_every_field(client):
    """A wrong book gets an error for each field, however deep: `authors.1.name`"""
    wrong = {"title": "", "price": -1, "authors": [{"name": "Frank Herbert"}, {"name": ""}]}
    response = client.post("/books", json=wrong)
    assert response.status_code == 422
    assert response.json() == {
        "errors": {
            "title": ["String should have at least 1 character"],
            "price": ["Input should be greater than or equal to 0"],
            "authors.1.name": ["String should have at least 1 character"],
        }
    }


@pytest.mark.parametrize("body", ["{}", '{"title": null, "price": null}'])
def test_a_missing_field_is_named(client, body):
    assert refused_fields(post_json(client, body)) == {"title", "price"}


@pytest.mark.parametrize("body", ['"Dune"', "null", "7", "[1]"])
def test_json_that_is_no_object_is_refused(client, body):
    """JSON that is no object is a 422 of the field `body`"""
    assert refused_fields(post_json(client, body)) == {"body"}


def post_price(client, price):
    return post_json(client, f'{{"title": "Dune", "price": {price}}}')


@pytest.mark.parametrize(
    "price", ['"x"', "true", "[1]", '{"a": 1}', "-0.01", "10000", "12345.6", "1.234"]
)
def test_a_price_that_is_none_is_refused(client, price):
    assert refused_fields(post_price(client, price)) == {"price"}


@pytest.mark.parametrize("price", ["0", "9999.99"])
def test_prices_from_nothing_to_the_largest_are_taken(client, price):
    response = post_price(client, price)
    assert response.status_code == 201
    assert response.json()["price"] == price


@pytest.mark.parametrize("price", ["Infinity", "-Infinity", "1e999", "NaN"])
def test_a_number_that_is_not_finite_is_refused(client, price):
    """`NaN` and `1e999` for a price are refused by the field of type `Decimal`"""
    assert refused_fields(post_price(client, price)) == {"price"}


@pytest.mark.parametrize("title", ["5", "true", '["Dune"]', "{}"])
def test_a_title_has_to_be_text(client, title):
    response = post_json(client, f'{{"title": {title}, "price": 1}}')
    assert refused_fields(response) == {"title"}


HARD = {
    "deep": b"[" * LIMIT,
    "deep objects": b'{"title": ' * 1900,
    "long number": b'{"title": "Dune", "price": %b}' % (b"9" * 5000),
    "no UTF-8": b'{"title": "\xff"}',
}


@pytest.mark.parametrize("body", HARD.values(), ids=HARD)
def test_json_that_the_parser_gives_up_on_is_a_bad_request(client, body):
    """20,000 opening brackets, a number of 5,000 digits, no UTF-8: a 400, not a 500"""
    response = post_json(client, body)
    assert response.status_code == 400
    assert set(response.json()) == {"error"}


def test_a_null_character_is_text(client):
    r"""`"title": "\u0000"`: a null character passes Pydantic"""
    response = post_json(client, r'{"title": "\u0000", "price": 1}')
    assert response.status_code == 201
    assert response.json()["title"] == "\x00"


texts = st.text("a0 \x00\u00e9\u20ac\ud800", max_size=3)
keys = st.sampled_from(["title", "price", "authors", "name", "other"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=5,
)
bodies = st.one_of(st.dictionaries(keys, values), values)


@given(body=bodies)
def test_any_json_is_answered(client, body):
    """Whatever JSON is sent, the answer is 201, 400 or 422, and not a 500"""
    assert post_json(client, json.dumps(body)).status_code in (201, 400, 422)


@differs(flask=400, fastapi=422, django=400)
def test_an_empty_body(client, expected):
    """An empty body that is called JSON"""
    assert post_json(client, "").status_code == expected


# Forms


def test_a_form_is_read(client):
    response = client.post("/customers", data={"name": "Ada", "newsletter": "on"})
    assert response.status_code == 201
    assert response.json() == {"name": "Ada", "newsletter": True}


def test_a_box_that_is_not_ticked_is_not_sent_and_means_no(client):
    response = client.post("/customers", data={"name": "Ada"})
    assert response.json() == {"name": "Ada", "newsletter": False}


@differs(flask=422, fastapi="201, no", django="201, no")
def test_an_empty_box(client, expected):
    """A form with `newsletter=`, an empty text"""
    response = client.post("/customers", data={"name": "Ada", "newsletter": ""})
    status_is(response, expected)
    if response.status_code == 201:
        assert response.json()["newsletter"] is False
    else:
        assert refused_fields(response) == {"newsletter"}


@differs(flask=422, fastapi=422, django="201, yes")
def test_a_box_with_a_value_of_its_own(client, expected):
    """A form with `newsletter=weekly`, from a box with a `value` other than `on`"""
    response = client.post("/customers", data={"name": "Ada", "newsletter": "weekly"})
    status_is(response, expected)
    if response.status_code == 201:
        assert response.json()["newsletter"] is True
    else:
        assert refused_fields(response) == {"newsletter"}


def test_a_form_may_come_as_multipart(client):
    body = part(b'name="name"', b"Ada")
    response = client.post("/customers", content=body, headers=MULTIPART)
    assert response.json() == {"name": "Ada", "newsletter": False}


@pytest.mark.parametrize("form", [{}, {"nickname": "Ada"}, {"name": "x" * 41}, {"name": ""}])
def test_a_name_that_is_missing_empty_or_too_long_is_refused(client, form):
    assert refused_fields(client.post("/customers", data=form)) == {"name"}


@pytest.mark.parametrize("name", ["x", "x" * 40])
def test_the_shortest_and_the_longest_name_are_taken(client, name):
    assert client.post("/customers", data={"name": name}).status_code == 201


def test_json_sent_to_a_form_route_is_an_empty_form(client):
    assert refused_fields(client.post("/customers", json={"name": "Ada"})) == {"name"}


@differs(flask="422, an empty form", fastapi=400, django=400)
def test_a_multipart_body_without_a_boundary(client, expected):
    """A multipart form that does not name its boundary"""
    body = part(b'name="name"', b"Ada")
    headers = {"content-type": "multipart/form-data"}
    response = client.post("/customers", content=body, headers=headers)
    status_is(response, expected)
    assert set(response.json()) <= {"error", "errors"}


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
    """`x-TRACE` is the header `X-Trace`"""
    assert client.get("/visit", headers={"x-TRACE": "t2"}).json()["trace"] == "t2"


def test_a_header_and_a_cookie_that_were_not_sent_are_null(client):
    visit = client.get("/visit").json()
    assert visit["trace"] is None
    assert visit["theme"] is None


@in_process("HTTPS")
def test_the_scheme_is_the_one_the_server_saw(client):
    assert client.get("https://testserver/visit").json()["scheme"] == "https"


@in_process("without a server")
def test_the_framework_alone_does_not_believe_the_headers_of_a_proxy(client):
    """Without a server, `X-Forwarded-For` and `X-Forwarded-Proto` change nothing"""
    visit = client.get("/visit", headers=FORWARDED).json()
    assert (visit["address"], visit["scheme"]) == ("127.0.0.1", "http")


# Raw bodies and sizes


def test_a_raw_body_is_read_in_pieces(client):
    response = client.put("/stock", content=b"dune,3\nemma,1\n")
    assert response.status_code == 200
    assert response.json() == {"lines": 2}


BODIES = {
    "json": ("POST", "/books", JSON, b'{"title": "%b"}'),
    "form": ("POST", "/customers", URLENCODED, b"newsletter=on&name=%b"),
    "raw": ("PUT", "/stock", {}, b"\n%b"),
}


def send(client, kind, size):
    method, url, headers, body = BODIES[kind]
    content = body % (b"x" * (size - len(body % b"")))
    assert len(content) == size
    return client.request(method, url, content=content, headers=headers)


@pytest.mark.parametrize("kind", BODIES)
def test_a_body_of_one_byte_too_many_is_refused(client, kind):
    """20,001 bytes where 20,000 are allowed are a 413: JSON, a form, a raw body"""
    assert send(client, kind, LIMIT + 1).status_code == 413


# The first two are read: no price is there, and the name is too long.
@pytest.mark.parametrize(
    ("kind", "size", "status"),
    [("json", LIMIT, 422), ("form", LIMIT, 422), ("raw", LIMIT - 1, 200)],
)
def test_a_body_of_the_allowed_size_is_read(client, kind, size, status):
    """20,000 bytes of JSON or of a form are read, and 19,999 of a raw body"""
    assert send(client, kind, size).status_code == status


def test_a_multipart_field_that_is_too_large_is_refused(client):
    """A multipart text field of 20,001 bytes is a 413"""
    body = part(b'name="name"', b"x" * (LIMIT + 1))
    assert client.post("/customers", content=body, headers=MULTIPART).status_code == 413


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


@only("flask", "fastapi")
def test_a_large_body_is_refused_unread(snippet):
    """A body of 1,000,000 bytes is a 413 before its first byte is read"""
    assert offer(snippet.app, "/books", "application/json", 1_000_000) == (413, 0)


@differs(flask=200, fastapi=413, django=200)
def test_a_large_body_that_the_view_never_reads(client, expected):
    """A body of 20,001 bytes, for a view that reads none"""
    response = client.request("GET", "/visit", content=b"x" * (LIMIT + 1))
    assert response.status_code == expected


# Curiosities


@differs(flask="it stays `%FF`", fastapi="it becomes `U+FFFD`", django="it becomes `U+FFFD`")
def test_a_query_that_is_not_utf_8(client, expected):
    """`GET /search?q=%FF`: a byte that is no UTF-8"""
    became = {"%FF": "it stays `%FF`", "\N{REPLACEMENT CHARACTER}": "it becomes `U+FFFD`"}
    assert became[client.get("/search?q=%FF").json()["q"]] == expected


@differs(flask=422, fastapi=422, django="400, no JSON to Pydantic")
def test_half_a_character(client, expected):
    r"""`"title": "\ud800"`: half of a surrogate pair"""
    status_is(post_json(client, r'{"title": "\ud800", "price": 1}'), expected)
