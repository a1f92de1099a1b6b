"""Models and queries that only Flask has."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import ArgumentError, IntegrityError, PendingRollbackError

from tests.harness import databases


@pytest.fixture
def app(snippet, monkeypatch):
    """The shop, on an SQLite database in memory."""
    monkeypatch.setenv("DATABASE_URL", "sqlite://")
    with databases.sqlalchemy([]):
        yield snippet.create_app()


@pytest.fixture
def db(app, snippet):
    """The extension inside of an application context, where it has a session."""
    with app.app_context():
        yield snippet.db


def test_a_row_is_one_object_per_session(snippet, db):
    db.session.add(snippet.Author(name="Ada", email="ada@example.com"))
    db.session.commit()
    by_name = db.session.scalars(select(snippet.Author).where(snippet.Author.name == "Ada")).one()
    assert by_name is db.session.get(snippet.Author, 1)


def test_each_application_context_has_its_own_session(app, snippet):
    with app.app_context():
        first = snippet.db.session
        assert snippet.db.session is first
    with app.app_context():
        assert snippet.db.session is not first


def test_after_an_error_a_session_wants_a_rollback(snippet, db):
    db.session.add(snippet.Author(email="nobody@example.com"))
    with pytest.raises(IntegrityError):
        db.session.commit()
    with pytest.raises(PendingRollbackError):
        db.session.scalar(select(snippet.Author))
    db.session.rollback()
    assert db.session.scalar(select(snippet.Author)) is None


def test_books_that_are_loaded_go_with_their_author_too(snippet, db):
    author = snippet.Author(name="Ada", email="ada@example.com")
    author.books.append(snippet.Book(title="Notes", stock=1))
    db.session.add(author)
    db.session.commit()
    assert len(author.books) == 1
    db.session.delete(author)
    db.session.commit()
    assert db.session.scalars(select(snippet.Book)).all() == []


def test_views_of_the_blueprint_carry_its_name(app):
    assert "shop.list_authors" in app.view_functions


def test_a_string_is_no_sql_until_text_says_so(db):
    with pytest.raises(ArgumentError, match="should be explicitly declared as text"):
        db.session.execute("SELECT 1")
