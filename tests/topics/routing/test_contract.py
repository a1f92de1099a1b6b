"""Contract of the chapter on routing."""

from urllib.parse import urlsplit

import pytest

from tests.harness.differs import differs


def allowed(response):
    """The methods in `Allow`; their order means nothing."""
    return set(response.headers["allow"].split(", "))


def test_shows_one_book(client):
    response = client.get("/books/1")
    assert response.status_code == 200
    assert response.json() == {"id": 1, "title": "Dune"}


def test_the_number_in_the_path_picks_the_book(client):
    assert client.get("/books/2").json() == {"id": 2, "title": "Emma"}


def test_a_book_that_does_not_exist_is_not_found(client):
    assert client.get("/books/999").status_code == 404


def test_a_path_without_a_route_is_not_found(client):
    assert client.get("/nowhere").status_code == 404


@differs(flask=404, fastapi=422, django=404)
def test_a_word_where_a_number_belongs(client, expected):
    """`GET /books/dune`: a word where a number belongs"""
    assert client.get("/books/dune").status_code == expected


@differs(flask="no match: 404", fastapi="`-1`, an int", django="no match: 404")
def test_a_negative_number(client, framework, expected):
    """`GET /books/-1`: how `-1` is read"""
    response = client.get("/books/-1")
    if "an int" in expected:
        # The view is reached and finds no such book: JSON from HTTPException, no 422.
        assert response.json() == {"detail": "Not Found"}
    assert response.status_code == 404


@differs(flask=404, fastapi=200, django=404)
def test_a_number_with_an_underscore(client, expected):
    """`GET /staff-report` for the year `2_026`"""
    assert client.get("/shop/staff/reports/2_026").status_code == expected


def test_leading_zeros_are_dropped_from_a_number(client):
    assert client.get("/books/001").json()["id"] == 1


# Collections, methods, HEAD and OPTIONS


def test_lists_the_books(client):
    response = client.get("/books/")
    assert response.status_code == 200
    assert response.json() == {"books": ["Dune", "Emma"]}


def test_one_path_answers_two_methods(client):
    response = client.post("/books/")
    assert response.status_code == 201
    assert response.json() == {"added": True}


@differs(flask="308, absolute", fastapi="307, absolute", django="301, relative")
def test_a_missing_slash(client, expected):
    """`GET /books` when the route is `/books/`"""
    response = client.get("/books")
    location = urlsplit(response.headers["location"])
    kind = "absolute" if location.netloc else "relative"
    assert f"{response.status_code}, {kind}" == expected
    assert location.path == "/books/"


def test_a_redirect_to_the_slash_keeps_the_query(client):
    location = client.get("/books?page=2").headers["location"]
    assert location.endswith("/books/?page=2")


@differs(flask=404, fastapi=307, django=404)
def test_a_surplus_slash(client, expected):
    """`GET /books/1/` when the route is `/books/1`"""
    assert client.get("/books/1/").status_code == expected


@differs(flask=308, fastapi=404, django=404)
def test_a_doubled_slash(client, expected):
    """`GET /shop//staff/reports/2026`: two slashes"""
    assert client.get("/shop//staff/reports/2026").status_code == expected


@differs(flask=200, fastapi=405, django=200)
def test_head(client, expected):
    """`HEAD /books/1`"""
    assert client.head("/books/1").status_code == expected


@pytest.mark.parametrize("target", ["/books/1", "/covers/dune/front.jpg"])
@differs(flask="200, `Allow`", fastapi="405", django="405")
def test_options(client, target, expected):
    """`OPTIONS /books/1`"""
    response = client.options(target)
    assert str(response.status_code) == expected[:3]
    if expected.startswith("200"):
        assert allowed(response) == {"GET", "HEAD", "OPTIONS"}
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


# Catch-all, order, converters


def test_a_catch_all_takes_slashes(client):
    response = client.get("/covers/dune/front.jpg")
    assert response.json() == {"file": "dune/front.jpg"}


def test_a_catch_all_does_not_stop_a_climb_out_of_the_folder(client):
    """`GET /covers/%2e%2e/secret` reaches the view as `../secret`: checking it is your job"""
    response = client.get("/covers/%2e%2e/secret")
    assert response.json() == {"file": "../secret"}


@differs(flask=404, fastapi="200, an empty string", django=404)
def test_a_catch_all_with_nothing_to_catch(client, expected):
    """`GET /covers/`: a catch-all with nothing to catch"""
    response = client.get("/covers/")
    assert str(response.status_code) == str(expected)[:3]
    if response.status_code == 200:
        assert response.json() == {"file": ""}


def test_an_encoded_slash_still_divides_the_path(client):
    assert client.get("/authors/a%2Fb").status_code == 404


def test_the_literal_path_wins(client):
    assert client.get("/authors/new").json() == {"form": "new author"}
    assert client.get("/authors/Herbert").json() == {"author": "Herbert"}


def test_a_date_arrives_as_a_date(client):
    assert client.get("/published/2026-11-22").json() == {"weekday": "Sunday"}


@differs(flask=404, fastapi=422, django=404)
def test_a_date_that_does_not_exist(client, expected):
    """`GET /published/2026-13-40`: a date that does not exist"""
    assert client.get("/published/2026-13-40").status_code == expected


@differs(flask=404, fastapi="200, midnight is cut off", django=404)
def test_a_date_with_a_time(client, expected):
    """`GET /published/2026-11-22T00:00`: a date with a time"""
    response = client.get("/published/2026-11-22T00:00")
    assert str(response.status_code) == str(expected)[:3]


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
        assert response.json() == {"weekday": "Sunday"}


# Groups and links


def test_a_group_inside_a_group_adds_both_prefixes(client):
    response = client.get("/shop/staff/reports/2026")
    assert response.json() == {"year": 2026}


def test_links_are_built_from_names(client):
    links = client.get("/links").json()
    assert links["book"] == "/books/1"
    assert links["day"] == "/published/2026-11-22"
    assert links["report"] == "/shop/staff/reports/2026"


def test_a_query_in_a_link_is_encoded(client):
    assert client.get("/links").json()["search"] == "/books/?q=a+b"


@pytest.mark.parametrize("target", ["book", "day", "report"])
def test_every_link_leads_to_a_view(client, target):
    link = client.get("/links").json()[target]
    assert client.get(link).status_code == 200
