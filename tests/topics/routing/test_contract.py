"""Contract of the chapter on routing."""

import calendar
import importlib
import re
import sys
from pathlib import PurePosixPath
from typing import Annotated
from urllib.parse import quote, urlsplit

import httpx2
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import Field, TypeAdapter, ValidationError

from tests.harness.differs import differs, in_process
from tests.topics.routing import prefixed

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="/"), min_size=1).filter(
    lambda text: text not in (".", "..")  # a client resolves these before it asks
)
LETTERS = st.text("abcxyzABCXYZäéßжλあ漢", min_size=1)
CLASS_METHODS = {"DELETE", "GET", "HEAD", "OPTIONS"}


def allowed(response):
    """The methods in `Allow`; their order means nothing."""
    return set(response.headers["allow"].split(", "))


# Path parameters


def test_shows_one_book(client):
    response = client.get("/books/1")
    assert response.status_code == 200
    assert response.json() == {"id": 1, "title": "Dune"}


def test_the_number_in_the_path_picks_the_book(client):
    assert client.get("/books/2").json() == {"id": 2, "title": "Emma"}


@given(st.integers(min_value=3))
def test_a_book_that_does_not_exist_is_not_found(client, number):
    assert client.get(f"/books/{number}").status_code == 404


def test_a_path_without_a_route_is_not_found(client):
    assert client.get("/nowhere").status_code == 404


@differs(
    flask="`POST /books/`, with its body",
    fastapi="`POST /books/`, with its body",
    django="`GET /books/`, without a body",
)
def test_a_post_without_the_slash(client, expected):
    """`POST /books` to the route `/books/`: what a client sends when it follows the redirect"""
    answer = client.post("/books", content=b"Ulysses", follow_redirects=True)
    sent = answer.request
    body = {b"Ulysses": "with its body", b"": "without a body"}[sent.read()]
    assert f"`{sent.method} {sent.url.path}`, {body}" == expected


@differs(
    flask="`/etc/passwd` is redirected to `etc/passwd`",
    fastapi="`/etc/passwd`",
    django="`/etc/passwd`",
)
def test_a_catch_all_and_an_absolute_path(client, expected):
    """`GET /covers//etc/passwd`: what the catch-all takes"""
    response = client.get("/covers//etc/passwd")
    if "redirected" in expected:
        assert response.status_code == 308
        assert response.headers["location"] == "http://testserver/covers/etc/passwd"
    else:
        assert response.json() == {"missing": "/etc/passwd"}


@differs(
    flask="`http://evil.example/books/`",
    fastapi="`http://evil.example/books/`",
    django="400",
)
def test_a_redirect_to_the_slash_and_a_strange_host(client, expected):
    """`Host: evil.example` with `GET /books`: where the redirect leads"""
    response = client.get("/books", headers={"Host": "evil.example"})
    location = response.headers.get("location")
    assert expected == (f"`{location}`" if location else str(response.status_code))


@differs(flask="`/authors/a%3Fb`", fastapi="`/authors/a?b`", django="`/authors/a%3Fb`")
def test_a_link_with_a_question_mark_in_its_text(link, expected):
    """The link to the author `a?b`, when you quote nothing"""
    assert f"`{link('show_author', name='a?b')}`" == expected


@differs(
    flask="`/authors/a/b`, which is a 404",
    fastapi="`AssertionError`",
    django="`NoReverseMatch`",
)
def test_a_link_with_a_slash_in_its_text(client, link, expected):
    """The link to the author `a/b`"""
    if "404" not in expected:
        with pytest.raises(Exception) as caught:  # noqa: PT011 (its type is what is compared)
            link("show_author", name="a/b")
        assert f"`{caught.type.__name__}`" == expected
    else:
        target = link("show_author", name="a/b")
        assert f"`{target}`, which is a {client.get(target).status_code}" == expected


@differs(flask="the literal path", fastapi="the parameter", django="the parameter")
@pytest.mark.parametrize(
    ("parameter", "other", "target"),
    [
        ("/authors/<name>", "/authors/new", "/authors/new"),
        ("/books/<title>", "/books/<int:book_id>", "/books/1"),
    ],
)
def test_a_narrower_path_declared_second(serving, parameter, other, target, expected):
    """`/authors/new`, declared after `/authors/<name>`: which one answers"""
    winner = {"the literal path": other, "the parameter": parameter}[expected]
    assert serving(parameter, other).get(target).json()["path"] == winner


@differs(flask=404, fastapi=422, django=404)
def test_a_word_where_a_number_belongs(client, expected):
    """`GET /books/dune`: a word where a number belongs"""
    assert client.get("/books/dune").status_code == expected


