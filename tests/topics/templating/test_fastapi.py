"""Templating that only FastAPI has."""

from datetime import date
from decimal import Decimal

import pytest
from fastapi import Depends, FastAPI, Request, WebSocket
from fastapi.templating import Jinja2Templates
from fastapi.testclient import TestClient
from jinja2 import DictLoader, UndefinedError
from starlette.middleware.sessions import SessionMiddleware

REVIEWS = "/books/2/reviews"
FORM = {"text": "Long."}
OTHER_SITE = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}


def status(client, **headers):
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(REVIEWS, data=FORM, headers=sent).status_code


def with_two_ways_in(app):
    """Mount another application in this one, and give it a WebSocket."""
    mounted = FastAPI()

    @mounted.post("/orders")
    def order():
        return "ordered"

    app.mount("/mounted", mounted)

    @app.websocket("/ws")
    async def greet(socket: WebSocket):
        await socket.accept()
        await socket.send_text("hello")

    return TestClient(app)


# A check instead of a token


def test_another_host_of_the_same_site_is_refused(client):
    """`Sec-Fetch-Site: same-site`, as from a subdomain, is refused"""
    assert status(client, sec_fetch_site="same-site", origin="http://testserver") == 403


def test_what_no_page_has_asked_for_is_let_in(client):
    """`Sec-Fetch-Site: none`, the user's own doing, is let in"""
    assert status(client, sec_fetch_site="none") == 303


def test_the_origin_decides_where_the_browser_says_nothing_else(client):
    """Without `Sec-Fetch-Site`, as over plain HTTP, `Origin` decides"""
    assert status(client, origin="http://testserver") == 303
    assert status(client, origin="https://testserver") == 403
    assert status(client, origin="http://evil.example") == 403
    assert status(client, origin="http://testserver.evil.example") == 403
    assert status(client, origin="null") == 403


def test_the_refusal_says_why(client):
    """A refused form is answered `Not sent from this site`"""
    response = client.post(REVIEWS, data=FORM, headers={"origin": "null"})
    assert response.text == "Not sent from this site"
    assert response.headers["content-type"] == "text/plain; charset=utf-8"


def test_a_link_from_another_site_is_let_in(client):
    """`GET`, `HEAD` and `OPTIONS` pass the check, wherever they come from; other methods do not"""
    answers = {
        method: client.request(method, "/books", headers=OTHER_SITE).status_code
        for method in ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
    }
    assert answers == {
        "GET": 200,
        **dict.fromkeys(("HEAD", "OPTIONS"), 405),  # the route's own answer
        **dict.fromkeys(("POST", "PUT", "PATCH", "DELETE"), 403),
    }


def test_the_middleware_reaches_a_mounted_application(snippet):
    """The middleware refuses another site's `POST` to a mounted application, too: 403"""
    app = FastAPI()
    app.middleware("http")(snippet.same_origin)
    client = with_two_ways_in(app)
    assert client.post("/mounted/orders", headers=OTHER_SITE).status_code == 403
    assert client.post("/mounted/orders", headers={"sec-fetch-site": "same-origin"}).is_success


def test_the_middleware_lets_sockets_through(snippet):
    """A WebSocket opens from another site: `app.middleware("http")` sees HTTP requests alone"""
    app = FastAPI()
    app.middleware("http")(snippet.same_origin)
    with with_two_ways_in(app).websocket_connect("/ws", headers=OTHER_SITE) as socket:
        assert socket.receive_text() == "hello"


def test_a_dependency_of_the_application_misses_a_mounted_one(snippet):
    """`FastAPI(dependencies=[…])` is not run for a mounted application: its `POST` is a 200"""
    ran = []

    def note(request: Request):
        ran.append(request.url.path)

    app = FastAPI(dependencies=[Depends(note)])

    @app.post("/orders")
    def order():
        return "ordered"

    client = with_two_ways_in(app)
    assert client.post("/mounted/orders", headers=OTHER_SITE).status_code == 200
    assert client.post("/orders").status_code == 200
    assert ran == ["/orders"]


def test_a_dependency_on_the_request_breaks_sockets(snippet):
    """`FastAPI(dependencies=[…])` with a `Request` is a TypeError for each WebSocket"""

    def note(request: Request):
        raise AssertionError  # pragma: no cover

    client = with_two_ways_in(FastAPI(dependencies=[Depends(note)]))
    with (
        pytest.raises(TypeError, match="missing 1 required positional argument: 'request'"),
        client.websocket_connect("/ws"),
    ):
        raise AssertionError  # pragma: no cover


