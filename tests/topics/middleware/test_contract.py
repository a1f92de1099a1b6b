"""Contract of the chapter on middleware."""

import re

import httpx2
import pytest
from django.test import Client
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from tests.harness.differs import differs, in_process, only, since
from tests.topics.middleware.apps import FORWARDED

MADE = re.compile(r"[0-9a-f]{32}")
"""An id of the shop's own."""
GOOD = re.compile(r"[A-Za-z0-9_-]{8,64}")
APP = "https://app.example"
OTHER = "https://other.example"
PROTECTION = {
    "content-security-policy": "default-src 'self'",
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
SCRAPER = {"User-Agent": "Scraper/2"}
OUTCOMES = {
    200: ("/books/1", {}),
    400: ("/books/1", {"Host": "evil.example"}),
    403: ("/books/1", SCRAPER),
    404: ("/books/9", {}),
    409: ("/books/2", {}),
    500: ("/books/3", {}),
}
"""How a request can end, by its status: its path and headers."""


def ends(client, status, **headers):
    """The answer to the request that ends with this status."""
    path, sent = OUTCOMES[status]
    response = client.get(path, headers={**sent, **headers})
    assert response.status_code == status
    return response


@pytest.fixture
def visit(part, open_client):
    """What the program sees of a request with these headers."""
    application = getattr(part("proxy"), "app", None)

    def visit(**headers):
        with open_client(application) as client:
            return client.get("/visit", headers=headers).json()

    return visit


# Where they differ: what costs a reader most comes first.


@differs(flask="`https`", fastapi="`http`", django="`https`")
def test_a_stranger_claims_https(part, framework, expected):
    """A stranger connects past the proxy, from 198.51.100.7, and claims `https` (Flask with `ProxyFix`)"""
    program = part("proxy")
    claim = {"X-Forwarded-Proto": "https"}

    def flask():
        client = program.app.test_client()
        asked = {"headers": claim, "environ_base": {"REMOTE_ADDR": "198.51.100.7"}}
        return client.get("/visit", **asked).json

    def fastapi():
        client = TestClient(program.app, client=("198.51.100.7", 1))
        return client.get("/visit", headers=claim).json()

    def django():
        return Client(REMOTE_ADDR="198.51.100.7").get("/visit", headers=claim).json()

    said = {"flask": flask, "fastapi": fastapi, "django": django}[framework]()
    assert (said["address"], said["scheme"]) == ("198.51.100.7", expected.strip("`"))


@differs(flask="`http`", fastapi="`http`", django="`https`")
def test_a_forged_scheme(visit, expected):
    """A client forges `https`, the proxy adds `http`: `X-Forwarded-Proto: https, http`"""
    assert visit(**{"X-Forwarded-Proto": "https, http"})["scheme"] == expected.strip("`")


@differs(flask="404", fastapi="500", django="404")
def test_a_layer_raises_not_found(walk, expected):
    """A layer raises a 404: `abort`, `HTTPException`, `Http404`"""
    status, _ = walk("/lost")
    assert str(status) == expected


@differs(
    flask="`A> B> C> view <C <B <A`",
    fastapi="`A> B> C> view`",
    django="`A> B> C> view C! B! A! <C <B <A`",
)
def test_the_view_fails(walk, expected):
    """The view raises, and nobody handles it (500)"""
    assert walk("/crash") == (500, expected.strip("`"))


@differs(flask="`A> B> <C <B <A`", fastapi="`A> B>`", django="`A> B> <A`")
def test_a_layer_fails(walk, expected):
    """Layer B raises on the way in (500)"""
    assert walk("/broken") == (500, expected.strip("`"))


@differs(flask="`A> B> <C <B <A`", fastapi="`A> B> <A`", django="`A> B> <A`")
def test_a_layer_answers_itself(walk, expected):
    """Layer B answers, so that the view is not called"""
    assert walk("/stopped") == (200, expected.strip("`"))


@differs(
    flask="`A> B> C> view <C <B <A`",
    fastapi="`A> B> C> view <C <B <A`",
    django="`A> B> C> view C! B! A! <C <B <A`",
)
def test_the_view_raises_not_found(walk, expected):
    """The view raises a 404: `abort`, `HTTPException`, `Http404`"""
    assert walk("/missing") == (404, expected.strip("`"))


@differs(flask="`no-store`", fastapi="none", django="none")
def test_an_error_in_a_group(client, expected):
    """`Cache-Control` of a group, where its view raises a 404"""
    response = client.get("/staff/stock/9")
    assert response.status_code == 404
    assert response.headers.get("cache-control", "none") == expected.strip("`")


@differs(flask="200, without CORS headers", fastapi="400", django="200, without CORS headers")
@pytest.mark.parametrize("origin", [OTHER, "null", f"{APP}.evil.example", "http://app.example"])
def test_a_preflight_from_another_origin(client, origin, expected):
    """The preflight of an origin that is not allowed"""
    response = preflight(client, origin)
    assert str(response.status_code) == expected[:3]
    assert "access-control-allow-origin" not in response.headers


@differs(flask="200, lists no header", fastapi="400", django="200, lists `x-request-id` alone")
def test_a_preflight_for_another_header(client, expected):
    """The preflight for a header that is not allowed, `X-Other`"""
    response = preflight(client, APP, headers="x-other")
    assert str(response.status_code) == expected[:3]
    listed = response.headers.get("access-control-allow-headers", "").lower()
    assert "x-other" not in listed
    assert (listed == "x-request-id") is ("alone" in expected)
    assert (listed == "") is ("no header" in expected)


@differs(flask="200, lists no method", fastapi="400", django="200, lists `GET` alone")
def test_a_preflight_for_another_method(client, expected):
    """The preflight for a method that is not allowed, `DELETE`"""
    response = preflight(client, APP, method="DELETE")
    assert str(response.status_code) == expected[:3]
    listed = response.headers.get("access-control-allow-methods", "")
    assert "DELETE" not in listed
    assert listed == ("" if "no method" in expected else "GET")


@differs(flask="404", fastapi="200", django="200")
def test_a_preflight_for_an_unknown_path(client, expected):
    """The preflight for a path that has no route"""
    response = preflight(client, APP, path="/nowhere")
    assert str(response.status_code) == expected


@differs(flask="none", fastapi="`Origin`", django="`origin`")
def test_vary_of_an_answer_to_one_origin(client, expected):
    """`Vary` of an answer to the one origin that is allowed"""
    vary = client.get("/books/1", headers={"Origin": APP}).headers.get("vary", "none")
    assert vary == expected.strip("`")


@differs(flask="403", fastapi="400", django="403")
def test_a_strange_host_that_the_guard_refuses(client, expected):
    """A `Host` that is not in the list, from a scraper: the guard's 403, or the host's 400"""
    response = client.get("/books/1", headers={**SCRAPER, "Host": "evil.example"})
    assert str(response.status_code) == expected


@since("before Starlette 1.9.0 FastAPI refused a `Host` in capitals", starlette="1.9.0")
@differs(flask="400", fastapi="200", django="200")
def test_a_host_in_capitals(client, expected):
    """`Host: TESTSERVER`, where the list has `testserver`"""
    response = client.get("/books/1", headers={"Host": "TESTSERVER"})
    assert str(response.status_code) == expected


@differs(flask="`https://app.example`", fastapi="none", django="none")
def test_an_answer_without_an_origin(client, expected):
    """`Access-Control-Allow-Origin` of an answer to a request without `Origin`"""
    headers = client.get("/books/1").headers
    assert headers.get("access-control-allow-origin", "none") == expected.strip("`")


# The stamp


def test_an_answer_carries_an_id_and_a_time(client):
    """An answer carries `X-Request-ID` and `X-Process-Time`, and the view knows the id"""
    response = client.get("/books/1")
    assert response.status_code == 200
    made = response.headers["x-request-id"]
    assert MADE.fullmatch(made)
    assert response.json() == {"id": 1, "title": "Dune", "request": made}
    assert re.fullmatch(r"\d+\.\d{6}", response.headers["x-process-time"])
    assert 0 < float(response.headers["x-process-time"]) < 30


def test_each_request_has_its_own_id(client):
    ids = {client.get("/books/1").headers["x-request-id"] for _ in range(20)}
    assert len(ids) == 20


@pytest.mark.parametrize("sent", ["ada-0001", "A_b-C_d8", "x" * 64])
def test_a_good_id_is_kept(client, sent):
    """An id of 8 to 64 letters, digits, `_` and `-` is kept, such as `ada-0001`"""
    response = client.get("/books/1", headers={"X-Request-ID": sent})
    assert response.headers["x-request-id"] == response.json()["request"] == sent


BAD = {
    "empty": "",
    "seven characters": "ada-001",
    "65 characters": "x" * 65,
    "a blank": "ada 0001",
    "markup": "<script>1</script>",
    "a quote": "ada'0001",
    "a colon": "ada:0001",
}


@pytest.mark.parametrize("sent", BAD.values(), ids=BAD)
def test_a_bad_id_is_replaced(client, sent):
    """An id of 7 or 65 characters, or with a blank, a colon or markup in it, is replaced"""
    response = client.get("/books/1", headers={"X-Request-ID": sent})
    assert response.status_code == 200
    assert MADE.fullmatch(response.headers["x-request-id"])


REFUSED = "refused by the server: 431, or the connection ends"


@differs(
    flask="replaced",
    fastapi="replaced",
    django="replaced",
    flask_gunicorn=REFUSED,
    django_gunicorn=REFUSED,
)
def test_an_id_of_10_kb(client, expected):
    """`X-Request-ID` of 10,000 characters"""
    try:
        response = client.get("/books/1", headers={"X-Request-ID": "x" * 10_000})
    except httpx2.ReadError:  # the server closes while the rest is still on its way
        assert expected == REFUSED
        return
    if expected == REFUSED:
        assert response.status_code == 431
        assert "x-request-id" not in response.headers
    else:
        assert response.status_code == 200
        assert MADE.fullmatch(response.headers["x-request-id"])


@in_process("no client sends such a header, and no server takes it")
@pytest.mark.parametrize("sent", ["ada-0001\r\nSet-Cookie: a=b", "ada-0001\n", "\rada-0001"])
def test_an_id_with_a_line_break(client, sent):
    """An id with a line break in it is replaced, at its end, too"""
    response = client.get("/books/1", headers={"X-Request-ID": sent})
    assert MADE.fullmatch(response.headers["x-request-id"])
    assert "set-cookie" not in response.headers


@given(text=st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_no_text_gets_through_that_is_no_good_id(snippet, text):
    """Whatever visible text is sent as an id, the rule takes it only if it is 8 to 64 good characters"""
    assert bool(snippet.GOOD_ID.fullmatch(text)) is bool(GOOD.fullmatch(text))
    assert not snippet.GOOD_ID.fullmatch(f"{text}\n")


# How a request can end


@pytest.mark.server_errors
@pytest.mark.parametrize("status", OUTCOMES)
def test_however_a_request_ends_it_carries_the_id(client, status):
    """The id is on a 200, 400, 403, 404, 409 and 500"""
    response = ends(client, status, **{"X-Request-ID": "ada-0001"})
    assert response.headers["x-request-id"] == "ada-0001"
    assert float(response.headers["x-process-time"]) > 0


@pytest.mark.parametrize("path", ["/nowhere", "/", "/staff/nowhere", "/books/dune"])
def test_an_unknown_path_carries_the_id(client, path):
    """The 404 of an unknown path carries the id, too"""
    response = client.get(path)
    assert response.status_code == 404
    assert MADE.fullmatch(response.headers["x-request-id"])


def test_a_handled_error(client):
    """An exception of the shop's own is answered with a 409: `sold out`"""
    response = client.get("/books/2")
    assert response.status_code == 409
    assert response.json() == {"error": "sold out"}


@pytest.mark.server_errors
def test_an_unhandled_error(client):
    """An unhandled `KeyError` is a 500 that names neither it nor the book"""
    response = ends(client, 500)
    assert "KeyError" not in response.text
    assert "Ulysses" not in response.text
    assert MADE.fullmatch(response.headers["x-request-id"])


@pytest.mark.server_errors
@differs(
    flask="on it",
    fastapi="on it",
    django="on it",
    flask_debug="missing, since the error leaves the application",
)
def test_the_id_of_an_unhandled_error(client, expected):
    """The id on the 500 of an unhandled error"""
    headers = ends(client, 500, **{"X-Request-ID": "ada-0001"}).headers
    assert ("x-request-id" in headers) is (expected == "on it")


# The guard


@pytest.mark.parametrize("agent", ["Scraper/2", "a SCRAPER of books", "scraper"])
def test_a_scraper_is_refused(client, agent):
    """A request that calls itself a scraper is a 403, `User-Agent: Scraper/2` for one"""
    response = client.get("/books/1", headers={"User-Agent": agent})
    assert response.status_code == 403
    assert response.json() == {"blocked": True}


@pytest.mark.server_errors
def test_the_view_of_a_refused_request_is_not_called(client):
    """The view that fails for others is not called for a scraper: 403, not 500"""
    assert client.get("/books/3", headers=SCRAPER).status_code == 403
    assert client.get("/books/3").status_code == 500


def test_a_path_without_a_route_is_refused_too(client):
    """The guard comes before routing: a scraper's 404 is a 403"""
    assert client.get("/nowhere", headers=SCRAPER).status_code == 403


@pytest.mark.parametrize("agent", ["", "Mozilla/5.0"])
def test_others_are_let_in(client, agent):
    assert client.get("/books/1", headers={"User-Agent": agent}).status_code == 200


def test_without_the_header_nobody_is_refused(client):
    """A request without `User-Agent` is let in"""
    del client.headers["user-agent"]
    assert client.get("/books/1").status_code == 200


# The order


def test_in_order_and_back(walk):
    """Three layers are entered in order and left in reverse: `A> B> C> view <C <B <A`"""
    assert walk("/books") == (200, "A> B> C> view <C <B <A")


def test_an_unknown_path_passes_all_layers(walk):
    """A path that has no route passes all three: `A> B> C> <C <B <A`"""
    assert walk("/nowhere") == (404, "A> B> C> <C <B <A")


def test_a_stream_is_produced_after_the_layers(walk):
    """The body of a stream is produced after the last layer was left: `<C <B <A body`"""
    assert walk("/stream") == (200, "A> B> C> view <C <B <A body")


# A group


def test_a_group_adds_a_header(client):
    """`Cache-Control: no-store` on the staff's pages"""
    response = client.get("/staff/stock/2")
    assert response.status_code == 200
    assert response.json() == {"stock": 0}
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/books/1", "/nowhere", "/staff/nowhere"])
def test_the_header_of_a_group_stays_there(client, path):
    """No `Cache-Control` outside of the group, nor on an unknown path below its prefix"""
    assert "cache-control" not in client.get(path).headers


# Protective headers


@pytest.mark.server_errors
@pytest.mark.parametrize("status", OUTCOMES)
def test_protective_headers(client, status):
    """The five protective headers are on a 200, 400, 403, 404, 409 and 500"""
    headers = ends(client, status).headers
    assert {name: headers[name] for name in PROTECTION} == PROTECTION


def test_strict_transport_security_is_not_sent_over_http(client):
    """`Strict-Transport-Security` is not sent over plain http"""
    assert "strict-transport-security" not in client.get("/books/1").headers


@in_process("HTTPS")
def test_strict_transport_security_is_sent_over_https(client):
    """`Strict-Transport-Security` is sent over https: `max-age=31536000`"""
    response = client.get("https://testserver/books/1")
    assert response.headers["strict-transport-security"] == "max-age=31536000"


# Hosts


@pytest.mark.parametrize(
    "host", ["evil.example", "testserver.evil.example", "a.testserver", "evil.example:80"]
)
def test_a_strange_host_is_refused(client, host):
    """A `Host` that is not in the list is a 400"""
    response = client.get("/books/1", headers={"Host": host})
    assert response.status_code == 400
    assert "Dune" not in response.text


@pytest.mark.parametrize("host", ["testserver", "127.0.0.1", "testserver:8000"])
def test_hosts_of_the_list_are_answered(client, host):
    """A `Host` of the list is answered, with a port as without"""
    assert client.get("/books/1", headers={"Host": host}).status_code == 200


# CORS


def preflight(client, origin, *, path="/books/1", method="GET", headers="x-request-id"):
    """What a browser asks before it sends a request of another origin."""
    return client.options(
        path,
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": headers,
        },
    )


def test_the_preflight_of_an_allowed_origin(client):
    """The preflight of `https://app.example` is a 200 that allows `GET` and `X-Request-ID` for 600 seconds"""
    response = preflight(client, APP)
    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == APP
    assert response.headers["access-control-allow-methods"] == "GET"
    assert "x-request-id" in response.headers["access-control-allow-headers"].lower()
    assert response.headers["access-control-max-age"] == "600"


@pytest.mark.server_errors
@pytest.mark.parametrize("status", OUTCOMES)
def test_an_allowed_origin_may_read(client, status):
    """An allowed origin may read the answer and its `X-Request-ID`: of a 200, 400, 403, 404, 409 and 500"""
    headers = ends(client, status, Origin=APP).headers
    assert headers["access-control-allow-origin"] == APP
    assert headers["access-control-expose-headers"].lower() == "x-request-id"
    assert "access-control-allow-credentials" not in headers


@pytest.mark.server_errors
@pytest.mark.parametrize("status", OUTCOMES)
@pytest.mark.parametrize("origin", [OTHER, "null", f"{APP}.evil.example"])
def test_another_origin_may_not_read(client, origin, status):
    """For an origin that is not allowed the answer lacks `Access-Control-Allow-Origin`; it is sent all the same"""
    response = ends(client, status, Origin=origin)
    assert "access-control-allow-origin" not in response.headers


def test_another_origin_is_answered_all_the_same(client):
    """A simple request of an origin that is not allowed reaches the view: 200, with the book"""
    response = client.get("/books/1", headers={"Origin": OTHER})
    assert response.status_code == 200
    assert response.json()["title"] == "Dune"


# Behind a proxy: the program in proxy.py


@differs(flask="192.0.2.1", fastapi="192.0.2.1", django="127.0.0.1, the proxy")
def test_the_address_behind_a_proxy(visit, expected):
    """The client's address, after `X-Forwarded-For: 203.0.113.9, 192.0.2.1` from the proxy"""
    assert visit(**FORWARDED)["address"] == expected.partition(",")[0]


@differs(flask="shop.example", fastapi="testserver", django="shop.example")
def test_the_host_behind_a_proxy(visit, expected):
    """The host, after `X-Forwarded-Host: shop.example` from the proxy"""
    assert visit(**FORWARDED)["host"] == expected


def test_the_scheme_behind_a_proxy(visit):
    """The scheme is `https` after `X-Forwarded-Proto: https`, and `http` without it"""
    assert visit(**FORWARDED)["scheme"] == "https"
    assert visit()["scheme"] == "http"


def test_without_the_headers_the_client_is_the_one_that_connects(visit):
    assert visit() == {"address": "127.0.0.1", "scheme": "http", "host": "testserver"}


@only("flask", "django")
def test_one_that_is_not_the_proxy_is_believed_too(visit):
    """Whoever reaches Flask or Django past the proxy is believed, too: a forged `https` counts"""
    assert visit(**{"X-Forwarded-Proto": "https"})["scheme"] == "https"


def test_a_dollar_lets_a_line_break_through(snippet):
    """`match` with `$` at its end would take `ada-0001` and a line break"""
    assert re.match(f"{snippet.GOOD_ID.pattern}$", "ada-0001\n")
    assert not snippet.GOOD_ID.fullmatch("ada-0001\n")
