"""Contract of the chapter on models, queries and transactions: each test runs on two databases."""

import re
import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from book._core import regions
from book._core.frameworks import FRAMEWORKS
from tests.harness import databases
from tests.harness.adapters import adapter
from tests.harness.differs import differs, only, since
from tests.topics.orm.edits import edit

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("database", [databases.POSTGRESQL], indirect=True)


@pytest.fixture(scope="session")
def server(postgresql):
    """A PostgreSQL whose databases can be emptied."""
    server = databases.Server(postgresql)
    yield server
    server.close()


@pytest.fixture
def statements():
    """The SQL that was executed since the start of the test; clear() forgets it."""
    return []


@pytest.fixture
def record(database, statements, record_statements):
    """A function that keeps `statements` for the page: SQLite's, whose parameters are a bare `?`."""
    return lambda: record_statements(statements) if database == "sqlite" else None


@pytest.fixture(scope="session", params=databases.NAMES)
def database(request):
    """Which database this test runs on. (Once per session: so pytest runs one after the other.)"""
    return request.param


@pytest.fixture(autouse=True)
def _empty_database(request, database, framework, snippet, statements, monkeypatch):
    """DATABASE_URL leads to an empty database."""
    url = "sqlite://"
    if database == "postgresql":
        url = request.getfixturevalue("server").empty(framework)
    monkeypatch.setenv("DATABASE_URL", url)
    with adapter(framework).database(snippet, url, statements):
        yield


@pytest.fixture
def bookshop(client, request):
    """The client of a shop with two authors and three books."""
    add(client, "Ada", {"title": "Notes", "stock": 3}, {"title": "Letters", "stock": 8})
    add(client, "Jane", {"title": "Emma", "stock": 7})
    request.getfixturevalue("statements").clear()
    return client


def add(client, name, *books):
    response = client.post(
        "/authors", json={"name": name, "email": "x@example.com", "books": books}
    )
    assert response.status_code == 201, response.text
    return response.json()


def sell(client, book, copies):
    return client.post("/sales", json={"book": book, "copies": copies})


def sold(client, author):
    response = client.get("/sold", params={"author": author})
    assert response.status_code == 200
    return response.json()


def stocks(client):
    """The stock of every book, by title."""
    authors = client.get("/authors").json()
    return {book["title"]: book["stock"] for author in authors for book in author["books"]}


def is_conflict(response):
    return (response.status_code, response.json()) == (409, {"error": "conflict"})


def refused_fields(response):
    """What the 422 says is wrong: the last steps of each path, FastAPI's first one left out."""
    assert response.status_code == 422, response.text
    paths = [error["loc"] for error in response.json()["detail"]]
    return [[step for step in path if step not in ("body", "query")] for path in paths]


def views(framework, snippet):
    """The functions that answer `POST /authors` and `POST /sales`."""
    if framework == "django":
        return snippet.AuthorList.post, snippet.SaleList.post
    return snippet.add_author, snippet.sell


def verbs(statements):
    """What was done, in order: `INSERT`, `SELECT`, …; without BEGIN and COMMIT."""
    first = [statement.split()[0] for statement in statements]
    return [verb for verb in first if verb in ("SELECT", "INSERT", "UPDATE", "DELETE")]


# Saving


def test_an_author_is_saved_with_her_books(client):
    sent = {"name": "Ada", "email": "ada@example.com", "books": [{"title": "Notes", "stock": 3}]}
    response = client.post("/authors", json=sent)
    assert response.status_code == 201
    assert response.json() == {
        "id": 1,
        "name": "Ada",
        "royalty": 10,
        "books": [{"id": 1, "title": "Notes", "stock": 3}],
    }


def test_an_author_needs_no_books(client):
    response = client.post("/authors", json={"name": "Ada", "email": "ada@example.com"})
    assert response.status_code == 201
    assert response.json() == {"id": 1, "name": "Ada", "royalty": 10, "books": []}


def test_columns_that_the_view_does_not_name_cannot_be_set(client):
    sent = {
        "name": "Ada",
        "email": "ada@example.com",
        "id": 77,
        "royalty": 99,
        "books": [{"title": "Notes", "stock": 3, "id": 77, "author_id": 5}],
    }
    assert client.post("/authors", json=sent).json() == {
        "id": 1,
        "name": "Ada",
        "royalty": 10,
        "books": [{"id": 1, "title": "Notes", "stock": 3}],
    }