@given(LETTERS)
def test_each_word_is_answered_as_dune_is(client, word):
    answer = client.get("/books/dune")
    assert client.get(f"/books/{quote(word)}").status_code == answer.status_code


@differs(flask=404, fastapi=422, django=404)
def test_a_date_that_does_not_exist(client, expected):
    """`GET /published/2026-13-40`: a date that does not exist"""
    assert client.get("/published/2026-13-40").status_code == expected


@differs(flask=200, fastapi=405, django=200)
def test_head(client, expected):
    """`HEAD /books/1`"""
    assert client.head("/books/1").status_code == expected


@differs(flask="200, `Allow`", fastapi="405", django="405")
@pytest.mark.parametrize(
    "target",
    [
        "/books/1",
        "/orders/6f1d2c3b-4a59-4687-8123-abcdef012345",
        "/authors/new",
        "/authors/Herbert",
        "/covers/dune/front.jpg",
        "/shop/staff/reports/2026",
        "/links",
        "/isbn/9780441172719",
        "/published/2026-11-22",
    ],
)
def test_options(client, target, expected):
    """`OPTIONS /books/1`, which in Django `require_safe` refuses"""
    response = client.options(target)
    assert str(response.status_code) == expected[:3]
    if expected.startswith("200"):
        assert allowed(response) == {"GET", "HEAD", "OPTIONS"}
        assert response.content == b""


@differs(flask="200, `Allow`", fastapi="405", django="200, `Allow`")
def test_options_of_a_class(client, expected):
    """`OPTIONS /reviews/1`, a view that is a class in Flask and Django"""
    response = client.options("/reviews/1")
    assert str(response.status_code) == expected[:3]
    if expected.startswith("200"):
        assert allowed(response) == CLASS_METHODS
        assert response.content == b""


@differs(flask="405", fastapi="405", django="403, CSRF first")
def test_a_method_that_the_route_does_not_have(client, expected):
    """`DELETE /books/1` on a route for `GET`"""
    response = client.delete("/books/1")
    assert str(response.status_code) == expected[:3]


@differs(flask=["GET", "HEAD", "OPTIONS", "POST"], fastapi=["GET"], django=["GET", "HEAD", "POST"])
def test_allow_of_a_405(client, expected):
    """`Allow` of the 405 for `PUT /books/`, which has `GET` and `POST`"""
    response = client.put("/books/")
    assert response.status_code == 405
    assert allowed(response) == set(expected)


@differs(flask="308, absolute", fastapi="307, absolute", django="301, relative")
def test_a_missing_slash(client, expected):
    """`GET /books` when the route is `/books/`"""
    response = client.get("/books")
    location = urlsplit(response.headers["location"])
    kind = "absolute" if location.netloc else "relative"
    assert f"{response.status_code}, {kind}" == expected
    assert location.path == "/books/"


@differs(flask=404, fastapi=307, django=404)
def test_a_surplus_slash(client, expected):
    """`GET /books/1/` when the route is `/books/1`"""
    response = client.get("/books/1/")
    assert response.status_code == expected
    if expected == 307:
        assert response.headers["location"] == "http://testserver/books/1"


@differs(flask=308, fastapi=404, django=404)
def test_a_doubled_slash(client, expected):
    """`GET /shop//staff/reports/2026`: two slashes"""
    response = client.get("/shop//staff/reports/2026")
    assert response.status_code == expected
    if expected == 308:
        assert response.headers["location"].endswith("/shop/staff/reports/2026")


@differs(flask="`BuildError`", fastapi="`NoMatchFound`", django="`NoReverseMatch`")
@pytest.mark.parametrize(
    ("name", "parameters"),
    [("show_book", {}), ("show_book", {"isbn": "1"}), ("show_boook", {"book_id": 1})],
)
def test_a_link_without_its_argument(link, name, parameters, expected):
    """A link to a book without its number, or to a name that no route has: the exception"""
    with pytest.raises(Exception) as caught:  # noqa: PT011 (its type is what is compared)
        link(name, **parameters)
    assert f"`{caught.type.__name__}`" == expected


# How text becomes a value


@differs(
    flask="any, float, int, path, string, uuid",
    fastapi="float, int, path, str, uuid",
    django="int, path, slug, str, uuid",
)
def test_the_built_in_converters(framework, snippet, expected):
    """The converters that a path may name without further work"""
    if framework == "flask":
        names = importlib.import_module("flask").Flask("fresh").url_map.converters
    elif framework == "fastapi":
        names = importlib.import_module("starlette.convertors").CONVERTOR_TYPES
    else:
        names = importlib.import_module("django.urls.converters").DEFAULT_CONVERTERS
    assert ", ".join(sorted({*names} - {"default"})) == expected


