"""Models, queries and transactions in Flask, with SQLAlchemy.

>>> from snippets.flask.orm import create_app, db
>>> app = create_app()
>>> ada = {"name": "Ada", "email": "ada@example.com"}
>>> app.test_client().post("/authors", json=ada).json
{'books': [], 'id': 1, 'name': 'Ada', 'royalty': 10}
>>> with app.app_context(): db.engine.dispose()
"""

import os
from typing import Annotated

import sqlalchemy as sa
from flask import Blueprint, Flask, request
from flask_sqlalchemy_lite import SQLAlchemy
from pydantic import BaseModel, Field, ValidationError
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
    relationship,
    selectinload,
)


# region: models
class Base(DeclarativeBase):
    pass


class Author(Base):
    __tablename__ = "author"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80), unique=True)
    email: Mapped[str] = mapped_column(sa.String(254))
    royalty: Mapped[int] = mapped_column(default=10)
    # No column: the books whose author_id is this author's id.
    books: Mapped[list["Book"]] = relationship(
        order_by="Book.id",
        cascade="all, delete-orphan",  # no book without an author
        passive_deletes=True,  # not loaded? The database does it.
    )


class Book(Base):
    __tablename__ = "book"
    __table_args__ = (
        sa.CheckConstraint("stock >= 0"),
        sa.UniqueConstraint("title", "author_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(sa.String(120))
    stock: Mapped[int]
    author_id: Mapped[int] = mapped_column(
        sa.ForeignKey("author.id", ondelete="CASCADE"), index=True
    )


class Sale(Base):
    __tablename__ = "sale"
    __table_args__ = (sa.CheckConstraint("copies > 0"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    copies: Mapped[int]
    # No ondelete: a book that was sold cannot be deleted.
    book_id: Mapped[int] = mapped_column(
        sa.ForeignKey("book.id"), index=True
    )
# endregion: models


# region: connect
db = SQLAlchemy()
shop = Blueprint("shop", __name__)


def create_app():
    app = Flask(__name__)
    # Without a URL, SQLite in memory: for a first look, by one
    # user, because all requests share one connection.
    url = os.environ.get("DATABASE_URL", "sqlite://")
    app.config["SQLALCHEMY_ENGINES"] = {"default": url}
    db.init_app(app)
    app.register_blueprint(shop)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            sa.event.listen(db.engine, "connect", enforce_keys)
        Base.metadata.create_all(db.engine)
    return app


# Each SQLite connection ignores foreign keys until it is told.
def enforce_keys(connection, record):
    connection.execute("PRAGMA foreign_keys = ON")
# endregion: connect


# region: input
MAX = 2_147_483_647  # the largest INTEGER of PostgreSQL
# PostgreSQL stores no null character, and JSON can carry one.
Text = Annotated[str, Field(min_length=1, pattern=r"^[^\x00]*$")]
Name = Annotated[Text, Field(max_length=80)]


class NewBook(BaseModel):
    title: Annotated[Text, Field(max_length=120)]
    stock: Annotated[int, Field(ge=0, le=MAX)]


class NewAuthor(BaseModel):
    name: Name
    email: Annotated[Text, Field(max_length=254)]
    books: list[NewBook] = []


class NewSale(BaseModel):
    book: Annotated[int, Field(ge=1, le=MAX)]
    copies: Annotated[int, Field(ge=1, le=MAX)]


class Invalid(Exception):
    pass


def parse(model, data):
    try:
        return model.model_validate(data)
    except ValidationError as error:
        # An exception of our own: a ValidationError from elsewhere
        # is a mistake of this program and has to stay a 500.
        raise Invalid(
            error.errors(include_url=False, include_input=False)
        ) from error


@shop.app_errorhandler(Invalid)
def refuse(invalid):
    return {"detail": invalid.args[0]}, 422
# endregion: input


# region: output
def show_author(author):
    return {
        "id": author.id,
        "name": author.name,
        "royalty": author.royalty,
        "books": [
            {"id": book.id, "title": book.title, "stock": book.stock}
            for book in author.books
        ],
    }
# endregion: output


# region: create
@shop.post("/authors")
def add_author():
    data = parse(NewAuthor, request.get_json())
    author = Author(
        name=data.name,
        email=data.email,
        books=[Book(**book.model_dump()) for book in data.books],
    )
    db.session.add(author)  # only noted
    db.session.commit()  # sent and saved
    return show_author(author), 201
# endregion: create


# region: refused
# A column without a value is a mistake of this program: a 500.
NOT_NULL = ("23502", "SQLITE_CONSTRAINT_NOTNULL")


@shop.app_errorhandler(IntegrityError)
def refuse_conflict(error):
    # psycopg says in `sqlstate` what was violated, sqlite3 below.
    code = getattr(error.orig, "sqlstate", None)
    if (code or error.orig.sqlite_errorname) in NOT_NULL:
        raise error
    return {"error": "conflict"}, 409
# endregion: refused


# region: naive
@shop.get("/authors/one-by-one")
def list_one_by_one():
    authors = db.session.scalars(
        sa.select(Author).order_by(Author.id)
    )
    # show_author reads author.books: one SELECT for each author.
    return [show_author(author) for author in authors]
# endregion: naive


# region: list
@shop.get("/authors")
def list_authors():
    authors = db.session.scalars(
        sa.select(Author)
        .options(selectinload(Author.books))
        .order_by(Author.id)
    )
    return [show_author(author) for author in authors]
# endregion: list


# region: delete
@shop.delete(f"/authors/<int(max={MAX}):author_id>")
def delete_author(author_id):
    author = db.get_or_abort(Author, author_id)
    db.session.delete(author)
    db.session.commit()
    return "", 204
# endregion: delete


# region: transaction
@shop.post("/sales")
def sell():
    data = parse(NewSale, request.get_json())
    db.session.add(Sale(book_id=data.book, copies=data.copies))
    db.session.execute(
        sa.update(Book)
        .where(Book.id == data.book)
        .values(stock=Book.stock - data.copies)
    )
    db.session.commit()  # both, or neither
    return {"sold": data.copies}, 201
# endregion: transaction


# region: raw-sql
class Wanted(BaseModel):
    author: Name


@shop.get("/sold")
def sold():
    wanted = parse(Wanted, request.args.to_dict())
    query = sa.text("""
        SELECT SUM(copies) FROM sale
        JOIN book ON book.id = book_id
        JOIN author ON author.id = author_id
        WHERE name = :name
    """)
    total = db.session.scalar(query, {"name": wanted.author})
    return {"sold": total}
# endregion: raw-sql