@pytest.mark.server_errors
@differs(flask='201, `"id": null`, lost', fastapi="500, lost", django="201, saved")
def test_the_line_with_the_commit_is_left_out(client, framework, snippet, monkeypatch, expected):
    """`POST /authors`, if you leave out the line that commits"""
    add_author, _ = views(framework, snippet)
    if framework != "django":  # which has no such line
        line = {"flask": "db.session.commit()", "fastapi": "await session.commit()"}[framework]
        edit(monkeypatch, add_author, line, "pass")
    response = client.post("/authors", json={"name": "Ada", "email": "ada@example.com"})
    assert str(response.status_code) == expected[:3]
    if "null" in expected:
        assert response.json() == {"id": None, "name": "Ada", "royalty": None, "books": []}
    names = [author["name"] for author in client.get("/authors").json()]
    assert names == (["Ada"] if expected.endswith("saved") else [])


@differs(flask="201, lost", fastapi="201, lost", django="201, saved")
def test_a_flush_is_no_commit(client, framework, snippet, monkeypatch, expected):
    """`POST /authors`, if you write `flush()` for `commit()`"""
    if framework != "django":
        edit(monkeypatch, views(framework, snippet)[0], "session.commit()", "session.flush()")
    assert add(client, "Ada")["id"] == 1
    names = [author["name"] for author in client.get("/authors").json()]
    assert names == (["Ada"] if expected.endswith("saved") else [])


# Transactions


def test_a_sale_takes_copies_from_stock(bookshop):
    response = sell(bookshop, 1, 2)
    assert response.status_code == 201
    assert response.json() == {"sold": 2}
    assert stocks(bookshop) == {"Notes": 1, "Letters": 8, "Emma": 7}


def test_the_last_copy_can_be_sold(bookshop):
    assert sell(bookshop, 1, 3).status_code == 201
    assert stocks(bookshop)["Notes"] == 0


def test_the_database_does_the_subtraction(bookshop, statements, record):
    """A sale reads no stock: one `INSERT`, one `UPDATE`"""
    sell(bookshop, 1, 2)
    record()
    assert verbs(statements) == ["INSERT", "UPDATE"]


def test_a_sale_beyond_the_stock_leaves_nothing_behind(bookshop):
    """With 3 copies in `stock`, the sale of 4 leaves nothing behind"""
    assert is_conflict(sell(bookshop, 1, 4))
    assert stocks(bookshop) == {"Notes": 3, "Letters": 8, "Emma": 7}
    assert sold(bookshop, "Ada") == {"sold": None}


@differs(flask="both undone", fastapi="both undone", django="the first stays")
def test_two_writes_without_a_transaction(bookshop, framework, snippet, monkeypatch, expected):
    """The second of two writes fails, and no line opens a transaction"""
    if framework == "django":
        edit(monkeypatch, snippet.SaleList.post, "with transaction.atomic():", "if True:")
    assert is_conflict(sell(bookshop, 1, 4))
    assert sold(bookshop, "Ada") == {"sold": 4 if expected == "the first stays" else None}


def test_a_refused_book_takes_the_author_with_it(client):
    book = {"title": "Notes", "stock": 3}
    sent = {"name": "Ada", "email": "ada@example.com", "books": [book, book]}
    assert is_conflict(client.post("/authors", json=sent))
    assert client.get("/authors").json() == []


# Relations


def test_a_sale_of_an_unknown_book_is_refused(bookshop):
    assert is_conflict(sell(bookshop, 999, 1))


@ON_SQLITE
@differs(flask="201, an orphan", fastapi="201, an orphan", django="409")
def test_foreign_keys_without_the_pragma(request, snippet, monkeypatch, expected):
    """SQLite: a sale of book 999, no `PRAGMA` sent by you"""
    monkeypatch.setattr(snippet, "enforce_keys", lambda *arguments: None, raising=False)
    client = request.getfixturevalue("client")
    assert str(sell(client, 999, 1).status_code) == expected[:3]


def test_an_author_takes_her_books_with_her(bookshop):
    response = bookshop.delete("/authors/1")
    assert response.status_code == 204
    assert response.content == b""
    assert stocks(bookshop) == {"Emma": 7}
    assert is_conflict(sell(bookshop, 1, 1))


