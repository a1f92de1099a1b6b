"""Error handling that only Django has."""

import asyncio
import json
import logging
from typing import cast

import pytest
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.http import HttpResponse, StreamingHttpResponse
from django.tasks import TaskResultStatus
from django.test import AsyncClient, Client, override_settings
from django.urls import get_resolver, include, path
from django.utils.module_loading import import_string

from tests.topics.error_handling import bare, bare_django

PROBLEM = "application/problem+json"


class Raising:
    """A URLconf with this chapter's handlers, and views that raise what its program does not."""

    def __init__(self, snippet):
        self.handler400 = snippet.handler400
        self.handler403 = snippet.handler403
        self.handler404 = snippet.handler404
        self.urlpatterns = [
            path("denied", self.denied),
            path("bad", self.bad),
            path("suspicious", self.suspicious),
            path("form", lambda request: HttpResponse()),
            path("tea", lambda request: HttpResponse("tea", status=405)),
        ]

    def denied(self, request):
        raise PermissionDenied("only for Ada")

    def bad(self, request):
        raise BadRequest("no such page size")

    def suspicious(self, request):
        raise SuspiciousOperation("a forged cookie")


@pytest.fixture
def raising(snippet, settings):
    settings.ROOT_URLCONF = Raising(snippet)
    settings.MIDDLEWARE = snippet.SETTINGS["MIDDLEWARE"]
    return Client(enforce_csrf_checks=True)


def body(status, title):
    return {"type": "about:blank", "title": title, "status": status}


def test_permission_denied_keeps_its_reason(raising):
    """`PermissionDenied` is a 403 problem, without the exception's message"""
    response = raising.get("/denied")
    assert (response.status_code, response["content-type"]) == (403, PROBLEM)
    assert response.json() == body(403, "Forbidden")


def test_a_bad_request_is_a_400(raising):
    """`BadRequest` is a 400 problem, with the exception's message as `detail`"""
    response = raising.get("/bad")
    assert (response.status_code, response["content-type"]) == (400, PROBLEM)
    assert response.json() == {**body(400, "Bad Request"), "detail": "no such page size"}


def test_a_suspicious_operation_keeps_its_reason(raising):
    """A `SuspiciousOperation` is a 400 problem, without the exception's message"""
    response = raising.get("/suspicious")
    assert (response.status_code, response["content-type"]) == (400, PROBLEM)
    assert response.json() == body(400, "Bad Request")


def test_a_405_of_a_view_s_own_stays_as_it_is(raising):
    """A 405 that a view has made itself, without `Allow`, stays as it is"""
    response = raising.get("/tea")
    assert (response.status_code, response.text) == (405, "tea")


def test_a_missing_token_is_a_problem(raising):
    """A form without its token is a 403 problem, by `CSRF_FAILURE_VIEW`"""
    response = raising.post("/form")
    assert (response.status_code, response["content-type"]) == (403, PROBLEM)
    assert response.json() == body(403, "Forbidden")


def test_a_missing_token_does_not_ask_handler403(raising, settings):
    """Without `CSRF_FAILURE_VIEW` a form without its token is a page, and `handler403` is not asked"""
    settings.CSRF_FAILURE_VIEW = "django.views.csrf.csrf_failure"
    response = raising.post("/form")
    assert response.status_code == 403
    assert response["content-type"].startswith("text/html")


def test_a_strange_host_is_a_problem(client):
    """A host that `ALLOWED_HOSTS` does not name is a 400 problem"""
    response = client.get("/books/dune", headers={"host": "evil.example"})
    assert response.status_code == 400
    assert response.headers["content-type"] == PROBLEM
    assert response.json() == body(400, "Bad Request")


def test_with_debug_a_missing_book_and_broken_json_are_pages_of_django_s(client):
    """With `DEBUG = True` the 404 for a book and the 400 for broken JSON are pages of Django's own"""
    headers = {"content-type": "application/json"}
    with override_settings(DEBUG=True):
        missing = client.get("/books/nemo")
        broken = client.post("/orders", content="{bad", headers=headers)
    assert (missing.status_code, broken.status_code) == (404, 400)
    for response in (missing, broken):
        assert response.headers["content-type"].startswith("text/html")


def test_with_debug_a_client_that_takes_no_html_gets_plain_text(snippet):
    """With `DEBUG = True` broken JSON and a 500 are plain text to a client that takes JSON alone"""
    client = Client(raise_request_exception=False, headers={"accept": "application/json"})
    with override_settings(DEBUG=True):
        broken = client.post("/orders", "{bad", content_type="application/json")
        failed = client.get("/deliveries")
    assert (broken.status_code, failed.status_code) == (400, 500)
    for response in (broken, failed):
        assert response["content-type"].startswith("text/plain")


def test_with_debug_an_unexpected_error_is_a_page_of_django_s(snippet):
    """With `DEBUG = True` a 500 is a page of Django's own"""
    with override_settings(DEBUG=True):
        response = Client(raise_request_exception=False).get("/deliveries")
    assert response.status_code == 500
    assert "Traceback" in response.text


def test_with_debug_handler403_is_asked(raising):
    """With `DEBUG = True` Django asks `handler403` all the same"""
    with override_settings(DEBUG=True):
        response = raising.get("/denied")
    assert (response.status_code, response["content-type"]) == (403, PROBLEM)


def test_with_debug_the_middleware_answers_as_before(client):
    """With `DEBUG = True` the middleware answers as before: 405 and 409 are problems"""
    with override_settings(DEBUG=True):
        wrong = client.get("/orders")
        sold_out = client.post("/orders", json={"book": "emma", "copies": 1})
    assert (wrong.status_code, wrong.headers["content-type"]) == (405, PROBLEM)
    assert (sold_out.status_code, sold_out.headers["content-type"]) == (409, PROBLEM)


