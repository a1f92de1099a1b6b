"""Contract of the chapter on what goes back."""

import json
import os
import re
import time
from contextlib import ExitStack
from email.message import Message
from http.cookies import SimpleCookie
from importlib import import_module

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.harness.differs import differs
from tests.harness.sockets import eventually
from tests.harness.sockets import plain as plain_transport
from tests.topics.response_handling.plain import FILE

CATALOGUE = b"Dune, 9.90 EUR\nEmma, 7.50 EUR\nUlysses, 12.00 EUR\n"
YEAR = 31_536_000
"""Seconds."""


def status_is(response, expected):
    """The status is the number with which a cell of the table begins."""
    assert str(response.status_code) == str(expected)[:3]


def media_type(response):
    return response.headers["content-type"]


def cookie_of(response):
    """The only cookie of an answer: its name, value, and attributes but for the date of its end."""
    (text,) = response.headers.get_list("set-cookie")
    ((name, morsel),) = SimpleCookie(text).items()
    attributes = {key: value for key, value in morsel.items() if value and key != "expires"}
    return name, morsel.value, attributes


def shown(attributes):
    """A cookie's attributes as a cell says them."""
    named = {"path": "Path", "samesite": "SameSite", "httponly": "HttpOnly", "secure": "Secure"}
    flat = {
        key: "" if value is True else f"={str(value).title()}" for key, value in attributes.items()
    }
    return "; ".join(f"{named[key]}{flat[key]}" for key in named if key in flat)


# Nothing configured: the application in plain.py. What costs a reader most comes first.


@differs(
    flask="labelled `GMT`, which it may not be",
    fastapi="no zone",
    django="no zone",
)
def test_a_naive_datetime_without_configuration(plain, expected):
    """Nothing configured: a `datetime` without a zone in JSON"""
    texts = {
        "Tue, 24 Nov 2026 09:30:00 GMT": "labelled `GMT`, which it may not be",
        "2026-11-24T09:30:00.123456": "no zone",
        "2026-11-24T09:30:00.123": "no zone",
    }
    assert texts[plain.get("/json/naive").json()["value"]] == expected


@differs(
    flask="`Tue, 24 Nov 2026 09:30:00 GMT`",
    fastapi="`2026-11-24T09:30:00.123456+00:00`",
    django="`2026-11-24T09:30:00.123Z`",
)
def test_a_datetime_in_utc_without_configuration(plain, expected):
    """Nothing configured: a `datetime` in UTC in JSON"""
    assert f"`{plain.get('/json/aware').json()['value']}`" == expected


@differs(flask='`"1.10"`, a text', fastapi="`1.1`, a number", django='`"1.10"`, a text')
def test_a_decimal_without_configuration(plain, expected):
    """Nothing configured: `Decimal("1.10")` in JSON"""
    assert plain.get("/json/decimal").text.replace(" ", "")[9:-1].strip("}\n") in expected
    value = plain.get("/json/decimal").json()["value"]
    assert type(value) is (float if "number" in expected else str)


@differs(flask="200, `NaN`", fastapi=500, django="200, `NaN`")
def test_nan_without_configuration(plain, expected):
    """Nothing configured: `float("nan")` in JSON, where `NaN` does not exist"""
    response = plain.get("/json/nan")
    status_is(response, expected)
    assert ("NaN" in response.text) is ("NaN" in str(expected))


@differs(flask=302, fastapi=307, django=302)
def test_a_redirect_without_a_status(plain, expected):
    """Nothing configured: the status of a redirect after a `POST`

    Views call `redirect("/done")`, in FastAPI `RedirectResponse("/done")`; a browser goes by `GET`.
    """
    response = plain.post("/redirect")
    assert response.status_code == expected
    assert response.headers["location"] == "/done"


@differs(flask="`Path=/`", fastapi="`Path=/; SameSite=Lax`", django="`Path=/`")
def test_a_cookie_without_attributes(plain, expected):
    """Nothing configured: which of `Path`, `SameSite`, `HttpOnly` and `Secure` a cookie has"""
    name, value, attributes = cookie_of(plain.get("/cookie/dark"))
    assert (name, value) == ("name", "dark")
    assert f"`{shown(attributes)}`" == expected


@pytest.mark.parametrize("path", ["/value/list", "/json/date", "/cookie/dark", "/stream"])
def test_nobody_speaks_to_caches_unasked(plain, path):
    """Nothing configured: no `Cache-Control`, no `Vary`"""
    headers = plain.get(path).headers
    assert "cache-control" not in headers
    assert "vary" not in headers


@differs(flask="`no-cache`", fastapi="none", django="none")
def test_a_file_speaks_to_caches_without_configuration(plain, expected):
    """Nothing configured: the `Cache-Control` of a file"""
    found = plain.get("/file").headers.get("cache-control")
    assert (f"`{found}`" if found else "none") == expected


SECURITY = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