def test_an_author_whose_books_were_sold_stays(bookshop):
    sell(bookshop, 1, 1)
    assert is_conflict(bookshop.delete("/authors/1"))
    assert stocks(bookshop) == {"Notes": 2, "Letters": 8, "Emma": 7}


@ON_SQLITE
@differs(flask="2, again", fastapi="2, again", django="3")
def test_the_number_of_a_deleted_row(bookshop, expected):
    """SQLite: the id after author 2, the newest, was deleted"""
    bookshop.delete("/authors/2")
    assert add(bookshop, "Mary")["id"] == int(expected[0])


def test_a_deleted_row_leaves_a_gap_in_the_ids(bookshop):
    bookshop.delete("/authors/1")
    assert add(bookshop, "Mary")["id"] == 3
    assert [author["id"] for author in bookshop.get("/authors").json()] == [2, 3]


@ON_SQLITE
def test_a_refused_row_uses_no_number_on_sqlite(bookshop):
    """A refused row leaves no gap in the ids of SQLite"""
    assert is_conflict(bookshop.post("/authors", json={"name": "Ada", "email": "x"}))
    assert add(bookshop, "Mary")["id"] == 3


@ON_POSTGRESQL
def test_a_refused_row_uses_up_a_number_on_postgresql(bookshop):
    """A refused row leaves a gap in the ids of PostgreSQL"""
    assert is_conflict(bookshop.post("/authors", json={"name": "Ada", "email": "x"}))
    assert add(bookshop, "Mary")["id"] == 4


# Reading


def test_authors_and_their_books_are_listed_in_order(bookshop):
    response = bookshop.get("/authors")
    assert response.status_code == 200
    assert response.json() == [
        {
            "id": 1,
            "name": "Ada",
            "royalty": 10,
            "books": [
                {"id": 1, "title": "Notes", "stock": 3},
                {"id": 2, "title": "Letters", "stock": 8},
            ],
        },
        {
            "id": 2,
            "name": "Jane",
            "royalty": 10,
            "books": [{"id": 3, "title": "Emma", "stock": 7}],
        },
    ]


def test_the_order_holds_after_an_update(bookshop):
    assert sell(bookshop, 1, 1).status_code == 201
    assert list(stocks(bookshop)) == ["Notes", "Letters", "Emma"]


def test_no_authors_are_an_empty_list(client):
    assert client.get("/authors").json() == []


@pytest.fixture
def five(client, request):
    """The client of a shop with five authors of one book each, Zoe first."""
    for name in ("Zoe", "Mary", "Jane", "Iris", "Ada"):
        add(client, name, {"title": f"By {name}", "stock": 1})
    request.getfixturevalue("statements").clear()
    return client


@differs(flask="6 statements", fastapi="`MissingGreenlet`", django="6 statements")
def test_the_naive_list(five, database, framework, statements, record, expected):
    """`GET /authors/one-by-one`, five authors"""
    if framework == "fastapi":
        with databases.refused_loading(database):
            five.get("/authors/one-by-one")
    else:
        listed = five.get("/authors/one-by-one").json()
        assert [author["name"] for author in listed] == ["Zoe", "Mary", "Jane", "Iris", "Ada"]
        assert [book["title"] for author in listed for book in author["books"]] == [
            "By Zoe", "By Mary", "By Jane", "By Iris", "By Ada",
        ]  # fmt: skip
        assert f"{len(verbs(statements))} statements" == expected
    record()


def test_a_list_of_five_takes_two_statements(five, statements, record):
    """`GET /authors`, five authors: 2 statements"""
    assert len(five.get("/authors").json()) == 5
    record()
    assert verbs(statements) == ["SELECT", "SELECT"]


@pytest.fixture
def many(request, framework, snippet, tmp_path, monkeypatch):
    """A function that lists so many authors: how many `SELECT` that took."""
    noted = []
    url = f"sqlite:///{tmp_path}/shop.sqlite3"
    monkeypatch.setenv("DATABASE_URL", url)
    table = snippet.Author._meta.db_table if framework == "django" else "author"
    insert = f"INSERT INTO {table} (name, email, royalty) VALUES (?, 'x@example.com', 10)"  # noqa: S608 (our own table)

    def listed(authors):
        client = request.getfixturevalue("client")
        with sqlite3.connect(tmp_path / "shop.sqlite3") as connection:
            connection.executemany(insert, [(f"Author {n}",) for n in range(authors)])
        connection.close()
        noted.clear()
        assert len(client.get("/authors").json()) == authors
        return f"{len(verbs(noted))} `SELECT`"

    with adapter(framework).database(snippet, url, noted):
        yield listed


