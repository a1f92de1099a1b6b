"""Middleware that only FastAPI has: three kinds of layers, and what stands outside of them."""

import asyncio
import contextvars
from inspect import signature

import pytest
from fastapi import APIRouter, Depends, FastAPI, Request, WebSocket
from fastapi.exceptions import HTTPException
from fastapi.middleware import Middleware
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi.testclient import TestClient
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.websockets import WebSocketDisconnect
from uvicorn import Config
from uvicorn.main import main as command
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from tests.topics.middleware.apps import FORWARDED, seen_on

APP = "https://app.example"


def lenient(app):
    """A client that sees a 500 where an application fails."""
    return TestClient(app, raise_server_exceptions=False)


def noting(name, trace):
    """A function for `app.middleware` that leaves its name."""

    async def layer(request, call_next):
        trace.append(f"{name}>")
        response = await call_next(request)
        trace.append(f"<{name}")
        return response

    return layer


def test_what_is_added_last_is_outermost():
    """`add_middleware` puts a layer outside: of A, then B, then a decorated C, C is outermost"""
    trace = []
    app = FastAPI()
    app.add_middleware(BaseHTTPMiddleware, noting("A", trace))
    app.add_middleware(BaseHTTPMiddleware, noting("B", trace))
    app.middleware("http")(noting("C", trace))
    TestClient(app).get("/")
    assert trace == ["C>", "B>", "A>", "<A", "<B", "<C"]


def test_no_layer_can_be_added_after_the_start():
    """`add_middleware` after the start is a `RuntimeError`"""
    app = FastAPI()
    TestClient(app).get("/")
    with pytest.raises(
        RuntimeError, match="Cannot add middleware after an application has started"
    ):
        app.add_middleware(CORSMiddleware)


@pytest.fixture
def crashing():
    app = FastAPI()

    @app.get("/crash")
    def crash():
        raise RuntimeError("a mistake in the view")

    return app


def test_the_500_of_an_unhandled_error_passes_no_added_layer(crashing, snippet):
    """The 500 of an unhandled error lacks the id and the CORS headers of layers that were added"""
    crashing.add_middleware(snippet.Stamp)
    crashing.add_middleware(CORSMiddleware, allow_origins=[APP])
    response = lenient(crashing).get("/crash", headers={"Origin": APP})
    assert response.status_code == 500
    assert "x-request-id" not in response.headers
    assert "access-control-allow-origin" not in response.headers
    missing = lenient(crashing).get("/nowhere", headers={"Origin": APP})
    assert missing.headers["access-control-allow-origin"] == APP


def test_a_handler_of_exception_passes_no_added_layer_but_finds_the_id(crashing, snippet):
    """The answer of a handler for `Exception` passes no added layer; `request.state` has the id"""
    crashing.add_middleware(snippet.Stamp)

    @crashing.exception_handler(Exception)
    async def failed(request, error):
        return JSONResponse({"id": request.state.request_id}, 500)

    response = lenient(crashing).get("/crash", headers={"X-Request-ID": "ada-0001"})
    assert response.json() == {"id": "ada-0001"}
    assert "x-request-id" not in response.headers


def test_the_wrapped_application_is_no_fastapi(snippet):
    """Around the whole shop, `app` is no `FastAPI`: routes are added to `shop`"""
    assert isinstance(snippet.shop, FastAPI)
    assert not isinstance(snippet.app, FastAPI)
    assert not hasattr(snippet.app, "get")


def test_served_by_its_inner_name_the_shop_has_no_layers(snippet):
    """Served by its inner name, `shop` answers without the id: serve `app`"""
    response = TestClient(snippet.shop).get("/nowhere", headers={"Host": "testserver"})
    assert response.status_code == 404
    assert "x-request-id" not in response.headers


def test_start_up_passes_the_layers(snippet):
    """Start-up passes the wrap: the lifespan of the application inside runs"""
    events = []

    async def lifespan(app):
        events.append("start")
        yield
        events.append("stop")

    from contextlib import asynccontextmanager

    inner = FastAPI(lifespan=asynccontextmanager(lifespan))
    with TestClient(snippet.Stamp(inner)):
        assert events == ["start"]
    assert events == ["start", "stop"]


class Guard:
    """An ASGI layer that lets nobody in, whatever the kind of connection."""

    def __init__(self, inner):
        self.inner = inner

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            return await self.inner(scope, receive, send)
        raise PermissionError


def chat():
    app = FastAPI()

    @app.websocket("/chat")
    async def talk(socket: WebSocket):
        await socket.accept()
        await socket.send_text("let in")
        await socket.close()

    return app


def test_base_http_middleware_does_not_see_a_websocket():
    """A guard with `@app.middleware("http")` refuses requests, and a WebSocket passes it by"""
    app = chat()

    @app.middleware("http")
    async def refuse_all(request, call_next):
        return PlainTextResponse("refused", 403)

    assert app.user_middleware[0].cls is BaseHTTPMiddleware
    client = TestClient(app)
    assert client.get("/").status_code == 403
    with client.websocket_connect("/chat") as socket:
        assert socket.receive_text() == "let in"


