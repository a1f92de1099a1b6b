"""Contract of the chapter on models, queries and transactions: each test runs on two databases."""

import re
from collections import Counter

import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, lazyload

from tests.harness import databases
from tests.harness.differs import differs

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
    with databases.prepared(framework, snippet, url, statements):
        yield


@pytest.fixture
def bookshop(client, statements):
    """The client of a shop with two authors and three books."""
    add(client, "Ada", {"title": "Notes", "stock": 3}, {"title": "Letters", "stock": 5})
    add(client, "Jane", {"title": "Emma", "stock": 7})
    statements.clear()
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


@differs(flask="lost", fastapi="lost", django="saved")
def test_a_write_that_nobody_commits(client, monkeypatch, expected):
    """`POST /authors`, answered with 201, if the view never commits"""
    monkeypatch.setattr(Session, "commit", Session.flush)
    monkeypatch.setattr(AsyncSession, "commit", AsyncSession.flush)
    add(client, "Ada")
    names = [author["name"] for author in client.get("/authors").json()]
    assert names == (["Ada"] if expected == "saved" else [])


@differs(flask="2 `INSERT`, 2 `SELECT`", fastapi="2 `INSERT`", django="2 `INSERT`, 1 `SELECT`")
def test_statements_of_a_write(client, statements, expected):
    """Statements behind `POST /authors` with one book"""
    statements.clear()
    add(client, "Ada", {"title": "Notes", "stock": 3})
    assert counted(statements) == expected


def counted(statements):
    """Statements as a cell of the table: "2 `INSERT`, 1 `SELECT`"."""
    return ", ".join(f"{number} `{verb}`" for verb, number in Counter(verbs(statements)).items())


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
                {"id": 2, "title": "Letters", "stock": 5},
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


@pytest.mark.parametrize("authors", [1, 5])
def test_a_list_takes_two_statements_however_long_it_is(client, statements, authors):
    for number in range(authors):
        add(client, f"Author {number}", {"title": "Notes", "stock": 1})
    statements.clear()
    assert len(client.get("/authors").json()) == authors
    assert verbs(statements) == ["SELECT", "SELECT"]


@differs(flask="6 statements", fastapi="`MissingGreenlet`", django="6 statements")
def test_without_eager_loading(
    client, database, framework, snippet, statements, monkeypatch, expected
):
    """`GET /authors`, five authors, without `selectinload`, `prefetch_related`"""
    for number in range(5):
        add(client, f"Author {number}", {"title": "Notes", "stock": 1})
    statements.clear()
    if framework == "django":
        from django.db.models import QuerySet

        monkeypatch.setattr(QuerySet, "prefetch_related", lambda queryset, *names: queryset)
    else:
        monkeypatch.setattr(snippet, "selectinload", lazyload)
    if framework == "fastapi":
        with databases.refused_loading(database):
            client.get("/authors")
    else:
        assert len(client.get("/authors").json()) == 5
        assert f"{len(verbs(statements))} statements" == expected


# Constraints


def test_a_name_is_taken_once(bookshop):
    response = bookshop.post("/authors", json={"name": "Ada", "email": "other@example.com"})
    assert is_conflict(response)
    assert [author["id"] for author in bookshop.get("/authors").json()] == [1, 2]


def test_upper_and_lower_case_are_two_names(bookshop):
    """`Ada` and `ada` are two names to a unique column"""
    assert add(bookshop, "ada")["name"] == "ada"


def test_the_shop_goes_on_after_a_conflict(bookshop):
    assert is_conflict(bookshop.post("/authors", json={"name": "Ada", "email": "x"}))
    assert add(bookshop, "Mary")["name"] == "Mary"


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


@differs(flask="409, by `NOT NULL`", fastapi="422, by Pydantic", django="409, by `NOT NULL`")
@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/authors", {"email": "a"}),
        ("/authors", {"name": "Ada"}),
        ("/authors", {"name": "Ada", "email": "a", "books": [{"stock": 1}]}),
        ("/authors", {"name": "Ada", "email": "a", "books": [{"title": "Notes"}]}),
        ("/sales", {"book": 1}),
        ("/sales", {"copies": 1}),
    ],
)
def test_a_missing_value(client, path, sent, expected):
    """A value is missing"""
    response = client.post(path, json=sent)
    assert str(response.status_code) == expected[:3]
    assert client.get("/authors").json() == []


def with_length(field, length):
    """An author whose `field` has that many letters."""
    text = "x" * length
    if field == "title":
        return {"name": "Ada", "email": "a", "books": [{"title": text, "stock": 1}]}
    return {"name": "Ada", "email": "a", field: text}


