"""Contract of the chapter "When it goes wrong"."""

import html
import json
import re
import socket
from http import HTTPStatus

import httpx2
import pytest
from django.test import Client
from fastapi.testclient import TestClient

from tests.harness.differs import differs, only
from tests.harness.sockets import eventually
from tests.topics.error_handling import bare, bare_django, bare_fastapi, bare_flask
from tests.topics.error_handling.bare import MESSAGE, SECRET

PROBLEM = "application/problem+json"
JSON = {"content-type": "application/json"}
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
HTML = {"accept": BROWSER}


def problem(status, **more):
    """The body of a problem of which the status is the type."""
    title = HTTPStatus(status).phrase
    return {"type": "about:blank", "title": title, "status": status, **more}


def is_problem(response, body):
    """Status, media type and whole body of an answer."""
    assert response.status_code == body["status"]
    assert response.headers["content-type"] == PROBLEM
    assert response.headers["vary"] == "Accept"
    assert response.json() == body


def kind(response):
    """What an answer is, in a word."""
    if not response.content:
        return "an empty body"
    names = {"text/html": "HTML", "application/json": "JSON", "text/plain": "plain text"}
    return names[response.headers["content-type"].partition(";")[0]]


def on_each(stacks, framework, ask):
    """What each server of a framework does, in the words of a cell."""
    return "; ".join(f"{stack.server}: {ask(stack)}" for stack in stacks(framework))


def said_to(stack, sent):
    """All that a server says to these bytes, until it closes the connection."""
    with socket.create_connection(("127.0.0.1", stack.port), 30) as connection:
        connection.sendall(sent)
        return b"".join(iter(lambda: connection.recv(65536), b""))


# Nothing configured: the application in bare.py


@differs(
    flask="gunicorn: the traceback; waitress: the traceback",
    fastapi="uvicorn: the traceback",
    django="gunicorn: nothing; uvicorn: nothing",
)
def test_what_the_log_of_a_server_has(stacks, framework, expected):
    """Nothing configured: what a server's log has of an unhandled exception"""

    def ask(stack):
        with stack.client() as client:
            assert client.get("/failing").status_code == 500
        return "the traceback" if stack.says("ConnectionError: amqp") else "nothing"

    assert on_each(stacks, framework, ask) == expected


@differs(flask="gunicorn: 2; waitress: 2", fastapi="uvicorn: 2", django="gunicorn: 1; uvicorn: 1")
def test_how_often_the_traceback_is_in_the_log(stacks, framework, expected):
    """The handler for 500 logs the exception, no more is configured: tracebacks in a server's log"""

    def ask(stack):
        before = stack.said().count("bare.Noted")
        with stack.client() as client:
            assert client.get("/noted").status_code == 500
        with stack.client() as client:
            client.get("/nowhere")  # the server has written what it had to
        assert stack.says("The last handler was asked.")
        return stack.said().count("bare.Noted") - before

    assert on_each(stacks, framework, ask) == expected


@differs(flask="HTML", fastapi="JSON", django="HTML")
def test_an_unknown_url_without_handlers(plain, expected):
    """Nothing configured: the 404 for a URL that nobody has"""
    response = plain.get("/nowhere")
    assert response.status_code == 404
    assert kind(response) == expected


@differs(flask="HTML", fastapi="plain text", django="HTML")
def test_an_unhandled_exception_without_handlers(plain, expected):
    """Nothing configured: the 500 for an unhandled exception"""
    response = plain.get("/failing")
    assert response.status_code == 500
    assert kind(response) == expected
    assert SECRET not in response.text


@differs(flask="HTML", fastapi="JSON", django="an empty body")
def test_a_wrong_method_without_handlers(plain, expected):
    """Nothing configured: the 405 for `DELETE`"""
    response = plain.delete("/missing")
    assert response.status_code == 405
    assert kind(response) == expected


@differs(flask="in the page", fastapi="in the JSON", django="nowhere")
def test_a_message_without_handlers(plain, expected):
    """Nothing configured: where the message of a 404 stands that a view has raised"""
    response = plain.get("/missing")
    assert response.status_code == 404
    where = {"HTML": "in the page", "JSON": "in the JSON"}[kind(response)]
    assert (where if MESSAGE in response.text else "nowhere") == expected


