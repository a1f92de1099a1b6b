"""What only FastAPI does in the introduction."""

import asyncio
import importlib
import sys
import threading
import time
from importlib.metadata import requires
from typing import Annotated

import httpx2
import pytest
from fastapi import FastAPI, Form, Request
from fastapi.testclient import TestClient
from packaging.requirements import Requirement


def test_the_docs_page_loads_its_scripts_from_another_host(client):
    """`/docs` loads its scripts from another host: without internet it stays empty"""
    assert 'src="https://cdn.jsdelivr.net/' in client.get("/docs").text


async def test_asgi_is_a_coroutine_and_messages(snippet):
    """ASGI: `await app(scope, receive, send)`; the answer is sent as messages"""
    sent = []

    async def receive():
        return {"type": "http.request"}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/hello/Ada",
        "headers": [],
        "query_string": b"",
    }
    await snippet.app(scope, receive, send)
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert sent[0]["status"] == 200
    assert sent[1]["body"] == b'{"hello":"Ada"}'


async def test_asgi_brings_a_body_in_pieces(snippet):
    """ASGI: each `await receive()` brings a piece of the body, and says whether more will come"""
    app = FastAPI()
    pieces = [
        {"type": "http.request", "body": b"Zo", "more_body": True},
        {"type": "http.request", "body": "ë".encode(), "more_body": False},
    ]
    sent = []

    @app.post("/")
    async def read(request: Request):
        return [piece.decode() async for piece in request.stream() if piece]

    async def receive():
        return pieces.pop(0)

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/", "headers": [], "query_string": b""}
    await app(scope, receive, send)
    assert not pieces
    assert sent[1]["body"].decode() == '["Zo","ë"]'


def test_a_plain_view_of_fastapi_runs_in_another_thread(snippet):
    """FastAPI calls a `def` view in a thread of a pool, an `async def` view on the server's loop"""
    threads = {}
    app = FastAPI()

    @app.get("/plain")
    def plain():
        threads["plain"] = threading.current_thread()
        with pytest.raises(RuntimeError, match="no running event loop"):
            asyncio.get_running_loop()

    @app.get("/async")
    async def asynchronous():
        threads["async"] = threading.current_thread()
        assert asyncio.get_running_loop()

    @app.middleware("http")
    async def on_the_loop(request, call_next):
        threads["loop"] = threading.current_thread()
        return await call_next(request)

    client = TestClient(app)
    assert client.get("/plain").status_code == 200
    assert threads["plain"] is not threads["loop"]
    assert client.get("/async").status_code == 200
    assert threads["async"] is threads["loop"]


def test_the_pool_of_fastapi_has_40_threads(snippet):
    """Of 41 `def` views that wait, 40 begin; the 41st begins when one has ended"""
    app = FastAPI()
    begun, go = [], threading.Event()

    @app.get("/")
    def wait():
        begun.append(threading.current_thread())
        go.wait(10)

    async def requests():
        transport = httpx2.ASGITransport(app)
        async with (
            httpx2.AsyncClient(transport=transport, base_url="http://testserver") as client,
            asyncio.TaskGroup() as group,
        ):
            tasks = [group.create_task(client.get("/")) for _ in range(41)]
            async with asyncio.timeout(10):
                while len(begun) < 40:
                    await asyncio.sleep(0.001)
            await asyncio.sleep(0.02)
            at_once = len(begun)
            go.set()
        assert [task.result().status_code for task in tasks] == [200] * 41
        return at_once

    assert asyncio.run(requests()) == 40
    assert len(begun) == 41


@pytest.mark.parametrize(
    ("path", "during"), [("/async", "nothing"), ("/plain", "other work")], ids=["async", "plain"]
)
async def test_a_call_without_await_holds_up_the_loop(snippet, path, during):
    """`time.sleep` in an `async def` view: nothing else runs on the loop; in a `def` view, it does"""
    events = []
    app = FastAPI()

    def wait():
        events.append("begins")
        time.sleep(0.02)
        events.append("ends")

    @app.get("/async")
    async def asynchronous():
        wait()

    @app.get("/plain")
    def plain():
        wait()

    async def work():
        while "ends" not in events:
            events.append("work")
            await asyncio.sleep(0)

    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as client:
        response, _ = await asyncio.gather(client.get(path), work())
    assert response.status_code == 200
    begins = events.index("begins")
    assert events[begins + 1] == {"nothing": "ends", "other work": "work"}[during]


def test_the_extra_standard_brings_more(snippet):
    """`fastapi[standard]` names a server, templates, forms, settings, the command `fastapi` and more"""
    extras = [Requirement(text) for text in requires("fastapi") or []]
    standard = {r.name for r in extras if r.marker and r.marker.evaluate({"extra": "standard"})}
    assert {
        "uvicorn",
        "httpx2",
        "jinja2",
        "python-multipart",
        "email-validator",
        "pydantic-settings",
        "fastapi-cli",
    } < standard


def test_the_test_client_needs_a_package_more(snippet, monkeypatch):
    """Without `httpx2`, `fastapi.testclient` is a `RuntimeError` that names it"""
    for name in ("httpx", "httpx2"):
        monkeypatch.setitem(sys.modules, name, None)
    for name in ("fastapi.testclient", "starlette.testclient"):
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(RuntimeError, match="requires the httpx2 package to be installed"):
        importlib.import_module("fastapi.testclient")


def test_form_fields_need_a_package_more(snippet, monkeypatch):
    """A route with `Form()` and no python-multipart: `RuntimeError` when you declare it"""
    for name in ("python_multipart", "multipart"):
        monkeypatch.setitem(sys.modules, name, None)

    def add(title: Annotated[str, Form()]): ...

    with pytest.raises(RuntimeError, match='requires "python-multipart" to be installed'):
        FastAPI().post("/books")(add)