def test_an_asgi_layer_sees_a_websocket():
    """An ASGI layer is called for a WebSocket, too, and can refuse it"""
    client = TestClient(Guard(chat()))
    with pytest.raises(PermissionError), client.websocket_connect("/chat"):
        pass


def test_the_shop_s_stamp_lets_a_websocket_through(snippet):
    """`Stamp` passes a WebSocket on as it is"""
    with TestClient(snippet.Stamp(chat())).websocket_connect("/chat") as socket:
        assert socket.receive_text() == "let in"
        with pytest.raises(WebSocketDisconnect):
            socket.receive_text()


VISITOR: contextvars.ContextVar[str] = contextvars.ContextVar("visitor", default="nobody")


def remembering():
    app = FastAPI()

    @app.get("/")
    async def home():
        VISITOR.set("Ada")

    return app


class Reading:
    """An ASGI layer that reads the variable when the answer begins."""

    def __init__(self, inner, seen):
        self.inner, self.seen = inner, seen

    async def __call__(self, scope, receive, send):
        async def noted(message):
            if message["type"] == "http.response.start":
                self.seen.append(VISITOR.get())
            await send(message)

        await self.inner(scope, receive, noted)


def test_a_context_variable_of_the_view():
    """A context variable that an `async def` view sets: an ASGI layer sees it, `BaseHTTPMiddleware` does not"""
    seen = []
    app = remembering()
    app.add_middleware(Reading, seen)
    TestClient(app).get("/")

    async def read_after(request, call_next):
        response = await call_next(request)
        seen.append(VISITOR.get())
        return response

    app = remembering()
    app.add_middleware(BaseHTTPMiddleware, read_after)
    TestClient(app).get("/")
    assert seen == ["Ada", "nobody"]


def test_a_context_variable_of_a_layer_reaches_the_view():
    """A context variable that a layer sets reaches the view, through `BaseHTTPMiddleware`, too"""
    app = FastAPI()

    @app.get("/")
    def home():
        return VISITOR.get()

    @app.middleware("http")
    async def remember(request, call_next):
        VISITOR.set("Ada")
        return await call_next(request)

    assert TestClient(app).get("/").json() == "Ada"


def test_a_body_that_a_layer_has_read():
    """A body that `@app.middleware("http")` has read reaches the view as well"""
    app = FastAPI()
    read = []

    @app.post("/")
    async def add(request: Request):
        return (await request.body()).decode()

    @app.middleware("http")
    async def look(request, call_next):
        read.append(await request.body())
        return await call_next(request)

    assert TestClient(app).post("/", content=b"Dune").json() == "Dune"
    assert read == [b"Dune"]


async def test_a_layer_that_receives_takes_the_body_away():
    """An ASGI layer that calls `receive` takes the body from the view, which waits for it in vain"""
    app = FastAPI()

    @app.post("/")
    async def add(request: Request):
        return (await request.body()).decode()

    async def greedy(scope, receive, send):
        assert (await receive())["body"] == b"Dune"
        await app(scope, receive, send)

    messages = [{"type": "http.request", "body": b"Dune"}]
    waiting = asyncio.Event()

    async def receive():
        if messages:
            return messages.pop()
        waiting.set()  # as a server does as long as the client is there
        await asyncio.Event().wait()

    async def send(message):
        raise AssertionError("the view has answered")

    scope = {"type": "http", "method": "POST", "path": "/", "headers": [], "query_string": b""}
    request = asyncio.create_task(greedy(scope, receive, send))
    await asyncio.wait_for(waiting.wait(), 5)
    assert not request.done()
    request.cancel()


def test_a_dependency_s_header_is_lost_with_an_exception(snippet):
    """A header that a dependency set is not on the answer to an `HTTPException`; the exception's own are"""
    app = FastAPI()

    @app.get("/", dependencies=[])
    def home():
        raise HTTPException(404, headers={"Cache-Control": "no-store"})

    assert TestClient(app).get("/").headers["cache-control"] == "no-store"


def test_a_dependency_s_header_is_lost_on_a_response_of_the_view_s_own(snippet):
    """A header that a dependency set is on what FastAPI makes a response of, and not on a view's own `JSONResponse`"""
    app = FastAPI(dependencies=[Depends(snippet.keep_no_copy)])
    app.get("/value")(lambda: "Dune")
    app.get("/response")(lambda: JSONResponse("Dune"))
    client = TestClient(app)
    assert client.get("/value").headers["cache-control"] == "no-store"
    assert "cache-control" not in client.get("/response").headers


