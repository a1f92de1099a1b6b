"""What only Django does in this chapter."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.apps import apps
from django.core.checks import run_checks
from django.test import Client, RequestFactory


class Empty:
    """A warehouse for tests."""

    def count(self, title):
        return 0

    def close(self):
        pass


def test_a_test_replaces_what_a_view_needs(client, snippet, monkeypatch):
    """A test gives the view another warehouse"""
    monkeypatch.setattr(snippet, "Warehouse", Empty)
    assert client.get("/stock/Book 1").json() == {"stock": 0, "scarce": True}
    assert snippet.EVENTS == []


def test_a_test_makes_a_request_for_a_helper(snippet):
    """`RequestFactory` makes a request for a helper, without a view; it can be passed to a thread"""
    request = RequestFactory(headers={"Accept-Language": "de"}).get("/")
    assert snippet.language(request) == "de"
    with ThreadPoolExecutor(1) as other:
        assert other.submit(snippet.language, request).result() == "de"


def test_without_its_middleware_the_view_has_no_warehouse(client, snippet, settings):
    """Without its middleware the view finds no `request.warehouse`: `AttributeError`"""
    settings.MIDDLEWARE = []
    request = RequestFactory().get("/stock/Book 1")
    with pytest.raises(AttributeError, match="has no attribute 'warehouse'"):
        snippet.show_stock(request, "Book 1")


def test_check_says_that_the_middleware_is_missing(part, settings):
    """What `ready` registers: `manage.py check` warns `recent.W001` if the app is installed and its middleware is not"""
    module = part("recent")
    assert not [said for said in run_checks() if said.id == "recent.W001"]
    settings.MIDDLEWARE = []
    (said,) = [said for said in run_checks() if said.id == "recent.W001"]
    assert said.msg == "recent.remember is not in MIDDLEWARE: nothing is kept."
    assert module.APP in settings.INSTALLED_APPS


def test_the_app_has_a_label_of_its_own(part):
    """The app is called `recent`, whatever its package is called"""
    module = part("recent")
    assert apps.get_app_config("recent").name == module.APP


@pytest.mark.parametrize("path", ["/books", "/welcome", "/stock/Book 1"])
def test_the_views_only_read(snippet, path):
    """A `POST` is a 405 in each view"""
    assert Client().post(path).status_code == 405


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("recent", "/recent"),
        ("waiting", "/ring"),
        ("waiting", "/plain"),
        ("waiting", "/blocking"),
        ("waiting", "/awaiting"),
    ],
)
def test_the_views_of_the_parts_only_read(part, name, path):
    """A `POST` is a 405 in each view of the smaller programs, `async def` or not"""
    part(name)
    assert Client().post(path).status_code == 405


def test_a_layer_more_leaves_the_project_s_own(client, plugged):
    """The programs add a layer to the project's own: `X-Frame-Options` is still sent"""
    assert client.get("/welcome").headers["x-frame-options"] == "DENY"
    assert plugged.get("/recent").headers["x-frame-options"] == "DENY"
