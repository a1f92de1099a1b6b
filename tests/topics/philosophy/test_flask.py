"""What only Flask does in this chapter."""

import asyncio
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask, copy_current_request_context, request, url_for

from book._core.frameworks import ROOT
from tests.harness.stacks import Stack, stop
from tests.topics.philosophy import served
from tests.topics.philosophy.neighbours import heard


def test_request_outside_of_a_request(snippet):
    """`language()` outside of a request: `RuntimeError: Working outside of request context.`"""
    with pytest.raises(RuntimeError, match=r"^Working outside of request context\."):
        snippet.language()


def test_a_test_makes_a_request_for_a_helper(snippet):
    """`app.test_request_context` makes a request for a helper, without a view"""
    with snippet.app.test_request_context(headers={"Accept-Language": "de"}):
        assert snippet.language() == "de"


def in_a_thread(function):
    """What a function returns or raises in a thread of its own."""
    with ThreadPoolExecutor(1) as other:
        try:
            return other.submit(function).result()
        except RuntimeError as error:
            return str(error).splitlines()[0]


def test_a_thread_that_you_start_has_no_request(snippet):
    """In a thread that the view starts, `request` is a `RuntimeError`; `copy_current_request_context` brings it along"""
    with snippet.app.test_request_context(headers={"Accept-Language": "de"}):
        assert in_a_thread(snippet.language) == "Working outside of request context."
        assert in_a_thread(copy_current_request_context(snippet.language)) == "de"


def test_asyncio_to_thread_brings_the_request_along(snippet):
    """`asyncio.to_thread` brings the request along into its thread"""

    async def language():
        return await asyncio.to_thread(snippet.language)

    with snippet.app.test_request_context(headers={"Accept-Language": "de"}):
        assert asyncio.run(language()) == "de"


def test_two_requests_at_once_have_a_request_each(snippet):
    """Two requests are in their views at once: each one's `request` is its own"""
    app = Flask("small")
    both_inside = threading.Barrier(2, timeout=10)

    @app.get("/<name>")
    def view(name):
        both_inside.wait()
        return f"{name} {request.path}"

    def ask(name):
        return app.test_client().get(f"/{name}").text

    with ThreadPoolExecutor(2) as pool:
        assert [*pool.map(ask, ["ada", "bell"])] == ["ada /ada", "bell /bell"]


@pytest.fixture
def one_thread(tmp_path):
    """The requests that wait on Gunicorn, started as its command starts without options."""
    log = tmp_path / "gunicorn.log"
    with socket.create_server(("127.0.0.1", 0)) as listener, log.open("wb") as written:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "--no-control-socket"),
                *("--bind", f"fd://{listener.fileno()}", f"{served.__name__}:flask()"),
            ],
            cwd=ROOT,
            pass_fds=[listener.fileno()],
            stdin=subprocess.PIPE,
            stdout=written,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield Stack("flask_gunicorn", listener.getsockname()[1], log)
        finally:
            stop(process)


def test_gunicorn_without_options_answers_one_request_at_a_time(one_thread):
    """Gunicorn without `--threads`: a neighbour has to wait, even for a plain view"""
    assert heard(one_thread, "/plain") == [False]


def test_the_warehouse_outside_of_a_request(snippet):
    """With `app.app_context()` a script has a warehouse, too; it is closed at the end"""
    with pytest.raises(RuntimeError, match=r"^Working outside of application context\."):
        snippet.warehouse()
    with snippet.app.app_context():
        assert snippet.warehouse() is snippet.warehouse()
        assert snippet.EVENTS == ["open"]
    assert snippet.EVENTS == ["open", "close"]


class Empty:
    """A warehouse for tests."""

    def count(self, title):
        return 0

    def close(self):
        pass


def test_a_test_replaces_what_a_view_needs(client, snippet, monkeypatch):
    """A test gives the view another warehouse"""
    monkeypatch.setattr(snippet, "Warehouse", Empty)
    assert client.get("/stock/Book 1").json() == {"stock": 0, "scarce": True}
    assert snippet.EVENTS == []


def test_two_applications_have_a_memory_each(part):
    """Two applications in one process: the part keeps the paths of each apart"""
    one, other = part("recent").create_app(), part("recent").create_app()
    one.test_client().get("/nowhere")
    assert one.test_client().get("/recent").json == ["/nowhere", "/recent"]
    assert other.test_client().get("/recent").json == ["/recent"]


def test_the_part_s_page_has_a_name(part):
    """The part's page can be linked to as `recent.show_recent`"""
    with part("recent").create_app().test_request_context():
        assert url_for("recent.show_recent") == "/recent"