@differs(flask="none", fastapi="none", django="4, its own middleware's")
def test_security_headers_without_configuration(plain, expected):
    """Nothing configured: headers that keep a browser from guessing, framing and telling"""
    sent = plain.get("/empty").headers
    found = {name: sent[name] for name in SECURITY if name in sent}
    assert found == ({} if expected == "none" else SECURITY)


@differs(flask="`ETag` and `Last-Modified`", fastapi="`ETag` and `Last-Modified`", django="neither")
def test_a_file_says_which_version_it_is(plain, expected):
    """Nothing configured: what a file's answer says of its version"""
    sent = plain.get("/file").headers
    names = [name for name in ("ETag", "Last-Modified") if name in sent]
    assert (" and ".join(f"`{name}`" for name in names) or "neither") == expected


@differs(flask=304, fastapi="200, the whole file", django="200, the whole file")
def test_a_file_that_has_not_changed_without_configuration(plain, expected):
    """Nothing configured: a file that the client has already, by `If-None-Match`"""
    known = plain.get("/file").headers.get("etag", '"some"')
    response = plain.get("/file", headers={"If-None-Match": known})
    status_is(response, expected)
    assert response.content == (b"" if expected == 304 else FILE.read_bytes())


@differs(flask="206, these four", fastapi="206, these four", django="200, the whole file")
def test_four_bytes_of_a_file_without_configuration(plain, expected):
    """Nothing configured: `Range: bytes=0-3` of a file"""
    response = plain.get("/file", headers={"Range": "bytes=0-3"})
    status_is(response, expected)
    whole = FILE.read_bytes()
    assert response.content == (whole[:4] if "four" in expected else whole)


@differs(flask="`text/html`", fastapi="JSON", django=500)
def test_a_view_that_returns_a_string(plain, expected):
    """Nothing configured: a view returns a string"""
    returned(plain, "text", expected)


@differs(flask="`text/html`", fastapi="JSON", django=500)
def test_a_view_that_returns_bytes(plain, expected):
    """Nothing configured: a view returns `bytes`"""
    returned(plain, "bytes", expected)


@differs(flask="JSON", fastapi="JSON", django=500)
def test_a_view_that_returns_a_dict(plain, expected):
    """Nothing configured: a view returns a dict"""
    returned(plain, "dict", expected, {"title": "Dune", "id": 1})


@differs(flask="JSON", fastapi="JSON", django=500)
def test_a_view_that_returns_a_list(plain, expected):
    """Nothing configured: a view returns a list"""
    returned(plain, "list", expected, ["Dune", "Emma"])


@differs(flask="the status 201", fastapi="a list of both, as 200", django=500)
def test_a_view_that_returns_a_tuple(plain, expected):
    """Nothing configured: a view returns a dict and 201"""
    response = plain.get("/value/tuple")
    if expected == 500:
        assert response.status_code == 500
    else:
        assert response.status_code == (201 if "status" in expected else 200)
        both = [{"title": "Dune"}, 201]
        assert response.json() == (both[0] if "status" in expected else both)


@differs(flask=500, fastapi="`null`", django=500)
def test_a_view_that_returns_nothing(plain, expected):
    """Nothing configured: a view returns `None`, or forgets to return"""
    returned(plain, "nothing", expected)


@differs(flask=500, fastapi="`5`", django=500)
def test_a_view_that_returns_a_number(plain, expected):
    """Nothing configured: a view returns the number 5"""
    returned(plain, "number", expected)


@differs(flask=500, fastapi="JSON", django=500)
def test_a_view_that_returns_a_dataclass(plain, expected):
    """Nothing configured: a view returns a dataclass"""
    returned(plain, "dataclass", expected, {"title": "Dune"})


@differs(flask="`text/html`, piece by piece", fastapi="lines of JSON", django=500)
def test_a_view_that_returns_a_generator(plain, expected):
    """Nothing configured: a view returns a generator, or is one"""
    response = plain.get("/value/generator")
    if expected == 500:
        assert response.status_code == 500
    elif "JSON" in expected:
        assert media_type(response) == "application/jsonl"
        assert response.text == '"Dune"\n"Emma"\n'
    else:
        assert media_type(response) == "text/html; charset=utf-8"
        assert response.text == "DuneEmma"


def returned(plain, name, expected, data="Dune"):
    """A view that returns what `name` stands for is answered as the cell says."""
    response = plain.get(f"/value/{name}")
    if expected == 500:
        assert response.status_code == 500
        return
    assert response.status_code == 200
    if expected == "`text/html`":
        assert media_type(response) == "text/html; charset=utf-8"
        assert response.text == data
    else:
        assert media_type(response) == "application/json"
        assert response.json() == (data if expected == "JSON" else json.loads(expected.strip("`")))


