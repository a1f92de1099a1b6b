"""Models and queries that only FastAPI has."""

import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Annotated

import pytest
import sqlalchemy as sa
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient
from pydantic import BaseModel, ConfigDict, PydanticDeprecatedSince20, ValidationError
from sqlalchemy import orm
from sqlalchemy.exc import InvalidRequestError, MovedIn20Warning
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.ext.declarative import declarative_base
from sqlalchemy.pool import AsyncAdaptedQueuePool

from tests.harness import databases


@pytest.fixture(autouse=True)
def _in_memory(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "sqlite://")


@pytest.fixture
def disposed():
    """The engines that were disposed."""
    found = []

    def note(engine):
        found.append(engine)

    sa.event.listen(sa.Engine, "engine_disposed", note)
    yield found
    sa.event.remove(sa.Engine, "engine_disposed", note)


def test_the_lifespan_disposes_the_engine(snippet, disposed):
    with TestClient(snippet.app):
        assert disposed == []
    assert len(disposed) == 1


def test_an_async_engine_needs_an_async_driver():
    with pytest.raises(InvalidRequestError, match="'pysqlite' is not async"):
        create_async_engine("sqlite://")
    assert create_async_engine("postgresql://").driver == "psycopg"
    assert sa.create_engine("postgresql://").driver == "psycopg"


def test_with_expire_on_commit_a_saved_object_cannot_be_shown(snippet, client):
    snippet.app.state.sessions.configure(expire_on_commit=True)
    with databases.refused_loading():
        client.post("/authors", json={"name": "Ada", "email": "ada@example.com"})


def test_missing_greenlet_is_quoted_by_another_error(client):
    """A lazy load ends in a `ResponseValidationError` that quotes `MissingGreenlet`"""
    client.post("/authors", json={"name": "Ada", "email": "ada@example.com"})
    with databases.refused_loading():
        client.get("/authors/one-by-one")


async def test_books_that_are_loaded_go_with_their_author_too(snippet):
    async with snippet.lifespan(snippet.app), snippet.app.state.sessions() as session:
        author = snippet.Author(name="Ada", email="ada@example.com")
        author.books.append(snippet.Book(title="Notes", stock=1))
        session.add(author)
        await session.commit()
        await session.delete(author)
        await session.commit()
        assert (await session.scalars(sa.select(snippet.Book))).all() == []


@pytest.mark.parametrize(("scope", "status"), [("request", 201), ("function", 500)])
def test_a_commit_in_a_dependency_comes_after_the_answer(snippet, scope, status):
    """A commit that fails after a dependency's `yield`: the 201 was sent, unless `scope="function"`"""
    app = FastAPI(lifespan=snippet.lifespan)

    async def committing(session: Annotated[AsyncSession, Depends(snippet.open_session)]):
        yield session
        await session.commit()

    @app.post("/authors", status_code=201)
    async def add_author(session: Annotated[AsyncSession, Depends(committing, scope=scope)]):
        session.add(snippet.Author(name="Ada"))

    with TestClient(app, raise_server_exceptions=False) as client:
        assert client.post("/authors").status_code == status


def test_declarative_base_from_ext_is_deprecated():
    """`sqlalchemy.ext.declarative.declarative_base()` warns"""
    with pytest.warns(MovedIn20Warning):
        declarative_base()


def test_orm_mode_is_ignored():
    """Pydantic warns of `orm_mode`, ignores it, and refuses the object that it should read"""
    with (
        pytest.warns(UserWarning, match="'orm_mode' has been renamed to 'from_attributes'"),
        pytest.warns(PydanticDeprecatedSince20),
    ):

        class Old(BaseModel):
            name: str

            class Config:
                orm_mode = True

    class New(BaseModel):
        model_config = ConfigDict(from_attributes=True)
        name: str

    ada = SimpleNamespace(name="Ada")
    with pytest.raises(ValidationError, match="instance of Old"):
        Old.model_validate(ada)
    assert New.model_validate(ada).name == "Ada"


async def test_refresh_loads_a_relation_that_was_left_out(snippet):
    """`await session.refresh(author, ["books"])` loads what reading would refuse to"""
    async with snippet.lifespan(snippet.app), snippet.app.state.sessions() as session:
        books = [snippet.Book(title="Notes", stock=1)]
        session.add(snippet.Author(name="Ada", email="ada@example.com", books=books))
        await session.commit()
        session.expunge_all()
        author = await session.get_one(snippet.Author, 1)
        await session.refresh(author, ["books"])
        assert [book.title for book in author.books] == ["Notes"]


def test_a_sync_session_belongs_into_a_plain_def(snippet, tmp_path):
    """While a route of plain `def` waits, with a sync session, the server answers others"""
    engine = sa.create_engine(f"sqlite:///{tmp_path}/shop.sqlite3")
    snippet.Base.metadata.create_all(engine)
    app = FastAPI()
    waits, others_answered = threading.Event(), threading.Event()

    def open_session():
        with orm.Session(engine) as session:
            yield session

    @app.get("/count")
    def count(session: Annotated[orm.Session, Depends(open_session)]):
        waits.set()
        authors = session.scalar(sa.select(sa.func.count()).select_from(snippet.Author))
        return {"authors": authors, "others answered": others_answered.wait(10)}

    @app.get("/hello")
    async def hello():
        return {}

    with TestClient(app) as client, ThreadPoolExecutor() as pool:
        slow = pool.submit(client.get, "/count")
        assert waits.wait(10)
        assert client.get("/hello").status_code == 200
        others_answered.set()
        assert slow.result().json() == {"authors": 0, "others answered": True}
    engine.dispose()


async def test_in_memory_all_sessions_share_a_connection(snippet):
    """In memory, the rollback of one session undoes what another one commits"""
    async with snippet.lifespan(snippet.app):
        sessions = snippet.app.state.sessions
        async with sessions() as one, sessions() as other:
            one.add(snippet.Author(name="Ada", email="ada@example.com"))
            await one.flush()
            assert (await other.scalars(sa.select(snippet.Author.name))).all() == ["Ada"]
            await other.rollback()
            await one.commit()
            assert (await other.scalars(sa.select(snippet.Author.name))).all() == []


def test_an_async_pool_of_five():
    """An async engine's pool holds 5 connections, too"""
    pool = create_async_engine("postgresql://").pool
    assert isinstance(pool, AsyncAdaptedQueuePool)
    assert pool.size() == 5