@differs(flask="no match: 404", fastapi="`-1`, an int", django="no match: 404")
def test_a_negative_number(client, expected):
    """`GET /books/-1`: how `-1` is read"""
    response = client.get("/books/-1")
    if "an int" in expected:
        # The view is reached and finds no such book: JSON from HTTPException, no 422.
        assert response.json() == {"detail": "Not Found"}
    assert response.status_code == 404


@differs(flask=404, fastapi="200, book 1", django=404)
def test_a_number_with_a_fraction(client, expected):
    """`GET /books/1.0`: a number with a fraction of nothing"""
    response = client.get("/books/1.0")
    assert str(response.status_code) == str(expected)[:3]
    if response.status_code == 200:
        assert response.json()["id"] == 1


@differs(flask=404, fastapi=200, django=404)
def test_a_number_with_an_underscore(client, expected):
    """`GET /shop/staff/reports/2_026`: an underscore in a number"""
    assert client.get("/shop/staff/reports/2_026").status_code == expected


@differs(flask="200, book 2", fastapi=422, django=404)
def test_a_number_in_other_digits(client, expected):
    """`GET /books/٢`: the Arabic digit two"""
    response = client.get(f"/books/{quote('٢')}")
    assert str(response.status_code) == str(expected)[:3]
    if response.status_code == 200:
        assert response.json()["id"] == 2


@differs(flask=404, fastapi=422, django=404, flask_gunicorn=414, django_gunicorn=414)
def test_a_number_of_5000_digits(client, expected):
    """`GET /books/999…`: a number of 5,000 digits"""
    assert client.get(f"/books/{'9' * 5_000}").status_code == expected


@given(zeros=st.integers(0, 100), book=st.sampled_from([1, 2]))
def test_leading_zeros_are_dropped_from_a_number(client, zeros, book):
    """`/books/001` is book 1: leading zeros are dropped from a number"""
    assert client.get(f"/books/{'0' * zeros}{book}").json()["id"] == book


@differs(flask=200, fastapi=200, django=404)
def test_a_uuid_in_capitals(client, expected):
    """`GET /orders/…` with a UUID in capitals"""
    response = client.get("/orders/6F1D2C3B-4A59-4687-8123-ABCDEF012345")
    assert response.status_code == expected


@differs(flask=404, fastapi=200, django=404)
def test_a_uuid_without_hyphens(client, expected):
    """`GET /orders/…` with a UUID without hyphens"""
    response = client.get("/orders/6f1d2c3b4a5946878123abcdef012345")
    assert response.status_code == expected


@differs(flask=404, fastapi=422, django=404)
def test_an_isbn_that_the_pattern_refuses(client, expected):
    """`GET /isbn/9991234567890`, which starts with neither 978 nor 979"""
    assert client.get("/isbn/9991234567890").status_code == expected


@differs(flask=404, fastapi="200, midnight is cut off", django=404)
def test_a_date_with_a_time(client, expected):
    """`GET /published/2026-11-22T00:00`: a date with a time"""
    response = client.get("/published/2026-11-22T00:00")
    assert str(response.status_code) == str(expected)[:3]
    if response.status_code == 200:
        assert response.json() == {"weekday": "Sunday", "link": "/published/2026-11-22"}


@differs(flask=404, fastapi=422, django=404)
def test_a_date_without_hyphens(client, expected):
    """`GET /published/20261122`: a date without hyphens"""
    assert client.get("/published/20261122").status_code == expected


@differs(flask=404, fastapi="200, seconds since 1970", django=404)
def test_a_number_where_a_date_belongs(client, expected):
    """`GET /published/1795305600`: a number where a date belongs"""
    response = client.get("/published/1795305600")
    assert str(response.status_code) == str(expected)[:3]
    if response.status_code == 200:
        assert response.json() == {"weekday": "Sunday", "link": "/published/2026-11-22"}


@differs(flask="no match: 404", fastapi="an empty string", django="no match: 404")
def test_a_catch_all_with_nothing_to_catch(client, expected):
    """`GET /covers/`: what a catch-all takes when nothing is left"""
    response = client.get("/covers/")
    assert response.status_code == 404
    if expected == "an empty string":
        assert response.json() == {"missing": ""}
    else:
        assert response.headers["content-type"].startswith("text/html")


