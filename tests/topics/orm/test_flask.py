"""Models and queries that only Flask has, and what FastAPI shares with it: SQLAlchemy's session."""

import inspect
import logging
import sqlite3

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy import exc, select
from sqlalchemy.exc import ArgumentError, IntegrityError, InvalidRequestError, PendingRollbackError
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    joinedload,
    mapped_column,
    raiseload,
    relationship,
)
from sqlalchemy.pool import QueuePool, StaticPool

from tests.harness import databases


@pytest.fixture
def statements():
    """The SQL that was executed since the start of the test."""
    return []


@pytest.fixture
def app(snippet, statements, monkeypatch):
    """The shop, on an SQLite database in memory."""
    monkeypatch.setenv("DATABASE_URL", "sqlite://")
    with databases.sqlalchemy(statements):
        yield snippet.create_app()


@pytest.fixture
def db(app, snippet, statements):
    """The extension inside of an application context, where it has a session."""
    with app.app_context():
        statements.clear()
        yield snippet.db


@pytest.fixture
def ada(snippet, db, statements):
    """A saved author of two books, as a session has her after its commit."""
    books = [snippet.Book(title="Notes", stock=3), snippet.Book(title="Letters", stock=5)]
    author = snippet.Author(name="Ada", email="ada@example.com", books=books)
    db.session.add(author)
    db.session.commit()
    statements.clear()
    return author


# The session


def test_each_application_context_has_its_own_session(app, snippet):
    with app.app_context():
        first = snippet.db.session
        assert snippet.db.session is first
    with app.app_context():
        assert snippet.db.session is not first


def test_a_row_is_one_object_per_session(snippet, ada, db):
    by_name = db.session.scalars(select(snippet.Author).where(snippet.Author.name == "Ada")).one()
    assert by_name is db.session.get(snippet.Author, 1)


def test_a_query_keeps_a_change_that_was_not_saved(snippet, ada, db):
    """A query for a row that the session holds gives the object with its unsaved change"""
    ada.royalty = 20
    with db.session.no_autoflush:  # the row still says 10
        again = db.session.scalars(select(snippet.Author)).one()
        assert db.session.scalar(select(snippet.Author.royalty)) == 10
    assert again is ada
    assert again.royalty == 20


def test_a_select_opens_no_transaction_in_sqlite(snippet, db):
    """SQLite: a `SELECT` opens no transaction, an `INSERT` does"""
    driver = db.session.connection().connection.dbapi_connection
    db.session.scalars(select(snippet.Author)).all()
    assert not driver.in_transaction
    db.session.add(snippet.Author(name="Ada", email="ada@example.com"))
    db.session.flush()
    assert driver.in_transaction


def test_get_asks_the_identity_map_first(snippet, ada, db, statements):
    """A row that the session holds is not read again by `get()`"""
    assert ada.name == "Ada"
    statements.clear()
    assert db.session.get(snippet.Author, 1) is ada
    assert statements == []


def test_add_only_notes_and_flush_sends(snippet, db, statements):
    """`add()` sends nothing; `flush()` sends the `INSERT`, and the object has its id"""
    author = snippet.Author(name="Ada", email="ada@example.com")
    db.session.add(author)
    assert statements == []
    assert author.id is None
    db.session.flush()
    assert [statement.split()[0] for statement in statements] == ["INSERT"]
    assert author.id == 1


def test_a_query_flushes_first(snippet, db, statements):
    """A query sends what was noted before it: `INSERT`, then `SELECT`"""
    db.session.add(snippet.Author(name="Ada", email="ada@example.com"))
    assert db.session.scalars(select(snippet.Author.name)).all() == ["Ada"]
    assert [statement.split()[0] for statement in statements] == ["INSERT", "SELECT"]


def test_a_changed_attribute_is_sent_at_the_commit(ada, db, statements):
    """Set an attribute, commit, and an `UPDATE` is sent"""
    ada.name = "Ada Lovelace"
    assert "UPDATE" not in " ".join(statements)
    db.session.commit()
    assert "UPDATE author SET name=?" in statements[-1]


def test_others_see_a_row_after_the_commit(snippet, tmp_path, monkeypatch):
    """After `flush()` another connection sees 0 rows, after `commit()` 1"""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/shop.sqlite3")
    other = sqlite3.connect(tmp_path / "shop.sqlite3")

    def rows():
        return other.execute("SELECT COUNT(*) FROM author").fetchone()[0]

    with databases.sqlalchemy([]), snippet.create_app().app_context():
        session = snippet.db.session
        session.add(snippet.Author(name="Ada", email="ada@example.com"))
        session.flush()
        assert rows() == 0
        session.commit()
        assert rows() == 1
    other.close()


