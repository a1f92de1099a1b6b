"""Routing that only FastAPI has."""

from contextlib import asynccontextmanager
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Annotated, Literal
from uuid import UUID

import pytest
from fastapi import APIRouter, FastAPI, Path, Request
from fastapi.exceptions import FastAPIDeprecationWarning
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from fastapi.testclient import TestClient
from pydantic import BaseModel
from starlette.endpoints import HTTPEndpoint
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import BaseRoute, NoMatchFound, Route


class Colour(Enum):
    RED = "red"


class Book(BaseModel):
    title: str


def nothing():
    return {}


def with_parameter(kind, path="/{value}"):
    """An application whose only route has a path parameter of this type."""

    def show(value):
        return {"value": value}

    show.__annotations__["value"] = kind
    app = FastAPI()
    app.add_api_route(path, show)
    return app


def test_a_422_names_the_place_and_the_problem(client):
    detail = client.get("/books/dune").json()["detail"][0]
    assert detail["type"] == "int_parsing"
    assert detail["loc"] == ["path", "book_id"]
    assert detail["input"] == "dune"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (int, "1"),
        (float, "1.5"),
        (bool, "true"),
        (Decimal, "1.50"),
        (date, "2026-11-22"),
        (UUID, "6f1d2c3b-4a59-4687-8123-abcdef012345"),
        (Colour, "red"),
        (Literal["red", "blue"], "red"),
    ],
)
def test_a_single_value_can_be_a_path_parameter(snippet, kind, text):
    """A number, `bool`, `Decimal`, date, UUID, `Enum` or `Literal` can be a path parameter"""
    client = TestClient(with_parameter(kind))
    assert client.get(f"/{text}").status_code == 200
    assert client.get("/nonsense").status_code == 422


@pytest.mark.parametrize("kind", [list[int], set[int], tuple[int, int], dict[str, int], Book])
def test_more_than_one_value_cannot_be_a_path_parameter(snippet, kind):
    """`list`, `set`, `tuple`, `dict` or a model as a path parameter: `AssertionError` at once"""
    with pytest.raises(AssertionError, match="Path params must be of one of the supported types"):
        with_parameter(kind)


def test_a_converter_in_the_path_makes_a_miss_a_404(snippet):
    """`{value:int}` answers `dune` with 404, `{value}` with `value: int` answers 422"""
    assert TestClient(with_parameter(int, "/{value:int}")).get("/dune").status_code == 404
    assert TestClient(with_parameter(int, "/{value}")).get("/dune").status_code == 422


def test_a_converter_in_the_path_fails_on_5000_digits(snippet):
    """`{number:int}` and 5,000 digits: a `ValueError`, which a client sees as 500"""
    app = FastAPI()
    app.add_api_route("/{number:int}", nothing)
    with pytest.raises(ValueError, match="Exceeds the limit"):
        TestClient(app).get(f"/{'9' * 5_000}")
    client = TestClient(app, raise_server_exceptions=False)
    assert client.get("/7").status_code == 200
    assert client.get(f"/{'9' * 5_000}").status_code == 500


def test_a_422_is_final(snippet):
    """After a 422 no further route is asked, though one further down would match"""
    app = with_parameter(int)

    @app.get("/dune")
    def dune():
        return "never asked"

    assert TestClient(app).get("/dune").status_code == 422


def test_redirect_slashes_off_leaves_a_404(snippet):
    """`redirect_slashes=False`: a missing or a surplus slash is a 404"""
    app = FastAPI(redirect_slashes=False)
    app.add_api_route("/books/", nothing)
    app.add_api_route("/books/1", nothing)
    client = TestClient(app)
    assert client.get("/books").status_code == 404
    assert client.get("/books/1/").status_code == 404


def test_trusted_host_middleware_refuses_a_strange_host(snippet):
    """`TrustedHostMiddleware`: another `Host` is a 400"""
    app = FastAPI()
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["shop.example"])
    app.add_api_route("/books", nothing)
    assert TestClient(app, base_url="http://evil.example").get("/books").status_code == 400
    assert TestClient(app, base_url="http://shop.example").get("/books").status_code == 200


def test_head_needs_a_route(snippet):
    """`HEAD` answers 200 when the path operation names it: `@app.head` above `@app.get`"""
    app = FastAPI()

    @app.head("/books/1")
    @app.get("/books/1")
    def show_book():
        return {"id": 1}

    client = TestClient(app)
    assert client.head("/books/1").status_code == 200
    assert client.get("/books/1").json() == {"id": 1}


def test_of_two_functions_of_one_name_links_find_the_first(snippet):
    """Two functions `report`: a link leads to the first whose parameters fit, unless one has a `name`"""
    app = FastAPI()
    for prefix, name in (("/staff", None), ("/sales", None), ("/tax", "tax_report")):
        group = APIRouter(prefix=prefix)

        @group.get("/report", name=name)
        def report():
            return {}

        app.include_router(group)
    app.add_api_route("/monthly/{month}", nothing, name="report")
    assert app.url_path_for("report") == "/staff/report"
    assert app.url_path_for("report", month=5) == "/monthly/5"
    assert app.url_path_for("tax_report") == "/tax/report"


