"""Authentication that only FastAPI has: what its security classes do, and what they leave to you."""

from typing import Annotated

import fastapi
import pytest
from fastapi.security import APIKeyHeader, HTTPBasic, HTTPBearer, OAuth2PasswordBearer
from fastapi.testclient import TestClient
from pwdlib import PasswordHash
from starlette.middleware.sessions import SessionMiddleware

from tests.topics.authentication.shop import ask_for_token, registered


@pytest.mark.parametrize(
    ("scheme", "challenge"),
    [
        (OAuth2PasswordBearer(tokenUrl="token"), "Bearer"),
        (HTTPBearer(), "Bearer"),
        (HTTPBasic(), "Basic"),
        (APIKeyHeader(name="X-API-Key"), "APIKey"),
    ],
)
def test_a_security_class_answers_401_by_itself(scheme, challenge):
    """Without credentials a security class answers 401 with `WWW-Authenticate`: `Bearer`, `Basic` or `APIKey`"""
    app = fastapi.FastAPI()
    app.get("/", dependencies=[fastapi.Depends(scheme)])(lambda: None)
    response = TestClient(app).get("/")
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == challenge
    assert response.json() == {"detail": "Not authenticated"}


def test_a_security_class_checks_no_token():
    """`OAuth2PasswordBearer` cuts the token out of the header; it does not look whether it is good"""
    app = fastapi.FastAPI()
    scheme = OAuth2PasswordBearer(tokenUrl="token")

    @app.get("/")
    def show(token: Annotated[str, fastapi.Depends(scheme)]):
        return token

    response = TestClient(app).get("/", headers={"authorization": "Bearer anything"})
    assert response.json() == "anything"


def test_the_documentation_knows_the_login(snippet):
    """The documentation of the API offers the login: `OAuth2PasswordBearer` stands in its schema with `/api/token`"""
    schema = snippet.app.openapi()
    schemes = schema["components"]["securitySchemes"]
    assert {*schemes} == {"OAuth2PasswordBearer", "APIKeyHeader"}
    assert schemes["OAuth2PasswordBearer"]["flows"]["password"]["tokenUrl"] == "/api/token"
    assert schema["paths"]["/api/me"]["get"]["security"] == [{"OAuth2PasswordBearer": []}]


def test_a_session_of_starlette_outlives_its_logout():
    """With `SessionMiddleware` a copied cookie is good after `session.clear()`: 200"""
    app = fastapi.FastAPI()
    app.add_middleware(SessionMiddleware, secret_key="k" * 32)

    @app.post("/login")
    def log_in(request: fastapi.Request):
        request.session["user"] = "ada"

    @app.post("/logout")
    def log_out(request: fastapi.Request):
        request.session.clear()

    @app.get("/account")
    def account(request: fastapi.Request):
        if "user" not in request.session:
            raise fastapi.HTTPException(401)

    client = TestClient(app)
    client.post("/login")
    copied = client.cookies["session"]
    client.post("/logout")
    assert client.get("/account").status_code == 401
    client.cookies.set("session", copied)
    assert client.get("/account").status_code == 200


def test_the_hash_is_computed_in_a_thread(client, snippet, monkeypatch):
    """The login hands its hash to `run_in_threadpool`"""
    registered(client)
    handed = []

    async def noted(function, *args):
        handed.append(function.__name__)
        return function(*args)

    monkeypatch.setattr(snippet, "run_in_threadpool", noted)
    ask_for_token(client)
    assert handed == ["verify_and_update"]


def test_what_pwdlib_recommends():
    """`PasswordHash.recommended` is Argon2id with 64 MiB, three rounds and four lanes"""
    stored = PasswordHash.recommended().hash("a long password")
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