@given(st.uuids())
def test_a_uuid_arrives_as_a_uuid(client, order):
    response = client.get(f"/orders/{order}")
    assert response.status_code == 200
    assert response.json() == {"order": str(order), "version": order.version}


@given(TEXT.filter(lambda text: len(text) < 32))
def test_text_that_is_no_uuid_does_not_match(client, text):
    """`GET /orders/…` with text that is no UUID is a 404"""
    assert client.get(f"/orders/{quote(text)}").status_code == 404


def test_a_converter_that_does_not_match_leaves_the_path_to_the_next_route(serving):
    """`/books/<int:book_id>` does not match `/books/dune`, so `/books/<title>` answers"""
    client = serving("/books/<int:book_id>", "/books/<title>")
    assert client.get("/books/dune").json()["path"] == "/books/<title>"
    assert client.get("/books/1").json()["path"] == "/books/<int:book_id>"


@given(st.from_regex("97[89][0-9]{10}", fullmatch=True))
def test_an_isbn_stays_a_string(client, isbn):
    response = client.get(f"/isbn/{isbn}")
    assert response.status_code == 200
    assert response.json() == {"isbn": isbn}


@pytest.mark.parametrize(
    "isbn",
    [
        *("978044117271", "97804411727191", "19780441172719"),
        *("978044117271X", "978044117271٩", "9780441172719\n"),
    ],
)
def test_a_pattern_takes_the_whole_text(client, isbn):
    """An ISBN with a digit too few or too many, a letter, a strange digit or a line break"""
    assert client.get(f"/isbn/{quote(isbn)}").status_code in (404, 422)


def test_backslash_d_takes_other_digits():
    """In a regular expression `\\d` takes the digit `٩`, `[0-9]` does not; Pydantic's agree"""
    assert re.fullmatch(r"\d", "٩")
    assert not re.fullmatch("[0-9]", "٩")
    assert TypeAdapter(Annotated[str, Field(pattern=r"^\d$")]).validate_python("٩")
    with pytest.raises(ValidationError, match="string_pattern_mismatch"):
        TypeAdapter(Annotated[str, Field(pattern="^[0-9]$")]).validate_python("٩")


@given(st.dates())
def test_a_date_arrives_as_a_date(client, day):
    target = f"/published/{day.isoformat()}"
    weekday = calendar.day_name[day.weekday()]
    assert client.get(target).json() == {"weekday": weekday, "link": target}


# Collections and methods


def test_lists_the_books(client):
    response = client.get("/books/")
    assert response.status_code == 200
    assert response.json() == {"books": ["Dune", "Emma"]}


def test_one_path_answers_two_methods(client):
    response = client.post("/books/")
    assert response.status_code == 201
    assert response.json() == {"added": True}


@differs(flask="`https`", fastapi="`https`", django="none, it is relative")
@pytest.mark.parametrize("scheme", ["http", "https"])
@in_process("HTTPS")
def test_a_redirect_keeps_the_scheme_that_the_application_saw(client, scheme, expected):
    """`GET https://testserver/books`: the scheme that the redirect to the slash names"""
    response = client.get(f"{scheme}://testserver/books")
    named = urlsplit(response.headers["location"]).scheme
    assert named == ("" if "none" in expected else scheme)


def test_a_redirect_to_the_slash_keeps_the_query(client):
    location = client.get("/books?page=2").headers["location"]
    assert location.endswith("/books/?page=2")


# Order, and the rest of the path


def test_the_literal_path_wins(client):
    assert client.get("/authors/new").json() == {"form": "new author"}
    assert client.get("/authors/Herbert").json() == {"author": "Herbert"}


def test_a_literal_path_declared_first_wins(serving):
    """`/authors/new`, declared before `/authors/<name>`, answers in all three"""
    client = serving("/authors/new", "/authors/<name>")
    assert client.get("/authors/new").json()["path"] == "/authors/new"
    assert client.get("/authors/Herbert").json()["path"] == "/authors/<name>"


def test_of_two_routes_of_one_shape_the_first_wins(serving):
    client = serving("/authors/<name>", "/authors/<nickname>")
    assert client.get("/authors/Herbert").json()["path"] == "/authors/<name>"


@given(TEXT)
def test_text_arrives_as_it_was_sent(client, text):
    """Any text without a slash arrives in the view as it was sent"""
    assume(text != "new")
    response = client.get(f"/authors/{quote(text, safe='')}")
    assert response.json() == {"author": text}


@pytest.mark.parametrize("file", ["dune/front.jpg", "dune/back.jpg"])
def test_a_catch_all_takes_slashes(client, file):
    response = client.get(f"/covers/{file}")
    assert response.status_code == 200
    assert response.json() == {"cover": file}


