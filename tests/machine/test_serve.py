"""Any snippet can be served: from a thread here, from the command line for readers."""

import contextlib
import shlex
import signal
import socket
import sys
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from book._core.chapters import names
from book._core.evidence import Request
from book._core.frameworks import FRAMEWORKS
from book._tools import serve
from tests.harness import databases, servers, sockets
from tests.harness.adapters import adapter
from tests.harness.clients import restored
from tests.harness.processes import ends
from tests.harness.sockets import SECONDS, Process

WRITTEN = {*names()}
EMPTY = {"file_uploads", "error_handling"}
"""Topics whose shop has nothing to show until somebody has sent it a file, or shows its errors."""


BOOK = Request(method="GET", target="/books/1")


def ask(address, request=BOOK):
    with httpx2.Client(transport=sockets.plain(), timeout=SECONDS) as client:
        return client.request(
            request.method,
            f"http://{address}{request.target}",
            content=request.body,
            headers=request.headers,
        )


def answer(name, database=None):
    """Status and text with which a served snippet answers what its chapter proposes to try."""
    framework, topic = serve.find(name)
    try:
        with (
            restored(adapter(framework).load(topic)),
            servers.running(framework, topic, database=database) as address,
        ):
            response = ask(address, serve.example(topic))
            return response.status_code, response.text
    except Exception as error:
        return 0, repr(error)


@pytest.fixture(scope="module")
def answers(tmp_path_factory, django_db_setup, django_db_blocker):
    """The answers of all snippets: those of Django one after the other, the rest at once."""
    database = tmp_path_factory.mktemp("serve") / "bookshop.sqlite3"
    django = [name for name in serve.snippets() if name.startswith("django/")]
    others = [name for name in serve.snippets() if name not in django]
    for name in others:  # not in threads: modules that import each other would meet half-made
        framework, topic = serve.find(name)
        adapter(framework).load(topic)
    with (
        databases.sqlalchemy([]),
        django_db_blocker.unblock(),
        ThreadPoolExecutor(8) as threads,
    ):
        found = dict(zip(others, threads.map(answer, others), strict=True))
        return found | {name: answer(name, database) for name in django}


@pytest.mark.parametrize("name", serve.snippets())
def test_every_snippet_starts_and_answers(name, answers):
    status, text = answers[name]
    assert status, text
    topic = name.partition("/")[2]
    if topic in EMPTY:
        assert status == 404, text
    elif topic in WRITTEN:  # without a chapter nothing is proposed to try
        assert status not in (404, 405, 500), text


def test_a_ready_server_answers_at_once_and_is_gone_afterwards():
    with servers.running("flask", "routing") as address:
        assert ask(address).json() == {"id": 1, "title": "Dune"}
    with pytest.raises(httpx2.ConnectError):
        ask(address)


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_a_server_stops_under_an_open_connection(name):
    """A client that says nothing, or half a request, keeps no server from stopping."""
    with servers.running(name, "routing") as address:
        host, port = address.split(":")
        silent = socket.create_connection((host, int(port)), SECONDS)
        talking = socket.create_connection((host, int(port)), SECONDS)
        talking.sendall(b"GET /books/1 HTTP/1.1\r\nHost: ")
        assert ask(address).status_code == 200
    for line in (silent, talking):
        with line:
            assert line.recv(1000).startswith((b"", b"HTTP/1.1 400"))


def test_the_port_can_be_chosen_and_is_free_again_afterwards():
    with servers.running("flask", "routing") as address:
        port = int(address.rpartition(":")[2])
    with servers.running("fastapi", "routing", port=port) as again:
        assert again == address
        with (
            pytest.raises(servers.NotServed, match=f"port {port} cannot be had"),
            servers.running("django", "routing", port=port),
        ):
            pass


def test_an_application_that_does_not_start_is_an_error(monkeypatch, caplog):
    from snippets.fastapi import routing

    @contextlib.asynccontextmanager
    async def lifespan(app):
        raise LookupError("no database")
        yield

    monkeypatch.setattr(routing.app.router, "lifespan_context", lifespan)
    with (
        pytest.raises(servers.NotServed, match="lifespan failed"),
        servers.running("fastapi", "routing"),
    ):
        pass
    assert "no database" in caplog.text


def test_django_keeps_its_own_database_and_settings(tmp_path, settings, django_db_blocker):
    from django.db import connections

    before = connections.databases["default"], settings.ROOT_URLCONF
    database = tmp_path / "bookshop.sqlite3"
    with django_db_blocker.unblock(), servers.running("django", "realtime", database=database):
        assert connections.databases["default"]["NAME"] == str(database)
        assert settings.ROOT_URLCONF == "snippets.django.realtime"
    assert database.exists()
    assert (connections.databases["default"], settings.ROOT_URLCONF) == before


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("flask/rooting", ["flask/routing"]),
        ("routing", ["flask/routing", "django/routing", "fastapi/routing"]),
        ("x/y", []),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest_and_with_how_to_list_all(name, near):
    """However many snippets there are."""
    with pytest.raises(servers.NotServed) as problem:
        serve.find(name)
    said, _, meant = str(problem.value).partition(" Did you mean ")
    assert said.startswith(f"no snippet is called '{name}'.")
    assert [each for each in near if each not in meant] == []
    assert 0 <= meant.count(" or ") < 3
    assert bool(meant) == bool(near)
    assert str(problem.value).endswith(" nox -s run -- --list names them all.")


@pytest.mark.parametrize(
    "name", ["", "flask", "routing", "flask/", "flask/../flask/routing", "x/y"]
)
def test_half_a_name_is_none(name):
    with pytest.raises(servers.NotServed, match="no snippet is called"):
        serve.find(name)


def test_a_topic_without_a_chapter_is_tried_at_its_top():
    assert serve.example("routing").target == "/books/1"
    assert serve.example("no_such_topic").target == "/"


# The command


def test_the_command_says_where_and_how_to_ask_and_a_signal_ends_it(tmp_path):
    """Ctrl-C and SIGTERM leave no process, no port in use and no file behind."""
    with (
        Process("django/routing", TMPDIR=str(tmp_path)) as one,
        Process("flask/routing", TMPDIR=str(tmp_path)) as other,
    ):
        for process, name in ((one, "django"), (other, "flask")):
            label, address = process.output.readline(), process.address
            curl = process.output.readline()
            framework = FRAMEWORKS[name]
            assert (
                label
                == f"{framework.label} {framework.version} serves snippets/{name}/routing.py\n"
            )
            assert shlex.split(curl) == ["curl", "-i", f"http://{address}/books/1"]
            assert ask(address).status_code == 200
        assert [path.name[:9] for path in tmp_path.iterdir()] == ["bookshop-", "bookshop-"]
        for process, number in ((one, signal.SIGINT), (other, signal.SIGTERM)):
            assert process.end(number) == 0
            assert ends(-process.popen.pid)
            assert "Traceback" not in process.output.read()
        assert list(tmp_path.iterdir()) == []
    for process in (one, other):
        host, port = process.address.split(":")
        with socket.create_server((host, int(port))):
            pass


def test_the_command_knows_what_it_cannot_serve(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["serve", "fastapi/rooting"])
    assert serve.main() == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("no snippet is called 'fastapi/rooting'. Did you mean")


def test_the_command_lists_what_it_can_serve(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["serve", "--list"])
    assert serve.main() == 0
    assert capsys.readouterr().out.splitlines() == serve.snippets()