@differs(flask="sorted by key", fastapi="as written", django="as written")
def test_the_order_of_keys_without_configuration(plain, expected):
    """Nothing configured: the order of keys in JSON"""
    orders = {("a", "b"): "sorted by key", ("b", "a"): "as written"}
    assert orders[tuple(plain.get("/json/keys").json()["value"])] == expected


@differs(
    flask=500, fastapi="the number becomes `2` in quotes", django="the number becomes `2` in quotes"
)
def test_keys_of_two_types_without_configuration(plain, expected):
    """Nothing configured: a dict with a text and a number as keys, in JSON"""
    response = plain.get("/json/mixed")
    if expected == 500:
        assert response.status_code == 500
    else:
        assert response.json() == {"value": {"b": 1, "2": "a"}}


@differs(flask="`\\u00e9`", fastapi="`é`", django="`\\u00e9`")
def test_an_accent_without_configuration(plain, expected):
    r"""Nothing configured: how `é` is written in JSON"""
    response = plain.get("/json/accent")
    assert expected.strip("`") in response.text
    assert response.json() == {"value": "Café"}


@differs(flask="`Tue, 24 Nov 2026 00:00:00 GMT`", fastapi="`2026-11-24`", django="`2026-11-24`")
def test_a_date_without_configuration(plain, expected):
    """Nothing configured: a `date` in JSON"""
    assert f"`{plain.get('/json/date').json()['value']}`" == expected


@differs(flask=500, fastapi="`3605.0`, seconds", django="`P0DT01H00M05S`")
def test_a_timedelta_without_configuration(plain, expected):
    """Nothing configured: a `timedelta` of an hour and 5 seconds in JSON"""
    response = plain.get("/json/timedelta")
    if expected == 500:
        assert response.status_code == 500
    else:
        assert expected.startswith(f"`{response.json()['value']}`")


@differs(flask=500, fastapi="`[1]`", django=500)
def test_a_set_without_configuration(plain, expected):
    """Nothing configured: a set in JSON"""
    inside(plain, "set", expected, [1])


@differs(flask=500, fastapi="a text", django=500)
def test_bytes_in_json_without_configuration(plain, expected):
    """Nothing configured: `bytes` in JSON"""
    inside(plain, "bytes", expected, "Dune")


@differs(flask="an object", fastapi="an object", django=500)
def test_a_dataclass_in_json_without_configuration(plain, expected):
    """Nothing configured: a dataclass in JSON"""
    inside(plain, "dataclass", expected, {"title": "Dune"})


@differs(flask=500, fastapi="`09:30:00`", django="`09:30:00`")
def test_a_time_without_configuration(plain, expected):
    """Nothing configured: a `time` in JSON"""
    inside(plain, "time", expected, "09:30:00")


def inside(plain, name, expected, data):
    response = plain.get(f"/json/{name}")
    if expected == 500:
        assert response.status_code == 500
    else:
        assert response.json() == {"value": data}


@differs(flask="`charset=utf-8`", fastapi="`charset=utf-8`", django="none")
def test_the_charset_of_a_text_without_configuration(plain, expected):
    """Nothing configured: the charset of a stream of `text/plain`"""
    _, _, charset = media_type(plain.get("/stream")).partition("; ")
    assert (f"`{charset}`" if charset else "none") == expected


@differs(flask="UTF-8, `\\303\\251`", fastapi="Latin-1, `\\351`", django="Latin-1, `\\351`")
def test_an_accent_in_a_cookie(plain, expected):
    """Nothing configured: `é` in the value of a cookie"""
    (text,) = plain.get("/cookie/é").headers.get_list("set-cookie")
    assert re.findall('name="(.*)"', text) == [expected.partition("`")[2].strip("`")]


# On real servers, each as it is without settings


@pytest.fixture
def ask():
    """A client that keeps no connection: what a server does to one shall not meet the next."""
    with httpx2.Client(
        transport=plain_transport(), timeout=60, headers={"Connection": "close"}
    ) as client:
        yield client


def of_each(stacks, framework, say):
    """What is said of each server of a framework, as a cell of the table."""
    said = [f"{stack.server}: {say(stack.address)}" for stack in stacks(framework)]
    return "; ".join(said)


@differs(
    flask="gunicorn: 500; waitress: 500",
    fastapi="uvicorn: no answer, the connection ends",
    django="gunicorn: 500; uvicorn: 500",
)
def test_a_header_with_a_line_break(stacks, framework, ask, expected):
    r"""A view sets a header to `Dune\r\nSet-Cookie: admin=1`"""

    def say(address):
        try:
            response = ask.get(f"{address}/plain/header")
        except httpx2.RemoteProtocolError:
            return "no answer, the connection ends"
        assert "set-cookie" not in response.headers
        return response.status_code

    assert of_each(stacks, framework, say) == expected