@given(st.lists(TEXT, min_size=1))
def test_a_catch_all_takes_the_rest_of_the_path(client, parts):
    """Any text without a line break arrives in a catch-all as it was sent"""
    rest = "/".join(parts).replace("\n", " ")
    assume(rest not in ("dune/front.jpg", "dune/back.jpg"))
    response = client.get(f"/covers/{quote(rest)}")
    assert response.status_code == 404
    assert response.json() == {"missing": rest}


def test_a_catch_all_does_not_match_a_line_break(client):
    """`GET /covers/a%0Ab`: a catch-all does not match a line break, `%0A`"""
    response = client.get("/covers/a%0Ab")
    assert response.status_code == 404
    assert "missing" not in response.text


def test_a_catch_all_does_not_stop_a_climb_out_of_the_folder(client):
    """`GET /covers/%2e%2e/secret` reaches the view as `../secret`: checking it is your job"""
    response = client.get("/covers/%2e%2e/secret")
    assert response.status_code == 404
    assert response.json() == {"missing": "../secret"}


def test_joining_an_absolute_path_leaves_the_folder():
    """`folder / "/etc/passwd"` is `/etc/passwd`, whatever the folder"""
    folder = PurePosixPath("/srv/covers")
    assert folder / "/etc/passwd" == PurePosixPath("/etc/passwd")


def test_an_encoded_slash_still_divides_the_path(client):
    """`/authors/a%2Fb` is a 404: a slash that is encoded, as `%2F`, still divides the path"""
    assert client.get("/authors/a%2Fb").status_code == 404


# Groups and links


def test_a_group_inside_a_group_adds_both_prefixes(client):
    response = client.get("/shop/staff/reports/2026")
    assert response.json() == {"year": 2026}


def test_links_are_built_from_names(client):
    assert client.get("/links").json() == {
        "book": "/books/1",
        "author": "/authors/Frank%20Herbert",
        "report": "/shop/staff/reports/2026",
        "search": "/books/?q=a+b",
    }


@pytest.mark.parametrize("target", ["book", "author", "report", "search"])
def test_every_link_leads_to_a_view(client, target):
    link = client.get("/links").json()[target]
    assert client.get(link).status_code == 200


def test_links_below_a_prefix_begin_with_it(below_a_prefix):
    """An application below `/bookshop` builds links that begin with `/bookshop`"""
    assert below_a_prefix.get("/links").json() == {
        "book": "/bookshop/books/1",
        "author": "/bookshop/authors/Frank%20Herbert",
        "report": "/bookshop/shop/staff/reports/2026",
        "search": "/bookshop/books/?q=a+b",
    }


def test_a_redirect_to_the_slash_stays_below_the_prefix(below_a_prefix):
    location = urlsplit(below_a_prefix.get("/books").headers["location"])
    assert location.path == "/bookshop/books/"


@pytest.mark.skipif(sys.platform == "win32", reason="gunicorn does not run on Windows")
@differs(
    flask="gunicorn with `SCRIPT_NAME`: `/bookshop/links`",
    fastapi="uvicorn with `--root-path`: `/links`",
    django="gunicorn with `SCRIPT_NAME`: `/bookshop/links`",
)
def test_a_server_that_knows_the_prefix(framework, expected):
    """Below `/bookshop` on a real server: the path that a proxy passes on"""
    # What an answer says of a path is the whole path: a link, and the redirect to the slash.
    right = expected.split("`")[3]
    wrong = ({"/links", "/bookshop/links"} - {right}).pop()
    with (
        prefixed.serving(framework) as address,
        httpx2.Client(base_url=address, timeout=60) as client,
    ):
        assert client.get(right).json()["book"] == "/bookshop/books/1"
        location = client.get(right.replace("links", "books")).headers["location"]
        assert urlsplit(location).path == "/bookshop/books/"
        assert client.get(wrong).status_code in (404, 500)


# Views that are classes, and what takes their place


def test_shows_one_review(client):
    response = client.get("/reviews/1")
    assert response.status_code == 200
    assert response.json() == {"id": 1, "text": "A desert to get lost in."}


def test_a_review_that_was_deleted_is_gone(client):
    """`DELETE /reviews/1` answers 204; from then on `GET` and `DELETE` answer 404"""
    response = client.delete("/reviews/1")
    assert response.status_code == 204
    assert response.content == b""
    assert client.get("/reviews/1").status_code == 404
    assert client.delete("/reviews/1").status_code == 404