@differs(flask="answers 500", fastapi="raises it", django="raises it")
def test_the_test_client_without_handlers(framework, snippet, expected, settings):
    """Nothing configured: what the framework's own test client does with an unhandled exception"""
    settings.ROOT_URLCONF = bare_django.URLs
    made = {
        "flask": lambda: bare_flask.application().test_client(),
        "fastapi": lambda: TestClient(bare_fastapi.application()),
        "django": Client,
    }[framework]()
    try:
        did = f"answers {made.get('/failing').status_code}"
    except ConnectionError:
        did = "raises it"
    assert did == expected


# In debug mode


@differs(
    flask="source and a console", fastapi="source", django="source, values of variables, settings"
)
def test_what_a_debug_page_shows(debug, expected):
    """What the page for an unhandled exception shows: `flask run --debug`, `FastAPI(debug=True)`, `DEBUG = True`"""
    response = debug.get("/failing", headers={**HTML, "host": "127.0.0.1"})
    assert response.status_code == 500
    page = html.unescape(response.text).replace("\N{NO-BREAK SPACE}", " ")
    assert f"amqp://shop:{SECRET}@supplier does not answer" in page
    shows = {
        "source": "raise ConnectionError(" in page,
        "console": "EVALEX = true" in page,
        "values of variables": f"'{SECRET}'" in page,
        "settings": "ROOT_URLCONF" in page,
    }
    words = [word for word, shown in shows.items() if shown]
    assert ", ".join(words).replace(", console", " and a console") == expected


# Past the handlers


@pytest.mark.server_errors
@differs(flask=409, fastapi=500, django=500)
def test_an_exception_of_the_shop_before_the_view(guarded, expected):
    """`OutOfStock` raised before the view, in `before_request` or in a middleware"""
    assert guarded.get("/books/dune").status_code == expected


@differs(
    flask="gunicorn: no answer; waitress: 500",
    fastapi="uvicorn: 500",
    django="gunicorn: no answer; uvicorn: 500",
)
def test_a_last_handler_that_fails_with_a_connection_error(stacks, framework, expected):
    """The handler for 500 fails with a `ConnectionError`"""

    def ask(stack):
        with stack.client() as client:
            try:
                return client.get("/fragile-connection").status_code
            except httpx2.RemoteProtocolError:
                return "no answer"

    assert on_each(stacks, framework, ask) == expected


@differs(
    flask="gunicorn: 500, HTML; waitress: 500, plain text",
    fastapi="uvicorn: 500, plain text",
    django="gunicorn: 500, HTML; uvicorn: 500, plain text",
)
def test_a_last_handler_that_fails(stacks, framework, expected):
    """The handler for 500 fails itself: the server answers"""

    def ask(stack):
        with stack.client() as client:
            response = client.get("/fragile")
        assert SECRET not in response.text
        return f"{response.status_code}, {kind(response)}"

    assert on_each(stacks, framework, ask) == expected


def test_an_error_in_a_stream_that_nobody_catches(stacks, framework):
    """An error in a stream that nobody catches breaks an HTTP/1.1 connection off, after a status of 200"""
    for stack in stacks(framework):
        with stack.client() as client, client.stream("GET", "/cut") as response:
            assert response.status_code == 200
            with pytest.raises(httpx2.RemoteProtocolError, match="without sending complete"):
                response.read()


@differs(
    flask="gunicorn: whole; waitress: whole",
    fastapi="uvicorn: cut",
    django="gunicorn: whole; uvicorn: cut",
)
def test_an_error_in_a_stream_over_http_1_0(stacks, framework, expected):
    """An error in a stream that nobody catches, asked for with HTTP/1.0: what the client takes the body for"""

    def ask(stack):
        answer = said_to(stack, b"GET /cut HTTP/1.0\r\n\r\n")
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.split()[1] == b"200"
        if b"chunked" in head:  # the last chunk, of length 0, is missing
            return "whole" if body.endswith(b"0\r\n\r\n") else "cut"
        # The end of the connection is the end of the body, and this is no length of it.
        assert b"content-length" not in head.lower()
        assert body == b"Dune\n" * 2000
        return "whole"

    assert on_each(stacks, framework, ask) == expected


