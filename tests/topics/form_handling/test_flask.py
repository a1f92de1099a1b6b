"""Forms that only Flask has."""

import json
import re
from io import BytesIO

import pytest
import wtforms
from flask import Flask
from flask_wtf import FlaskForm
from pydantic_core import from_json
from werkzeug.datastructures import MultiDict
from wtforms.validators import Length, NumberRange

from tests.topics.form_handling.pages import Page, open_page, send

GOOD = {
    "Email": "ada@example.com",
    "Age": "36",
    "Password": "long enough 12",
    "Password again": "long enough 12",
}
TAKEN = "This address has an account already."


@pytest.fixture
def kept(snippet, monkeypatch):
    """What was stored: the rows of customers, as dicts."""
    rows = []
    store = snippet.store

    def note(form):
        if customer := store(form):
            columns = ("email", "age", "password", "staff")
            rows.append({name: getattr(customer, name) for name in columns})
        return customer

    monkeypatch.setattr(snippet, "store", note)
    return rows


def test_a_customer_is_stored_with_a_hash_and_without_rights_in_flask(client, kept):
    """`staff=on` with the form is not stored, and the password is a hash"""
    send(client, "/signup", GOOD, more={"staff": "on", "id": "9"})
    (row,) = kept
    assert row.pop("password").startswith("pbkdf2:sha256:1$")
    assert row == {"email": "ada@example.com", "age": 36, "staff": False}


def test_the_hash_is_slow_unless_it_is_told_otherwise_in_flask():
    """`generate_password_hash` takes scrypt, with 32768 rounds, unless it is told otherwise"""
    from werkzeug.security import generate_password_hash

    assert generate_password_hash.__defaults__ == ("scrypt", 16)
    assert generate_password_hash("x").startswith("scrypt:32768:8:1$")


def test_two_requests_at_once_in_flask(client, snippet, monkeypatch):
    """Two requests at once: where the question finds nothing, the constraint says that the address is taken"""
    monkeypatch.delattr(snippet.CustomerForm, "validate_email")
    send(client, "/signup", GOOD)
    response = send(client, "/signup", GOOD)
    assert response.status_code == 422
    assert Page(response).errors == {"Email": TAKEN}
    assert send(client, "/signup", {**GOOD, "Email": "b@example.com"}).status_code == 302


class Wish(FlaskForm):
    title = wtforms.StringField(validators=[Length(max=9)])


@pytest.fixture
def plain():
    """An application that knows only `FlaskForm`, and not `CSRFProtect`."""
    app = Flask("plain")
    app.secret_key = "made up"
    return app


class Bare(FlaskForm):
    title = wtforms.StringField()


def test_a_form_without_arguments_reads_json(plain):
    """`FlaskForm()` reads JSON, too: of a number where text belongs `Length` makes a `TypeError`; without `Length` it is taken"""
    plain.config["WTF_CSRF_ENABLED"] = False
    with plain.test_request_context(method="POST", json={"title": "Dune"}):
        assert Wish().validate()
    with (
        plain.test_request_context(method="POST", json={"title": 5}),
        pytest.raises(TypeError, match="'int' has no len"),
    ):
        Wish().validate()
    with plain.test_request_context(method="POST", json={"title": 5}):
        form = Bare()
        assert form.validate()
        assert form.title.data == 5


def test_a_form_without_arguments_reads_files(plain):
    """`FlaskForm()` reads files, too: of a file where text belongs `Length` makes a `TypeError`; without `Length` it is taken"""
    plain.config["WTF_CSRF_ENABLED"] = False

    def file():
        return {"title": (BytesIO(b"x"), "dune.txt")}

    with (
        plain.test_request_context(method="POST", data=file()),
        pytest.raises(TypeError, match="'FileStorage' has no len"),
    ):
        Wish().validate()
    with plain.test_request_context(method="POST", data=file()):
        form = Bare()
        assert form.validate()
        assert form.title.data.filename == "dune.txt"


def test_a_box_and_a_choice_in_flask(plain):
    """`BooleanField`: no box sent is `False`, `on` is `True`; a `SelectField` refuses other values"""
    plain.config["WTF_CSRF_ENABLED"] = False

    class Asked(FlaskForm):
        news = wtforms.BooleanField()
        format = wtforms.SelectField(choices=["paper", "audio"])

    def asked(**sent):
        with plain.test_request_context(method="POST", data=sent):
            form = Asked()
            form.validate()
            return form.news.data, {*form.errors}

    assert asked(format="audio") == (False, set())
    assert asked(format="audio", news="on") == (True, set())
    assert asked(format="stone") == (False, {"format"})


def test_a_range_fails_at_400_digits(plain):
    """`NumberRange` raises an `OverflowError` at a number of 400 digits"""

    class Asked(wtforms.Form):
        age = wtforms.IntegerField(validators=[NumberRange(16, 120)])

    with pytest.raises(OverflowError):
        Asked(MultiDict({"age": "9" * 400})).validate()


def test_a_wrong_address_is_not_looked_up(client, snippet, monkeypatch):
    """An address that `Email` has refused is not looked up in the database"""
    monkeypatch.delattr(snippet, "db")
    response = send(client, "/signup", {**GOOD, "Email": "ada\0@example.com"})
    assert Page(response).errors == {"Email": "Invalid email address."}


def test_a_method_runs_after_a_refusal(plain):
    """WTForms calls `validate_title` also where `Length` has refused the title"""
    plain.config["WTF_CSRF_ENABLED"] = False
    called = []

    class Asked(Wish):
        def validate_title(self, field):
            called.append(field.errors)

    with plain.test_request_context(method="POST", data={"title": "much too long"}):
        assert not Asked().validate()
    assert called == [["Field cannot be longer than 9 characters."]]


