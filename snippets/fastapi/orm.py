"""Models, queries and transactions in FastAPI, with SQLAlchemy.

>>> from fastapi.testclient import TestClient
>>> from snippets.fastapi.orm import app
>>> ada = {"name": "Ada", "email": "ada@example.com"}
>>> with TestClient(app) as client:
...     client.post("/authors", json=ada).json()
{'id': 1, 'name': 'Ada', 'royalty': 10, 'books': []}
"""

import os
from contextlib import asynccontextmanager
from typing import Annotated

import sqlalchemy as sa
from fastapi import (
    Depends,
    FastAPI,
    HTTPException,
    Path,
    Query,
    Request,
)
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import (
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
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
@asynccontextmanager
async def lifespan(app):
    # Without a URL, SQLite in memory: for a first look, by one
    # user, because all requests share one connection.
    url = os.environ.get("DATABASE_URL", "sqlite://")
    engine = create_async_engine(
        url.replace("sqlite:", "sqlite+aiosqlite:")
    )
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine.sync_engine, "connect", enforce_keys)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    # After a commit an object keeps what was loaded: reading an
    # attribute cannot wait for the database here.
    app.state.sessions = async_sessionmaker(
        engine, expire_on_commit=False
    )
    yield
    await engine.dispose()


# Each SQLite connection ignores foreign keys until it is told.
def enforce_keys(connection, record):
    connection.execute("PRAGMA foreign_keys = ON")


async def open_session(request: Request):
    async with request.app.state.sessions() as session:
        yield session


Session = Annotated[AsyncSession, Depends(open_session)]
app = FastAPI(lifespan=lifespan)
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
# endregion: input


# region: output
class BookOut(BaseModel):
    id: int
    title: str
    stock: int


class AuthorOut(BaseModel):
    id: int
    name: str
    royalty: int
    books: list[BookOut]
# endregion: output


# region: create
@app.post("/authors", status_code=201, response_model=AuthorOut)
async def add_author(data: NewAuthor, session: Session):
    author = Author(
        name=data.name,
        email=data.email,
        books=[Book(**book.model_dump()) for book in data.books],
    )
    session.add(author)  # only noted
    await session.commit()  # sent and saved
    return author
# endregion: create


# region: refused
# A column without a value is a mistake of this program: a 500.
NOT_NULL = ("23502", "SQLITE_CONSTRAINT_NOTNULL")


@app.exception_handler(IntegrityError)
async def refuse_conflict(request, error):
    # psycopg says in `sqlstate` what was violated, sqlite3 below.
    code = getattr(error.orig, "sqlstate", None)
    if (code or error.orig.sqlite_errorname) in NOT_NULL:
        raise error
    return JSONResponse({"error": "conflict"}, 409)
# endregion: refused


# region: naive
@app.get("/authors/one-by-one", response_model=list[AuthorOut])
async def list_one_by_one(session: Session):
    authors = await session.scalars(
        sa.select(Author).order_by(Author.id)
    )
    # AuthorOut reads author.books, which nobody has awaited.
    return authors.all()
# endregion: naive


# region: list
@app.get("/authors", response_model=list[AuthorOut])
async def list_authors(session: Session):
    authors = await session.scalars(
        sa.select(Author)
        .options(selectinload(Author.books))
        .order_by(Author.id)
    )
    return authors.all()
# endregion: list


# region: delete
@app.delete("/authors/{author_id}", status_code=204)
async def delete_author(
    author_id: Annotated[int, Path(ge=1, le=MAX)], session: Session
):
    author = await session.get(Author, author_id)
    if author is None:
        raise HTTPException(404)
    await session.delete(author)
    await session.commit()
# endregion: delete


# region: transaction
@app.post("/sales", status_code=201)
async def sell(data: NewSale, session: Session):
    session.add(Sale(book_id=data.book, copies=data.copies))
    await session.execute(
        sa.update(Book)
        .where(Book.id == data.book)
        .values(stock=Book.stock - data.copies)
    )
    await session.commit()  # both, or neither
    return {"sold": data.copies}
# endregion: transaction


# region: raw-sql
class Wanted(BaseModel):
    author: Name


@app.get("/sold")
async def sold(
    wanted: Annotated[Wanted, Query()], session: Session
):
    query = sa.text("""
        SELECT SUM(copies) FROM sale
        JOIN book ON book.id = book_id
        JOIN author ON author.id = author_id
        WHERE name = :name
    """)
    total = await session.scalar(query, {"name": wanted.author})
    return {"sold": total}
# endregion: raw-sql