def test_which_handlers_django_has(snippet, settings):
    """The program has `handler400`, `handler403`, `handler404`, `handler500`, a view as `CSRF_FAILURE_VIEW` and a middleware"""
    for status in (400, 403, 404, 500):
        handler = get_resolver(snippet.__name__).resolve_error_handler(status)
        assert handler is getattr(snippet, f"handler{status}")
    assert import_string(settings.CSRF_FAILURE_VIEW) is snippet.handler403
    assert import_string(settings.MIDDLEWARE[-1]) is snippet.Problems


def test_the_handler_of_an_included_urlconf_is_not_asked(snippet, settings):
    """A handler in a URLconf that is included is not asked"""

    class Staff:
        urlpatterns = (path("missing", bare_django.URLs.missing),)

        @staticmethod
        def handler404(request, exception):
            raise AssertionError("asked")

    class Root:
        urlpatterns = (path("staff/", include(Staff)),)  # type: ignore[arg-type]  # an object will do

        @staticmethod
        def handler404(request, exception):
            return HttpResponse("the root's", status=404)

    settings.ROOT_URLCONF = Root
    assert Client().get("/staff/missing").text == "the root's"
    assert Client().get("/staff/nowhere").text == "the root's"


def test_templates_are_enough_for_pages(snippet, settings):
    """Without handlers, a template `404.html` is the page for a 404, and gets the exception"""
    pages = {"404.html": "No such page: {{ exception }}", "500.html": "We are sorry."}
    loaders = [("django.template.loaders.locmem.Loader", pages)]
    engine = "django.template.backends.django.DjangoTemplates"
    settings.TEMPLATES = [{"BACKEND": engine, "OPTIONS": {"loaders": loaders}}]
    settings.ROOT_URLCONF = bare_django.URLs
    client = Client(raise_request_exception=False)
    assert client.get("/missing").text == f"No such page: {bare.MESSAGE}"
    assert client.get("/failing").text == "We are sorry."


def test_django_logs_an_unexpected_error_under_django_request(snippet, caplog):
    """Django logs an unexpected error with its traceback under the name `django.request`"""
    Client(raise_request_exception=False).get("/deliveries")
    entries = [each for each in caplog.records if each.name == "django.request"]
    assert [each.getMessage() for each in entries] == ["Internal Server Error: /deliveries"]
    assert entries[0].exc_info
    assert entries[0].exc_info[0] is ConnectionError


def test_by_default_the_log_of_django_goes_nowhere():
    """By default the loggers of Django have two handlers: the console with `DEBUG` alone, and mail"""
    from django.utils.log import DEFAULT_LOGGING

    handlers = DEFAULT_LOGGING["handlers"]
    assert DEFAULT_LOGGING["loggers"]["django"]["handlers"] == ["console", "mail_admins"]
    assert handlers["console"]["filters"] == ["require_debug_true"]
    assert handlers["mail_admins"]["filters"] == ["require_debug_false"]


def test_background_work_that_fails_is_a_failed_result(snippet, caplog):
    """A task that fails is a result with the status `FAILED`, and logged under `django.tasks`"""
    result = snippet.remind.enqueue("dune")
    assert result.status == TaskResultStatus.FAILED
    (error,) = result.errors
    assert error.exception_class is TimeoutError
    assert "TimeoutError: no mail server for dune" in error.traceback
    entries = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert [each.name for each in entries] == ["django.tasks"]
    assert entries[0].exc_info
    assert entries[0].exc_info[0] is TimeoutError


def test_a_request_starts_the_task(client, caplog):
    """`POST /reminders/dune` starts the task, which fails and is logged"""
    assert client.post("/reminders/dune").status_code == 202
    assert [each.name for each in caplog.records if each.levelno == logging.ERROR] == [
        "django.tasks"
    ]


def test_under_asgi_a_stream_is_asynchronous(snippet):
    """Under ASGI, too, an error in a stream is its last line"""

    async def read():
        response = await AsyncClient().get("/prices")
        assert response.status_code == 200
        parts = cast(StreamingHttpResponse, response)
        return b"".join([part async for part in parts]).decode()

    first, last = map(json.loads, asyncio.run(read()).splitlines())
    assert first == {"book": "dune", "price": "12.50"}
    assert last["status"] == 500


def test_under_asgi_a_plain_generator_is_collected_first(snippet):
    """Under ASGI Django warns of a plain generator, and collects all of it before it sends any"""
    made = []

    def lines():
        for number in range(3):
            made.append(number)
            yield b"line"

    async def read():
        async for _ in StreamingHttpResponse(lines()):
            return list(made)

    with pytest.warns(Warning, match="must consume synchronous iterators"):
        assert asyncio.run(read()) == [0, 1, 2]


def test_the_test_client_can_be_told_to_answer(snippet):
    """`Client(raise_request_exception=False)` answers an unexpected error with 500"""
    with pytest.raises(ConnectionError):
        Client().get("/deliveries")
    response = Client(raise_request_exception=False).get("/deliveries")
    assert response.status_code == 500
    assert response.json()["instance"].startswith("urn:uuid:")


def test_a_debug_page_hides_settings_by_their_names(snippet, settings):
    """A debug page hides a setting whose name holds `SECRET` or `PASS`, and no other value"""
    settings.DEBUG = True
    settings.ROOT_URLCONF = bare_django.URLs
    settings.MAIL_PASSWORD = "hidden-value"
    settings.SUPPLIER = "shown-value"
    page = Client(raise_request_exception=False).get("/failing").text
    assert "hidden-value" not in page
    assert "shown-value" in page
    assert settings.SECRET_KEY not in page
