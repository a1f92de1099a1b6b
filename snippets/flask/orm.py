"""Models, queries and transactions in Flask, with SQLAlchemy.

>>> from snippets.flask.orm import create_app, db
>>> app = create_app()
>>> ada = {"name": "Ada", "email": "ada@example.com"}
>>> app.test_client().post("/authors", json=ada).json
{'books': [], 'id': 1, 'name': 'Ada', 'royalty': 10}
>>> with app.app_context(): db.engine.dispose()
"""

import os

import sqlalchemy as sa
from flask import Blueprint, Flask, request
from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy.exc import DataError, IntegrityError
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
    books: Mapped[list["Book"]] = relationship(
        order_by="Book.id", passive_deletes="all"
    )


class Book(Base):
    __tablename__ = "book"
    __table_args__ = (sa.CheckConstraint("stock >= 0"),)

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
    book_id: Mapped[int] = mapped_column(
        sa.ForeignKey("book.id"), index=True
    )
# endregion: models


# region: connect
db = SQLAlchemy()
shop = Blueprint("shop", __name__)


def create_app():
    app = Flask(__name__)
    # Without a URL, SQLite in memory: gone when the process ends.
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
    data = request.get_json()
    author = Author(name=data.get("name"), email=data.get("email"))
    for book in data.get("books", []):
        author.books.append(
            Book(title=book.get("title"), stock=book.get("stock"))
        )
    db.session.add(author)
    db.session.commit()
    return show_author(author), 201
# endregion: create


# region: refused
@shop.app_errorhandler(IntegrityError)
@shop.app_errorhandler(DataError)
def refused(error):
    return {"error": "conflict"}, 409
# endregion: refused


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
@shop.delete("/authors/<int:author_id>")
def delete_author(author_id):
    author = db.get_or_abort(Author, author_id)
    db.session.delete(author)
    db.session.commit()
    return "", 204
# endregion: delete


# region: transaction
@shop.post("/sales")
def sell():
    data = request.get_json()
    book_id, copies = data.get("book"), data.get("copies")
    db.session.add(Sale(book_id=book_id, copies=copies))
    db.session.execute(
        sa.update(Book)
        .where(Book.id == book_id)
        .values(stock=Book.stock - copies)
    )
    db.session.commit()
    return {"sold": copies}, 201
# endregion: transaction


# region: raw-sql
@shop.get("/sold")
def sold():
    query = sa.text("""
        SELECT SUM(copies) FROM sale
        JOIN book ON book.id = book_id
        JOIN author ON author.id = author_id
        WHERE name = :name
    """)
    name = request.args.get("author")
    return {"sold": db.session.scalar(query, {"name": name})}
# endregion: raw-sql
