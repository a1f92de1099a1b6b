"""Routing that only Django has."""

import types

import pytest
from django.core.management import get_commands
from django.http import HttpResponse
from django.test import Client, override_settings
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
from django.views.decorators.http import require_GET, require_safe

from snippets.django.routing import DateConverter


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


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "NONSENSE"])
def test_a_view_without_a_decorator_takes_each_method(snippet, method):
    """A view without a decorator answers `OPTIONS`, `TRACE` and `NONSENSE` with 200, too"""
    with override_settings(ROOT_URLCONF=urls(path("books", show))):
        response = Client().generic(method, "/books")
    assert response.status_code == 200
    assert response.text == method


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


def test_a_converter_s_name_is_taken_once(snippet):
    """A converter's name serves the whole project: a second `date` is a `ValueError`"""
    with pytest.raises(ValueError, match="Converter 'date' is already registered"):
        register_converter(DateConverter, "date")


def test_force_script_name_is_the_prefix_of_links(client, settings):
    """`FORCE_SCRIPT_NAME`: links begin with it"""
    settings.FORCE_SCRIPT_NAME = "/bookshop"
    assert client.get("/links").json()["book"] == "/bookshop/books/1"


def test_allowed_hosts_refuse_a_strange_host(client):
    """`ALLOWED_HOSTS`: another `Host` is a 400"""
    assert client.get("/books/", headers={"Host": "evil.example"}).status_code == 400


def test_django_has_no_command_that_lists_routes(snippet):
    """None of the commands of Django's core is `show_urls`, or has `url` or `route` in its name"""
    core = [name for name, app in get_commands().items() if app.startswith("django.")]
    assert "check" in core
    assert "show_urls" not in core
    assert not [name for name in core if "url" in name or "route" in name]
