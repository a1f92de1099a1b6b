"""Contract of the chapter "What each takes off your hands"."""

import re
from importlib.metadata import requires
from urllib.parse import quote

import pytest
from django.conf import global_settings
from django.core.management import call_command
from fastapi import FastAPI
from flask import Flask
from flask.cli import FlaskGroup
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement

from book._core.frameworks import FRAMEWORKS
from tests.harness.differs import differs, in_process, only
from tests.harness.sockets import eventually
from tests.harness.stacks import serving
from tests.topics.philosophy.counting import (
    class_of,
    counted,
    defaults,
    imports,
    imports_again,
    lines,
    lines_again,
    source,
)
from tests.topics.philosophy.neighbours import heard
from tests.topics.philosophy.renaming import must_be_spelled_so
from tests.topics.philosophy.served import SERVED

TITLES = [f"Book {number}" for number in range(1, 26)]


def on_each(stacks, framework, ask):
    """What each server of a framework does, in the words of a cell."""
    return "; ".join(f"{stack.server}: {ask(stack)}" for stack in stacks(framework))


# def and async def


@differs(
    flask="gunicorn: begins; waitress: begins",
    fastapi="uvicorn: has to wait",
    django="gunicorn: begins; uvicorn: has to wait",
)
def test_the_neighbour_of_a_blocking_call_in_async_def(stacks, framework, expected):
    """A call that blocks in `async def`: meanwhile a neighbour's request"""

    def ask(stack):
        return "begins" if heard(stack, "/blocking") == [True] else "has to wait"

    assert on_each(stacks, framework, ask) == expected


@differs(
    flask="gunicorn: has to wait; waitress: has to wait",
    fastapi="uvicorn: begins",
    django="gunicorn: has to wait; uvicorn: begins",
)
def test_the_neighbour_of_four_that_await(stacks, framework, expected):
    """Four requests await, on a server with four threads or one loop: meanwhile a fifth"""

    def ask(stack):
        rang = heard(stack, "/awaiting", requests=4)
        return "begins" if rang == [True] * 4 else "has to wait"

    assert on_each(stacks, framework, ask) == expected


@pytest.mark.parametrize("path", ["/plain", "/awaiting"])
def test_a_view_that_lets_its_neighbour_begin(stacks, framework, path):
    """While a `def` view waits, or an `async def` view that awaits, a neighbour's request begins"""
    for stack in stacks(framework):
        assert heard(stack, path) == [True]


@only("fastapi", "django")
def test_asyncio_s_debug_mode_says_that_the_loop_was_held_up(framework):
    """With `PYTHONASYNCIODEBUG=1` the log has a line that begins with `Executing <Task`, for a request that held up the loop"""
    name = {"fastapi": "fastapi_uvicorn", "django": "django_asgi"}[framework]
    with serving({name: SERVED[name]}, PYTHONASYNCIODEBUG="1") as stacks:
        stack = stacks[name]
        with stack.client() as client:
            assert client.get("/blocking").json() == {"rang": False}
        held_up = re.compile(r"Executing <Task .*RequestResponseCycle\.run_asgi.* took \d")
        assert eventually(lambda: held_up.search(stack.said()))


@pytest.fixture
def waiting(part, framework, open_client):
    """A client on the requests that wait, in process, and their module."""
    module = part("waiting")
    with open_client(getattr(module, "app", None)) as client:
        yield client, module


@pytest.mark.parametrize("path", ["/plain", "/blocking", "/awaiting"])
def test_nobody_rings(waiting, monkeypatch, path):
    """A request that waits silences the bell first: what rang before does not count"""
    client, module = waiting
    module.BELL.set()
    monkeypatch.setattr(module, "PATIENCE", 0)
    assert client.get(path).json() == {"rang": False}


@pytest.mark.parametrize("path", ["/plain", "/blocking", "/awaiting"])
def test_the_answer_says_whether_the_bell_rang(waiting, monkeypatch, path):
    client, module = waiting
    monkeypatch.setattr(module.BELL, "wait", lambda patience: f"after {patience} second")
    assert client.get(path).json() == {"rang": "after 1 second"}


