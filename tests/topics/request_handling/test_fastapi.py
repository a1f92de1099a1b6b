"""Request handling that only FastAPI has."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import BaseModel, Field, FiniteFloat


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


def test_without_an_address_of_the_client_there_is_none(snippet):
    """Behind a Unix socket `request.client` is `None`"""
    with TestClient(snippet.app, client=None) as client:  # type: ignore[arg-type]  # on purpose
        assert client.get("/visit").json()["address"] is None


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
