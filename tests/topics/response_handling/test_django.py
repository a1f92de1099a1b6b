"""Responses that only Django has."""

import gc
import types

import httpx2
import pytest
from asgiref.sync import async_to_sync
from django.core.exceptions import DisallowedRedirect
from django.core.handlers.asgi import ASGIHandler
from django.http import (
    FileResponse,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
    StreamingHttpResponse,
)
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_GET, require_safe

from snippets.django.response_handling_parts.streams import piecewise
from tests.topics.response_handling.leaving import leaving, turns
from tests.topics.response_handling.plain import FILE


def under_asgi(address):
    """The answer of this topic's project under ASGI."""

    async def ask():
        transport = httpx2.ASGITransport(ASGIHandler())  # type: ignore[arg-type]  # its types are narrower
        async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as client:
            return await client.get(address)

    return async_to_sync(ask)()


async def letters():
    yield "a"
    yield "b"


def test_require_get_refuses_head(rf, snippet):
    """`require_GET` answers `HEAD` with 405, and `require_safe` does not"""

    def view(request):
        return HttpResponse()

    assert require_GET(view)(rf.head("/")).status_code == 405
    assert require_safe(view)(rf.head("/")).status_code == 200


def test_a_decorator_speaks_to_caches(rf, snippet):
    """`cache_control(private=True)` writes `Cache-Control: private`, and `never_cache` says `no-store` as well"""

    def view(request):
        return HttpResponse()

    private = cache_control(private=True)(view)(rf.get("/"))
    assert private.headers["cache-control"] == "private"
    assert "no-store" in never_cache(view)(rf.get("/")).headers["cache-control"]


def test_a_list_needs_safe_false(snippet):
    """`JsonResponse` of a list is a `TypeError` unless `safe=False`"""
    with pytest.raises(TypeError, match="set the safe parameter to False"):
        JsonResponse(["Dune"])
    assert JsonResponse(["Dune"], safe=False).content == b'["Dune"]'


def test_nan_is_refused_by_the_shop_s_json_of_django(snippet):
    """`float("nan")` is a `ValueError` with the response of this program"""
    with pytest.raises(ValueError, match="Out of range float values are not JSON compliant"):
        snippet.ShopJsonResponse({"price": float("nan")})


def test_what_a_response_makes_of_what_is_no_text(snippet):
    """`HttpResponse(None)` is the text `None`, `HttpResponse({"b": 1, "a": 2})` the keys `ba`"""
    assert HttpResponse(None).content == b"None"
    assert HttpResponse({"b": 1, "a": 2}).content == b"ba"


def test_the_statuses_of_redirect(snippet):
    """`redirect()` is 302, permanent 301; with `preserve_request` 307 and 308"""
    assert redirect("/").status_code == 302
    assert redirect("/", permanent=True).status_code == 301
    assert redirect("/", preserve_request=True).status_code == 307
    assert redirect("/", permanent=True, preserve_request=True).status_code == 308


def test_a_redirect_to_a_script_is_refused(snippet):
    """A redirect to `javascript:alert(1)` is a `DisallowedRedirect`; one to another site is not"""
    with pytest.raises(DisallowedRedirect):
        HttpResponseRedirect("javascript:alert(1)")
    assert HttpResponseRedirect("https://evil.example/").status_code == 302


def test_a_plain_iterator_under_asgi(snippet):
    """Under ASGI a plain iterator is collected whole before it is sent, and Django warns"""
    made = []

    def lines():
        for letter in "ab":
            made.append(letter)
            yield letter

    async def first():
        async for piece in StreamingHttpResponse(lines()):
            return piece

    with pytest.warns(Warning, match="must consume synchronous iterators"):
        assert async_to_sync(first)() == b"a"
    assert made == ["a", "b"]


def test_an_asynchronous_iterator_under_wsgi(snippet):
    """Under WSGI an asynchronous iterator is collected whole before it is sent, and Django warns"""
    with pytest.warns(Warning, match="must consume asynchronous iterators"):
        assert [*StreamingHttpResponse(letters())] == [b"a", b"b"]


