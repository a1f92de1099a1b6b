"""Contract of the chapter "TITLE"."""

from tests.harness.differs import differs


def test_shows_one_book(client):
    response = client.get("/books/1")
    assert response.status_code == 200
    assert response.json() == {"id": 1, "title": "Dune"}


@differs(flask=404, fastapi=422, django=404)
def test_a_word_where_a_number_belongs(client, expected):
    """`GET /books/dune`: a word where a number belongs"""
    assert client.get("/books/dune").status_code == expected
