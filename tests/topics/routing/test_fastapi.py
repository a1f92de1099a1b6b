"""Routing that only FastAPI has."""

import pytest
from starlette.routing import NoMatchFound


def test_a_422_names_the_place_and_the_problem(client):
    detail = client.get("/books/dune").json()["detail"][0]
    assert detail["type"] == "int_parsing"
    assert detail["loc"] == ["path", "book_id"]
    assert detail["input"] == "dune"


def test_a_link_with_a_missing_argument_is_an_error(snippet):
    with pytest.raises(NoMatchFound):
        snippet.app.url_path_for("show_book")
