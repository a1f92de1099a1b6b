"""Middleware that only Flask has: hooks for the end, and WSGI around the application."""

import threading

import httpx2
import pytest
from flask import Flask, g, request, stream_with_context
from flask_cors import CORS
from waitress import create_server, wasyncore
from werkzeug.middleware.proxy_fix import ProxyFix

from tests.harness import clients
from tests.harness.adapters.wsgi import WSGITransport
from tests.harness.sockets import plain
from tests.topics.middleware.apps import FORWARDED, seen, seen_on


@pytest.fixture
def layers(part):
    """The module of the layers, its trace as it was afterwards."""
    module = part("layers")
    with clients.restored(module):
        yield module


@pytest.mark.parametrize(
    ("path", "heard"),
    [
        ("/books", "done()"),
        ("/missing", "done()"),
        ("/nowhere", "done()"),
        ("/crash", "done(RuntimeError)"),
        ("/broken", "done(RuntimeError)"),
    ],
)
def test_teardown_hears_of_an_unhandled_error(layers, open_client, path, heard):
    """A teardown function runs after a 200, a 404 and a 500, and is given the unhandled error"""
    with open_client(layers.app) as client:
        client.get(path)
    assert layers.trace[-1] == heard


def test_teardown_comes_before_the_body_of_a_stream(layers, open_client):
    """Teardown runs when the view's part is over: a stream's body comes after it"""
    with open_client(layers.app) as client:
        client.get("/stream")
    assert layers.trace[-3:] == ["<A", "done()", "body"]


def test_teardown_runs_twice_around_stream_with_context(open_client):
    """With `stream_with_context` teardown runs twice: before the body and after it"""
    app = Flask("stream")
    trace = []
    app.teardown_request(lambda error: trace.append("done"))

    @app.get("/")
    def stream():
        def lines():
            trace.append("body")
            yield request.path

        return stream_with_context(lines())

    with open_client(app) as client:
        assert client.get("/").text == "/"
    assert trace == ["done", "body", "done"]


def test_hooks_can_only_be_added_before_the_first_request(open_client):
    """A hook that is added after the first request is an `AssertionError`"""
    app = Flask("late")
    with open_client(app) as client:
        client.get("/")
    with pytest.raises(AssertionError, match="can no longer be called"):
        app.before_request(lambda: None)


def test_an_after_hook_runs_though_its_before_hook_did_not(open_client):
    """After a guard's answer an after hook that relies on its own before hook fails: 500"""
    app = Flask("order")

    @app.before_request
    def guard():
        return "stopped"

    @app.before_request
    def begin():
        g.began = 1

    @app.after_request
    def stamp(response):
        response.headers["X-Began"] = str(g.began)
        return response

    with open_client(app) as client:
        assert client.get("/").status_code == 500


class Outside:
    """A WSGI application around another."""

    def __init__(self, inner):
        self.inner, self.seen = inner, []

    def __call__(self, environ, start_response):
        def noted(status, headers, *error):
            self.seen.append((environ["PATH_INFO"], status))
            return start_response(status, [*headers, ("X-Outside", "yes")], *error)

        return self.inner(environ, noted)


def test_a_wsgi_application_around_the_hooks(open_client):
    """A WSGI application around `wsgi_app` sees paths and statuses, a 500 as well, and adds headers"""
    app = Flask("outside")
    app.add_url_rule("/crash", view_func=lambda: 1 / 0)
    app.wsgi_app = outside = Outside(app.wsgi_app)
    with open_client(app) as client:
        answers = [client.get(path) for path in ("/nowhere", "/crash")]
    assert [answer.headers["x-outside"] for answer in answers] == ["yes", "yes"]
    assert outside.seen == [("/nowhere", "404 NOT FOUND"), ("/crash", "500 INTERNAL SERVER ERROR")]


def test_wrapping_wsgi_app_keeps_the_application(part):
    """Around `wsgi_app`, not around `app`: `app` stays a `Flask` with its `test_client`"""
    app = part("proxy").app
    assert isinstance(app.wsgi_app, ProxyFix)
    assert app.test_client().get("/visit").status_code == 200


@pytest.mark.parametrize(
    ("count", "address"), [(0, "127.0.0.1"), (1, "192.0.2.1"), (2, "203.0.113.9"), (3, "127.0.0.1")]
)
def test_proxy_fix_counts_from_the_right(part, count, address):
    """`x_for=2` with one proxy believes what the client forged: 203.0.113.9; 0 and 3 believe nothing"""
    inside = part("proxy").app.wsgi_app.app
    transport = WSGITransport(ProxyFix(inside, x_for=count))
    with httpx2.Client(transport=transport, base_url="http://testserver") as client:
        assert client.get("/visit", headers=FORWARDED).json()["address"] == address


@pytest.mark.parametrize(
    ("server", "seen"),
    [("gunicorn", "192.0.2.1 https shop.example"), ("waitress", "127.0.0.1 http 127.0.0.1")],
)
def test_flask_behind_a_proxy_on_real_servers(server, seen):
    """With `ProxyFix`, Flask sees 192.0.2.1 and `https` on Gunicorn, and 127.0.0.1 and `http` on Waitress"""
    assert seen_on(f"flask_{server}", "flask") == seen


def test_waitress_lets_the_headers_of_a_trusted_proxy_through(part):
    """Waitress with `trusted_proxy="127.0.0.1"` and `trusted_proxy_headers` lets Flask see 192.0.2.1"""
    sockets: dict = {}
    server = create_server(
        part("proxy").app,
        map=sockets,
        host="127.0.0.1",
        port=0,
        trusted_proxy="127.0.0.1",
        trusted_proxy_headers={name.lower() for name in FORWARDED},
    )
    done = threading.Event()

    def run():
        while not done.is_set():
            wasyncore.loop(timeout=0.05, map=sockets, count=1)

    thread = threading.Thread(target=run)
    thread.start()
    address = f"http://127.0.0.1:{server.effective_port}"
    with httpx2.Client(base_url=address, transport=plain()) as client:
        assert seen(client) == "192.0.2.1 https shop.example"
    done.set()
    thread.join()
    server.task_dispatcher.shutdown()
    wasyncore.close_all(sockets)


def test_a_star_with_credentials_in_flask(open_client):
    """Flask-CORS: `origins="*"` with `supports_credentials=True` allows the very origin that asks, cookies included"""
    app = Flask("open")
    CORS(app, origins="*", supports_credentials=True)
    with open_client(app) as client:
        headers = client.get("/", headers={"Origin": "https://other.example"}).headers
    assert headers["access-control-allow-origin"] == "https://other.example"
    assert headers["access-control-allow-credentials"] == "true"