@only("django")
def test_by_default_a_failed_task_is_written_nowhere(stacks, framework):
    """Nothing configured: a server's log has nothing of a task that fails"""
    for stack in stacks(framework):
        with stack.client() as client:
            assert client.get("/enqueued").status_code == 202
            assert client.get("/noted").status_code == 500
        assert stack.says("The last handler was asked.")
        assert "no mail server" not in stack.said()


# One shape


def test_a_book_that_is_there(client):
    response = client.get("/books/dune")
    assert response.status_code == 200
    assert response.json() == {"book": "dune", "stock": 3}


@pytest.mark.parametrize("url", ["/nowhere", "/", "/books", "/books/dune/pages"])
def test_an_unknown_url(client, url):
    """A URL that nobody has is a 404 problem, without a `detail`"""
    is_problem(client.get(url), problem(404))


def test_a_book_that_is_not_there(client):
    """A view that raises a 404 on purpose says what is missing, in `detail`"""
    detail = "There is no book called nemo."
    is_problem(client.get("/books/nemo"), problem(404, detail=detail))


def test_a_wrong_method_keeps_allow(client):
    """A wrong method is a 405 problem that keeps the `Allow` header"""
    response = client.get("/orders")
    is_problem(response, problem(405))
    allowed = {*response.headers["allow"].split(", ")} - {"OPTIONS"}
    assert allowed == {"POST"}


@pytest.mark.parametrize(
    ("method", "url", "allowed"),
    [
        ("GET", "/reminders/dune", "POST"),
        ("TRACE", "/books/dune", "GET"),
        ("TRACE", "/account", "GET"),
        ("TRACE", "/deliveries", "GET"),
        ("TRACE", "/prices", "GET"),
    ],
)
def test_each_route_refuses_other_methods(client, method, url, allowed):
    response = client.request(method, url)
    is_problem(response, problem(405))
    assert {*response.headers["allow"].split(", ")} - {"OPTIONS", "HEAD"} == {allowed}


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"authorization": "Bearer stolen"},
        {"authorization": "Basic YTpi"},
        {"authorization": ""},
    ],
)
def test_an_unknown_customer_is_told_how_to_log_in(client, sent):
    """No token, or an unknown one, is a 401 problem that keeps `WWW-Authenticate: Bearer`"""
    response = client.get("/account", headers=sent)
    is_problem(response, problem(401, detail="Log in first."))
    assert response.headers["www-authenticate"].strip() == "Bearer"


def test_a_customer_with_a_token(client, snippet):
    snippet.CUSTOMERS["of-ada"] = "Ada"
    response = client.get("/account", headers={"authorization": "Bearer of-ada"})
    assert response.status_code == 200
    assert response.json() == {"customer": "Ada"}


@pytest.mark.parametrize("scheme", ["Token", "Digest", ""])
def test_a_token_under_another_scheme(client, snippet, scheme):
    """A token under another scheme than `Bearer` is a 401 problem"""
    snippet.CUSTOMERS["of-ada"] = "Ada"
    response = client.get("/account", headers={"authorization": f"{scheme} of-ada".strip()})
    is_problem(response, problem(401, detail="Log in first."))


# What breaks a rule of the shop


def order(client, **fields):
    return client.post("/orders", json=fields)


def test_an_order_that_can_be_met(client):
    response = order(client, book="dune", copies=3)
    assert response.status_code == 201
    assert response.json() == {"book": "dune", "copies": 3}
    assert client.get("/books/dune").json() == {"book": "dune", "stock": 0}


@pytest.mark.parametrize(("book", "copies", "left"), [("dune", 4, 3), ("emma", 1, 0)])
def test_an_exception_of_the_shop_is_a_conflict(client, book, copies, left):
    """`OutOfStock` is a 409 problem of a type of its own, with the number `left`"""
    is_problem(
        order(client, book=book, copies=copies),
        {
            "type": "https://shop.example/problems/out-of-stock",
            "title": "Out of stock",
            "status": 409,
            "detail": f"Copies of {book} left: {left}.",
            "left": left,
        },
    )