@differs(
    flask="gunicorn: 500; waitress: 500",
    fastapi="uvicorn: 500",
    django="gunicorn: `=?utf-8?b?OSDigqw=?=`; uvicorn: `=?utf-8?b?OSDigqw=?=`",
)
def test_a_header_that_is_not_latin_1(stacks, framework, ask, expected):
    """A view sets a header to `9 €`, which Latin-1 has no byte for"""

    def say(address):
        response = ask.get(f"{address}/plain/euro")
        price = response.headers.get("x-price")
        return f"`{price}`" if price else response.status_code

    assert of_each(stacks, framework, say) == expected


def test_an_error_after_the_first_byte(stacks, framework, ask):
    """A stream fails after its first line: the status stays 200, and the body is cut off"""

    def say(address):
        lines = []
        cut_off = pytest.raises(httpx2.RemoteProtocolError, match="incomplete chunked read")
        with ask.stream("GET", f"{address}/plain/broken") as response, cut_off:
            lines.extend(response.iter_lines())
        return [response.status_code, *lines]

    for stack in stacks(framework):
        assert say(stack.address) == [200, "first"]
        assert stack.says("RuntimeError: broken in the middle", seconds=10)


def of_gunicorn_and_uvicorn(stacks, framework):
    """Waitress reads ahead: 16 MB of the answer, and it takes its time to see that nobody listens."""
    return {each.server: each.address for each in stacks(framework) if each.server != "waitress"}


def nothing_open(ask, address):
    return eventually(lambda: ask.get(f"{address}/open").json() == [])


def test_a_stream_ends_when_its_client_leaves(stacks, framework, ask):
    """A client leaves after the first of 1,000,000,000 lines, sent without `Content-Length`: on Gunicorn and Uvicorn the resource is released"""
    for address in of_gunicorn_and_uvicorn(stacks, framework).values():
        with ask.stream("GET", f"{address}/prices/1000000000.csv") as response:
            lines = response.iter_lines()
            assert next(lines) == "day,price"
            assert response.headers["transfer-encoding"] == "chunked"
            assert "content-length" not in response.headers
            assert ask.get(f"{address}/open").json() == ["/prices/1000000000.csv"]
        assert nothing_open(ask, address)


def test_a_client_of_events_leaves(stacks, framework, ask):
    """A client hears the first event and leaves: on Gunicorn and Uvicorn nothing stays open"""
    for address in of_gunicorn_and_uvicorn(stacks, framework).values():
        with ask.stream("GET", f"{address}/orders/7/steps") as response:
            lines = response.iter_lines()
            assert "id: packed" in [next(lines) for _ in range(3)]
        assert nothing_open(ask, address)


@differs(
    flask="gunicorn: when it sends again",
    fastapi="uvicorn: at once",
    django="gunicorn: when it sends again; uvicorn: at once",
)
def test_a_client_leaves_while_the_stream_waits(stacks, framework, ask, expected):
    """A client leaves while a generator, under ASGI an asynchronous one, waits for news: when it ends"""
    said = []
    for server, address in of_gunicorn_and_uvicorn(stacks, framework).items():
        with ask.stream("GET", f"{address}/plain/waiting") as response:
            lines = response.iter_lines()
            assert next(lines) == "first"
        if (asgi := server == "uvicorn") or not left_alone(ask, address):
            when = "at once"
            assert nothing_open(ask, f"{address}/plain")
        else:
            when = "when it sends again"
        assert ask.get(f"{address}/plain/go").json() == []
        assert nothing_open(ask, f"{address}/plain")
        said.append(f"{server}: {when}")
        assert asgi is (when == "at once")
    assert "; ".join(said) == expected


@differs(
    flask="gunicorn: waits; waitress: waits",
    fastapi="uvicorn: answered",
    django="gunicorn: waits; uvicorn: answered",
)
def test_four_clients_hold_a_stream(stacks, framework, ask, expected):
    """Four clients hold a stream open, Gunicorn and Waitress have 4 threads: a fifth client asks for a page"""

    def say(address):
        with ExitStack() as streams:
            for _ in range(4):
                held = ask.stream("GET", f"{address}/plain/holding")
                assert next(streams.enter_context(held).iter_lines()) == "first"
            try:
                assert ask.get(f"{address}/plain/empty", timeout=1).status_code == 204
            except httpx2.ReadTimeout:
                return "waits"
            return "answered"

    assert of_each(stacks, framework, say) == expected


@differs(
    flask="gunicorn: 0; waitress: 0",
    fastapi="uvicorn: 0, it is a 405",
    django="gunicorn: 1000; uvicorn: 1000",
)
def test_head_of_a_stream(stacks, framework, ask, expected):
    """`HEAD` of a stream of 1,000 lines: how many of them are made"""

    def say(address):
        before = made(ask, address)
        response = ask.head(f"{address}/plain/lines")
        assert response.content == b""
        number = made(ask, address) - before
        return f"{number}, it is a 405" if response.status_code == 405 else number

    assert of_each(stacks, framework, say) == expected


