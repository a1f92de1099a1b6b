"""What only FastAPI does in this chapter."""

import asyncio
import threading
from typing import Annotated

import pytest
from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.testclient import TestClient
from pydantic import BaseModel


class Empty:
    """A warehouse for tests."""

    def count(self, title):
        return 0


def test_a_test_replaces_what_a_view_needs(client, snippet, monkeypatch):
    """A test gives the view another warehouse"""
    monkeypatch.setitem(snippet.app.dependency_overrides, snippet.open_warehouse, Empty)
    assert client.get("/stock/Book 1").json() == {"stock": 0, "scarce": True}
    assert snippet.EVENTS == []


def test_a_parameter_without_a_type_is_read_from_the_query():
    """`def welcome(request)` without a type: FastAPI looks for it in the query, and answers 422"""
    app = FastAPI()

    @app.get("/welcome")
    def welcome(request):
        return {"path": str(request)}

    client = TestClient(app)
    response = client.get("/welcome")
    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"] == ["query", "request"]
    assert client.get("/welcome?request=x").json() == {"path": "x"}


def test_a_dependency_runs_once_for_a_request():
    """Two that ask for one dependency get one value; with `use_cache=False` it is called again"""
    calls = []

    def needed():
        calls.append("called")
        return len(calls)

    def helper(value: Annotated[int, Depends(needed)]):
        return value

    app = FastAPI()

    @app.get("/once")
    def once(value: Annotated[int, Depends(needed)], other: Annotated[int, Depends(helper)]):
        return [value, other]

    @app.get("/again")
    def again(
        value: Annotated[int, Depends(needed)],
        other: Annotated[int, Depends(needed, use_cache=False)],
    ):
        return [value, other]

    client = TestClient(app)
    assert client.get("/once").json() == [1, 1]
    assert client.get("/again").json() == [2, 3]


@pytest.mark.parametrize(
    ("scope", "order"),
    [
        ("request", ["view", "answer", "background", "closed"]),
        ("function", ["view", "closed", "answer", "background"]),
    ],
)
def test_when_a_dependency_ends(scope, order):
    """What follows `yield` runs after answer and background tasks; with `scope="function"`, before the answer"""
    events = []
    app = FastAPI()

    def connection():
        yield
        events.append("closed")

    @app.get("/", dependencies=[Depends(connection, scope=scope)])
    def view(tasks: BackgroundTasks):
        tasks.add_task(events.append, "background")
        events.append("view")

    async def noting(asked, receive, send):
        async def noted(message):
            if message["type"] == "http.response.body":
                events.append("answer")
            await send(message)

        await app(asked, receive, noted)

    assert TestClient(noting).get("/").status_code == 200
    assert events == order


def test_a_dependency_can_refuse():
    """A dependency raises `HTTPException`: the view is not called"""
    app = FastAPI()
    called = []

    def closed():
        raise HTTPException(503, "stocktaking")

    @app.get("/", dependencies=[Depends(closed)])
    def view():
        called.append("view")

    response = TestClient(app).get("/")
    assert (response.status_code, response.json()) == (503, {"detail": "stocktaking"})
    assert called == []


def test_where_a_dependency_runs():
    """A `def` dependency runs in a thread of the pool, an `async def` dependency on the loop"""
    threads = {}
    app = FastAPI()

    def plain():
        threads["plain"] = threading.current_thread()

    async def asynchronous():
        threads["async"] = threading.current_thread()

    @app.get("/", dependencies=[Depends(plain), Depends(asynchronous)])
    async def view(request: Request):
        assert asyncio.get_running_loop()
        threads["loop"] = threading.current_thread()

    assert TestClient(app).get("/").status_code == 200
    assert threads["plain"] is not threads["loop"]
    assert threads["async"] is threads["loop"]


def test_two_applications_have_a_memory_each(part):
    """Two applications in one process: the part keeps the paths of each apart"""
    one, other = (TestClient(part("recent").create_app()) for _ in range(2))
    one.get("/recent?page=1")
    assert one.get("/recent").json() == ["/recent", "/recent"]
    assert other.get("/recent").json() == ["/recent"]


def test_a_view_whose_page_is_wrong_is_not_called(client, snippet, monkeypatch):
    """A `Page` that breaks its rule: the view is not called"""

    class Books(list):
        def __getitem__(self, part):
            raise LookupError("the view looks for its books")

    monkeypatch.setattr(snippet, "BOOKS", Books())
    assert client.get("/books?page=0").status_code == 422
    with pytest.raises(LookupError, match="the view looks for its books"):
        client.get("/books?page=1")


def test_the_handler_names_the_field_of_a_book_in_a_body(snippet):
    """The handler names the last part of a place, `title` of a book in a body"""

    class Book(BaseModel):
        title: str

    class Order(BaseModel):
        book: Book

    app = FastAPI(exception_handlers={RequestValidationError: snippet.refuse})

    @app.post("/orders")
    def order(wanted: Order):
        return wanted

    response = TestClient(app).post("/orders", json={"book": {}})
    assert response.status_code == 422
    assert response.json() == {"errors": {"title": ["Field required"]}}


def test_a_test_makes_a_request_for_a_helper(snippet):
    """A `Request` that is made from a dict, for a helper, without a view"""
    headers = [(b"accept-language", b"de")]
    assert snippet.language(Request({"type": "http", "headers": headers})) == "de"


def test_the_types_are_the_documentation_as_well(client):
    """`/openapi.json` has the limits of `page` and `size`, from the same lines"""
    listed = client.get("/openapi.json").json()["paths"]["/books"]["get"]["parameters"]
    limits = {each["name"]: each["schema"] for each in listed}
    assert limits["page"]["minimum"] == 1
    assert (limits["size"]["minimum"], limits["size"]["maximum"]) == (1, 100)
    assert (limits["page"]["default"], limits["size"]["default"]) == (1, 10)