def test_a_context_that_ends_without_a_commit_rolls_back(app, snippet):
    with app.app_context():
        snippet.db.session.add(snippet.Author(name="Ada", email="ada@example.com"))
        snippet.db.session.flush()
    with app.app_context():
        assert snippet.db.session.scalars(select(snippet.Author)).all() == []


def test_a_commit_expires_what_was_loaded(ada, statements):
    """After a commit, reading a name and two books sends 2 `SELECT`"""
    assert ada.name == "Ada"
    assert len(ada.books) == 2
    assert [statement.split()[0] for statement in statements] == ["SELECT", "SELECT"]


def test_after_an_error_a_session_wants_a_rollback(snippet, db):
    db.session.add(snippet.Author(email="nobody@example.com"))
    with pytest.raises(IntegrityError):
        db.session.commit()
    with pytest.raises(PendingRollbackError):
        db.session.scalar(select(snippet.Author))
    db.session.rollback()
    assert db.session.scalar(select(snippet.Author)) is None


# Relations


def test_loaded_books_go_with_their_author(snippet, ada, db, statements):
    """Books that are loaded are deleted by the session: a `DELETE` for them, one for the author"""
    assert len(ada.books) == 2
    statements.clear()
    db.session.delete(ada)
    db.session.commit()
    assert [" ".join(each.split()[:3]) for each in statements] == [
        "DELETE FROM book",
        "DELETE FROM author",
    ]
    assert db.session.scalars(select(snippet.Book)).all() == []


@pytest.mark.parametrize(
    ("passive_deletes", "sent"), [(True, ["DELETE"]), (False, ["SELECT", "DELETE", "DELETE"])]
)
def test_passive_deletes_spares_the_loading(db, statements, passive_deletes, sent):
    """Without `passive_deletes`, a session loads the books and sends a `DELETE` for them, too"""

    class Library(DeclarativeBase):
        pass

    class Novel(Library):
        __tablename__ = "novel"
        id: Mapped[int] = mapped_column(primary_key=True)
        writer_id: Mapped[int] = mapped_column(sa.ForeignKey("writer.id", ondelete="CASCADE"))

    class Writer(Library):
        __tablename__ = "writer"
        id: Mapped[int] = mapped_column(primary_key=True)
        novels = relationship(Novel, cascade="all, delete-orphan", passive_deletes=passive_deletes)

    Library.metadata.create_all(db.engine)
    with Session(db.engine) as session:
        session.add(Writer(novels=[Novel(), Novel()]))
        session.commit()
        writer = session.get_one(Writer, 1)
        statements.clear()
        session.delete(writer)
        session.commit()
        assert [statement.split()[0] for statement in statements] == sent
        assert session.scalars(select(Novel)).all() == []


def test_a_book_that_leaves_the_list_is_deleted(snippet, ada, db, statements):
    """`cascade="all, delete-orphan"`: `author.books.remove(book)` sends a `DELETE`"""
    ada.books.remove(ada.books[0])
    statements.clear()
    db.session.commit()
    assert [statement.split()[0] for statement in statements] == ["DELETE"]
    assert db.session.scalars(select(snippet.Book.title)).all() == ["Letters"]


def test_joinedload_is_one_statement(snippet, ada, db, statements):
    """`joinedload` reads author and books with one `LEFT OUTER JOIN`"""
    db.session.expunge_all()
    query = select(snippet.Author).options(joinedload(snippet.Author.books))
    [author] = db.session.scalars(query).unique()
    assert len(author.books) == 2
    assert len(statements) == 1
    assert "LEFT OUTER JOIN" in statements[0]


def test_joinedload_repeats_the_author_for_each_book(snippet, ada, db):
    """Without `unique()`, a `joinedload` of a list raises `InvalidRequestError`"""
    query = select(snippet.Author).options(joinedload(snippet.Author.books))
    with pytest.raises(InvalidRequestError, match="unique"):
        db.session.scalars(query).all()


def test_raiseload_forbids_the_lazy_loading(snippet, ada, db):
    """With `raiseload`, reading books that were not loaded raises `InvalidRequestError`"""
    db.session.expunge_all()
    query = select(snippet.Author).options(raiseload(snippet.Author.books))
    author = db.session.scalars(query).one()
    with pytest.raises(InvalidRequestError, match="not available due to lazy='raise'"):
        len(author.books)


def test_sqlite_stores_a_word_as_a_number(snippet, db):
    """SQLite: SQLAlchemy stores `"many"` in an integer column"""
    books = [snippet.Book(title="Notes", stock="many")]
    db.session.add(snippet.Author(name="Ada", email="ada@example.com", books=books))
    db.session.commit()
    assert db.session.scalars(select(snippet.Book.stock)).one() == "many"


# Engines