def made(ask, address):
    """How many lines the server has made, when it makes no more."""
    before, now = None, -1
    while before != now:
        time.sleep(0.2)
        before, now = now, ask.get(f"{address}/plain/made").json()
    return now


def left_alone(ask, address):
    """Whether the generator goes on although its client has left."""
    time.sleep(0.3)
    return ask.get(f"{address}/plain/open").json() == ["stream"]


# What a view returns


def test_a_text_names_its_charset(client):
    """A text is sent as `text/plain; charset=utf-8`"""
    response = client.get("/greeting")
    assert response.status_code == 200
    assert media_type(response) == "text/plain; charset=utf-8"
    assert response.content == "Grüß Gott\n".encode()
    assert response.headers["content-length"] == "12"


def test_a_list_is_json(client):
    response = client.get("/titles")
    assert response.status_code == 200
    assert media_type(response) == "application/json"
    assert response.json() == ["Dune", "Emma"]


def test_a_book_with_a_date_a_price_and_a_number_that_is_none(client):
    """A UUID, a `Decimal`, a `date` and a `datetime` are texts in JSON, and `ü` is no escape"""
    response = client.get("/books/1")
    assert response.status_code == 200
    assert media_type(response) == "application/json"
    assert response.json() == {
        "title": "Der Wüstenplanet",
        "id": "0b5e4a52-61b5-4a5e-9c3e-2f3f6c0a9d11",
        "price": "9.90",
        "published": "1965-08-01",
        "changed": "2026-11-24T09:30:00Z",
    }
    assert [*response.json()] == ["title", "id", "price", "published", "changed"]
    assert "Wüstenplanet".encode() in response.content


# Status and headers


def test_what_was_made_is_a_201_with_its_place(client):
    """An order is answered with 201, its number, and `Location: /orders/1`"""
    response = client.post("/orders")
    assert response.status_code == 201
    assert response.json() == {"number": 1}
    assert response.headers["location"] == "/orders/1"


def test_the_place_of_what_was_made_answers(client):
    place = client.post("/orders").headers["location"]
    assert client.get(place).json() == {"title": "Dune"}


def test_a_second_order_has_a_number_of_its_own(client):
    client.post("/orders")
    client.delete("/orders/1")
    client.post("/orders")
    response = client.post("/orders")
    assert response.headers["location"] == "/orders/2"
    assert response.json() == {"number": 2}


def test_an_order_that_does_not_exist_is_not_found(client):
    assert client.get("/orders/1").status_code == 404


def test_nothing_to_say_is_a_204(client):
    """A deletion is answered with 204 and no body, and so is the second one"""
    client.post("/orders")
    for _ in range(2):
        response = client.delete("/orders/1")
        assert response.status_code == 204
        assert response.content == b""
    assert client.get("/orders/1").status_code == 404


@differs(flask="none", fastapi="none", django="`0`", django_gunicorn="none")
def test_the_length_of_nothing(client, expected):
    """The `Content-Length` of a 204"""
    length = client.delete("/orders/1").headers.get("content-length")
    assert (f"`{length}`" if length else "none") == expected


# Redirects


def test_a_permanent_redirect_that_keeps_the_method(client):
    """A page that has moved for good is a 308 to its new place"""
    response = client.get("/catalog")
    assert response.status_code == 308
    assert response.headers["location"] == "/catalogue"


def choose(client, **form):
    return client.post("/theme", data={"theme": "dark", **form})


def test_after_a_post_the_browser_is_sent_on_with_303(client):
    """After a `POST` a 303 leads to `/books/1`, which the form names as `next`"""
    response = choose(client, next="/books/1")
    assert response.status_code == 303
    assert response.headers["location"] == "/books/1"


def test_a_form_without_next_leads_home(client):
    response = choose(client)
    assert response.status_code == 303
    assert response.headers["location"] == "/"


def test_an_address_of_another_site_leads_home(client):
    """`next` is `//evil.example/`, which has no scheme and leads away: the 303 leads to `/`"""
    response = choose(client, next="//evil.example/")
    assert response.status_code == 303
    assert response.headers["location"] == "/"


ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "/\t/evil.example/",
    "https:evil.example",
    "https:///evil.example",
    "javascript:alert(1)",
    " //evil.example/",
    "http://testserver@evil.example/",
    "",
]


@pytest.mark.parametrize("target", ELSEWHERE)
def test_an_address_elsewhere_is_not_followed(client, target):
    r"""`next` names another site, such as `https://evil.example/`, `//evil.example/` or `/\evil.example/`: the 303 leads to `/`"""
    response = choose(client, next=target)
    assert response.status_code == 303
    assert response.headers["location"] == "/"


@pytest.mark.parametrize(
    "target", ["/", "/books/1?page=2#price", "/books/caf%C3%A9", "/a//b", "/search?next=https://x"]
)
def test_an_address_of_this_site_is_followed(client, target):
    response = choose(client, next=target)
    assert response.headers["location"] == target