def test_an_order_that_is_refused_sells_nothing(client):
    assert order(client, book="dune", copies=4).status_code == 409
    assert client.get("/books/dune").json() == {"book": "dune", "stock": 3}


def test_an_order_for_a_book_that_is_not_there(client):
    is_problem(
        order(client, book="nemo", copies=1),
        problem(404, detail="There is no book called nemo."),
    )


# What a client sent


@pytest.mark.parametrize("body", ["{bad", '{"book": "dune", ', "nonsense", '{"book": "dune"}}'])
def test_malformed_json(client, body):
    """Malformed JSON is a 400 problem"""
    response = client.post("/orders", content=body, headers=JSON)
    is_problem(response, problem(400, detail="The body is not JSON."))


def test_a_hundred_thousand_brackets(client):
    """100,000 opening brackets are a 400 problem"""
    response = client.post("/orders", content=b"[" * 100_000, headers=JSON)
    assert response.status_code == 400
    assert response.headers["content-type"] == PROBLEM
    assert response.json().keys() == {"type", "title", "status", "detail"}


def test_each_wrong_field_is_pointed_at(client):
    """A 422 problem points at each wrong field, `#/copies`"""
    book = {"detail": "Field required", "pointer": "#/book"}
    copies = {"detail": "Input should be less than or equal to 10", "pointer": "#/copies"}
    is_problem(order(client, copies=11), problem(422, errors=[book, copies]))


@pytest.mark.parametrize("copies", [0, 11, 1.5, "many", None, [], "password123"])
def test_the_input_is_not_repeated(client, copies):
    """A 422 problem does not repeat what was sent"""
    response = order(client, book="dune", copies=copies)
    assert response.status_code == 422
    assert response.headers["content-type"] == PROBLEM
    (error,) = response.json()["errors"]
    assert error.keys() == {"detail", "pointer"}
    assert error["pointer"] == "#/copies"
    assert "password123" not in response.text


@pytest.mark.parametrize("copies", [1, 3])
def test_the_fewest_and_the_most_copies(client, copies):
    assert order(client, book="dune", copies=copies).status_code == 201


def test_ten_copies_are_within_the_rule_of_the_field(client):
    assert order(client, book="dune", copies=10).status_code == 409


@pytest.mark.parametrize("body", ["[]", "5", '"dune"', "null"])
def test_json_that_is_no_object(client, body):
    """JSON that is no object is a 422 problem with the pointer `#`, the whole body"""
    response = client.post("/orders", content=body, headers=JSON)
    assert response.status_code == 422
    assert [error["pointer"] for error in response.json()["errors"]] == ["#"]


@differs(flask=400, fastapi=422, django=400)
def test_an_empty_body(client, expected):
    """An empty body, called JSON"""
    response = client.post("/orders", headers=JSON)
    assert response.status_code == expected
    assert response.headers["content-type"] == PROBLEM


@differs(flask=400, fastapi=404, django=400)
@pytest.mark.parametrize("headers", [{}, HTML])
def test_a_lone_surrogate(client, headers, expected):
    """JSON in which the book is `"\\ud800"`, half a character"""
    body = rb'{"book": "\ud800", "copies": 1}'
    response = client.post("/orders", content=body, headers={**JSON, **headers})
    assert response.status_code == expected
    if headers:
        assert response.text.startswith("<!doctype html>")
    else:
        assert response.json()["status"] == expected


@differs(flask=415, fastapi=422, django=415)
def test_another_media_type(client, expected):
    """JSON sent as `text/plain`"""
    body = b'{"book": "dune", "copies": 1}'
    response = client.post("/orders", content=body, headers={"content-type": "text/plain"})
    assert response.status_code == expected
    assert response.headers["content-type"] == PROBLEM
    assert response.json()["title"] == HTTPStatus(expected).phrase


# HTML or JSON


def page(title, detail, instance=""):
    return (
        f'<!doctype html><html lang="en"><title>{title}</title>'
        f"<h1>{title}</h1><p>{detail}</p><small>{instance}</small>"
    )