def test_a_star_with_credentials_in_fastapi():
    """Starlette: `allow_origins=["*"]` with `allow_credentials=True` allows the very origin that asks, cookies included"""
    app = FastAPI()
    app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True)
    headers = TestClient(app).get("/", headers={"Origin": "https://other.example"}).headers
    assert headers["access-control-allow-origin"] == "https://other.example"
    assert headers["access-control-allow-credentials"] == "true"


def test_compressed_answers_have_one_length():
    """`GZipMiddleware` of Starlette adds nothing: the same page is compressed to the same length each time"""
    app = FastAPI()
    app.add_middleware(GZipMiddleware)
    app.get("/", response_class=PlainTextResponse)(lambda: "Dune " * 500)
    client = TestClient(app)
    answers = [client.get("/") for _ in range(20)]
    assert {answer.headers["content-encoding"] for answer in answers} == {"gzip"}
    assert len({answer.headers["content-length"] for answer in answers}) == 1


def test_a_router_takes_no_middleware():
    """`FastAPI` takes `middleware` and `dependencies`, `APIRouter` takes `dependencies` alone"""
    for parameter, takers in {
        "middleware": [FastAPI],
        "dependencies": [FastAPI, APIRouter],
    }.items():
        found = [each for each in (FastAPI, APIRouter) if parameter in signature(each).parameters]
        assert found == takers


def test_a_mounted_application_has_layers_of_its_own(snippet):
    """A mounted application's own layer stamps unknown paths below its prefix, and nothing else"""
    app = FastAPI()
    app.mount("/staff", FastAPI(middleware=[Middleware(snippet.Stamp)]))
    client = TestClient(app)
    assert "x-request-id" in client.get("/staff/nowhere").headers
    assert "x-request-id" not in client.get("/nowhere").headers


def test_the_policy_and_the_docs_page(client):
    """`/docs` carries the policy `default-src 'self'`, which forbids the scripts that it loads from another host"""
    response = client.get("/docs")
    assert response.headers["content-security-policy"] == "default-src 'self'"
    assert 'src="https://cdn.jsdelivr.net/' in response.text


@pytest.mark.parametrize(
    ("trusted", "address", "scheme"),
    [
        ("127.0.0.1", "192.0.2.1", "https"),
        ("192.0.2.7", "127.0.0.1", "http"),
        ("*", "203.0.113.9", "https"),
        (["127.0.0.1", "192.0.2.1"], "203.0.113.9", "https"),
    ],
    ids=str,
)
def test_whom_proxy_headers_middleware_believes(part, trusted, address, scheme):
    """Of `203.0.113.9, 192.0.2.1` the last that is not trusted counts; with `*` it is the first, which was forged"""
    app = ProxyHeadersMiddleware(part("proxy").shop, trusted_hosts=trusted)
    client = TestClient(app, client=("127.0.0.1", 1))
    said = client.get("/visit", headers=FORWARDED).json()
    assert (said["address"], said["scheme"]) == (address, scheme)


@pytest.mark.parametrize(
    ("options", "seen"),
    [
        ({}, "192.0.2.1 https"),
        ({"forwarded_allow_ips": "192.0.2.7"}, "127.0.0.1 http"),
        ({"forwarded_allow_ips": "*"}, "203.0.113.9 https"),
        ({"proxy_headers": False}, "127.0.0.1 http"),
    ],
    ids=str,
)
def test_what_uvicorn_s_options_believe(part, options, seen):
    """Uvicorn believes 192.0.2.1 by default, nothing with `--no-proxy-headers`, and 203.0.113.9 with `--forwarded-allow-ips *`"""
    config = Config(part("proxy").shop, lifespan="off", **options)
    config.load()
    around = isinstance(config.loaded_app, ProxyHeadersMiddleware)
    assert around is options.get("proxy_headers", True)
    client = TestClient(config.loaded_app, client=("127.0.0.1", 1))
    said = client.get("/visit", headers=FORWARDED).json()
    assert f"{said['address']} {said['scheme']}" == seen
    flags = {flag for option in command.params for flag in (*option.opts, *option.secondary_opts)}
    assert {"--forwarded-allow-ips", "--no-proxy-headers"} < flags


def test_without_an_address_the_program_says_none(part):
    """Behind a Unix socket there is no client address: `null`"""

    async def unix(scope, receive, send):
        await part("proxy").shop({**scope, "client": None}, receive, send)

    assert TestClient(unix).get("/visit").json()["address"] is None


@pytest.mark.parametrize(
    ("allowed", "seen"),
    [
        ("127.0.0.1", "192.0.2.1 https 127.0.0.1"),
        ("192.0.2.7", "127.0.0.1 http 127.0.0.1"),
        ("*", "203.0.113.9 https 127.0.0.1"),
    ],
)
def test_fastapi_behind_a_proxy_on_a_real_server(allowed, seen):
    """Uvicorn with `FORWARDED_ALLOW_IPS=*` believes the forged 203.0.113.9; with another address, nothing"""
    assert seen_on("fastapi_uvicorn", "fastapi", FORWARDED_ALLOW_IPS=allowed) == seen