pieces = st.sampled_from(
    ["/", "\\", "\t", "\r\n", " ", "\x00", ":", "@", ".", "%2f", "evil", "http"]
)


@given(target=st.lists(pieces, max_size=5).map("".join))
def test_no_address_that_a_browser_takes_for_another_site(client, target):
    """Whatever `next` is made of, the 303 leads to no other site"""
    place = choose(client, next=target).headers["location"]
    # What browsers do: they drop tabs and line breaks, and take "\\" for "/".
    read = re.sub(r"[\t\r\n]", "", place).strip().replace("\\", "/")
    url = httpx2.URL("http://testserver/theme").join(read)
    assert (url.scheme, url.host) == ("http", "testserver")


@differs(
    flask="it leads to `/`", fastapi="it leads to `/`", django="`/books/1%0D%0ASet-Cookie:x=1`"
)
def test_a_line_break_in_an_address(client, expected):
    r"""`next` is `/books/1\r\nSet-Cookie:x=1`: where the redirect leads"""
    response = choose(client, next="/books/1\r\nSet-Cookie:x=1")
    assert [cookie_of(response)[0]] == ["theme"]
    place = response.headers["location"]
    assert expected.strip("`") in (place, f"it leads to `{place}")


@differs(flask="it leads to `/`", fastapi="it leads to `/`", django="`books/1`")
def test_an_address_without_a_slash(client, expected):
    """`next` is `books/1`, without a slash in front: where the redirect leads"""
    place = choose(client, next="books/1").headers["location"]
    assert expected.strip("`") in (place, f"it leads to `{place}")


# Cookies


def test_a_cookie_says_how_long_where_and_to_whom(client):
    """The cookie has `Max-Age=31536000`, `Path=/`, `Secure`, `HttpOnly` and `SameSite=Lax`"""
    name, value, attributes = cookie_of(choose(client))
    assert (name, value) == ("theme", "dark")
    assert attributes.pop("samesite").title() == "Lax"
    assert attributes == {"max-age": str(YEAR), "path": "/", "secure": True, "httponly": True}


@pytest.mark.parametrize("form", [{}, {"theme": ""}, {"theme": "red"}, {"theme": "dark\r\nx: y"}])
def test_a_theme_that_does_not_exist_is_refused(client, form):
    """A `theme` that is missing, unknown or has a line break is a 422 that sets no cookie"""
    response = client.post("/theme", data=form)
    assert response.status_code == 422
    assert "set-cookie" not in response.headers


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_each_theme_is_kept(client, theme):
    assert cookie_of(choose(client, theme=theme))[1] == theme


@differs(
    flask="`SameSite=Lax; HttpOnly; Secure`",
    fastapi="`SameSite=Lax; HttpOnly; Secure`",
    django="`SameSite=Lax`",
)
def test_a_cookie_is_deleted_by_one_that_is_over(client, expected):
    """`POST /theme/reset` sets the cookie with `Max-Age=0` and `Path=/`; what else it says"""
    response = client.post("/theme/reset")
    assert response.status_code == 303
    assert response.headers["location"] == "/"
    name, value, attributes = cookie_of(response)
    assert (name, value) == ("theme", "")
    assert (attributes.pop("max-age"), attributes.pop("path")) == ("0", "/")
    assert f"`{shown(attributes)}`" == expected


# Streams


def test_a_table_is_sent_line_by_line(client):
    """Three days of prices are a stream of `text/csv; charset=utf-8`"""
    response = client.get("/prices/3.csv")
    assert response.status_code == 200
    assert media_type(response) == "text/csv; charset=utf-8"
    assert response.text == "day,price\n1,10.90\n2,11.90\n3,9.90\n"


def test_a_table_of_no_days_is_its_head(client):
    assert client.get("/prices/0.csv").text == "day,price\n"


def test_a_stream_that_was_read_is_over(client):
    assert client.get("/prices/3.csv").status_code == 200
    assert client.get("/open").json() == []


def test_a_line_of_json_for_each_item(client):
    """Two prices as `application/jsonl` are two lines, each of which is JSON"""
    response = client.get("/prices/2.jsonl")
    assert response.status_code == 200
    assert media_type(response) == "application/jsonl"
    assert response.text.endswith("\n")
    assert [json.loads(line) for line in response.text.splitlines()] == [
        {"day": 1, "price": "10.90"},
        {"day": 2, "price": "11.90"},
    ]


def test_no_items_are_no_lines(client):
    assert client.get("/prices/0.jsonl").content == b""


# Server-sent events


def events(response):
    """The events of an answer, each with its fields."""
    assert response.status_code == 200
    assert media_type(response) == "text/event-stream; charset=utf-8"
    *blocks, rest = response.text.split("\n\n")
    assert rest == ""
    return [dict(line.split(": ", 1) for line in block.splitlines()) for block in blocks]


def follow(client, heard=None):
    headers = {} if heard is None else {"Last-Event-ID": heard}
    return client.get("/orders/7/steps", headers=headers)