def test_a_finally_in_an_asynchronous_stream(snippet, settings):
    """A client leaves while a piece is sent: the `finally` of an asynchronous generator waits for the garbage collector, that of a plain one in `piecewise` does not"""
    ended = []

    async def lines():
        try:
            while True:
                yield "line\n"
        finally:
            ended.append("asynchronous")

    def plain_lines():
        try:
            while True:
                yield "line\n"
        finally:
            ended.append("plain")

    def stream(request):
        return StreamingHttpResponse(lines())

    def plain_stream(request):
        return piecewise(request, StreamingHttpResponse(plain_lines()))

    urls = types.ModuleType("small_urls")
    vars(urls)["urlpatterns"] = [path("stream", stream), path("plain", plain_stream)]
    settings.ROOT_URLCONF = urls

    async def leave():
        gc.disable()
        try:
            await leaving(ASGIHandler(), "/plain")
            assert ended == ["plain"]
            await leaving(ASGIHandler(), "/stream")
            await turns()
            assert ended == ["plain"]
            gc.collect()
            await turns()
            assert ended == ["plain", "asynchronous"]
        finally:
            gc.enable()

    async_to_sync(leave)()


def test_a_file_under_asgi(snippet):
    """Under ASGI a `FileResponse` of an open file warns, too"""

    async def whole():
        with FILE.open("rb") as file:
            return b"".join([piece async for piece in FileResponse(file)])

    with pytest.warns(Warning, match="must consume synchronous iterators"):
        assert async_to_sync(whole)() == FILE.read_bytes()


@pytest.mark.parametrize(
    ("path", "last"),
    [
        ("/prices/2.csv", "2,11.90"),
        ("/prices/2.jsonl", '{"day": 2, "price": "11.90"}'),
        ("/orders/7/steps", 'data: {"order": 7, "step": "delivered"}'),
        ("/catalogue", "Ulysses, 12.00 EUR"),
    ],
)
def test_streams_go_out_piecewise_under_asgi_as_well(snippet, path, last):
    """Under ASGI `piecewise` makes the streams and the download of this chapter fit, without a warning"""
    response = under_asgi(path)
    assert response.status_code == 200
    assert response.text.strip().splitlines()[-1] == last
    assert under_asgi("/open").json() == []


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("OPTIONS", "/greeting", "GET, HEAD"),
        ("OPTIONS", "/titles", "GET, HEAD"),
        ("OPTIONS", "/books/1", "GET, HEAD"),
        ("GET", "/orders", "POST"),
        ("OPTIONS", "/orders/1", "GET, HEAD, DELETE"),
        ("OPTIONS", "/catalog", "GET, HEAD"),
        ("GET", "/theme", "POST"),
        ("GET", "/theme/reset", "POST"),
        ("HEAD", "/prices/1.csv", "GET"),
        ("HEAD", "/prices/1.jsonl", "GET"),
        ("OPTIONS", "/open", "GET, HEAD"),
        ("HEAD", "/orders/1/steps", "GET"),
        ("OPTIONS", "/catalogue", "GET, HEAD"),
    ],
)
def test_each_view_of_this_chapter_names_its_methods(client, method, path, allowed):
    """A method that a view does not take is a 405"""
    response = client.request(method, path)
    assert response.status_code == 405
    assert response.headers["allow"] == allowed


def test_head_of_an_order(client):
    client.post("/orders")
    assert client.head("/orders/1").status_code == 200


@pytest.mark.parametrize(
    ("scheme", "target", "place"),
    [
        ("http", "http://testserver/books/1", "http://testserver/books/1"),
        ("http", "https://testserver/books/1", "https://testserver/books/1"),
        ("https", "https://testserver/books/1", "https://testserver/books/1"),
        ("https", "http://testserver/books/1", "/"),
    ],
)
def test_a_whole_address_of_this_site(client, scheme, target, place):
    """`url_has_allowed_host_and_scheme` takes the whole address of this site, but not by `http` from a page by `https`"""
    response = client.post(f"{scheme}://testserver/theme", data={"theme": "dark", "next": target})
    assert response.headers["location"] == place
