"""Contract of the chapter on the structure of a project."""

import ast
import contextlib
import json
import re
import sys
import tomllib
import traceback
from functools import cache
from importlib import metadata

import pytest
from django.core.exceptions import ImproperlyConfigured
from packaging.requirements import Requirement

from book._core.frameworks import SNIPPETS
from book._core.variants import SERVED
from tests.harness import clients
from tests.harness.differs import differs, only
from tests.topics.project_structure import bare
from tests.topics.project_structure.projects import FOLDERS, KEY, OLD_KEY

DUNE = {"id": 1, "title": "Dune"}
SHORT = {"empty": "", "one letter": "x", "31 characters": "Sup3rSecret-but-one-too-short-!"}


# Where they differ: what costs a reader most comes first.


@pytest.fixture
def count(framework, snippet, request):
    """The status of an answer that writes to the session, with this key and nothing else."""

    def count(key):
        if framework == "django":
            settings = request.getfixturevalue("settings")
            settings.ROOT_URLCONF = bare.__name__
            settings.SECRET_KEY = key
            settings.MIDDLEWARE = ["django.contrib.sessions.middleware.SessionMiddleware"]
            settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
        made = None if framework == "django" else getattr(bare, framework)(key)
        with clients.connect(framework, made, raise_app_exceptions=False) as client:
            return client.get("/count").status_code

    return count


@differs(flask="500", fastapi="200", django="500")
def test_an_empty_key(count, expected):
    """A view writes to a session whose key is empty, and nothing checks the key"""
    assert str(count("")) == expected


@differs(flask="`5`, then `7`", fastapi="`5`, then `7`", django="`7`, then `7`")
def test_two_configurations_in_one_process(shop, expected):
    """Two shops in one process, with page sizes 5 and 7"""
    with shop(PAGE_SIZE="5") as first, shop(PAGE_SIZE="7") as second:
        sizes = [client.get("/about").json()["page_size"] for client in (first, second)]
    assert "`{}`, then `{}`".format(*sizes) == expected


@differs(flask="refuses to start", fastapi="debug mode is off", django="refuses to start")
def test_a_false_with_a_capital(shop, expected):
    """`SHOP_DEBUG=False`, where the environment has to say `false`"""
    try:
        with shop(DEBUG="False") as client:
            said = "on" if client.get("/about").json()["debug"] else "off"
            said = f"debug mode is {said}"
    except (RuntimeError, ImproperlyConfigured):
        said = "refuses to start"
    assert said == expected


@differs(flask="open", fastapi="not open yet", django="open")
def test_when_the_warehouse_opens(start, caplog, expected):
    """The warehouse, when the shop has been made and no server has started"""
    caplog.set_level("INFO")
    with start(SECRET_KEY=KEY):
        opened = caplog.messages == ["The warehouse opens."]
    assert ("open" if opened else "not open yet") == expected
    assert len(caplog.messages) == opened


# One file, and the package it grew into.


def test_one_file_shows_a_book(client):
    """One file: `/books/1` shows a book"""
    response = client.get("/books/1")
    assert (response.status_code, response.json()) == (200, DUNE)


def test_one_file_has_two_books(client):
    """One file: `/books/2` shows another book"""
    assert client.get("/books/2").json() == {"id": 2, "title": "Emma"}


def test_one_file_does_not_know_every_book(client):
    """One file: `/books/9` is a 404"""
    assert client.get("/books/9").status_code == 404


def test_the_package_shows_the_same_book(shop):
    """The package: `/books/1` shows the same book"""
    with shop() as client:
        response = client.get("/books/1")
    assert (response.status_code, response.json()) == (200, DUNE)


def test_the_package_does_not_know_every_book(shop):
    """The package: `/books/9` is a 404"""
    with shop() as client:
        assert client.get("/books/9").status_code == 404


def test_the_warehouse_is_one_file_in_all_three():
    """The warehouse is the same file in all three packages"""
    files = [*SNIPPETS.glob("*/project_structure_shop/**/warehouse.py")]
    assert len(files) == 3
    assert len({file.read_bytes() for file in files}) == 1


@only("flask", "fastapi")
def test_modules_of_the_package_import_no_application(framework):
    """The modules that the factory imports import no factory"""
    for name in ("books/routes.py", "books/warehouse.py", "config.py"):
        text = (FOLDERS[framework] / "src" / "shop" / name).read_text("utf-8")
        imported = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)]
        assert imported or name == "books/warehouse.py"
        assert not [node.module for node in imported if node.level]


