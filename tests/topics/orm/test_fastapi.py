"""Models and queries that only FastAPI has."""

from typing import Annotated

import pytest
import sqlalchemy as sa
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient
from pydantic import BaseModel, PydanticDeprecatedSince20
from sqlalchemy.exc import InvalidRequestError, MovedIn20Warning
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.ext.declarative import declarative_base

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


def test_with_expire_on_commit_a_saved_object_cannot_be_shown(snippet, client):
    snippet.app.state.sessions.configure(expire_on_commit=True)
    with databases.refused_loading():
        client.post("/authors", json={"name": "Ada", "email": "ada@example.com"})


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


def test_orm_mode_is_deprecated():
    """Pydantic's `class Config: orm_mode = True` warns twice"""
    with (
        pytest.warns(UserWarning, match="'orm_mode' has been renamed to 'from_attributes'"),
        pytest.warns(PydanticDeprecatedSince20),
    ):

        class Old(BaseModel):
            class Config:
                orm_mode = True