def test_the_standard_parser_lets_more_through():
    """`json.loads` raises a `RecursionError` at 50,000 brackets and takes half a surrogate pair"""
    with pytest.raises(RecursionError):
        json.loads("[" * 50_000)
    with pytest.raises(UnicodeEncodeError):
        json.loads(r'"\ud800"').encode()
    with pytest.raises(ValueError, match="recursion limit exceeded"):
        from_json("[" * 50_000)
    with pytest.raises(ValueError, match="unexpected end of hex escape"):
        from_json(r'"\ud800"')


def test_a_body_of_more_than_100_kb(client):
    """With `MAX_CONTENT_LENGTH = 100_000` a form of 100,001 bytes is a 413"""
    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post("/signup", content=b"x" * 100_000, headers=headers).status_code == 400
    assert client.post("/signup", content=b"x" * 100_001, headers=headers).status_code == 413


def test_without_csrfprotect_a_wrong_token_is_an_error_of_the_form(plain):
    """Without `CSRFProtect` a wrong token is an error of the `FlaskForm`, beside no field that a reader sees"""
    with plain.test_request_context(method="POST", data={"csrf_token": "x"}):
        form = Wish()
        assert not form.validate()
        assert form.errors == {"csrf_token": ["The CSRF token is invalid."]}


def test_wtforms_alone_has_no_token(plain):
    """A class of `wtforms.Form` has no token; a `FlaskForm` has"""

    class Bare(wtforms.Form):
        title = wtforms.StringField()

    assert [field.name for field in Bare()] == ["title"]
    with plain.test_request_context():
        assert [field.name for field in Wish()] == ["title", "csrf_token"]


def test_rows_beyond_max_entries_are_dropped_without_a_word():
    """`FieldList` with `max_entries=2` drops the third row and says nothing"""

    class Wishes(wtforms.Form):
        titles = wtforms.FieldList(wtforms.StringField(), max_entries=2)

    form = Wishes(MultiDict({f"titles-{n}": "Dune" for n in range(3)}))
    assert form.validate()
    assert form.titles.data == ["Dune", "Dune"]


def test_the_browser_hears_the_rules_in_flask(client):
    """WTForms writes `required`, `minlength="12"` and `max="120"` into the fields"""
    text = client.get("/signup").text
    password = re.search(r'<input[^>]*name="password"[^>]*>', text)
    age = re.search(r'<input[^>]*name="age"[^>]*>', text)
    assert password
    assert age
    assert 'minlength="12"' in password[0]
    assert " required" in password[0]
    assert 'max="120"' in age[0]


def test_the_api_names_the_media_type_in_flask(client):
    response = client.post("/api/customers", content=b"{}", headers={"content-type": "text/plain"})
    assert response.status_code == 415


def test_the_cookie_of_the_token_stays_on_its_site(client):
    """The cookie that belongs to the token is `HttpOnly` and `SameSite=Lax`"""
    cookie = client.get("/signup").headers["set-cookie"]
    assert cookie.split("; ")[1:] == ["HttpOnly", "Path=/", "SameSite=Lax"]


def test_what_is_missing_is_said_once(client):
    """With `InputRequired` a field that was left empty gets one error: `This field is required.`"""
    required = "This field is required."
    page = Page(send(client, "/signup", {}))
    assert page.errors == dict.fromkeys(GOOD, required)
    page = Page(send(client, "/books/new", {}))
    assert page.errors == {"Title": required, "Stock": required}


def test_the_errors_of_a_whole_order(client):
    """What is wrong with an order as a whole stands above its rows"""
    assert "<p>Order at least one book.</p>" in send(client, "/orders").text
    page = open_page(client, "/orders")
    rows = {f"lines-{n}-{name}": "1" for n in range(11) for name in ("title", "copies")}
    response = client.post("/orders", data={**page.hidden, **rows})
    assert "<p>Order at most 10 books.</p>" in response.text


def test_a_row_keeps_its_token_to_itself(client):
    """The form of an order has one token, whatever the number of its rows"""
    assert [*open_page(client, "/orders").hidden] == ["csrf_token"]


@pytest.mark.server_errors
def test_an_error_of_the_server_keeps_the_password_out_of_the_log_in_flask(
    client, snippet, monkeypatch, caplog
):
    """A 500 after the form was read: its traceback in the log holds no password"""

    def fail(password):
        raise RuntimeError("no hash today")

    monkeypatch.setattr(snippet, "generate_password_hash", fail)
    assert send(client, "/signup", GOOD).status_code == 500
    assert "no hash today" in caplog.text
    assert GOOD["Password"] not in caplog.text


@pytest.mark.server_errors
def test_an_error_of_the_database_hides_what_was_sent_in_flask(
    client, snippet, monkeypatch, caplog
):
    """With `hide_parameters` the text of a database error has neither the address nor the hash"""

    class Another(Exception):
        pass

    send(client, "/signup", GOOD)
    monkeypatch.delattr(snippet.CustomerForm, "validate_email")
    monkeypatch.setattr(snippet, "IntegrityError", Another)
    assert send(client, "/signup", GOOD).status_code == 500
    said = caplog.text
    assert "UNIQUE constraint failed" in said
    assert "hide_parameters=True" in said
    assert "ada@example.com" not in said


def test_the_columns_in_flask(snippet):
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
