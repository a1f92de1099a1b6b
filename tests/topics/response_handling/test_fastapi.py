"""Responses that only FastAPI has."""

import asyncio
import gc
import math
from collections.abc import AsyncIterable
from datetime import date
from decimal import Decimal

import pytest
from fastapi import Depends, FastAPI, HTTPException, Response
from fastapi.exceptions import ResponseValidationError
from fastapi.responses import JSONResponse, StreamingResponse
from fastapi.sse import EventSourceResponse
from fastapi.testclient import TestClient
from pydantic import BaseModel

from tests.topics.response_handling.leaving import leaving, turns


class Book(BaseModel):
    title: str


def small(view, **options):
    """A client of an application whose only route is this view."""
    app = FastAPI()
    app.add_api_route("/", view, **options)
    return TestClient(app)


def test_what_is_set_on_the_parameter_is_lost_with_a_response_of_your_own(snippet):
    """A header that is set on the parameter of type `Response` is lost when the view returns another response"""

    def joined(response: Response):
        response.headers["X-Shop"] = "open"
        return {"title": "Dune"}

    def lost(response: Response):
        response.headers["X-Shop"] = "open"
        return JSONResponse({"title": "Dune"})

    assert small(joined).get("/").headers["x-shop"] == "open"
    assert "x-shop" not in small(lost).get("/").headers


def test_the_parameter_speaks_to_caches(snippet):
    """`response.headers["Cache-Control"] = "private"` on the parameter of type `Response` is sent"""

    def show(response: Response):
        response.headers["Cache-Control"] = "private"
        return {"title": "Dune"}

    assert small(show).get("/").headers["cache-control"] == "private"


def test_what_the_model_does_not_name_is_left_out(client):
    """The view returns a `supplier`, and the answer has none"""
    assert "supplier" not in client.get("/books/1").json()


def test_the_model_stands_in_the_documentation(client):
    """The model of the answer stands in `/openapi.json`"""
    paths = client.get("/openapi.json").json()["paths"]
    schema = paths["/books/1"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/Book"}
    assert "201" in paths["/orders"]["post"]["responses"]


def test_a_304_of_the_download_keeps_its_headers(client):
    """The 304 has the `ETag` and `Cache-Control: no-cache`, as the 200 would"""
    etag = client.get("/catalogue").headers["etag"]
    response = client.get("/catalogue", headers={"If-None-Match": etag})
    assert response.headers["etag"] == etag
    assert response.headers["cache-control"] == "no-cache"


def test_an_answer_that_does_not_fit_the_model_is_a_fault_of_the_server(snippet):
    """A view that returns what its return type forbids: `ResponseValidationError`, a 500"""

    def show() -> Book:
        return {"name": "Dune"}  # type: ignore[return-value]  # on purpose

    with pytest.raises(ResponseValidationError, match="title"):
        small(show).get("/")


def test_a_return_type_keeps_the_digits_of_a_decimal(snippet):
    """`Decimal("1.10")` is `"1.10"` with the return type `dict[str, Decimal]`, and `1.1` without"""

    def typed() -> dict[str, Decimal]:
        return {"value": Decimal("1.10")}

    def untyped():
        return {"value": Decimal("1.10")}

    assert small(typed).get("/").text == '{"value":"1.10"}'
    assert small(untyped).get("/").text == '{"value":1.1}'


def test_a_return_type_makes_null_of_nan(snippet):
    """`float("nan")` is `null` with the return type `float`"""

    def typed() -> float:
        return math.nan

    assert small(typed).get("/").text == "null"


def test_a_json_response_knows_no_dates(snippet):
    """`JSONResponse` takes what you give it as it is: a `date` is a `TypeError`"""

    def show():
        return JSONResponse({"day": date(2026, 11, 24)})

    with pytest.raises(TypeError, match="date is not JSON serializable"):
        small(show).get("/")


def test_a_refusal_in_a_view_that_yields_comes_too_late(snippet):
    """`HTTPException(404)` in a view that yields, before the first line: not a 404 but a failed stream"""

    async def lines() -> AsyncIterable[Book]:
        raise HTTPException(404)
        yield Book(title="Dune")

    with pytest.raises(RuntimeError, match="response already started"):
        small(lines).get("/")


def test_a_text_in_an_event_is_json(snippet):
    """A view of events yields the text `Dune`: the data is `"Dune"`, in quotes"""

    async def news() -> AsyncIterable[str]:
        yield "Dune"

    response = small(news, response_class=EventSourceResponse).get("/")
    assert response.text == 'data: "Dune"\n\n'


def test_a_finally_in_a_stream_waits_for_the_garbage_collector(snippet):
    """A client leaves while a piece is sent: a `finally` in the view waits for the garbage collector, that of a dependency does not"""
    ended = []

    async def resource():
        try:
            yield
        finally:
            ended.append("dependency")

    async def lines() -> AsyncIterable[str]:
        try:
            while True:
                yield "line\n"
        finally:
            ended.append("view")

    app = FastAPI()
    app.add_api_route(
        "/", lines, response_class=StreamingResponse, dependencies=[Depends(resource)]
    )

    async def leave():
        gc.disable()
        try:
            await leaving(app, "/")
            await turns()
            assert ended == ["dependency"]
            gc.collect()
            await turns()
            assert ended == ["dependency", "view"]
        finally:
            gc.enable()

    asyncio.run(leave())