def test_the_neighbour_rings_the_bell(waiting):
    client, module = waiting
    module.BELL.clear()
    assert client.get("/ring").json() == {"rang": True}
    assert module.BELL.is_set()


# One page of a list


def test_a_page_of_the_list(client):
    response = client.get("/books?page=2&size=10")
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.json() == {"page": 2, "size": 10, "total": 25, "items": TITLES[10:20]}


def test_without_a_query_it_is_page_1_with_10_books(client):
    assert client.get("/books").json() == {
        "page": 1,
        "size": 10,
        "total": 25,
        "items": TITLES[:10],
    }


@given(page=st.integers(1, 30), size=st.integers(1, 100))
def test_each_page_has_its_part_of_the_list(client, page, size):
    """Pages 1 to 30, sizes 1 to 100: its part of the list, or 404 for a page that is not there"""
    response = client.get(f"/books?page={page}&size={size}")
    items = TITLES[(page - 1) * size : page * size]
    if items:
        assert response.json() == {"page": page, "size": size, "total": 25, "items": items}
    else:
        assert response.status_code == 404


def test_an_empty_shop_has_a_first_page(client, snippet, monkeypatch):
    monkeypatch.setattr(snippet, "BOOKS", [])
    assert client.get("/books").json() == {"page": 1, "size": 10, "total": 0, "items": []}
    assert client.get("/books?page=2").status_code == 404


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("page=0", {"page"}),
        ("page=x", {"page"}),
        ("page=-1", {"page"}),
        ("page=1.5", {"page"}),
        ("page=1&size=0", {"size"}),
        ("size=101", {"size"}),
        ("size=1000000000", {"size"}),
        ("page=0&size=1000000000", {"page", "size"}),
    ],
)
def test_a_wrong_number_is_a_422_that_names_its_field(client, query, fields):
    response = client.get(f"/books?{query}")
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/json"
    errors = response.json()["errors"]
    assert errors.keys() == fields
    assert all(len(said) == 1 and said[0] and isinstance(said[0], str) for said in errors.values())


@differs(flask="10, without a word", fastapi="a 422", django='the text `"abc"`')
def test_limit_abc_where_the_view_wants_a_number(plain, expected):
    """Nothing of yours: `limit=abc`, where the view wants a number and has 10 for none"""
    response = plain.get("/limit?limit=abc")  # Flask reads it with `type=int`
    if expected == "a 422":
        assert response.status_code == 422
        assert response.json()["detail"][0]["type"] == "int_parsing"
    else:
        assert response.status_code == 200
        said = {10: "10, without a word", "abc": 'the text `"abc"`'}
        assert said[response.json()["limit"]] == expected


@differs(flask="500", fastapi="200, `null`", django="500")
def test_a_view_that_returns_nothing(plain, expected):
    """Nothing of yours: a view that returns `None`"""
    response = plain.get("/nothing")
    assert str(response.status_code) == expected[:3]
    if response.status_code == 200:
        assert response.text == "null"


@differs(flask="an HTML page", fastapi="JSON", django="an HTML page")
def test_a_page_that_is_not_there(client, expected):
    """`page=4` of 25 books: the 404 is"""
    response = client.get("/books?page=4")
    assert response.status_code == 404
    media = response.headers["content-type"].split(";")[0]
    assert media == {"an HTML page": "text/html", "JSON": "application/json"}[expected]


@differs(flask=422, fastapi=422, django="200, page 1")
def test_an_empty_page(client, expected):
    """`page=`, as an empty field of a form sends it"""
    response = client.get("/books?page=")
    assert str(response.status_code) == str(expected)[:3]
    if response.status_code == 200:
        assert response.json()["page"] == 1


@differs(flask="page 3", fastapi="page 2", django="page 2")
def test_a_page_sent_twice(client, expected):
    """`page=3&page=2`: which one counts"""
    assert f"page {client.get('/books?page=3&page=2').json()['page']}" == expected


@differs(flask=422, fastapi="200, page 2", django="200, page 2")
def test_a_page_with_a_fraction_of_nothing(client, expected):
    """`page=2.0`, which Python's `int` refuses"""
    response = client.get("/books?page=2.0")
    assert str(response.status_code) == str(expected)[:3]
    if response.status_code == 200:
        assert response.json()["page"] == 2


