"""What only Flask does in the introduction."""

import asyncio
import sys
import threading
from importlib.metadata import requires

import httpx2
import pytest
from asgiref.wsgi import WsgiToAsgi
from flask import Flask
from packaging.requirements import Requirement
from werkzeug.serving import make_server
from werkzeug.test import create_environ


def test_wsgi_is_one_call_for_a_request(snippet):
    """WSGI: `app(environ, start_response)`; the call tells status and headers, and returns the body"""
    started = []
    environ = create_environ("/hello/Ada")
    body = snippet.app(environ, lambda status, headers: started.append((status, dict(headers))))
    assert b"".join(body) == b'{"hello":"Ada"}\n'
    assert started == [("200 OK", {"Content-Type": "application/json", "Content-Length": "16"})]


def test_flask_s_settings_are_a_dict(snippet):
    """`app.config` is a dict with 29 settings before you set one"""
    assert isinstance(Flask("bare").config, dict)
    assert len(Flask("bare").config) == 29


def test_flask_runs_an_async_view_with_a_package_more(snippet, monkeypatch):
    """`async def` needs `flask[async]`, which is asgiref; without it: `RuntimeError`"""
    extras = [Requirement(text) for text in requires("flask") or []]
    wanted = [r.name for r in extras if r.marker and r.marker.evaluate({"extra": "async"})]
    assert wanted == ["asgiref"]
    monkeypatch.setitem(sys.modules, "asgiref.sync", None)
    monkeypatch.setattr(snippet.app, "testing", True)
    with pytest.raises(RuntimeError, match="Install Flask with the 'async' extra"):
        snippet.app.test_client().get("/offers")


def test_an_async_view_of_flask_runs_in_a_second_thread(snippet):
    """Flask runs an `async def` view in a second thread, while the thread of the request waits"""
    seen = []
    app = Flask("small")

    @app.get("/")
    async def home():
        seen.append(threading.current_thread())
        return ""

    assert app.test_client().get("/").status_code == 200
    assert seen != [threading.current_thread()]


def test_an_async_view_of_flask_behind_wsgi_to_asgi_runs_on_the_server_s_loop(snippet):
    """Behind `WsgiToAsgi`, the view runs on the server's loop, while a thread of the request waits"""
    threads, loops = [], []
    app = Flask("small")

    @app.before_request
    def before():
        threads.append(threading.current_thread())

    @app.get("/")
    async def home():
        loops.append(asyncio.get_running_loop())
        return ""

    async def request():
        transport = httpx2.ASGITransport(WsgiToAsgi(app))
        async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as client:
            assert (await client.get("/")).status_code == 200
        assert threads != [threading.current_thread()]
        assert loops == [asyncio.get_running_loop()]

    asyncio.run(request())


def test_a_type_in_the_signature_does_nothing_in_flask(snippet):
    """A Flask view with `number: int` and no converter in its route is handed text"""
    app = Flask("small")

    @app.get("/books/<number>")
    def book(number: int):
        return repr(number)

    assert app.test_client().get("/books/7").text == "'7'"


def test_a_plain_view_of_flask_runs_in_the_server_s_thread(snippet):
    """Flask calls a `def` view in the thread in which the server called Flask, without a loop"""
    seen = []
    app = Flask("small")

    @app.get("/")
    def home():
        seen.append(threading.current_thread())
        with pytest.raises(RuntimeError, match="no running event loop"):
            asyncio.get_running_loop()
        return ""

    app.testing = True
    assert app.test_client().get("/").status_code == 200
    assert seen == [threading.current_thread()]


def test_flask_s_server_warns(snippet, caplog):
    """Flask's server says at its start: `This is a development server.`"""
    server = make_server("127.0.0.1", 0, snippet.app)
    try:
        with caplog.at_level("INFO", "werkzeug"):
            server.log_startup()
    finally:
        server.server_close()
    assert "WARNING: This is a development server." in caplog.text
