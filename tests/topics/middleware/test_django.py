"""Middleware that only Django has: what its list can do, and two worlds."""

import threading
import types
from typing import ClassVar

import httpx2
import pytest
from django.conf import global_settings
from django.core.checks import run_checks
from django.core.exceptions import MiddlewareNotUsed
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse, StreamingHttpResponse
from django.middleware.gzip import GZipMiddleware
from django.test import Client, RequestFactory
from django.urls import path
from django.views.decorators.http import require_POST, require_safe
from werkzeug.middleware.proxy_fix import ProxyFix

from tests.harness import clients
from tests.harness.adapters.wsgi import WSGITransport
from tests.topics.middleware.apps import FORWARDED, seen_on


class Named:
    """A layer that says which view will be called, before it is."""

    seen: ClassVar[list[str]] = []

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        self.seen.append(f"match before: {request.resolver_match}")
        response = self.get_response(request)
        self.seen.append(f"match after: {request.resolver_match.func.__name__}")
        return response

    def process_view(self, request, view, args, kwargs):
        self.seen.append(f"{view.__name__} {kwargs}")


def test_process_view_knows_the_view(snippet, settings):
    """Before the view is known `request.resolver_match` is `None`; `process_view` is given the view and its arguments"""
    settings.MIDDLEWARE = [f"{snippet.__name__}.Stamp", f"{__name__}.Named"]
    Named.seen.clear()
    assert Client().get("/books/1").status_code == 200
    assert Named.seen == [
        "match before: None",
        "show_book {'book_id': 1}",
        "match after: show_book",
    ]


class Unused:
    def __init__(self, get_response):
        raise MiddlewareNotUsed("not here")


def test_a_layer_can_leave_itself_out(snippet, settings):
    """A layer that raises `MiddlewareNotUsed` at start-up is left out"""
    settings.MIDDLEWARE = [f"{__name__}.Unused", f"{snippet.__name__}.Stamp"]
    assert Client().get("/books/1").status_code == 200


class Counted:
    made = 0

    def __init__(self, get_response):
        type(self).made += 1
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)


def test_a_layer_is_made_once(snippet, settings):
    """A layer is made once, at start-up, not for each request: what it keeps in `self` is shared"""
    Counted.made = 0
    settings.MIDDLEWARE = [f"{snippet.__name__}.Stamp", f"{__name__}.Counted"]
    client = Client()
    for _ in range(3):
        client.get("/books/1")
    assert Counted.made == 1


def test_the_list_is_replaced_not_extended(snippet):
    """`MIDDLEWARE` without a value is empty: what the list leaves out is off, CSRF, too"""
    assert global_settings.MIDDLEWARE == []
    assert "django.middleware.csrf.CsrfViewMiddleware" in snippet.SETTINGS["MIDDLEWARE"]


class Form:
    """A URLconf with a view that takes a form."""

    urlpatterns = (path("form", require_POST(lambda request: HttpResponse("bought"))),)


def test_what_the_list_leaves_out_is_off(snippet, settings):
    """A forged `POST` is a 403 with `CsrfViewMiddleware` in the list, and reaches the view without it"""
    settings.ROOT_URLCONF = Form
    settings.MIDDLEWARE = ["django.middleware.csrf.CsrfViewMiddleware"]
    assert Client(enforce_csrf_checks=True).post("/form").status_code == 403
    settings.MIDDLEWARE = []
    assert Client(enforce_csrf_checks=True).post("/form").text == "bought"


def test_without_common_middleware_a_strange_host_reaches_the_view(snippet, settings):
    """Without `CommonMiddleware` a strange `Host` reaches a view that does not ask for it: 200"""
    settings.MIDDLEWARE = [f"{snippet.__name__}.Stamp"]
    assert Client().get("/books/1", headers={"Host": "evil.example"}).status_code == 200
    settings.MIDDLEWARE += ["django.middleware.common.CommonMiddleware"]
    assert Client().get("/books/1", headers={"Host": "evil.example"}).status_code == 400


def test_headers_that_django_s_own_layers_send_unasked(snippet, settings):
    """With default settings `SecurityMiddleware` sends three headers, `XFrameOptionsMiddleware` `DENY`"""
    for name in [*snippet.PROTECTION, "X_FRAME_OPTIONS"]:
        setattr(settings, name, getattr(global_settings, name))
    settings.MIDDLEWARE = [
        f"{snippet.__name__}.Stamp",
        "django.middleware.security.SecurityMiddleware",
    ]
    sent = Client().get("/books/1", secure=True).headers
    three = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    others = {"Content-Type", "X-Request-ID", "X-Process-Time"}
    assert {name: value for name, value in sent.items() if name not in others} == three
    settings.MIDDLEWARE += ["django.middleware.clickjacking.XFrameOptionsMiddleware"]
    assert Client().get("/books/1").headers["X-Frame-Options"] == "DENY"


def test_an_early_answer_passes_the_outer_layers_alone(client):
    """`CommonMiddleware` adds `Content-Length`; the guard stands outside of it, so its answer has none"""
    assert "content-length" in client.get("/books/1").headers
    assert "content-length" not in client.get("/books/1", headers={"User-Agent": "scraper"}).headers


def test_a_stream_has_no_content():
    """`StreamingHttpResponse` has no `content`; a layer asks `response.streaming` first"""
    response = StreamingHttpResponse(["Dune"])
    assert response.streaming is True
    with pytest.raises(AttributeError, match="has no `content` attribute"):
        _ = response.content