@pytest.mark.parametrize(
    ("url", "status", "title", "detail"),
    [
        ("/books/nemo", 404, "Not Found", "There is no book called nemo."),
        ("/nowhere", 404, "Not Found", ""),
        ("/account", 401, "Unauthorized", "Log in first."),
        ("/orders", 405, "Method Not Allowed", ""),
    ],
)
def test_a_browser_gets_a_page(client, url, status, title, detail):
    """What a browser says it accepts is answered with a page"""
    response = client.get(url, headers=HTML)
    assert response.status_code == status
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["vary"] == "Accept"
    assert response.text == page(title, detail)


def test_a_page_keeps_headers_too(client):
    """A page for 401 or 405 keeps `WWW-Authenticate` or `Allow`, too"""
    unknown = client.get("/account", headers=HTML)
    assert unknown.headers["www-authenticate"].strip() == "Bearer"
    assert "POST" in client.get("/orders", headers=HTML).headers["allow"]


@pytest.mark.parametrize(
    "accept",
    [
        "*/*",
        "application/json",
        "application/problem+json",
        "image/png",
        "application/*, */*;q=0.1",
    ],
)
def test_other_clients_get_json(client, accept):
    """`*/*`, `application/json` and `image/png` are answered with JSON"""
    response = client.get("/books/nemo", headers={"accept": accept})
    is_problem(response, problem(404, detail="There is no book called nemo."))


def test_a_client_that_says_nothing_gets_json(client):
    """Without the header `Accept` the answer is JSON"""
    del client.headers["accept"]
    response = client.get("/books/nemo")
    is_problem(response, problem(404, detail="There is no book called nemo."))


@differs(flask="JSON", fastapi="HTML", django="JSON")
@pytest.mark.parametrize("kind", ["json", "problem+json"])
def test_html_with_a_low_weight(client, kind, expected):
    """`Accept: application/json, text/html;q=0.1`, and with `application/problem+json`"""
    accept = f"application/{kind}, text/html;q=0.1"
    response = client.get("/books/nemo", headers={"accept": accept})
    html = response.headers["content-type"].startswith("text/html")
    assert ("HTML" if html else "JSON") == expected


def test_markup_of_a_client_is_escaped(client):
    """`<img src=x>` in the URL is text on the page"""
    response = client.get("/books/%3Cimg src=x%3E", headers=HTML)
    assert response.status_code == 404
    detail = "There is no book called &lt;img src=x&gt;."
    assert response.text == page("Not Found", detail)


def test_markup_of_a_client_is_left_as_it_is_in_json(client):
    response = client.get("/books/%3Cimg src=x%3E")
    is_problem(response, problem(404, detail="There is no book called <img src=x>."))


# What nobody has foreseen


@pytest.mark.server_errors
def test_an_unexpected_error_leaks_nothing(client):
    """An unexpected error is a 500 problem with a number, and without the exception's message"""
    response = client.get("/deliveries")
    instance = response.json()["instance"]
    is_problem(response, problem(500, instance=instance))
    assert instance.startswith("urn:uuid:")
    assert SECRET not in response.text


@pytest.mark.server_errors
def test_each_unexpected_error_has_a_number_of_its_own(client):
    # Uvicorn closes the connection after an error that reaches it: ask on a new one.
    headers = {"connection": "close"}
    numbers = {client.get("/deliveries", headers=headers).json()["instance"] for _ in "12"}
    assert len(numbers) == 2


@pytest.mark.server_errors
def test_an_unexpected_error_on_a_page(client):
    """An unexpected error is a page with the number for a browser, without the exception's message"""
    response = client.get("/deliveries", headers=HTML)
    assert response.status_code == 500
    instance = response.text.partition("<small>")[2].partition("</small>")[0]
    assert instance.startswith("urn:uuid:")
    assert response.text == page("Internal Server Error", "", instance)


@pytest.mark.server_errors
def test_the_log_has_the_number_and_the_traceback(client, snippet, caplog):
    """The log has the number of the answer, and the exception with its message"""
    instance = client.get("/deliveries").json()["instance"]
    (entry,) = (
        each
        for each in caplog.records
        if each.name == snippet.__name__ and each.getMessage() == f"Unexpected: {instance}"
    )
    assert entry.levelname == "ERROR"
    assert entry.exc_info
    assert str(entry.exc_info[1]) == f"amqp://shop:{SECRET}@supplier does not answer"