LENGTHS = pytest.mark.parametrize(
    ("field", "limit"), [("name", 80), ("email", 254), ("title", 120)]
)


@LENGTHS
def test_texts_may_be_as_long_as_declared(client, field, limit):
    assert client.post("/authors", json=with_length(field, limit)).status_code == 201


@LENGTHS
@ON_SQLITE
@differs(flask="201", fastapi="422, by Pydantic", django="201")
def test_a_text_that_is_too_long_for_sqlite(client, field, limit, expected):
    """SQLite: a text longer than its column"""
    response = client.post("/authors", json=with_length(field, limit + 1))
    assert str(response.status_code) == expected[:3]


@LENGTHS
@ON_POSTGRESQL
@differs(flask="409, by PostgreSQL", fastapi="422, by Pydantic", django="409, by PostgreSQL")
def test_a_text_that_is_too_long_for_postgresql(client, field, limit, expected):
    """PostgreSQL: a text longer than its column"""
    response = client.post("/authors", json=with_length(field, limit + 1))
    assert str(response.status_code) == expected[:3]
    assert client.get("/authors").json() == []


MANY = {"name": "Ada", "email": "a", "books": [{"title": "Notes", "stock": "many"}]}


@ON_SQLITE
@differs(flask="201, stored", fastapi="422, by Pydantic", django="500, `ValueError`")
@pytest.mark.server_errors
def test_a_word_for_a_number_on_sqlite(client, expected):
    """SQLite: `"stock": "many"` for an integer column"""
    assert str(client.post("/authors", json=MANY).status_code) == expected[:3]
    if expected == "201, stored":
        assert stocks(client) == {"Notes": "many"}


@ON_POSTGRESQL
@differs(flask="409, by PostgreSQL", fastapi="422, by Pydantic", django="500, `ValueError`")
@pytest.mark.server_errors
def test_a_word_for_a_number_on_postgresql(client, expected):
    """PostgreSQL: `"stock": "many"` for an integer column"""
    assert str(client.post("/authors", json=MANY).status_code) == expected[:3]
    assert client.get("/authors").json() == []


HUGE = {"name": "Ada", "email": "a", "books": [{"title": "Notes", "stock": 2**31}]}


@ON_SQLITE
def test_sqlite_stores_a_number_of_more_than_32_bits(client):
    """SQLite stores `2147483648` in an integer column"""
    assert client.post("/authors", json=HUGE).status_code == 201
    assert stocks(client) == {"Notes": 2**31}


@ON_POSTGRESQL
def test_postgresql_refuses_a_number_of_more_than_32_bits(client):
    """PostgreSQL refuses `2147483648` in an integer column"""
    assert is_conflict(client.post("/authors", json=HUGE))
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


@differs(
    flask="1 `SELECT`, 1 `DELETE`",
    fastapi="1 `SELECT`, 1 `DELETE`",
    django="3 `SELECT`, 2 `DELETE`",
)
def test_statements_of_a_cascade(bookshop, statements, expected):
    """Statements behind `DELETE /authors/1`, who has two books"""
    bookshop.delete("/authors/1")
    assert counted(statements) == expected


def test_an_author_whose_books_were_sold_stays(bookshop):
    sell(bookshop, 1, 1)
    assert is_conflict(bookshop.delete("/authors/1"))
    assert stocks(bookshop) == {"Notes": 2, "Letters": 5, "Emma": 7}


def test_an_unknown_author_cannot_be_deleted(bookshop):
    assert bookshop.delete("/authors/999").status_code == 404


@differs(flask=404, fastapi=422, django=404)
def test_a_word_for_an_id(bookshop, expected):
    """`DELETE /authors/ada`"""
    assert bookshop.delete("/authors/ada").status_code == expected


@ON_SQLITE
@differs(flask="2, again", fastapi="2, again", django="3")
def test_the_number_of_a_deleted_row(bookshop, expected):
    """SQLite: the id after author 2, the newest, was deleted"""
    bookshop.delete("/authors/2")
    assert add(bookshop, "Mary")["id"] == int(expected[0])


# Transactions


def test_a_sale_takes_copies_from_stock(bookshop):
    response = sell(bookshop, 1, 2)
    assert response.status_code == 201
    assert response.json() == {"sold": 2}
    assert stocks(bookshop) == {"Notes": 1, "Letters": 5, "Emma": 7}