def test_with_debug_the_500_carries_the_id(snippet, settings):
    """With `DEBUG = True` Django's page about an unhandled error passes the layers, too"""
    settings.DEBUG = True
    client = Client(raise_request_exception=False)
    response = client.get("/books/3", headers={"X-Request-ID": "ada-0001"})
    assert response.status_code == 500
    assert response["X-Request-ID"] == "ada-0001"
    assert "KeyError" in response.text


def lengths(middleware):
    """How long a compressed answer is, in twenty tries."""
    page = HttpResponse("Dune " * 100)
    request = RequestFactory().get("/", headers={"Accept-Encoding": "gzip"})
    return {
        len(middleware(lambda request: HttpResponse(page.content))(request).content)
        for _ in range(20)
    }


def test_compressed_answers_have_random_lengths():
    """`GZipMiddleware` adds random bytes: the same page is not always compressed to the same length"""
    assert len(lengths(GZipMiddleware)) > 1


# Two worlds


class SyncOnly:
    """A layer as most are written, which notes where it runs."""

    threads: ClassVar[list[threading.Thread]] = []

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        self.threads.append(threading.current_thread())
        return self.get_response(request)


async def ask(application, path="/"):
    transport = httpx2.ASGITransport(application)
    async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as client:
        return await client.get(path)


@require_safe
async def where(request):
    SyncOnly.threads.append(threading.current_thread())
    return HttpResponse("A bookshop")


async def test_a_synchronous_layer_under_asgi_runs_in_a_thread(settings):
    """Under ASGI Django calls a layer that is only synchronous in another thread than the loop's"""
    urls = types.ModuleType("small_urls")
    vars(urls).update(urlpatterns=[path("", where)])
    settings.ROOT_URLCONF = urls
    settings.MIDDLEWARE = [f"{__name__}.SyncOnly"]
    SyncOnly.threads.clear()
    assert (await ask(ASGIHandler())).status_code == 200
    layer, view = SyncOnly.threads
    assert layer is not threading.current_thread()
    assert view is threading.current_thread()


async def test_a_layer_for_both_runs_on_the_loop(part, monkeypatch):
    """A layer that is asynchronous, too, runs on the loop's own thread under ASGI"""
    both = part("both")
    threads = []
    monkeypatch.setattr(both.time, "perf_counter", noting(threads, both.time.perf_counter))
    response = await ask(ASGIHandler())
    assert response.text == "A bookshop"
    assert float(response.headers["x-process-time"]) > 0
    assert set(threads) == {threading.current_thread()}


def test_a_layer_for_both_under_wsgi(part):
    """The same layer stamps under WSGI"""
    part("both")
    response = Client().get("/")
    assert response.content == b"A bookshop"
    assert float(response["X-Process-Time"]) > 0
    assert len(response["X-Process-Time"].partition(".")[2]) == 6


def noting(threads, function):
    def noted():
        threads.append(threading.current_thread())
        return function()

    return noted


def test_a_wsgi_application_around_django(part):
    """A WSGI application stands around Django's as well: `ProxyFix` gives it the client's address"""
    part("proxy")
    transport = WSGITransport(ProxyFix(WSGIHandler(), x_for=1))
    with httpx2.Client(transport=transport, base_url="http://testserver") as client:
        assert client.get("/visit", headers=FORWARDED).json()["address"] == "192.0.2.1"


@pytest.mark.parametrize("sent", ["http", "", "HTTPS", "http, https", "on"])
def test_a_scheme_that_is_not_https(part, sent):
    """`X-Forwarded-Proto` of `http`, `HTTPS` or `http, https` means plain http"""
    part("proxy")
    request = RequestFactory().get("/visit", headers={"X-Forwarded-Proto": sent})
    assert request.scheme == "http"


@pytest.mark.parametrize(
    ("variant", "application", "seen"),
    [
        ("django_gunicorn", "django_wsgi", "127.0.0.1 https shop.example"),
        ("django_asgi", "django_asgi", "192.0.2.1 https shop.example"),
    ],
)
def test_django_behind_a_proxy_on_real_servers(variant, application, seen):
    """Behind a proxy Django sees 127.0.0.1 on Gunicorn and 192.0.2.1 on Uvicorn, with `https` and the host on both"""
    assert seen_on(variant, application) == seen


def test_a_star_with_credentials_in_django(snippet, settings):
    """django-cors-headers: `CORS_ALLOW_ALL_ORIGINS` with `CORS_ALLOW_CREDENTIALS` allows the very origin that asks"""
    settings.CORS_ALLOW_ALL_ORIGINS = settings.CORS_ALLOW_CREDENTIALS = True
    headers = Client().get("/books/1", headers={"Origin": "https://other.example"}).headers
    assert headers["access-control-allow-origin"] == "https://other.example"
    assert headers["access-control-allow-credentials"] == "true"


@pytest.mark.parametrize("target", ["/books/1", "/staff/stock/1"])
def test_the_shop_is_for_reading(client, target):
    """`OPTIONS` of a page is a 405 that allows `GET` and `HEAD`"""
    response = client.options(target)
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("layers", "/books"),
        ("layers", "/crash"),
        ("layers", "/missing"),
        ("layers", "/stream"),
        ("proxy", "/visit"),
        ("both", "/"),
    ],
)
def test_the_programs_beside_it_are_for_reading(part, name, target):
    """`OPTIONS` is a 405 in the programs beside the shop"""
    module = part(name)
    with clients.restored(module):
        assert Client().options(target).status_code == 405


def test_the_checks_of_django_cors_headers(snippet, settings):
    """`corsheaders` in `INSTALLED_APPS` checks its settings: an origin without a scheme is an error"""
    settings.CORS_ALLOWED_ORIGINS = ["app.example"]
    found = {each.id for each in run_checks(tags=["security"])}
    assert "corsheaders.E013" in found
