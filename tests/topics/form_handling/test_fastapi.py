"""Forms that only FastAPI has."""

import inspect
import logging
from typing import Annotated, Literal

import pytest
from fastapi import FastAPI, Form
from fastapi.testclient import TestClient
from pydantic import (
    BaseModel,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError
from sqlalchemy.exc import IntegrityError

from tests.topics.form_handling.pages import Page, open_page, send

GOOD = {
    "Email": "ada@example.com",
    "Age": "36",
    "Password": "long enough 12",
    "Password again": "long enough 12",
}
JSON = {"email": "ada@example.com", "age": 36, "password": "long enough 12"}


@pytest.fixture
def kept(snippet, monkeypatch):
    """What was stored: the rows of customers, as dicts."""
    rows = []
    store = snippet.store

    async def note(session, new):
        if customer := await store(session, new):
            columns = ("email", "age", "password", "staff")
            rows.append({name: getattr(customer, name) for name in columns})
        return customer

    monkeypatch.setattr(snippet, "store", note)
    return rows


def test_a_customer_is_stored_with_a_hash_and_without_rights_in_fastapi(client, kept):
    """`staff=on` with the form is not stored, and the password is a hash"""
    send(client, "/signup", GOOD, more={"staff": "on", "id": "9"})
    (row,) = kept
    assert row.pop("password").startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert row == {"email": "ada@example.com", "age": 36, "staff": False}


def test_the_hash_is_made_in_a_thread(client, snippet, monkeypatch):
    """The hash is made outside the event loop, in a thread"""
    import threading

    threads = []

    class Hasher:
        def hash(self, password):
            threads.append(threading.current_thread())
            return "hashed"

    monkeypatch.setattr(snippet, "hasher", Hasher())
    send(client, "/signup", GOOD)
    assert threads
    assert threads[0] is not threading.main_thread()


# A form in the signature


class Login(BaseModel):
    name: str
    password: str = Field(min_length=12)


@pytest.fixture
def plain():
    """An application with forms in its signatures."""
    app = FastAPI()
    ran = []

    @app.post("/login")
    def log_in(login: Annotated[Login, Form()]):
        ran.append(login)
        return {"name": login.name}

    with TestClient(app) as client:
        yield client, ran


LOGIN = {"name": "Ada", "password": "long enough 12"}


def test_a_form_in_the_signature_has_at_most_1000_fields(plain):
    """Nothing configured: a form of 1,000 fields is read, of 1,001 it is a 400"""
    client, _ = plain
    many = {f"k{n}": "" for n in range(998)}
    assert client.post("/login", data={**LOGIN, **many}).status_code == 200
    assert client.post("/login", data={**LOGIN, **many, "one": "more"}).status_code == 400


def test_a_form_in_the_signature_answers_with_json(plain):
    """A wrong form for `Annotated[Login, Form()]` is a 422 in JSON, and the function never runs"""
    client, ran = plain
    response = client.post("/login", data={"name": "Ada", "password": "short"})
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/json"
    assert response.json()["detail"][0]["input"] == "short"
    assert ran == []
    assert client.post("/login", data=LOGIN).json() == {"name": "Ada"}


# Models


class Twice(BaseModel):
    age: int
    password: str
    again: str

    @model_validator(mode="after")
    def same(self):
        if self.password != self.again:
            raise ValueError("The passwords differ.")
        return self


def test_a_rule_of_the_model_waits_and_names_no_field():
    """A `model_validator` runs only when each field is right, and its error names no field"""
    with pytest.raises(ValidationError) as raised:
        Twice.model_validate({"age": "x", "password": "a", "again": "b"})
    assert [error["loc"] for error in raised.value.errors()] == [("age",)]
    with pytest.raises(ValidationError) as raised:
        Twice.model_validate({"age": "1", "password": "a", "again": "b"})
    assert [error["loc"] for error in raised.value.errors()] == [()]


def test_a_rule_of_the_later_field_sees_the_earlier():
    """A `field_validator` finds the fields before its own in `info.data`, those that were right"""
    found = []

    class Ordered(BaseModel):
        age: int
        password: str
        again: str
        last: int

        @field_validator("again")
        @classmethod
        def check(cls, again, info):
            found.append(dict(info.data))
            raise ValueError

    with pytest.raises(ValidationError) as raised:
        Ordered.model_validate({"age": "x", "password": "a", "again": "b", "last": 1})
    assert found == [{"password": "a"}]
    assert [error["loc"] for error in raised.value.errors()] == [("age",), ("again",)]


def test_no_validator_is_awaited():
    """An `async def` validator is not awaited: the value of the field is its coroutine"""

    class Asked(BaseModel):
        email: str

        @field_validator("email")
        @classmethod
        async def ask(cls, email):
            return email

    asked = Asked(email="ada@example.com")
    assert inspect.iscoroutine(asked.email)
    asked.email.close()


def test_a_box_and_a_choice_in_fastapi():
    """A `bool` with a default: no box sent is `False`, `on` is `True`; a `Literal` refuses other values"""

    class Asked(BaseModel):
        news: bool = False
        format: Literal["paper", "audio"] = "paper"

    assert Asked.model_validate({}).news is False
    assert Asked.model_validate({"news": "on"}).news is True
    assert Asked.model_validate({"format": "audio"}).format == "audio"
    with pytest.raises(ValidationError) as raised:
        Asked.model_validate({"format": "stone"})
    assert [error["loc"] for error in raised.value.errors()] == [("format",)]


def test_a_secret_is_in_the_error_that_refuses_it(snippet):
    """`SecretStr` hides what it took, not what it refused; `hide_input_in_errors` hides that, too"""

    class Open(BaseModel):
        password: SecretStr = Field(min_length=12)

    with pytest.raises(ValidationError) as raised:
        Open.model_validate({"password": "sesam"})
    assert "sesam" in str(raised.value)
    with pytest.raises(ValidationError) as raised:
        snippet.NewCustomer.model_validate({**JSON, "password": "sesam"})
    assert "password" in str(raised.value)
    assert "sesam" not in str(raised.value)


def test_a_secret_is_printed_as_stars(snippet):
    """A model with a password is printed with stars in its place"""
    signup = snippet.Signup.model_validate({**JSON, "again": JSON["password"]})
    assert "password=Secret('**********')" in repr(signup)
    assert "long enough" not in f"{signup!r} {signup} {signup.model_dump_json()}"


def test_a_rule_that_raises_a_value_error_says_so():
    """The message of a `ValueError` begins with `Value error, `, a `PydanticCustomError` gives its own"""
    with pytest.raises(ValidationError) as raised:
        Twice.model_validate({"age": "1", "password": "a", "again": "b"})
    assert raised.value.errors()[0]["msg"] == "Value error, The passwords differ."

    class Custom(BaseModel):
        again: str

        @field_validator("again")
        @classmethod
        def check(cls, again):
            raise PydanticCustomError("x", "The passwords differ.")

    with pytest.raises(ValidationError) as raised:
        Custom(again="")
    assert raised.value.errors()[0]["msg"] == "The passwords differ."


def test_rows_that_do_not_pair_are_not_dropped(client):
    """A title without its copies, as a script might send it, is refused and not dropped"""
    page = open_page(client, "/orders")
    data = {**page.hidden, "title": ["Dune", "Emma"], "copies": ["1"]}
    assert client.post("/orders", data=data).status_code == 422


def test_rows_that_lack_a_name_are_paired_wrongly(client):
    """Of two titles and one `copies` the first title gets it, whichever row has sent it"""
    page = open_page(client, "/orders")
    data = {**page.hidden, "title": ["Dune", "Emma"], "copies": ["2"]}
    rows = Page(client.post("/orders", data=data)).rows
    assert rows[:2] == [{"Title": "Dune", "Copies": "2"}, {"Title": "Emma", "Copies": ""}]


# The program


def test_pages_are_not_in_the_schema(client):
    """`include_in_schema=False` keeps pages out of the schema, which describes the API alone"""
    assert [*client.get("/openapi.json").json()["paths"]] == ["/api/customers"]


def test_the_refusal_says_what_to_do(client):
    response = client.post("/signup")
    assert response.status_code == 403
    assert response.json() == {"detail": "Open the page again and resend."}


def test_a_page_without_a_form_sets_no_cookie(client):
    """The token is made when a page asks for it: a page without a form sets no cookie"""
    assert "set-cookie" not in client.get("/welcome").headers
    assert "set-cookie" in client.get("/signup").headers


@pytest.mark.parametrize(
    ("site", "status"),
    [("same-origin", 303), ("none", 303), ("same-site", 403), ("cross-site", 403), ("x", 403)],
)
def test_what_the_browser_says_counts_beside_the_token(client, site, status):
    """With a right token `Sec-Fetch-Site` decides: `same-origin` and `none` are let in, others are a 403"""
    response = send(client, "/signup", GOOD, headers={"sec-fetch-site": site})
    assert response.status_code == status


def test_a_form_has_at_most_a_hundred_fields(client):
    """A form of 101 fields is a 400; of 100 it is read"""
    page = open_page(client, "/signup")
    few = {**page.hidden, **{f"k{n}": "" for n in range(99)}}
    assert client.post("/signup", data=few).status_code == 422
    assert client.post("/signup", data={**few, "one": "more"}).status_code == 400


def test_a_body_has_at_most_100_kb(client):
    """With `max_body_size=100_000` a form of 100,001 bytes is a 413"""
    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post("/signup", content=b"x" * 100_000, headers=headers).status_code == 403
    assert client.post("/signup", content=b"x" * 100_001, headers=headers).status_code == 413


def test_json_that_is_no_object_is_an_error_of_the_body(client):
    """JSON that is no object is an error of the `body`"""
    response = client.post("/api/customers", json=[])
    assert {*response.json()["errors"]} == {"body"}


def test_a_form_has_at_most_one_file(client):
    """Of two files in a form the second is a 400"""
    page = open_page(client, "/books/new")
    files = [("excerpt", ("a.txt", b"a")), ("excerpt", ("b.txt", b"b"))]
    assert client.post("/books/new", data=page.hidden, files=files).status_code == 400


def test_a_word_for_the_number_of_a_book(client):
    response = client.get("/books/dune")
    assert response.status_code == 422
    assert {*response.json()["errors"]} == {"book_id.constrained-int", "book_id.literal['new']"}


@pytest.mark.server_errors
def test_an_error_of_the_server_keeps_the_password_out_of_the_log_in_fastapi(
    client, snippet, monkeypatch, caplog
):
    """A 500 after the form was read: its traceback in the log holds no password"""
    caplog.set_level(logging.DEBUG)

    async def fail(session, new):
        raise RuntimeError(f"no hash today for {new}")

    monkeypatch.setattr(snippet, "store", fail)
    assert send(client, "/signup", GOOD).status_code == 500
    assert GOOD["Password"] not in caplog.text


def test_an_error_of_the_database_hides_what_was_sent_in_fastapi(client, snippet, monkeypatch):
    """With `hide_parameters` the text of a database error has neither the address nor the hash"""

    class Another(Exception):
        pass

    monkeypatch.setattr(snippet, "IntegrityError", Another)
    send(client, "/signup", GOOD)
    with pytest.raises(IntegrityError) as raised:
        send(client, "/signup", GOOD)
    said = str(raised.value)
    assert "UNIQUE constraint failed" in said
    assert "hide_parameters=True" in said
    assert "ada@example.com" not in said


def test_the_columns_in_fastapi(snippet):
    """The tables and the types of their columns"""
    tables = snippet.Base.metadata.tables
    assert {name: {c.name: str(c.type) for c in t.columns} for name, t in tables.items()} == {
        "customer": {
            "id": "INTEGER",
            "email": "VARCHAR(254)",
            "password": "VARCHAR(255)",
            "age": "INTEGER",
            "staff": "BOOLEAN",
        },
        "book": {
            "id": "INTEGER",
            "title": "VARCHAR(120)",
            "stock": "INTEGER",
            "excerpt": "TEXT",
            "featured": "BOOLEAN",
        },
    }
