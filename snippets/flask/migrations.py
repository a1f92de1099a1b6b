"""Migrations in Flask: Alembic, told about the app in one env.py.

>>> from snippets.flask.migrations import create_app, db
>>> app = create_app()
>>> app.test_client().get("/ready").json
{'pending': 4}
>>> with app.app_context(): db.engine.dispose()
"""

import os
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError
from flask import Blueprint, Flask
from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy import CheckConstraint, MetaData, String, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


# region: model
class Base(DeclarativeBase):
    # A migration can only drop or alter what has a name.
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Book(Base):
    __tablename__ = "book"
    __table_args__ = (
        CheckConstraint("price_cents >= 0", name="price_cents"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    isbn: Mapped[str] = mapped_column(String(13), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    price_cents: Mapped[int]


# endregion: model


db = SQLAlchemy()
shop = Blueprint("shop", __name__)


@shop.get("/books")
def list_books():
    books = db.session.scalars(select(Book).order_by(Book.id))
    return {
        "books": [
            {"title": book.title, "price_cents": book.price_cents}
            for book in books
        ]
    }


# region: ready
HISTORY = ScriptDirectory(
    str(Path(__file__).with_name("migrations_alembic"))
)


def pending():
    """How many revisions this database still lacks."""
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        applied = context.get_current_heads()
    try:
        return len([*HISTORY.iterate_revisions("heads", applied)])
    except RevisionError:
        return 0  # A revision of tomorrow: this code is the old one.


@shop.get("/ready")
def ready():
    count = pending()
    return {"pending": count}, 503 if count else 200


# endregion: ready


# region: behind
@shop.app_errorhandler(DBAPIError)
def database_error(error):
    count = pending()
    if not count:
        raise error
    return {"error": "database is behind", "pending": count}, 503


# endregion: behind


def create_app():
    app = Flask(__name__)
    app.config["SQLALCHEMY_ENGINES"] = {
        "default": os.environ.get("DATABASE_URL", "sqlite://")
    }
    db.init_app(app)
    app.register_blueprint(shop)
    return app