def test_pyproject_names_what_the_code_imports(framework):
    """What the package imports is among its dependencies, or is what one of them stands on"""
    text = (FOLDERS[framework] / "pyproject.toml").read_text("utf-8")
    named = [Requirement(each).name for each in tomllib.loads(text)["project"]["dependencies"]]
    beside = [Requirement(each).name for name in named for each in metadata.requires(name) or ()]
    imported = {
        distributions()[module][0].lower()
        for path in FOLDERS[framework].rglob("*.py")
        if path.parent.name != "tests"
        for module in imports(path)
        if module not in sys.stdlib_module_names
    }
    assert imported
    assert imported <= {*named, *beside}


distributions = cache(metadata.packages_distributions)


def imports(path):
    """The modules that a file imports from outside of its package, by their first names."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def test_the_package_has_a_page(shop):
    """The package: `/books` is a page, from a template beside the routes, wherever the shop is started"""
    with shop() as client:
        response = client.get("/books")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert re.findall(r"<li>(.*)</li>", response.text) == ["Dune", "Emma"]


def test_a_setting_reaches_a_page(shop):
    """With `SHOP_PAGE_SIZE=1` the page has one book"""
    with shop(PAGE_SIZE="1") as client:
        assert re.findall(r"<li>(.*)</li>", client.get("/books").text) == ["Dune"]


def test_the_cookie_of_the_session(shop):
    """The session's cookie is `HttpOnly` and `SameSite=Lax`"""
    with shop() as client:
        sent = client.get("/books/1").headers["set-cookie"].lower()
    assert {"httponly", "samesite=lax"} <= {part.strip() for part in sent.split(";")}


def test_the_package_s_own_test(package_test):
    """The test in the package is green, whatever the environment says"""
    package_test()


@pytest.mark.parametrize("titles", [["Dune", "Emma"], []])
def test_the_package_s_own_test_notices_a_wrong_page(package_test, titles):
    """The test in the package fails if the page has two books, or none"""
    with pytest.raises(AssertionError):
        package_test(titles)


def test_the_package_remembers_the_last_book(shop):
    """The package: `/last` is the book that this visitor has looked at"""
    with shop() as client:
        assert client.get("/last").json() == {"last": None}
        client.get("/books/2")
        assert client.get("/last").json() == {"last": 2}


def test_a_key_of_one_letter(count):
    """A key of one letter is good enough for all three, if nothing checks it"""
    assert count("x") == 200


# Settings.


def test_settings_that_nobody_gives(shop):
    """Without variables the page size is 20, and debug mode is off"""
    with shop() as client:
        assert client.get("/about").json() == {"debug": False, "page_size": 20}


def test_settings_of_the_environment(shop):
    """`SHOP_PAGE_SIZE=5` and `SHOP_DEBUG=true` arrive as a number and a truth value"""
    with shop(PAGE_SIZE="5", DEBUG="true") as client:
        assert client.get("/about").json() == {"debug": True, "page_size": 5}


def test_settings_of_the_file(shop, folder):
    """A line `SHOP_PAGE_SIZE=7` in `.env` counts"""
    folder.joinpath(".env").write_text("SHOP_PAGE_SIZE=7\nDATABASE_URL=unused\n")
    with shop() as client:
        assert client.get("/about").json() == {"debug": False, "page_size": 7}


def test_the_environment_beats_the_file(shop, folder):
    """`SHOP_PAGE_SIZE=5` in the environment beats `SHOP_PAGE_SIZE=7` in `.env`"""
    folder.joinpath(".env").write_text("SHOP_PAGE_SIZE=7\n")
    with shop(PAGE_SIZE="5") as client:
        assert client.get("/about").json()["page_size"] == 5


def test_a_secret_may_come_from_the_file(start, folder):
    """A line with `SHOP_SECRET_KEY` in `.env` is enough to start"""
    folder.joinpath(".env").write_text(f"SHOP_SECRET_KEY={KEY}\n")
    with start():
        pass


def refusal(start, **variables):
    """What the shop says when it refuses to start, with all that a log would have of it."""
    with pytest.raises(Exception, match="SHOP_") as refused, start(**variables):
        pass
    return str(refused.value), "".join(traceback.format_exception(refused.value))


def test_a_missing_secret(start):
    """Without `SHOP_SECRET_KEY` the shop does not start, and names the variable"""
    said, _ = refusal(start)
    assert said.startswith("SHOP_SECRET_KEY")


@pytest.mark.parametrize("key", SHORT.values(), ids=SHORT)
def test_a_short_secret(start, key):
    """With a `SHOP_SECRET_KEY` of 31 characters it does not start, and does not tell the value"""
    said, logged = refusal(start, SECRET_KEY=key)
    assert said.startswith("SHOP_SECRET_KEY")
    assert len(key) < 2 or key not in logged


def test_a_secret_of_32_characters(start):
    """A `SHOP_SECRET_KEY` of 32 characters is enough"""
    assert len(KEY) == 32
    with start(SECRET_KEY=KEY):
        pass


