"""Routing that only Django has."""

import sys
import types

import httpx2
import pytest
from asgiref.sync import async_to_sync
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured, SuspiciousFileOperation
from django.core.files.storage import FileSystemStorage
from django.core.handlers.asgi import ASGIHandler
from django.core.management import get_commands
from django.http import HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import (
    NoReverseMatch,
    Resolver404,
    get_resolver,
    include,
    path,
    re_path,
    register_converter,
    reverse,
)
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_safe

from snippets.django.routing import DateConverter
from tests.harness.differs import since


def urls(*patterns):
    """A URLconf of these patterns."""
    module = types.ModuleType("small_urls")
    vars(module).update(urlpatterns=[*patterns])
    return module


def show(request):
    return HttpResponse(request.method)


def test_a_post_without_the_slash_is_answered_301(client):
    """`POST /books` answers 301, which browsers follow with `GET`"""
    response = client.post("/books", data={"title": "Ulysses"})
    assert response.status_code == 301
    assert response.headers["location"] == "/books/"


def test_a_post_without_the_slash_is_an_error_in_debug(client, settings):
    """With `DEBUG = True`, `POST /books` is a `RuntimeError` that names the slash"""
    settings.DEBUG = True
    with pytest.raises(RuntimeError, match="doesn't end in a slash and you have APPEND_SLASH set"):
        client.post("/books")


def test_append_slash_off_leaves_a_404(client, settings):
    """`APPEND_SLASH = False`: `/books` is a 404"""
    settings.APPEND_SLASH = False
    assert client.get("/books").status_code == 404


@pytest.mark.parametrize(
    ("method", "status"),
    [
        *(("GET", 200), ("OPTIONS", 200), ("TRACE", 200)),
        *(("POST", 403), ("PUT", 403), ("DELETE", 403), ("NONSENSE", 403)),
    ],
)
def test_a_view_without_a_decorator_takes_each_method(snippet, method, status):
    """Without a decorator: `OPTIONS`, `TRACE` are 200; `POST`, `NONSENSE` 403, by CSRF, or 200 if exempt"""
    patterns = urls(path("books", show), path("exempt", csrf_exempt(show)))
    with override_settings(ROOT_URLCONF=patterns):
        client = Client(enforce_csrf_checks=True)
        assert client.generic(method, "/books").status_code == status
        exempt = client.generic(method, "/exempt")
    assert exempt.status_code == 200
    assert exempt.text == method


def test_a_second_pattern_for_one_path_is_not_asked(snippet):
    """Two patterns for `/books`, the first of them for `GET`: a `POST` is a 405"""

    @csrf_exempt
    def add(request):
        raise AssertionError

    patterns = urls(path("books", csrf_exempt(require_GET(show))), path("books", add))
    with override_settings(ROOT_URLCONF=patterns):
        assert Client().get("/books").status_code == 200
        assert Client().post("/books").status_code == 405


def test_a_django_converter_takes_no_arguments():
    """`<int(min=1):number>`: `ImproperlyConfigured`"""
    with pytest.raises(ImproperlyConfigured, match=r"invalid converter 'int\(min=1\)'"):
        path("<int(min=1):number>", show)


@pytest.mark.parametrize(
    ("decorator", "method", "status"),
    [
        (require_GET, "GET", 200),
        (require_GET, "HEAD", 405),
        (require_safe, "GET", 200),
        (require_safe, "HEAD", 200),
    ],
)
def test_require_get_refuses_head(snippet, decorator, method, status):
    """`require_GET` answers `HEAD` with 405; `require_safe` takes `GET` and `HEAD`"""
    with override_settings(ROOT_URLCONF=urls(path("books", decorator(show)))):
        assert Client().generic(method, "/books").status_code == status


def test_django_makes_a_view_class_anew_for_each_request(snippet):
    """`View.as_view()` makes an object for each request"""
    seen = []

    class Books(View):
        def get(self, request):
            seen.append(self)
            return HttpResponse()

    with override_settings(ROOT_URLCONF=urls(path("books", Books.as_view()))):
        for _ in range(2):
            Client().get("/books")
    assert seen[0] is not seen[1]


def test_a_group_without_a_name_leaves_the_route_s_name_as_it_is(snippet):
    """`include` of a bare list: the route keeps its name, without one in front"""
    bare = urls(path("shop/", include([path("report", show, name="report")])))
    assert reverse("report", urlconf=bare) == "/shop/report"
    with pytest.raises(NoReverseMatch):
        reverse("report")


def test_a_group_with_a_name_puts_it_in_front(snippet):
    """`include` of a list and a name: `shop:staff:report`"""
    assert reverse("shop:staff:report", args=[2026]) == "/shop/staff/reports/2026"


def test_re_path_without_a_dollar_matches_a_beginning(snippet):
    """A `re_path` without `$` matches what begins like it: `books-of-yesterday`, for `books`"""
    open_end = get_resolver(urls(re_path("^books", show)))
    assert open_end.resolve("/books-of-yesterday").func is show
    closed = get_resolver(urls(re_path("^books$", show)))
    with pytest.raises(Resolver404):
        closed.resolve("/books-of-yesterday")