# Links, values, names


def test_url_for_believes_the_host_header(client, snippet):
    """`url_for` alone writes the `Host` header of the request into the page; `.path` does not"""
    scope = {"type": "http", "path": "/", "app": snippet.app, "router": snippet.app.router}
    request = Request({**scope, "headers": [(b"host", b"evil.example")]})
    template = snippet.templates.env.from_string('{{ url_for("list_books") }}')
    assert template.render(request=request) == "http://evil.example/books"
    assert "evil" not in client.get("/books", headers={"host": "evil.example"}).text


@pytest.mark.parametrize("value", [Decimal("9.90"), date(1965, 8, 1)])
def test_tojson_knows_only_what_json_knows(snippet, value):
    """`tojson` refuses a price or a date: its encoder is the one of the standard library"""
    template = snippet.templates.env.from_string("{{ x|tojson }}")
    with pytest.raises(TypeError):
        template.render(x=value)


def test_context_processors_run_for_template_responses_only(client, snippet):
    """Context processors run for `TemplateResponse`, not for `get_template(…).render()`"""
    assert client.get("/books").status_code == 200
    with pytest.raises(UndefinedError, match="'get_flashed_messages' is undefined"):
        snippet.templates.get_template("base.html").render()


def test_request_and_url_for_are_in_every_template(snippet):
    """`request` and `url_for` are in every template; `session`, `g`, `config` are not"""
    names = ("request", "url_for", "session", "g", "config", "csrf_token")
    source = "".join(f"{{{{ {name} is defined }}}} " for name in names)
    templates = Jinja2Templates(env=snippet.templates.env.overlay(loader=DictLoader({"x": source})))
    page = templates.TemplateResponse(Request({"type": "http"}), "x").body
    assert page == b"True True False False False False "


def test_the_request_comes_first(snippet):
    """`TemplateResponse("page.html", {"request": request})`, the old order, is an error"""
    templates = Jinja2Templates(env=snippet.templates.env)
    with pytest.raises(TypeError, match="unhashable"):
        templates.TemplateResponse("page.html", {})  # type: ignore[arg-type]  # on purpose


def test_a_folder_is_taken_from_where_the_process_runs(snippet, tmp_path, monkeypatch):
    """`Jinja2Templates("templates")` looks in the folder the process was started in"""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text("here")
    assert Jinja2Templates("templates").get_template("page.html").render() == "here"


def test_the_schema_says_html_and_text(client):
    """`response_class` puts the media type into the OpenAPI schema"""
    paths = client.get("/openapi.json").json()["paths"]
    types = {
        path: list(paths[path]["get"]["responses"]["200"]["content"])
        for path in paths
        if "get" in paths[path]
    }
    assert types == {
        "/books": ["text/html"],
        "/books/{book_id}": ["text/html"],
        "/books/{book_id}/label": ["text/plain"],
    }


# Messages


def test_a_session_does_not_see_what_changes_inside_a_list(snippet):
    """`session["messages"].append(…)` on a list that is there is lost: no cookie is sent"""
    app = FastAPI()
    app.add_middleware(SessionMiddleware, secret_key="made up")

    @app.post("/say")
    def say(request: Request):
        request.session.setdefault("messages", []).append("hello")

    @app.get("/said")
    def said(request: Request):
        return request.session["messages"]

    client = TestClient(app)
    first, second = client.post("/say"), client.post("/say")
    assert "set-cookie" in first.headers
    assert "set-cookie" not in second.headers
    assert client.get("/said").json() == ["hello"]


def test_a_message_that_was_shown_leaves_no_cookie(client):
    """The page that shows the message takes the cookie `session` back"""
    client.post(REVIEWS, data=FORM, headers={"sec-fetch-site": "same-origin"})
    assert list(client.cookies) == ["session"]
    client.get("/books/2")
    assert list(client.cookies) == []


def test_scripts_cannot_read_the_session(client):
    """The session's cookie is `httponly` and `samesite=lax`"""
    response = client.post(REVIEWS, data=FORM, headers={"sec-fetch-site": "same-origin"})
    flags = response.headers["set-cookie"].split("; ")[1:]
    assert flags == ["path=/", "Max-Age=1209600", "httponly", "samesite=lax"]