@ON_SQLITE
def test_a_list_of_500_takes_two_statements(many):
    """`GET /authors`, 500 authors: 2 `SELECT`"""
    assert many(500) == "2 `SELECT`"


@ON_SQLITE
@differs(flask="3 `SELECT`", fastapi="3 `SELECT`", django="2 `SELECT`")
def test_a_list_of_501(many, expected):
    """`GET /authors`, 501 authors"""
    assert many(501) == expected


# What comes in


@ON_SQLITE
def test_a_value_that_is_missing_or_no_value_is_named(client):
    """A missing value, or one of another type: a 422 that names the field"""
    wrong = [
        ("/authors", {"email": "a"}, ["name"]),
        ("/authors", {"name": "Ada"}, ["email"]),
        ("/authors", {"name": "", "email": "a"}, ["name"]),
        ("/authors", {"name": "Ada", "email": ""}, ["email"]),
        ("/authors", {"name": 5, "email": "a"}, ["name"]),
        ("/authors", {"name": "Ada", "email": "a", "books": 5}, ["books"]),
        ("/authors", {"name": "Ada", "email": "a", "books": [5]}, ["books", 0]),
        ("/authors", [], []),
        ("/sales", {"book": 1}, ["copies"]),
        ("/sales", {"copies": 1}, ["book"]),
        ("/sales", {"book": "one", "copies": 1}, ["book"]),
        ("/sales", {"book": 1, "copies": "two"}, ["copies"]),
    ]
    for path, sent, field in wrong:
        assert (sent, refused_fields(client.post(path, json=sent))) == (sent, [field])
    assert client.get("/authors").json() == []


@ON_SQLITE
def test_a_wrong_book_is_named(client):
    """A book without a title, of `-1` or of `2147483648` copies: a 422 that names the field"""
    wrong = [
        ({"stock": 1}, "title"),
        ({"title": "Notes"}, "stock"),
        ({"title": "", "stock": 1}, "title"),
        ({"title": "Notes", "stock": "many"}, "stock"),
        ({"title": "Notes", "stock": -1}, "stock"),
        ({"title": "Notes", "stock": 2147483648}, "stock"),
    ]
    for book, field in wrong:
        sent = {"name": "Ada", "email": "a", "books": [{"title": "Letters", "stock": 0}, book]}
        found = refused_fields(client.post("/authors", json=sent))
        assert (book, found) == (book, [["books", 1, field]])
    assert client.get("/authors").json() == []


@ON_SQLITE
def test_a_sale_of_no_copies_is_refused(bookshop):
    """A sale of `0`, `-2` or `2147483648` copies: a 422"""
    wrong = [
        ({"book": 0, "copies": 1}, "book"),
        ({"book": 2147483648, "copies": 1}, "book"),
        ({"book": 1, "copies": 0}, "copies"),
        ({"book": 1, "copies": -2}, "copies"),
        ({"book": 1, "copies": 2147483648}, "copies"),
    ]
    for sent, field in wrong:
        assert (sent, refused_fields(bookshop.post("/sales", json=sent))) == (sent, [[field]])
    assert stocks(bookshop) == {"Notes": 3, "Letters": 8, "Emma": 7}


def test_as_many_copies_as_the_column_holds(client):
    """A stock of `2147483647` is saved"""
    largest = 2147483647
    add(client, "Ada", {"title": "Notes", "stock": largest})
    assert stocks(client) == {"Notes": largest}
    assert is_conflict(sell(client, largest, largest))


def with_text(field, text):
    """An author whose name or address, or whose book's title, is that text."""
    if field == "title":
        return {"name": "Ada", "email": "a", "books": [{"title": text, "stock": 1}]}
    return {"name": "Ada", "email": "a", field: text}


LIMITS = {"name": 80, "email": 254, "title": 120}


def test_texts_may_be_as_long_as_declared(client):
    for field, limit in LIMITS.items():
        name = {} if field == "name" else {"name": f"Author with a long {field}"}
        sent = with_text(field, "x" * limit) | name
        assert client.post("/authors", json=sent).status_code == 201