@pytest.mark.parametrize("pattern", ["books$", "^books$"])
def test_re_path_with_a_dollar_needs_no_caret(snippet, pattern):
    """A `re_path` that ends with `$` is compared with the whole path, with `^` or without"""
    resolver = get_resolver(urls(re_path(pattern, show)))
    assert resolver.resolve("/books").func is show
    for other in ("/old-books", "/books-of-yesterday", "/books\n"):
        with pytest.raises(Resolver404):
            resolver.resolve(other)


@since("before Django 6.0 a converter's second name was only deprecated", django="6.0")
def test_a_converter_s_name_is_taken_once(snippet):
    """A converter's name serves the whole project: a second `date` is a `ValueError`"""
    with pytest.raises(ValueError, match="Converter 'date' is already registered"):
        register_converter(DateConverter, "date")


def test_check_is_silent_about_a_hidden_route(snippet):
    """`check` finds nothing wrong with `authors/<name>` above `authors/new`"""
    hidden = urls(path("authors/<name>", show), path("authors/new", show))
    with override_settings(ROOT_URLCONF=hidden):
        assert run_checks(tags=["urls"]) == []


def test_a_pattern_begins_without_a_slash(snippet):
    """The pattern `/books` matches `//books` and not `/books`; `check` warns, `urls.W002`"""
    slash = urls(path("/books", show))
    with override_settings(ROOT_URLCONF=slash):
        assert [warning.id for warning in run_checks(tags=["urls"])] == ["urls.W002"]
    assert get_resolver(slash).resolve("//books").func is show
    with pytest.raises(Resolver404):
        get_resolver(slash).resolve("/books")


def test_the_404_of_debug_lists_the_patterns(client, settings):
    """With `DEBUG = True` the page of a 404 lists the patterns"""
    settings.DEBUG = True
    response = client.get("/nowhere")
    assert response.status_code == 404
    assert "Django tried these URL patterns, in this order" in response.text
    assert "books/&lt;int:book_id&gt;" in response.text


def test_django_converts_nothing_by_a_hint(snippet):
    """`def view(request, number: int)` for `<number>` gets the text `"7"`"""

    def view(request, number: int):
        return HttpResponse(repr(number))

    with override_settings(ROOT_URLCONF=urls(path("<number>", view))):
        assert Client().get("/7").text == "'7'"


def test_a_storage_stays_in_its_folder(tmp_path):
    """`FileSystemStorage`, the name `../secret`: `SuspiciousFileOperation`, a 400, though it exists"""
    (tmp_path / "covers").mkdir()
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "covers/front").write_text("front")
    covers = FileSystemStorage(tmp_path / "covers")
    with covers.open("front") as front:
        assert front.read() == b"front"
    for name in ("../secret", str(tmp_path / "secret")):
        with pytest.raises(SuspiciousFileOperation):
            covers.open(name)

    def climb(request):
        return HttpResponse(covers.open("../secret"))

    with override_settings(ROOT_URLCONF=urls(path("secret", climb))):
        assert Client().get("/secret").status_code == 400


def test_include_finds_a_module_by_its_name(snippet, monkeypatch):
    """`include("shop.urls")`, with `app_name = "shop"` in `shop/urls.py`: `shop:report`"""
    module = urls(path("report", show, name="report"))
    module.app_name = "shop"
    monkeypatch.setitem(sys.modules, "shop.urls", module)
    project = urls(path("shop/", include("shop.urls")))
    assert reverse("shop:report", urlconf=project) == "/shop/report"


def test_django_builds_an_absolute_link(snippet):
    """`request.build_absolute_uri(reverse(…))`: scheme and host of the request, then the path"""
    request = RequestFactory().get("/", secure=True)
    link = request.build_absolute_uri(reverse("show_book", args=[1]))
    assert link == "https://testserver/books/1"


def test_force_script_name_is_the_prefix_of_links(client, settings):
    """`FORCE_SCRIPT_NAME` under WSGI: links and redirects begin with it, requests do not"""
    settings.FORCE_SCRIPT_NAME = "/bookshop"
    assert client.get("/links").json()["book"] == "/bookshop/books/1"
    assert client.get("/books").headers["location"] == "/bookshop/books/"
    assert client.get("/bookshop/links").status_code == 404


def test_force_script_name_under_asgi_expects_the_whole_path(snippet, settings):
    """`FORCE_SCRIPT_NAME` under ASGI: `/bookshop/links`; `/books` is redirected to `/books/`"""
    settings.FORCE_SCRIPT_NAME = "/bookshop"

    @async_to_sync
    async def ask(address):
        transport = httpx2.ASGITransport(ASGIHandler())  # type: ignore[arg-type]  # its types are narrower
        async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as client:
            return await client.get(address)

    assert ask("/bookshop/links").json()["book"] == "/bookshop/books/1"
    assert ask("/bookshop/books").headers["location"] == "/bookshop/books/"
    assert ask("/books").headers["location"] == "/books/"


def test_allowed_hosts_refuse_a_strange_host(client):
    """`ALLOWED_HOSTS`: another `Host` is a 400"""
    assert client.get("/books/", headers={"Host": "evil.example"}).status_code == 400


def test_django_has_no_command_that_lists_routes(snippet):
    """None of the commands of Django's core is `show_urls`, or has `url` or `route` in its name"""
    core = [name for name, app in get_commands().items() if app.startswith("django.")]
    assert "check" in core
    assert "show_urls" not in core
    assert not [name for name in core if "url" in name or "route" in name]
