"""Contracts over the wire: a real server's answer is found, declared, or the reason why not."""

import json
import sys
from types import SimpleNamespace

import pytest

from book._core.evidence import GreenTest
from book._core.variants import SERVED
from book._ext.differences import variants
from book._ext.wire import WireRecord, counted
from book._tools import wire
from tests.harness.processes import ends
from tests.harness.stacks import SECONDS
from tests.harness.wire import serving
from tests.machine import small_book

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Gunicorn runs on POSIX only")

NONE = "\N{EN DASH}"
FLASK = '''"""A counter.

>>> counted["visits"]
0
"""

from flask import Flask

counted = {"visits": 0}
app = Flask(__name__)


@app.get("/visits")
def visit():
    counted["visits"] += 1
    return dict(counted)


@app.get("/fails")
def fail():
    raise ZeroDivisionError
'''
CONTRACT = """
import pytest

from tests.harness.differs import differs, in_process

LONG = f"/visits?{'x' * 5000}"


def test_data_is_put_back(client):
    assert client.get("/visits").json() == {"visits": 1}


@pytest.fixture
def visited(client):
    client.get("/visits")
    return client


def test_a_fixture_may_speak_through_the_client(visited):
    assert visited.get("/visits").json() == {"visits": 2}


def test_what_nobody_declared(client):
    assert client.get(LONG).status_code == 200


@differs(flask=200, flask_gunicorn=414)
def test_what_is_declared(client, expected):
    assert client.get(LONG).status_code == expected


@differs(flask=200, flask_waitress=414)
def test_what_is_not_so(client, expected):
    assert client.get(LONG).status_code == expected


@pytest.mark.server_errors
@differs(flask="no traceback", flask_debug="a traceback")
def test_an_exception(client, expected):
    response = client.get("/fails")
    assert response.status_code == 500
    assert ("ZeroDivisionError" in response.text) is (expected == "a traceback")


def test_takes_more_than_a_client(client, snippet):
    assert client.get("/visits").json() == snippet.counted


@in_process("HTTPS")
def test_says_why(client):
    assert client.get("https://testserver/visits").status_code == 200


def test_does_not_speak(snippet):
    assert snippet.counted == {"visits": 0}
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """A small book with one topic, in Flask only."""
    folder = small_book.make(tmp_path_factory.mktemp("small-book"))
    (folder / "snippets" / "flask" / "counter.py").write_text(FLASK)
    (folder / "tests" / "topics" / "counter").mkdir(parents=True)
    (folder / "tests" / "topics" / "counter" / "test_contract.py").write_text(CONTRACT)
    return folder


def test_in_process_it_is_a_contract_like_any_other(book):
    """The debug mode that a test names runs there, too"""
    run = small_book.run(book, "pytest", "-v", "--no-evidence", "tests")
    assert "10 passed" in run.stdout, run.stdout
    for name in ("[flask]", "[flask_debug]"):
        assert f"test_an_exception{name} PASSED" in run.stdout


@pytest.fixture(scope="module")
def wired(book):
    """What `nox -s wire` says and writes."""
    run = small_book.run(book, "book._tools.wire", "--record")
    return run.stdout


@pytest.mark.parametrize(
    "name",
    [
        "test_what_nobody_declared[flask_gunicorn]",
        "test_what_is_not_so[flask_gunicorn]",
        "test_what_is_not_so[flask_waitress]",
    ],
)
def test_an_answer_that_is_not_declared_is_red(wired, name):
    assert f"FAILED tests/topics/counter/test_contract.py::{name}" in wired
    assert wired.count("FAILED ") == 3


def test_what_answers_and_what_stays_is_counted(wired):
    assert (
        "counter: flask_gunicorn 3 + 1 otherwise, flask_waitress 5; 2 tests stay in process"
    ) in wired


@pytest.fixture
def mended(book):
    """The contract as it would be right."""
    contract = book / "tests" / "topics" / "counter" / "test_contract.py"
    contract.write_text(
        CONTRACT.replace("def test_what_nobody", "def nobody").replace(
            "@differs(flask=200, flask_waitress=414)", "@differs(flask=200, flask_gunicorn=414)"
        )
    )
    yield
    contract.write_text(CONTRACT)


def test_a_red_run_is_not_recorded_a_green_one_until_something_changes(book, wired, mended):
    record = book / "book" / "_records" / "counter" / "wire.json"
    assert not record.exists()
    assert small_book.run(book, "book._tools.wire", "counter", "--record").returncode == 0
    said = json.loads(record.read_text())
    assert said["variants"] == {
        "flask_gunicorn": {"alike": 3, "otherwise": 2},
        "flask_waitress": {"alike": 5},
    }
    assert said["in_process"] == {
        "test_says_why": "HTTPS",
        "test_takes_more_than_a_client": "takes snippet",
    }
    assert {"date", "commit", "python", "versions", "files"} < said.keys()
    again = small_book.run(book, "book._tools.wire", "--changed")
    assert (again.returncode, again.stdout[:13]) == (0, "nothing to do")


def test_servers_are_gone_afterwards():
    with serving("routing", tables=True) as servers:
        assert servers.keys() == SERVED.keys()
        with servers["flask_gunicorn"].client() as client:
            assert client.get("/books/1").json() == {"id": 1, "title": "Dune"}
        groups = [-server.process.pid for server in servers.values()]
    assert all(ends(group) for group in groups)


def test_a_server_does_not_outlive_whoever_has_started_it():
    with serving("routing", tables=True) as servers:
        server = servers["flask_gunicorn"]
        with server.client():
            assert server.process.stdin
            server.process.stdin.close()
        server.process.wait(SECONDS)
        assert ends(-server.process.pid)


def test_a_server_that_does_not_start_is_told_of_with_its_log(monkeypatch):
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "no.such.settings")
    with (
        serving("routing", tables=True) as servers,
        pytest.raises(pytest.fail.Exception) as failed,
        servers["django_asgi"].client(),
    ):
        pass
    assert "django_asgi does not answer" in str(failed.value)
    assert "No module named 'no'" in str(failed.value)


@pytest.mark.parametrize(("ended", "code"), [(0, 0), (1, 1), (5, 0)])
def test_a_contract_without_a_client_is_nothing_to_do(monkeypatch, ended, code):
    monkeypatch.setattr(wire.subprocess, "run", lambda *_, **__: SimpleNamespace(returncode=ended))
    assert wire.run(["realtime"]) == (code, {"realtime": {"variants": {}, "in_process": {}}})


# What the book prints


def test_a_variant_has_a_row_below_its_test():
    test = GreenTest(
        file="tests/topics/a/test_contract.py",
        line=1,
        label="A long path",
        source="",
        differs={"flask": 404, "fastapi": 422, "django": 404},
        variants={"flask_gunicorn": 414, "django_gunicorn": 414, "django_debug": "`404`"},
    )
    rows = [[cell.astext() for cell in row] for row in variants(test)]
    assert rows == [
        ["… on Gunicorn", "≠ 414", NONE, "≠ 414"],
        ["… with DEBUG = True", NONE, NONE, "≠ 404"],
    ]


def test_a_record_is_said_in_words():
    assert counted({}) == NONE
    assert counted({"alike": 61}) == "61"
    assert counted({"alike": 59, "otherwise": 2}) == "59 + 2"
    record = {
        "variants": {"flask_gunicorn": {"alike": 59, "otherwise": 2}},
        "in_process": {"a": ""},
    }
    assert WireRecord.words([record]).startswith(
        "In all 59 checks over the wire were answered as in process, and 2 otherwise, as their "
        "tests say. 1 tests"
    )