@ON_SQLITE
def test_a_longer_text_is_refused(client):
    """A name of `81` letters, an address of `255`, a title of `121`: a 422"""
    for field, limit in LIMITS.items():
        sent = with_text(field, "x" * (limit + 1))
        [path] = refused_fields(client.post("/authors", json=sent))
        assert path[-1] == field
    assert client.get("/authors").json() == []


@ON_SQLITE
def test_a_null_character_is_refused(client):
    """A null character in a name, an address or a title: a 422"""
    for field in LIMITS:
        [path] = refused_fields(client.post("/authors", json=with_text(field, "a\0b")))
        assert path[-1] == field
    assert client.get("/authors").json() == []


@ON_SQLITE
def test_a_sum_needs_a_name(client):
    """`GET /sold` without a name, or with one that cannot be: a 422"""
    for query in ({}, {"author": ""}, {"author": "x" * 81}, {"author": "a\0b"}):
        assert refused_fields(client.get("/sold", params=query)) == [["author"]]


def test_an_unknown_author_cannot_be_deleted(bookshop):
    """`DELETE` of author 999 or 2147483647: a 404"""
    for author_id in (999, 2147483647):
        assert bookshop.delete(f"/authors/{author_id}").status_code == 404
    assert len(bookshop.get("/authors").json()) == 2


@differs(flask=404, fastapi=422, django=404)
def test_an_id_that_no_column_holds(bookshop, expected):
    """`DELETE /authors/99999999999999999999`"""
    for author_id in (2**31, 2**63, 99999999999999999999):
        assert bookshop.delete(f"/authors/{author_id}").status_code == expected


@differs(flask=404, fastapi=422, django=404)
def test_an_id_below_1(bookshop, expected):
    """`DELETE /authors/-99999999999999999999`"""
    for author_id in (0, -1, -(2**63) - 1, -99999999999999999999):
        assert bookshop.delete(f"/authors/{author_id}").status_code == expected


@ON_SQLITE
@differs(flask=404, fastapi=422, django=404)
def test_a_word_for_an_id(bookshop, expected):
    """`DELETE /authors/ada`"""
    assert bookshop.delete("/authors/ada").status_code == expected


@ON_SQLITE
@differs(flask=400, fastapi=422, django=422)
def test_json_that_breaks_off(client, expected):
    """`POST /authors` with JSON that breaks off"""
    headers = {"Content-Type": "application/json"}
    response = client.post("/authors", content=b'{"name": "Ada"', headers=headers)
    assert response.status_code == expected
    assert client.get("/authors").json() == []


# Constraints


def test_a_name_is_taken_once(bookshop):
    response = bookshop.post("/authors", json={"name": "Ada", "email": "other@example.com"})
    assert is_conflict(response)
    assert [author["id"] for author in bookshop.get("/authors").json()] == [1, 2]


def test_two_authors_may_have_a_book_of_the_same_title(bookshop):
    assert add(bookshop, "Mary", {"title": "Emma", "stock": 1})["books"] == [
        {"id": 4, "title": "Emma", "stock": 1}
    ]


def test_upper_and_lower_case_are_two_names(bookshop):
    """`Ada` and `ada` are two names to a unique column"""
    assert add(bookshop, "ada")["name"] == "ada"


def test_the_shop_goes_on_after_a_conflict(bookshop):
    assert is_conflict(bookshop.post("/authors", json={"name": "Ada", "email": "x"}))
    assert add(bookshop, "Mary")["name"] == "Mary"


def test_a_check_refuses_what_a_view_forgot_to(bookshop, framework, snippet, monkeypatch):
    """If the view writes `0` copies, the check of the column refuses them"""
    _, post = views(framework, snippet)
    edit(monkeypatch, post, "copies=data.copies", "copies=0")
    assert is_conflict(sell(bookshop, 1, 1))


@pytest.mark.server_errors
def test_a_column_that_the_view_forgot_is_no_conflict(client, framework, snippet, monkeypatch):
    """If the view forgets `stock`, the answer is 500 and not 409"""
    post, _ = views(framework, snippet)
    edit(monkeypatch, post, "**book.model_dump()", "title=book.title")
    sent = {"name": "Ada", "email": "ada@example.com", "books": [{"title": "Notes", "stock": 3}]}
    assert client.post("/authors", json=sent).status_code == 500
    assert client.get("/authors").json() == []