def step(name):
    return {"id": name, "event": "step", "data": json.dumps({"order": 7, "step": name})}


def test_three_events_with_id_type_and_data(client):
    """`text/event-stream`: three events, each with `id`, `event` and `data`"""
    assert events(follow(client)) == [step("packed"), step("sent"), step("delivered")]


def test_events_are_not_held_back(client):
    """`Cache-Control: no-cache` for browsers, `X-Accel-Buffering: no` for nginx"""
    headers = follow(client).headers
    assert headers["cache-control"] == "no-cache"
    assert headers["x-accel-buffering"] == "no"


@pytest.mark.parametrize(
    ("heard", "rest"), [("packed", ["sent", "delivered"]), ("sent", ["delivered"])]
)
def test_a_browser_that_comes_back_hears_the_rest(client, heard, rest):
    """`Last-Event-ID: packed`: the events after it"""
    assert events(follow(client, heard)) == [step(name) for name in rest]


def test_a_browser_that_has_heard_all_is_told_to_stop(client):
    """`Last-Event-ID: delivered`, the last one: 204"""
    response = follow(client, "delivered")
    assert response.status_code == 204
    assert response.content == b""


@pytest.mark.parametrize("heard", ["", "lost", "-1", "packed, sent"])
def test_an_id_that_nobody_sent_begins_anew(client, heard):
    assert len(events(follow(client, heard))) == 3


# Downloads


def download(client, method="GET", **headers):
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return client.request(method, "/catalogue", headers=named)


def filename(response):
    """The name under which a browser keeps the file."""
    message = Message()
    message["Content-Disposition"] = response.headers["content-disposition"]
    assert message.get_content_disposition() == "attachment"
    return message.get_filename()


def test_a_download_has_a_name_with_accents(client):
    """The file is an attachment called `Catalogue d'été.txt`"""
    response = download(client)
    assert response.status_code == 200
    assert response.content == CATALOGUE
    assert response.headers["content-length"] == "49"
    assert media_type(response).startswith("text/plain")
    sent = response.headers["content-disposition"]
    names = re.findall(r"filename\*=utf-8''(\S+)$", sent, re.IGNORECASE)
    assert names == ["Catalogue%20d%27%C3%A9t%C3%A9.txt"]
    assert sent.startswith("attachment; ")


@differs(flask="`Catalogue d'ete.txt`", fastapi="none", django="none")
def test_a_name_for_clients_that_know_no_accents(client, expected):
    """`filename=` beside `filename*=`, for clients that know no other than ASCII"""
    sent = download(client).headers["content-disposition"]
    plain_name = re.search('filename="([^"]*)"', sent)
    assert (f"`{plain_name[1]}`" if plain_name else "none") == expected


def test_a_download_says_which_version_it_is(client):
    """The answer has an `ETag`, `Last-Modified`, `Accept-Ranges: bytes` and `Cache-Control: no-cache`"""
    headers = download(client).headers
    assert re.fullmatch(r'"[\w.-]+"', headers["etag"])
    assert headers["last-modified"].endswith(" GMT")
    assert headers["accept-ranges"] == "bytes"
    assert headers["cache-control"] == "no-cache"


def test_the_version_that_is_known_is_a_304(client):
    """`If-None-Match` with the `ETag`: 304 without a body"""
    known = download(client).headers["etag"]
    response = download(client, If_None_Match=known)
    assert response.status_code == 304
    assert response.content == b""
    assert response.headers["etag"] == known


@pytest.mark.parametrize("written", ["W/{}", '"old", {}', '{}, "old"', "*"])
def test_a_version_among_others_is_a_304(client, written):
    """`If-None-Match` may name several versions, a weak one, or any by `*`"""
    known = download(client).headers["etag"]
    assert download(client, If_None_Match=written.format(known)).status_code == 304


@pytest.mark.parametrize("known", ['"old"', "", "rubbish", '""'])
def test_another_version_is_sent_again(client, known):
    response = download(client, If_None_Match=known)
    assert response.status_code == 200
    assert response.content == CATALOGUE


def test_a_file_that_has_changed_is_another_version(client, framework, tmp_path, monkeypatch):
    """When the file is written anew, its `ETag` and `Last-Modified` are others, and the old ones get a 200"""
    parts = import_module(f"snippets.{framework}.response_handling_parts.download")
    file = tmp_path / "catalogue.txt"
    monkeypatch.setattr(parts, "CATALOGUE", file)

    def write(content, seconds):
        file.write_bytes(content)
        os.utime(file, (seconds, seconds))
        return download(client).headers

    first = write(b"Dune", 1_795_512_600)
    assert first["last-modified"] == "Tue, 24 Nov 2026 09:30:00 GMT"
    later = write(b"Emma", 1_795_512_601)
    assert later["last-modified"] == "Tue, 24 Nov 2026 09:30:01 GMT"
    longer = write(b"Ulysses", 1_795_512_601)
    assert len({first["etag"], later["etag"], longer["etag"]}) == 3
    assert download(client, If_None_Match=later["etag"]).content == b"Ulysses"
    assert download(client, Range="bytes=2-", If_Range=later["etag"]).content == b"Ulysses"


