"""Programs for real servers that serve a folder with a link, and a secret beside it; raw requests."""

import contextlib
import os
import socket
from pathlib import Path

from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from flask import Flask

from tests.harness.stacks import HOST, serving
from tests.harness.wire import ERROR

FOLDER = "SERVED_FOLDER"
"""In the environment: what to serve."""
SETTINGS = contextlib.ExitStack()
"""Those of a server's process last until it ends."""
SECRET = "the secret"
RAW = {
    "two dots": "/static/../secret.txt",
    "two dots in the middle": "/static/./../secret.txt",
    "two dots beside the name": "/static../secret.txt",
    "..%2f": "/static/..%2fsecret.txt",
    "%2e%2e": "/static/%2e%2e/secret.txt",
    "backslashes": "/static/..\\secret.txt",
    "an absolute path": "/static//{secret}",
    "an encoded absolute path": "/static/%2f{secret}",
    "encoded twice": "/static/..%252fsecret.txt",
    "a null byte": "/static/..%2fsecret.txt%00.css",
    "a whole URL": "http://testserver/static/../secret.txt",
    "no slash at first": "static/../secret.txt",
}
"""As no well-behaved client sends them."""


def flask():
    return Flask("shop", static_folder=os.environ[FOLDER], static_url_path="/static")


def fastapi():
    app = FastAPI()
    app.mount("/static", StaticFiles(directory=os.environ[FOLDER]))
    return app


def django_wsgi():
    SETTINGS.enter_context(override_settings(STATICFILES_DIRS=[os.environ[FOLDER]]))
    return WSGIHandler()


def django_asgi():
    SETTINGS.enter_context(override_settings(STATICFILES_DIRS=[os.environ[FOLDER]]))
    return ASGIHandler()


def send(port: int, path: str) -> bytes:
    """The whole answer to a request whose path is sent as it is."""
    with socket.create_connection((HOST, port), timeout=30) as connection:
        lines = f"GET {path} HTTP/1.1\r\nHost: testserver\r\nConnection: close\r\n\r\n"
        connection.sendall(lines.encode())
        answer = b""
        while more := connection.recv(65536):
            answer += more
    return answer


def attack(folder: Path, **applications: str) -> dict[str, str]:
    """Send what is RAW to servers; gives the statuses, by server and attack; "a link" leads out."""
    static, secret = folder / "static", folder / "secret.txt"
    static.mkdir()
    secret.write_text(SECRET)
    (static / "site.css").write_text("h1 {}" * 20_000)
    (static / "link.txt").symlink_to(secret)
    targets = {name: f"{__name__}:{made}" for name, made in applications.items()}
    answers = {}
    with serving(targets, **{FOLDER: str(static)}) as stacks:
        for name, stack in stacks.items():
            with stack.client() as client:
                response = client.get("/static/site.css")
                assert response.status_code == 200
                assert response.text == "h1 {}" * 20_000
                answers[f"{name}: a link"] = str(client.get("/static/link.txt").status_code)
            for words, path in RAW.items():
                answer = send(stack.port, path.format(secret=str(secret).strip("/")))
                assert SECRET.encode() not in answer
                answers[f"{name}: {words}"] = answer.decode().split()[1]
            assert not ERROR.search(stack.said()), stack.said()
    return answers