@ON_POSTGRESQL
@pytest.mark.server_errors
def test_postgresql_stores_no_null_character(client, framework, snippet, monkeypatch):
    """PostgreSQL: if the view writes a null character, the answer is 500"""
    post, _ = views(framework, snippet)
    edit(monkeypatch, post, "name=data.name", 'name="a\\0b"')
    sent = {"name": "x", "email": "x@example.com"}
    assert client.post("/authors", json=sent).status_code == 500
    assert client.get("/authors").json() == []


@ON_SQLITE
@pytest.mark.server_errors
def test_a_validation_error_of_the_view_stays_a_500(client, framework, snippet, monkeypatch):
    """A `ValidationError` that does not come from the request is a 500, not a 422"""
    post, _ = views(framework, snippet)
    edit(monkeypatch, post, "name=data.name", "name=NewBook.model_validate({}).title")
    sent = {"name": "Ada", "email": "ada@example.com"}
    assert client.post("/authors", json=sent).status_code == 500


@pytest.mark.server_errors
@differs(flask="500", fastapi="500", django='201, with `""`')
def test_a_text_that_the_view_forgot(client, framework, snippet, monkeypatch, expected):
    """The view forgets `email`, a column of text"""
    post, _ = views(framework, snippet)
    edit(monkeypatch, post, "email=data.email", "royalty=10")
    response = client.post("/authors", json={"name": "Ada", "email": "ada@example.com"})
    assert str(response.status_code) == expected[:3]
    if framework == "django":
        assert snippet.Author.objects.get().email == ""


@ON_SQLITE
def test_sqlite_keeps_a_text_beyond_its_length(client, framework, snippet, monkeypatch):
    """SQLite: if the view writes 81 letters into a column of 80, they are saved"""
    post, _ = views(framework, snippet)
    edit(monkeypatch, post, "name=data.name", "name=data.name * 81")
    assert add(client, "x")["name"] == "x" * 81


@ON_POSTGRESQL
@pytest.mark.server_errors
def test_postgresql_refuses_a_text_beyond_its_length(client, framework, snippet, monkeypatch):
    """PostgreSQL: if the view writes 81 letters into a column of 80, the answer is 500"""
    post, _ = views(framework, snippet)
    edit(monkeypatch, post, "name=data.name", "name=data.name * 81")
    sent = {"name": "x", "email": "x@example.com"}
    assert client.post("/authors", json=sent).status_code == 500
    assert client.get("/authors").json() == []


# Statements


@differs(flask="2 `INSERT`, 2 `SELECT`", fastapi="2 `INSERT`", django="2 `INSERT`, 1 `SELECT`")
def test_statements_of_a_write(client, statements, record, expected):
    """Statements behind `POST /authors` with one book"""
    statements.clear()
    add(client, "Ada", {"title": "Notes", "stock": 8})
    record()
    assert counted(statements) == expected


@differs(
    flask="1 `SELECT`, 1 `DELETE`",
    fastapi="1 `SELECT`, 1 `DELETE`",
    django="3 `SELECT`, 2 `DELETE`",
)
def test_statements_of_a_cascade(bookshop, statements, record, expected):
    """Statements behind `DELETE /authors/1`, who has two books"""
    bookshop.delete("/authors/1")
    record()
    assert counted(statements) == expected


def counted(statements):
    """Statements as a cell of the table: "2 `INSERT`, 1 `SELECT`"."""
    return ", ".join(f"{number} `{verb}`" for verb, number in Counter(verbs(statements)).items())


def test_sums_what_was_sold(bookshop):
    for book, copies in [(1, 1), (2, 4), (3, 2)]:
        sell(bookshop, book, copies)
    assert sold(bookshop, "Ada") == {"sold": 5}
    assert sold(bookshop, "Jane") == {"sold": 2}
    assert sold(bookshop, "Nobody") == {"sold": None}


def test_a_parameter_is_a_value(bookshop):
    """`' OR '1'='1` is a name like any other"""
    sell(bookshop, 1, 1)
    odd = ["' OR '1'='1", "Ada' --", "'; DROP TABLE sale; --", '"', "%s", ":name", "\\"]
    for copies, author in enumerate(odd, start=1):
        assert sold(bookshop, author) == {"sold": None}
        [book] = add(bookshop, author, {"title": "Notes", "stock": 9})["books"]
        sell(bookshop, book["id"], copies)
        assert sold(bookshop, author) == {"sold": copies}


