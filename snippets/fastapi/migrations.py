"""Migrations in FastAPI: Alembic over the app's async engine.

>>> from fastapi.testclient import TestClient
>>> from snippets.fastapi.migrations import app
>>> with TestClient(app) as client:
...     client.get("/ready").json()
{'pending': 4}
"""

import os
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError
from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy import CheckConstraint, MetaData, String, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
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


def database_url():
    url = os.environ.get("DATABASE_URL", "sqlite://")
    return url.replace("sqlite:", "sqlite+aiosqlite:")


@asynccontextmanager
async def lifespan(app):
    app.state.engine = create_async_engine(database_url())
    yield
    await app.state.engine.dispose()


app = FastAPI(lifespan=lifespan)


async def open_session(request: Request):
    async with AsyncSession(request.app.state.engine) as session:
        yield session


@app.get("/books")
async def list_books(
    session: Annotated[AsyncSession, Depends(open_session)],
):
    books = await session.scalars(select(Book).order_by(Book.id))
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


def applied(connection):
    context = MigrationContext.configure(connection)
    return context.get_current_heads()


async def pending(request: Request):
    """How many revisions this database still lacks."""
    async with request.app.state.engine.connect() as connection:
        heads = await connection.run_sync(applied)
    try:
        return len([*HISTORY.iterate_revisions("heads", heads)])
    except RevisionError:
        return 0  # A revision of tomorrow: this code is the old one.


@app.get("/ready")
async def ready(
    count: Annotated[int, Depends(pending)], response: Response
):
    if count:
        response.status_code = 503
    return {"pending": count}


# endregion: ready


# region: behind
@app.exception_handler(DBAPIError)
async def database_error(request, error):
    count = await pending(request)
    if not count:
        raise error
    return JSONResponse(
        {"error": "database is behind", "pending": count}, 503
    )


# endregion: behind