@differs(flask="200, page 2", fastapi=422, django="200, page 2")
def test_a_page_in_other_digits(client, expected):
    """`page=٢`, the Arabic digit two"""
    response = client.get(f"/books?page={quote('٢')}")
    assert str(response.status_code) == str(expected)[:3]
    if response.status_code == 200:
        assert response.json()["page"] == 2


@differs(flask=422, fastapi=422, django=422, flask_gunicorn=414, django_gunicorn=414)
def test_a_page_of_5000_digits(client, expected):
    """`page=999…`: a number of 5,000 digits"""
    response = client.get(f"/books?page={'9' * 5_000}")
    assert response.status_code == expected
    if expected == 422:
        assert response.json()["errors"].keys() == {"page"}


@differs(
    flask="must be a whole number",
    fastapi="Input should be a valid integer, unable to parse string as an integer",
    django="Enter a whole number.",
)
def test_the_words_for_a_page_that_is_no_number(client, expected):
    """`page=x`: what the answer says"""
    response = client.get("/books?page=x")
    assert response.status_code == 422
    assert response.json() == {"errors": {"page": [expected]}}


@differs(
    flask="must be 100 or less",
    fastapi="Input should be less than or equal to 100",
    django="Ensure this value is less than or equal to 100.",
)
def test_the_words_for_a_size_above_the_limit(client, expected):
    """`size=101`: what the answer says"""
    response = client.get("/books?size=101")
    assert response.status_code == 422
    assert response.json() == {"errors": {"size": [expected]}}


@pytest.mark.parametrize("query", ["page=2&colour=red", "page=%202", "page=%2B2", "page=0_2"])
def test_what_all_three_let_pass(client, query):
    """A name that nobody reads, a blank, a plus sign and an underscore are let pass: page 2"""
    assert client.get(f"/books?{query}").json()["page"] == 2


# Where the request comes from


def test_a_helper_of_the_view_reads_the_request(client):
    answer = client.get("/welcome", headers={"Accept-Language": "de-AT"})
    assert answer.json() == {"language": "de"}


def test_without_the_header_the_language_is_english(client):
    assert client.get("/welcome").json() == {"language": "en"}


# What a view needs


def test_the_view_has_its_warehouse(client):
    assert client.get("/stock/Book 1").json() == {"stock": 5, "scarce": False}
    assert client.get("/stock/Book 2").json() == {"stock": 4, "scarce": True}
    assert client.get("/stock/Book 3").json() == {"stock": 0, "scarce": True}


def test_the_warehouse_is_one_class():
    """The class `Warehouse` has the same lines in all three programs"""
    assert len({class_of(source(name, "philosophy.py"), "Warehouse") for name in FRAMEWORKS}) == 1


@in_process("it looks at the program's memory")
def test_a_request_opens_one_warehouse_and_closes_it(client, snippet):
    client.get("/stock/Book 1")
    assert snippet.EVENTS == ["open", "close"]
    client.get("/stock/Book 2")
    assert snippet.EVENTS == ["open", "close", "open", "close"]


@in_process("it looks at the program's memory")
def test_a_request_that_needs_none_opens_no_warehouse(client, snippet):
    client.get("/books")
    client.get("/welcome")
    assert snippet.EVENTS == []


@in_process("it looks at the program's memory")
@differs(flask="not opened", fastapi="opened and closed", django="not opened")
def test_the_warehouse_of_a_view_that_ends_before_it_asks(client, snippet, expected):
    """`GET /stock/Nobody`, a 404 before the view has used its warehouse: the warehouse is"""
    assert client.get("/stock/Nobody").status_code == 404
    expected_events = {"not opened": [], "opened and closed": ["open", "close"]}[expected]
    assert [*snippet.EVENTS] == expected_events


@in_process("the failure is planted in the program's memory")
def test_the_warehouse_is_closed_when_the_view_fails(client, snippet, monkeypatch):
    def fail(warehouse, title):
        raise ConnectionError

    monkeypatch.setattr(snippet.Warehouse, "count", fail)
    with pytest.raises(ConnectionError):
        client.get("/stock/Book 1")
    assert snippet.EVENTS == ["open", "close"]


