"""Request handling that only FastAPI has."""

import socket
from tempfile import TemporaryDirectory
from threading import Thread

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from pydantic import BaseModel, Field, FiniteFloat
from starlette.middleware.sessions import SessionMiddleware


def test_the_signature_is_the_documentation(client):
    """What a signature reads and answers stands in `/openapi.json`"""
    paths = client.get("/openapi.json").json()["paths"]
    for path, model in (("/books", "NewBook-Output"), ("/customers", "NewCustomer")):
        answer = paths[path]["post"]["responses"]["201"]["content"]["application/json"]
        assert answer["schema"] == {"$ref": f"#/components/schemas/{model}"}
    text_or_null = [{"type": "string"}, {"type": "null"}]
    assert [
        (parameter["name"], parameter["in"], parameter["schema"]["anyOf"])
        for parameter in paths["/visit"]["get"]["parameters"]
    ] == [("x-trace", "header", text_or_null), ("theme", "cookie", text_or_null)]


def test_a_form_that_starlette_cannot_read_passes_through_the_handler(client):
    """A form that Starlette cannot read is a 400 in the handler's shape"""
    headers = {"content-type": "multipart/form-data; boundary=page"}
    response = client.post("/customers", content=b"no boundary in here", headers=headers)
    assert response.status_code == 400
    assert response.json() == {"error": "Invalid multipart data."}


def test_the_handler_keeps_the_headers_of_an_error(client):
    response = client.post("/search")
    assert response.status_code == 405
    assert response.json() == {"error": "Method Not Allowed"}
    assert response.headers["allow"] == "GET"


def test_a_chunked_body_that_is_too_large_reaches_the_handler(snippet):
    """A chunked body that is too large is a 413 in the handler's words; one with a length is not"""
    with TestClient(snippet.app) as client:
        response = client.put("/stock", content=iter([b"\n" * 20_000, b"\n"]))
    assert response.status_code == 413
    assert response.json() == {"error": "Content Too Large"}


def test_a_chunked_body_within_the_limit_is_read(snippet):
    """A chunked body of 20,000 bytes is within the limit"""
    with TestClient(snippet.app) as client:
        response = client.put("/stock", content=iter([b"\n" * 19_999, b"\n"]))
    assert response.json() == {"lines": 20_000}


def test_a_fastapi_route_can_raise_the_limit():
    """A route with `max_body_size=50_000` reads 30,000 bytes where the application allows 20,000"""
    app = FastAPI(max_body_size=20_000)

    @app.put("/usual")
    @app.put("/more", max_body_size=50_000)
    async def measure(request: Request) -> int:
        return len(await request.body())

    with TestClient(app) as client:
        assert client.put("/usual", content=b"x" * 30_000).status_code == 413
        assert client.put("/more", content=b"x" * 30_000).json() == 30_000
        assert client.put("/more", content=b"x" * 50_001).status_code == 413


def test_without_an_address_of_the_client_there_is_none(snippet):
    """Where the server gives no address of the client, `request.client` is `None`"""
    with TestClient(snippet.app, client=None) as client:  # type: ignore[arg-type]  # on purpose
        assert client.get("/visit").json()["address"] is None


def test_uvicorn_behind_a_unix_socket(snippet):
    """Behind a Unix socket Uvicorn believes no header of a proxy, and `request.client` is `None`"""
    forwarded = {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "https"}
    with TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{folder}/shop")
        listener.listen()
        server = uvicorn.Server(uvicorn.Config(snippet.app, log_config=None))
        thread = Thread(target=server.run, args=([listener],))
        thread.start()
        transport = httpx2.HTTPTransport(uds=f"{folder}/shop", verify=False)
        try:
            with httpx2.Client(transport=transport, base_url="http://shop", timeout=30) as client:
                visit = client.get("/visit", headers=forwarded).json()
        finally:
            server.should_exit = True
            thread.join()
    assert (visit["address"], visit["scheme"]) == (None, "http")


def test_starlette_s_session_cookie_stays_on_its_site():
    """The session cookie of Starlette's `SessionMiddleware` has `SameSite=Lax` unless `same_site` says otherwise"""
    app = FastAPI()
    app.add_middleware(SessionMiddleware, secret_key="no secret")

    @app.get("/")
    def remember(request: Request):
        request.session["customer"] = "Ada"

    with TestClient(app) as client:
        assert "; samesite=lax" in client.get("/").headers["set-cookie"]


class Login(BaseModel):
    password: str = Field(min_length=12)


class Price(BaseModel):
    price: FiniteFloat


@pytest.fixture(scope="module")
def defaults():
    """A client on an application that keeps FastAPI's own handler for wrong input."""
    app = FastAPI()

    @app.post("/login")
    def log_in(login: Login):
        return {"length": len(login.password)}

    @app.post("/price")
    def set_price(price: Price):
        return {"price": price.price}

    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def test_the_default_422_repeats_a_password(defaults):
    """FastAPI's own 422 repeats what was sent: a password, too"""
    assert defaults.post("/login", json={"password": "long enough!"}).json() == {"length": 12}
    response = defaults.post("/login", json={"password": "secret"})
    assert response.status_code == 422
    assert response.json()["detail"][0]["input"] == "secret"


def test_the_default_422_is_a_500_when_the_wrong_input_is_nan(defaults):
    """FastAPI's own 422 for `NaN` is a 500: the answer would repeat `NaN`"""
    headers = {"content-type": "application/json"}
    assert defaults.post("/price", json={"price": 1.5}).json() == {"price": 1.5}
    response = defaults.post("/price", content=b'{"price": NaN}', headers=headers)
    assert response.status_code == 500