# After the first byte


@pytest.mark.server_errors
def test_an_error_in_a_stream(client):
    """An error in a stream comes after the status 200, as the last line"""
    response = client.get("/prices")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("application/jsonl")
    first, last = map(json.loads, response.text.splitlines())
    assert first == {"book": "dune", "price": "12.50"}
    assert last == problem(500, instance=last["instance"])


def test_a_stream_without_an_error(client, snippet):
    snippet.PRICES["emma"] = "9.50"
    lines = [json.loads(line) for line in client.get("/prices").text.splitlines()]
    assert lines == [{"book": "dune", "price": "12.50"}, {"book": "emma", "price": "9.50"}]


@pytest.mark.server_errors
def test_an_error_in_background_work_does_not_reach_the_client(client):
    """Background work that fails does not alter the answer: 202"""
    response = client.post("/reminders/dune")
    assert response.status_code == 202
    assert response.json() == {"reminder": "dune"}


# Where a handler is asked, and where not


def test_a_rule_of_the_shop_needs_no_http_to_be_tested(snippet):
    """`sell("dune", 4)` raises `OutOfStock`, which says 3 are left; nothing is sold"""
    with pytest.raises(snippet.OutOfStock, match="dune: 3 left") as caught:
        snippet.sell("dune", 4)
    assert (caught.value.book, caught.value.left) == ("dune", 3)
    assert snippet.STOCK["dune"] == 3


@pytest.mark.server_errors
def test_a_handler_that_fails_is_an_unexpected_error(client, snippet, monkeypatch):
    """A handler for `OutOfStock` that fails itself is a 500 problem"""
    whole = snippet.problem

    def fragile(status, *rest, **more):
        if status == 409:
            bare.fail()
        return whole(status, *rest, **more)

    monkeypatch.setattr(snippet, "problem", fragile)
    response = order(client, book="emma", copies=1)
    is_problem(response, problem(500, instance=response.json()["instance"]))
    assert SECRET not in response.text


@only("flask", "fastapi")
def test_background_work_that_fails_is_logged(client, snippet, caplog):
    """Background work that fails leaves its exception in the log, with a number"""

    def entries():
        return [each for each in caplog.records if each.name == snippet.__name__]

    client.post("/reminders/dune")
    assert eventually(entries)
    (entry,) = entries()
    assert entry.getMessage().startswith("Unexpected: urn:uuid:")
    assert str(entry.exc_info[1]) == "no mail server for dune"


@only("flask", "fastapi")
def test_background_work_that_succeeds_leaves_nothing_in_the_log(
    client, snippet, caplog, monkeypatch
):
    done = []
    monkeypatch.setattr(snippet, "remind", done.append)
    assert client.post("/reminders/dune").json() == {"reminder": "dune"}
    assert eventually(lambda: done == ["dune"])
    assert [each for each in caplog.records if each.name == snippet.__name__] == []


@pytest.mark.server_errors
def test_an_error_in_a_stream_is_logged(client, snippet, caplog):
    """An error in a stream is in the log with the number of the last line"""
    last = json.loads(client.get("/prices").text.splitlines()[-1])
    (entry,) = (each for each in caplog.records if each.name == snippet.__name__)
    assert entry.getMessage() == f"Unexpected: {last['instance']}"
    assert isinstance(entry.exc_info[1], KeyError)


# Curiosities


@differs(
    flask="gunicorn: HTML; waitress: plain text",
    fastapi="uvicorn: plain text",
    django="gunicorn: HTML; uvicorn: plain text",
)
def test_what_is_no_http(stacks, framework, expected):
    """A request that is no HTTP: the server's own 400"""

    def ask(stack):
        said = said_to(stack, b"NONSENSE\r\n\r\n").lower()
        assert said.split()[1] == b"400"
        (found,) = re.findall(rb"\ncontent-type: text/(html|plain)", said)
        return {b"html": "HTML", b"plain": "plain text"}[found]

    assert on_each(stacks, framework, ask) == expected