@differs(flask=304, fastapi="200, the whole file", django=304)
def test_a_date_that_is_known(client, expected):
    """`If-Modified-Since` with the date of `Last-Modified`"""
    response = download(client, If_Modified_Since=download(client).headers["last-modified"])
    status_is(response, expected)


def test_a_download_that_broke_off_goes_on(client):
    """`Range: bytes=15-`: 206 and the file from byte 15 on, which is what is left of it"""
    response = download(client, Range="bytes=15-")
    assert response.status_code == 206
    assert response.content == b"Emma, 7.50 EUR\nUlysses, 12.00 EUR\n"
    assert response.headers["content-range"] == "bytes 15-48/49"
    assert response.headers["content-length"] == "34"


@pytest.mark.parametrize("start", [0, 1, 48])
def test_a_download_goes_on_from_each_byte(client, start):
    response = download(client, Range=f"bytes={start}-")
    assert response.status_code == 206
    assert response.content == CATALOGUE[start:]
    assert response.headers["content-range"] == f"bytes {start}-48/49"
    assert response.headers["content-length"] == str(49 - start)


def test_a_download_goes_on_if_the_file_is_the_same(client):
    """`If-Range` with the `ETag`: 206, the rest; with another one: 200, the whole new file"""
    known = download(client).headers["etag"]
    assert download(client, Range="bytes=15-", If_Range=known).content == CATALOGUE[15:]
    response = download(client, Range="bytes=15-", If_Range='"old"')
    assert response.status_code == 200
    assert response.content == CATALOGUE


@differs(flask="206, these four", fastapi="206, these four", django="200, the whole file")
def test_four_bytes_of_a_download(client, expected):
    """`Range: bytes=0-3`, as in the listing"""
    response = download(client, Range="bytes=0-3")
    status_is(response, expected)
    assert response.content == (CATALOGUE[:4] if "four" in expected else CATALOGUE)


@differs(flask=416, fastapi=416, django="200, the whole file")
def test_a_range_behind_the_end(client, expected):
    """`Range: bytes=49-`, of a file of 49 bytes"""
    response = download(client, Range="bytes=49-")
    status_is(response, expected)
    if expected == 416:
        assert response.headers["content-range"] == "bytes */49"


@differs(flask="416", fastapi="400", django="200, the whole file")
@pytest.mark.parametrize("wanted", ["lines=1-", "bytes", "bytes=3-1"])
def test_a_range_that_is_none(client, wanted, expected):
    """A `Range` that makes no sense: `lines=1-`, `bytes`, `bytes=3-1`"""
    status_is(download(client, Range=wanted), expected)


@differs(flask=416, fastapi=400, django="200, the whole file")
def test_a_range_of_5000_digits(client, expected):
    """A `Range` that begins at a number of 5,000 digits, which is too long for Python"""
    status_is(download(client, Range=f"bytes={'9' * 5000}-"), expected)


def test_head_of_a_download(client):
    """`HEAD` of the file: the headers of `GET`, its length of 49 among them"""
    response = download(client, "HEAD")
    assert response.status_code == 200
    assert response.headers["content-length"] == "49"
    assert response.headers["etag"] == download(client).headers["etag"]
    assert filename(response)


# Headers for the browser's guard


PLACES = ["/greeting", "/books/1", "/orders/9", "/catalog", "/prices/1.csv", "/catalogue", "/none"]


@pytest.mark.parametrize("path", PLACES)
def test_each_answer_guards_the_browser(client, path):
    """`nosniff`, `X-Frame-Options: DENY`, and `same-origin` as `Referrer-Policy` and `Cross-Origin-Opener-Policy`, come with a 200, a 308, a 404 and a stream"""
    sent = client.get(path).headers
    assert {name: sent[name] for name in SECURITY} == SECURITY


@differs(flask="sent", fastapi="left out", django="sent")
@pytest.mark.server_errors
def test_the_guard_of_an_unhandled_error(client, snippet, monkeypatch, expected):
    """`nosniff` and the three other headers of the program on the 500 of an error that nobody handles"""
    with monkeypatch.context() as broken:
        broken.setattr(snippet, "ORDERS", None)
        response = client.get("/orders/1")
    assert response.status_code == 500
    found = {name: response.headers[name] for name in SECURITY if name in response.headers}
    assert found == (SECURITY if expected == "sent" else {})


@differs(flask=200, fastapi=405, django=200)
def test_head_of_a_view_for_get(client, expected):
    """`HEAD` of a view that was written for `GET`"""
    assert client.head("/greeting").status_code == expected