def test_in_memory_all_requests_share_a_connection(snippet, app):
    """In memory, the rollback of one request undoes what another one commits"""
    author = snippet.Author(name="Ada", email="ada@example.com")
    with app.app_context():
        assert isinstance(snippet.db.engine.pool, StaticPool)
        one, other = snippet.db.sessionmaker(), snippet.db.sessionmaker()
        one.add(author)
        one.flush()
        assert other.scalars(select(snippet.Author.name)).all() == ["Ada"]  # not committed yet
        other.rollback()
        one.commit()
        assert other.scalars(select(snippet.Author.name)).all() == []
        one.close()
        other.close()


def test_a_pool_of_five_and_ten_more(tmp_path):
    """A pool lends 15 connections, from a size of 5 and an overflow of 10; the next one waits"""
    engine = sa.create_engine(f"sqlite:///{tmp_path}/shop.sqlite3", pool_timeout=0.01)
    lent = [engine.connect() for _ in range(15)]
    with pytest.raises(exc.TimeoutError, match="limit of size 5 overflow 10 reached"):
        engine.connect()
    for connection in lent:
        connection.close()
    engine.dispose()


def test_a_request_waits_30_seconds_for_a_connection():
    """`pool_timeout` is 30 seconds unless you say otherwise"""
    assert inspect.signature(QueuePool).parameters["timeout"].default == 30.0
    assert isinstance(sa.create_engine("postgresql://").pool, QueuePool)


def test_with_for_update_locks_a_row(snippet, postgresql):
    """PostgreSQL: `with_for_update()` locks a row, and who asks for it waits until the commit"""
    engine = sa.create_engine(postgresql)
    snippet.Base.metadata.create_all(engine)
    again = "SELECT 1 FROM author FOR UPDATE"
    with psycopg.connect(postgresql, autocommit=True) as other, Session(engine) as session:
        session.add(snippet.Author(name="Ada", email="ada@example.com"))
        session.commit()
        session.scalars(select(snippet.Author).with_for_update()).one()
        other.execute("SET lock_timeout = '20ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable, match="due to lock timeout"):
            other.execute(again)
        session.commit()
        assert other.execute(again).fetchone() == (1,)
    snippet.Base.metadata.drop_all(engine)
    engine.dispose()


def test_sqlalchemy_asks_sqlite_for_no_lock(snippet, db, statements):
    """SQLite: `with_for_update()` adds nothing to the `SELECT`"""
    db.session.scalars(select(snippet.Author).with_for_update()).all()
    assert "FOR UPDATE" not in statements[-1]


def test_echo_prints_each_statement(snippet, monkeypatch, caplog):
    """With `"echo": True` the statements are in the log, and the `COMMIT`"""
    from flask import Flask

    app = Flask(__name__)
    app.config["SQLALCHEMY_ENGINES"] = {"default": {"url": "sqlite://", "echo": True}}
    extension = type(snippet.db)()
    extension.init_app(app)
    with databases.sqlalchemy([]), app.app_context(), caplog.at_level(logging.INFO):
        snippet.Base.metadata.create_all(extension.engine)
        extension.session.add(snippet.Author(name="Ada", email="ada@example.com"))
        extension.session.commit()
    assert any(text.startswith("INSERT INTO author") for text in caplog.messages)
    assert caplog.messages[-1] == "COMMIT"


def test_create_all_changes_no_table(app, snippet, db):
    """`create_all` makes tables that are missing, and adds no column to one that is there"""
    snippet.Base.metadata.drop_all(db.engine)
    with db.engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE author (id INTEGER PRIMARY KEY)"))
    snippet.Base.metadata.create_all(db.engine)
    inspector = sa.inspect(db.engine)
    assert [column["name"] for column in inspector.get_columns("author")] == ["id"]
    assert inspector.has_table("book")


# The rest


def test_a_driver_names_tables_and_columns(snippet, ada, db):
    """The message of the driver names the table: `UNIQUE constraint failed: author.name`"""
    db.session.add(snippet.Author(name="Ada", email="other@example.com"))
    with pytest.raises(IntegrityError, match=r"UNIQUE constraint failed: author\.name"):
        db.session.commit()


def test_a_query_prints_its_sql(snippet):
    """`print(select(Book.title))` prints the SQL"""
    assert " ".join(str(select(snippet.Book.title)).split()) == "SELECT book.title FROM book"


def test_a_string_is_no_sql_until_text_says_so(db):
    """A string is no SQL until `text()` says so"""
    with pytest.raises(ArgumentError, match="should be explicitly declared as text"):
        db.session.execute("SELECT 1")
    assert db.session.scalar(sa.text("SELECT 1")) == 1


def test_views_of_the_blueprint_carry_its_name(app):
    assert "shop.list_authors" in app.view_functions
