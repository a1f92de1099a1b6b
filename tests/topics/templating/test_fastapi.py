"""Templating that only FastAPI has."""

from datetime import date
from decimal import Decimal

import pytest
from fastapi import Request
from fastapi.templating import Jinja2Templates
from jinja2 import DictLoader

REVIEWS = "/books/2/reviews"
FORM = {"text": "Long."}


def status(client, **headers):
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(REVIEWS, data=FORM, headers=sent).status_code


def test_another_host_of_the_same_site_is_refused(client):
    """`Sec-Fetch-Site: same-site`, as from a subdomain, is refused"""
    assert status(client, sec_fetch_site="same-site", origin="http://testserver") == 403


def test_the_origin_decides_where_the_browser_says_nothing_else(client):
    """Without `Sec-Fetch-Site`, as over plain HTTP, `Origin` decides"""
    assert status(client, origin="http://testserver") == 303
    assert status(client, origin="https://testserver") == 403
    assert status(client, origin="http://evil.example") == 403
    assert status(client, origin="http://testserver.evil.example") == 403
    assert status(client, origin="null") == 403


def test_the_header_of_htmx_is_read_as_a_boolean(client):
    """`HX-Request: false` gets the page: the header is read as a `bool`"""
    assert "<html" in client.get("/books", headers={"hx-request": "false"}).text


def test_the_refusal_says_why(client):
    """A refused form is answered `Not sent from this site`"""
    response = client.post(REVIEWS, data=FORM, headers={"origin": "null"})
    assert response.json() == {"detail": "Not sent from this site"}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_link_from_another_site_is_let_in(snippet, method):
    headers = [(b"sec-fetch-site", b"cross-site")]
    scope = {"type": "http", "method": method, "headers": headers}
    assert snippet.same_origin(Request(scope)) is None


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


def test_context_processors_run_for_template_responses_only(snippet):
    """Context processors run for `TemplateResponse`, not for `get_template(…).render()`"""
    page = snippet.templates.get_template("base.html").render()
    assert 'data-theme=""' in page


def test_only_the_request_is_in_every_template(snippet):
    """Of `request`, `session`, `g` and `config`, only `request` is in every template"""
    names = ("request", "session", "g", "config")
    source = "".join(f"{{{{ {name} is defined }}}} " for name in names)
    templates = Jinja2Templates(env=snippet.templates.env.overlay(loader=DictLoader({"x": source})))
    page = templates.TemplateResponse(Request({"type": "http"}), "x").body
    assert page == b"True False False False "


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