def test_url_path_for_forgets_the_prefix(below_a_prefix, snippet, monkeypatch):
    """`app.url_path_for` leaves the prefix out, `request.url_for` does not"""

    def both(request: Request):
        return [
            snippet.app.url_path_for("show_book", book_id=1),
            request.url_for("show_book", book_id=1).path,
        ]

    # The copy of the list of routes is dropped after the test, and the route with it.
    monkeypatch.setattr(snippet.app.router, "routes", [*snippet.app.router.routes])
    snippet.app.add_api_route("/both", both)
    assert below_a_prefix.get("/both").json() == ["/books/1", "/bookshop/books/1"]


def test_a_mounted_application_knows_where_it_is(snippet):
    """Mounted below `/bookshop`, links begin with `/bookshop`"""
    outer = FastAPI()
    outer.mount("/bookshop", snippet.app)
    links = TestClient(outer).get("/bookshop/links").json()
    assert links["book"] == "/bookshop/books/1"


def test_a_mounted_application_is_not_started():
    """A server starts and stops the outer application; the mounted one's lifespan does not run"""
    ran = []

    @asynccontextmanager
    async def lifespan(app):
        ran.append(app)
        yield

    inner, outer = FastAPI(lifespan=lifespan), FastAPI(lifespan=lifespan)
    outer.mount("/bookshop", inner)
    with TestClient(outer):
        assert ran == [outer]


def test_a_mount_with_a_name_puts_it_before_the_names_inside():
    """Mounted as `shop`, inside and outside: `show_book` is `NoMatchFound`, `shop:show_book` is found"""
    inner, outer = FastAPI(), FastAPI()
    inner.add_api_route("/books/1", nothing, name="show_book")

    def find(name: str, request: Request):
        return request.url_for(name).path

    inner.add_api_route("/find/{name}", find)
    outer.add_api_route("/find/{name}", find)
    outer.mount("/bookshop", inner, name="shop")
    client = TestClient(outer)
    for below in ("", "/bookshop"):
        assert client.get(f"{below}/find/shop:show_book").json() == "/bookshop/books/1"
        with pytest.raises(NoMatchFound, match='"show_book"'):
            client.get(f"{below}/find/show_book")


def test_root_path_of_the_application_is_deprecated():
    """`FastAPI(root_path="/bookshop")`: `FastAPIDeprecationWarning`, which names the server's option"""
    with pytest.warns(FastAPIDeprecationWarning, match="Configure the server's root path instead"):
        FastAPI(root_path="/bookshop")


def test_fastapi_builds_an_absolute_link(snippet):
    """`request.url_for`: scheme and host of the request, then the path"""
    app = FastAPI()

    @app.get("/books/{book_id}")
    def show_book(book_id: int, request: Request):
        return str(request.url_for("show_book", book_id=book_id))

    client = TestClient(app, base_url="https://shop.example")
    assert client.get("/books/1").json() == "https://shop.example/books/1"


def test_path_limits_a_number(snippet):
    """`Annotated[int, Path(ge=1)]` answers 0 with 422"""
    client = TestClient(with_parameter(Annotated[int, Path(ge=1)]))
    assert [client.get(f"/{number}").status_code for number in (0, 1)] == [422, 200]


def test_static_files_stay_in_their_folder(snippet, tmp_path):
    """`StaticFiles` answers `../secret` with 404, though the file exists"""
    (tmp_path / "covers").mkdir()
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "covers/front").write_text("front")
    app = FastAPI()
    app.mount("/covers", StaticFiles(directory=tmp_path / "covers"))
    client = TestClient(app)
    assert client.get("/covers/front").text == "front"
    assert client.get("/covers/%2e%2e/secret").status_code == 404


def test_an_http_endpoint_has_no_hints_and_no_description(snippet):
    """`HTTPEndpoint`: a hinted parameter is a `TypeError`, and `/openapi.json` lists no route"""

    class Review(HTTPEndpoint):
        def get(self, request):
            return JSONResponse(request.path_params)

    class Hinted(HTTPEndpoint):
        def get(self, request, review_id: int):
            return JSONResponse(review_id)

    routes: list[BaseRoute] = [
        Route("/reviews/{review_id}", Review),
        Route("/hinted/{review_id}", Hinted),
    ]
    client = TestClient(FastAPI(routes=routes))
    assert client.get("/reviews/1").json() == {"review_id": "1"}
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'review_id'"):
        client.get("/hinted/1")
    assert client.get("/openapi.json").json()["paths"] == {}


def test_a_pattern_without_a_caret_takes_more_in_front(snippet):
    """`Path(pattern=…)` without `^` takes `19780441172719`, with `^` it does not"""
    for caret, status in (("", 200), ("^", 422)):
        isbn = Annotated[str, Path(pattern=f"{caret}97[89][0-9]{{10}}$")]
        client = TestClient(with_parameter(isbn))
        assert client.get("/9780441172719").status_code == 200
        assert client.get("/19780441172719").status_code == status


def test_openapi_lists_the_routes_without_their_converters(client):
    """`/openapi.json` has `/orders/{order_id}` for the route `/orders/{order_id:uuid}`"""
    paths = client.get("/openapi.json").json()["paths"]
    assert "/orders/{order_id}" in paths
    assert [*paths["/books/"]] == ["get", "post"]
    assert client.get("/docs").status_code == 200