def test_the_last_copy_can_be_sold(bookshop):
    assert sell(bookshop, 1, 3).status_code == 201
    assert stocks(bookshop)["Notes"] == 0


def test_the_database_does_the_subtraction(bookshop, statements):
    """A sale reads no stock: one `INSERT`, one `UPDATE`"""
    sell(bookshop, 1, 2)
    assert verbs(statements) == ["INSERT", "UPDATE"]


def test_a_sale_beyond_the_stock_leaves_nothing_behind(bookshop):
    assert is_conflict(sell(bookshop, 1, 4))
    assert stocks(bookshop) == {"Notes": 3, "Letters": 5, "Emma": 7}
    assert sold(bookshop, "Ada") == {"sold": None}


@differs(flask="both undone", fastapi="both undone", django="the first stays")
def test_two_writes_without_a_transaction(bookshop, framework, monkeypatch, expected):
    """The second of two writes fails, and no one opened a transaction"""
    if framework == "django":
        from django.db.transaction import Atomic

        monkeypatch.setattr(Atomic, "__enter__", lambda atomic: None)
        monkeypatch.setattr(Atomic, "__exit__", lambda atomic, *error: None)
    assert is_conflict(sell(bookshop, 1, 4))
    assert sold(bookshop, "Ada") == {"sold": 4 if expected == "the first stays" else None}


@pytest.mark.parametrize("copies", [0, -2])
def test_at_least_one_copy_is_sold(bookshop, copies):
    """A sale of `0` or `-2` copies is refused"""
    assert is_conflict(sell(bookshop, 1, copies))
    assert stocks(bookshop) == {"Notes": 3, "Letters": 5, "Emma": 7}


def test_a_refused_book_takes_the_author_with_it(client):
    books = [{"title": "Notes", "stock": 3}, {"title": "Letters", "stock": -1}]
    sent = {"name": "Ada", "email": "ada@example.com", "books": books}
    assert is_conflict(client.post("/authors", json=sent))
    assert client.get("/authors").json() == []


# Plain SQL


def test_sums_what_was_sold(bookshop):
    for book, copies in [(1, 1), (2, 4), (3, 2)]:
        sell(bookshop, book, copies)
    assert sold(bookshop, "Ada") == {"sold": 5}
    assert sold(bookshop, "Jane") == {"sold": 2}
    assert sold(bookshop, "Nobody") == {"sold": None}


def test_a_parameter_is_never_sql(bookshop):
    """`' OR '1'='1` is a name like any other"""
    sell(bookshop, 1, 1)
    assert sold(bookshop, "' OR '1'='1") == {"sold": None}


# What the database was told


@ON_SQLITE
def test_the_tables_are_declared_alike(client, statements):
    declared = "\n".join(statements)
    texts = re.findall(r'"?(\w+)"? VARCHAR\((\d+)\)', declared, re.IGNORECASE)
    assert set(texts) == {("name", "80"), ("email", "254"), ("title", "120")}


@ON_SQLITE
@differs(flask="if you ask", fastapi="if you ask", django="always")
def test_the_index_of_a_foreign_key(client, framework, snippet, statements, expected):
    """A foreign key gets an index"""
    made = [statement for statement in statements if statement.startswith("CREATE INDEX")]
    assert sorted(re.findall(r"\(\W*(\w+)\W*\)", " ".join(made))) == ["author_id", "book_id"]
    if framework == "django":
        *_, asked = snippet.Book._meta.get_field("author").deconstruct()
        assert "db_index" not in asked
    else:
        assert snippet.Book.__table__.c.author_id.index


@ON_SQLITE
@differs(flask="the database", fastapi="the database", django="Django")
def test_who_cascades(client, statements, expected):
    """Who deletes the books of a deleted author"""
    told = "ON DELETE CASCADE" in " ".join(statements)
    assert told == (expected == "the database")


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
    with databases.prepared(framework, snippet, url, statements):
        add(request.getfixturevalue("client"), "Ada")
    folder = instance if expected == "`instance/`" else tmp_path
    assert [path.parent for path in tmp_path.rglob("shop.sqlite3")] == [folder]


@ON_POSTGRESQL
@differs(flask="at the statement", fastapi="at the statement", django="at the commit")
def test_when_a_foreign_key_is_checked(client, server, framework, expected):
    """PostgreSQL: a foreign key is checked"""
    rows = server.connections[framework].execute(
        "SELECT condeferred FROM pg_constraint WHERE contype = 'f'"
    )
    assert {deferred for (deferred,) in rows} == {expected == "at the commit"}