# What the database was told


@ON_SQLITE
@differs(flask="the database", fastapi="the database", django="Django")
def test_who_cascades(client, statements, expected):
    """Who deletes the books of a deleted author"""
    told = "ON DELETE CASCADE" in " ".join(statements)
    assert told == (expected == "the database")


@ON_POSTGRESQL
@differs(flask="at the statement", fastapi="at the statement", django="at the commit")
def test_when_a_foreign_key_is_checked(client, server, framework, expected):
    """PostgreSQL: a foreign key is checked"""
    rows = server.connections[framework].execute(
        "SELECT condeferred FROM pg_constraint WHERE contype = 'f'"
    )
    assert {deferred for (deferred,) in rows} == {expected == "at the commit"}


@ON_SQLITE
@differs(flask="if you ask", fastapi="if you ask", django="by itself")
def test_the_index_of_a_foreign_key(client, framework, snippet, statements, expected):
    """A foreign key gets an index"""
    made = [statement for statement in statements if statement.startswith("CREATE INDEX")]
    assert sorted(re.findall(r"\(\W*(\w+)\W*\)", " ".join(made))) == ["author_id", "book_id"]
    if framework == "django":
        *_, asked = snippet.Book._meta.get_field("author").deconstruct()
        assert "db_index" not in asked
    else:
        assert snippet.Book.__table__.c.author_id.index


@ON_POSTGRESQL
@since("before Django 6.0 an id was an `integer` by default", django="6.0")
@differs(flask="`integer`", fastapi="`integer`", django="`bigint`")
def test_the_type_of_an_id(client, server, framework, expected):
    """PostgreSQL: the type of `id`"""
    rows = server.connections[framework].execute(
        "SELECT data_type FROM information_schema.columns"
        " WHERE table_schema = 'public' AND column_name = 'id'"
    )
    assert {f"`{kind}`" for (kind,) in rows} == {expected}


@ON_SQLITE
def test_the_tables_are_declared_alike(client, statements):
    declared = "\n".join(statements)
    texts = re.findall(r'"?(\w+)"? VARCHAR\((\d+)\)', declared, re.IGNORECASE)
    assert set(texts) == {("name", "80"), ("email", "254"), ("title", "120")}
    checks = re.findall(r'CHECK \(+"?(\w+)"? (>=? 0)', declared)
    assert set(checks) == {("stock", ">= 0"), ("copies", "> 0")}
    assert re.search(r'UNIQUE \("?title"?, "?author_id"?\)', declared)


@ON_SQLITE
def test_a_number_may_not_be_empty_unless_you_say_so(client, statements):
    """`stock` becomes an `INTEGER` that is `NOT NULL`"""
    declared = " ".join(statements)
    assert re.search(r'\b"?stock"? INTEGER (UNSIGNED )?NOT NULL', declared, re.IGNORECASE)


@ON_SQLITE
def test_a_relation_is_no_column(client, statements):
    """The author's `books` are no column of her table"""
    [author] = [each for each in statements if re.match(r'\s*CREATE TABLE "?\w*author', each)]
    assert "email" in author
    assert not re.search(r'[( ]"?books"? ', author)


@ON_SQLITE
@differs(flask="`instance/`", fastapi="working directory", django="working directory")
def test_where_a_relative_file_is(
    request, framework, snippet, statements, tmp_path, monkeypatch, expected
):
    """`sqlite:///shop.sqlite3` is a file in"""
    from flask import Flask

    instance = tmp_path / "instance"
    monkeypatch.setattr(Flask, "auto_find_instance_path", lambda app: str(instance))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", url := "sqlite:///shop.sqlite3")
    with adapter(framework).database(snippet, url, statements):
        add(request.getfixturevalue("client"), "Ada")
    folder = instance if expected == "`instance/`" else tmp_path
    assert [path.parent for path in tmp_path.rglob("shop.sqlite3")] == [folder]


@ON_SQLITE
@only("flask", "fastapi")
def test_the_classes_are_plain_sqlalchemy(snippet):
    """Flask's file and FastAPI's have the same classes, word for word"""
    own, flask, fastapi = (
        regions.region(path.read_text("utf-8"), "models", path.name).text
        for path in (
            Path(snippet.__file__),
            *(FRAMEWORKS[name].snippet("orm") for name in ("flask", "fastapi")),
        )
    )
    assert own == flask == fastapi