@pytest.mark.parametrize(
    "keys",
    ['["Sup3rSecret"]', "Sup3rSecret", f'["{OLD_KEY}", "Sup3rSecret"]', '"Sup3rSecret"', "{}", ""],
)
def test_fallbacks_that_are_no_keys(start, keys):
    """Fallbacks that are no list, or have a short key in it, are refused without being told"""
    said, logged = refusal(start, SECRET_KEY=KEY, SECRET_KEY_FALLBACKS=keys)
    assert "SHOP_SECRET_KEY_FALLBACKS" in said
    assert "Sup3rSecret" not in logged
    assert OLD_KEY not in logged


@pytest.mark.parametrize("size", ["", "many", "0", "101", "-5", "5.5", "true", "null", "[5]"])
def test_a_page_size_that_is_no_such_number(start, size):
    """A page size that is no number from 1 to 100 is refused by the variable's name"""
    said, _ = refusal(start, SECRET_KEY=KEY, PAGE_SIZE=size)
    assert said.startswith("SHOP_PAGE_SIZE")


def test_the_file_is_looked_for_where_the_process_stands(shop, folder):
    """A shop that is started in another folder does not see the `.env` of the first"""
    folder.joinpath(".env").write_text("SHOP_PAGE_SIZE=7\n")
    with contextlib.chdir(folder.parent), shop() as client:
        assert client.get("/about").json()["page_size"] == 20


def test_a_misspelt_variable(shop):
    """`SHOP_PAGESIZE=5` changes nothing, and nobody says so"""
    with shop(PAGESIZE="5") as client:
        assert client.get("/about").json()["page_size"] == 20


@pytest.mark.parametrize("size", ["1", "100"])
def test_the_smallest_and_the_largest_page(shop, size):
    """Page sizes of 1 and 100 are accepted"""
    with shop(PAGE_SIZE=size) as client:
        assert client.get("/about").json()["page_size"] == int(size)


@pytest.mark.parametrize("debug", ["", "maybe", "2", "null"])
def test_a_debug_mode_that_is_neither(start, debug):
    """`SHOP_DEBUG=maybe` is refused by the variable's name"""
    said, _ = refusal(start, SECRET_KEY=KEY, DEBUG=debug)
    assert said.startswith("SHOP_DEBUG")


# Another key.


def after(shop, **variables):
    """What a visitor of the old shop is remembered by, in a shop with a new key."""
    with shop(SECRET_KEY=OLD_KEY) as client:
        client.get("/books/2")
        cookies = client.cookies
    with shop(**variables) as client:
        client.cookies.update(cookies)
        return client.get("/last").json()


def test_who_knows_the_key_can_sign(shop):
    """A cookie that somebody else has signed with the same key is believed"""
    assert after(shop, SECRET_KEY=OLD_KEY) == {"last": 2}


def test_a_new_key_forgets_visitors(shop):
    """A new key alone: who comes back is not known any more"""
    assert after(shop) == {"last": None}


def test_a_new_key_with_the_old_as_fallback(shop):
    """A new key, and the old one among the fallbacks: who comes back is known"""
    assert after(shop, SECRET_KEY_FALLBACKS=f'["{OLD_KEY}"]') == {"last": 2}


def test_the_new_key_signs(shop):
    """With a fallback, new cookies are signed with the new key"""
    with shop(SECRET_KEY_FALLBACKS=f'["{OLD_KEY}"]') as client:
        client.get("/books/2")
        cookies = client.cookies
    with shop() as client:
        client.cookies.update(cookies)
        assert client.get("/last").json() == {"last": 2}


# The end of a process. Real servers have to start for this, so it comes last.


@differs(
    flask="on Gunicorn; not on Waitress",
    fastapi="on Uvicorn",
    django="not on Uvicorn",
)
def test_the_warehouse_closes_when_a_server_stops(framework, servers, expected):
    """Where the warehouse is closed when its server is sent SIGTERM"""
    closed, open_ = [], []
    for variant, (_, log) in servers.items():
        if variant.partition("_")[0] == framework:
            assert log.count("The warehouse opens.") == 1
            closes = log.count("The warehouse closes.")
            (closed if closes == 1 else open_).append(SERVED[variant].server.capitalize())
    words = [f"on {name}" for name in closed] + [f"not on {name}" for name in open_]
    assert "; ".join(words) == expected


def test_the_package_on_real_servers(framework, servers):
    """On Gunicorn, Waitress and Uvicorn the package answers as in process, and remembers"""
    own = [answers for name, (answers, _) in servers.items() if name.startswith(framework)]
    assert own
    for book, last, page in own:
        assert (json.loads(book), json.loads(last)) == (DUNE, {"last": 1})
        assert re.findall(r"<li>(.*)</li>", page) == ["Dune", "Emma"]