# A part to plug in


def test_the_part_remembers_the_last_five_paths(plugged):
    for number in range(7):
        plugged.get(f"/recent?{number}")
    assert plugged.get("/recent").json() == ["/recent"] * 5


@differs(flask="remembered", fastapi="not remembered", django="remembered")
def test_a_path_without_a_route(plugged, expected):
    """The part that was plugged in, and a path that no route has: it is"""
    assert plugged.get("/nowhere").status_code == 404
    assert ("/nowhere" in plugged.get("/recent").json()) == (expected == "remembered")


# What a convention costs, counted


@differs(**counted(lines, "philosophy.py", "check"))
def test_lines_that_say_what_page_and_size_may_be(framework, snippet, expected):
    """Lines of code that say what `page` and `size` may be"""
    assert expected == lines_again(source(framework, "philosophy.py", "check"))


@differs(**counted(lines, "philosophy.py", "page"))
def test_lines_that_answer_with_the_page(framework, snippet, expected):
    """Lines of code that answer with the page, once its numbers are checked"""
    assert expected == lines_again(source(framework, "philosophy.py", "page"))


@differs(**counted(lines, "philosophy.py", "needs"))
def test_lines_that_open_and_close_the_warehouse(framework, snippet, expected):
    """Lines of code of the view that needs a warehouse, with what opens and closes it"""
    assert expected == lines_again(source(framework, "philosophy.py", "needs"))


@differs(**counted(lines, "philosophy.py"))
def test_lines_of_the_whole_program(framework, snippet, expected):
    """Lines of code of this chapter's whole program"""
    assert expected == lines_again(source(framework, "philosophy.py"))


@differs(**counted(imports, "philosophy.py"))
def test_names_that_the_program_imports(framework, snippet, expected):
    """Names that the program imports from the framework, its toolkit and Pydantic"""
    names = imports_again(framework, source(framework, "philosophy.py"))
    assert len(names) == expected
    assert names <= vars(snippet).keys()


@differs(
    flask="`title`",
    fastapi="`page`, `size`, `title`",
    django="`page`, `size`, `title`, `urlpatterns`, `warehouse_middleware`",
)
def test_names_that_must_be_spelled_so(framework, snippet, expected):
    """Names of the program that cannot be renamed: each was, in turn, and the program asked again"""
    # `title` is what the path says in all three: `<title>`, `{title}`.
    found = must_be_spelled_so(framework, source(framework, "philosophy.py"))
    assert ", ".join(f"`{name}`" for name in found) == expected


@differs(**counted(lines, "philosophy_parts/recent.py", "plug"))
def test_lines_that_plug_the_part_in(framework, snippet, expected):
    """Lines of code that plug the part into a program"""
    assert expected == lines_again(source(framework, "philosophy_parts/recent.py", "plug"))


@differs(flask=0, fastapi=0, django=13)
def test_files_that_a_command_writes_for_you(framework, snippet, expected, tmp_path):
    """Files that commands of the framework write for a new project and its first part"""
    if framework == "django":
        call_command("startproject", "bookshop", tmp_path)
        call_command("startapp", "catalogue", tmp_path / "catalogue")
    elif framework == "flask":
        assert FlaskGroup().commands.keys() == {"routes", "run", "shell"}
    else:
        needed = [Requirement(text) for text in requires("fastapi") or []]
        # Its command `fastapi` is in a package of its own, which serves and writes nothing.
        assert "fastapi-cli" not in {each.name for each in needed if not each.marker}
    assert len([each for each in tmp_path.rglob("*") if each.is_file()]) == expected


@differs(**defaults())
def test_what_has_a_default_before_you_set_it(framework, snippet, expected):
    """Settings with a default; in FastAPI, what `FastAPI()` takes"""
    if framework == "flask":
        known = [*Flask.default_config]
    elif framework == "fastapi":
        known = [*(FastAPI.__init__.__kwdefaults__ or ())]
    else:
        known = [name for name in vars(global_settings) if name == name.upper() and name[0] != "_"]
    assert len(known) == expected
