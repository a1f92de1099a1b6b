"""Request handling that only Django has."""

from io import BytesIO

import pytest
from django import forms
from django.conf import global_settings
from django.core.exceptions import RequestDataTooBig
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.db import connection
from django.http.request import RawPostDataException
from django.test import Client, RequestFactory
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tests.harness.bodies import offer

LIMIT = 20_000


def test_the_messages_are_the_forms(client):
    response = client.post("/customers", data={"name": "x" * 41})
    assert response.json() == {
        "errors": {"name": ["Ensure this value has at most 40 characters (it has 41)."]}
    }


def test_the_log_says_what_was_too_large(client, caplog):
    """The log says what was too large, a body or a stream; the answer does not"""
    large = b"x" * (LIMIT + 1)
    client.post("/books", content=large, headers={"content-type": "application/json"})
    client.put("/stock", content=large)
    said = [record.getMessage() for record in caplog.records if "security" in record.name]
    assert said == [
        "Request body exceeded settings.DATA_UPLOAD_MAX_MEMORY_SIZE.",
        "too big a stream",
    ]


def test_a_stream_of_the_allowed_size_is_read(client):
    assert client.put("/stock", content=b"\n" * LIMIT).json() == {"lines": LIMIT}


# What a form and a Pydantic model make of the same value, as it was sent.


class CustomerModel(BaseModel):
    name: str = Field(min_length=1)
    newsletter: bool = False
    limit: int = 10


class CustomerForm(forms.Form):
    name = forms.CharField()
    newsletter = forms.BooleanField(required=False)
    limit = forms.IntegerField(required=False)


REFUSED = "refused"


def read_by_model(field, value):
    try:
        return getattr(CustomerModel(**{"name": "Ada", field: value}), field)
    except ValidationError:
        return REFUSED


def read_by_form(field, value):
    form = CustomerForm({"name": "Ada", field: value})
    return form.cleaned_data[field] if form.is_valid() else REFUSED


@pytest.mark.parametrize(
    ("field", "value", "model", "form"),
    [
        ("newsletter", "on", True, True),
        ("newsletter", "false", False, False),
        ("newsletter", "off", False, True),
        ("newsletter", "0", False, True),
        ("newsletter", "maybe", REFUSED, True),
        ("newsletter", "", REFUSED, False),
        ("name", "  ", "  ", REFUSED),
        ("name", " Ada ", " Ada ", "Ada"),
        ("name", 5, REFUSED, "5"),
        ("name", ["Ada"], REFUSED, "['Ada']"),
        ("name", "\x00", "\x00", REFUSED),
        ("name", "\ud800", REFUSED, "\ud800"),
        ("limit", "", REFUSED, None),
        ("limit", "\u0665", REFUSED, 5),
    ],
)
def test_a_form_and_a_model_read_the_same_value(field, value, model, form):
    """A form and a model read the same value: `off` and `0` tick a form's box, blanks are cut off"""
    assert read_by_model(field, value) == model
    assert read_by_form(field, value) == form


class StrictCustomer(BaseModel):
    model_config = ConfigDict(str_strip_whitespace=True, extra="forbid")
    name: str = Field(min_length=1)


@pytest.mark.parametrize("sent", [{"name": "  "}, {"name": "Ada", "staff": "1"}])
def test_a_model_can_be_stricter(sent):
    """A model with `str_strip_whitespace=True` and `extra="forbid"` refuses a name of two blanks, and unknown keys"""
    assert StrictCustomer(name=" Ada ").name == "Ada"
    with pytest.raises(ValidationError):
        StrictCustomer(**sent)


@given(text=st.text(min_size=1).filter(lambda text: text.lower() != "false"))
def test_any_text_but_false_ticks_the_box_of_a_form(text):
    """Any text but `false` and the empty one ticks the box of a form"""
    assert read_by_form("newsletter", text) is True
    assert read_by_form("newsletter", "false") is False
    assert read_by_form("newsletter", "") is False


def test_half_a_character_passes_a_form_and_fails_in_the_database(snippet):
    """Half of a surrogate pair passes a form; the database driver raises"""
    form = snippet.NewCustomerForm({"name": "\ud800"})
    assert form.is_valid()
    with connection.cursor() as cursor, pytest.raises(UnicodeEncodeError):
        cursor.execute("SELECT %s", [form.cleaned_data["name"]])


def test_a_query_has_at_most_a_thousand_parameters(client):
    """A query of 1,001 parameters is a bad request"""
    response = client.get("/search?" + "&".join(["tag=sf"] * 1001))
    assert response.status_code == 400
    assert response.json() == {"error": "bad request"}


@pytest.mark.parametrize(
    ("method", "url", "allowed"),
    [
        ("OPTIONS", "/search", "GET, HEAD"),
        ("OPTIONS", "/visit", "GET, HEAD"),
        ("GET", "/books", "POST"),
        ("GET", "/customers", "POST"),
        ("POST", "/stock", "PUT"),
    ],
)
def test_each_view_names_its_methods(client, method, url, allowed):
    response = client.request(method, url)
    assert response.status_code == 405
    assert response.headers["allow"] == allowed


def test_with_debug_django_shows_its_own_page_instead(client, settings):
    """With `DEBUG = True` nobody asks `handler400`: too large a body is a 400 in HTML"""
    settings.DEBUG = True
    headers = {"content-type": "application/json"}
    response = client.post("/books", content=b" " * (LIMIT + 1), headers=headers)
    assert response.status_code == 400
    assert response.headers["content-type"].startswith("text/html")


def test_a_view_that_is_not_exempt_refuses_a_forged_body(plain):
    """A view without `csrf_exempt` answers JSON sent as `text/plain` with 403"""
    headers = {"content-type": "text/plain"}
    assert plain.post("/checked", content=b'{"price": 1}', headers=headers).status_code == 403


def test_the_session_cookie_stays_on_its_site():
    """Django's session cookie has `SameSite=Lax` unless `SESSION_COOKIE_SAMESITE` says otherwise"""
    assert global_settings.SESSION_COOKIE_SAMESITE == "Lax"


def test_the_limit_is_for_the_body_in_memory_not_for_read(snippet):
    """`DATA_UPLOAD_MAX_MEMORY_SIZE` limits `request.body`, not `request.read()`"""
    body = b"x" * (LIMIT + 1)
    assert RequestFactory().generic("PUT", "/", body).read() == body
    with pytest.raises(RequestDataTooBig):
        _ = RequestFactory().generic("PUT", "/", body).body


def test_the_limit_is_on_unless_it_is_set():
    """`DATA_UPLOAD_MAX_MEMORY_SIZE` is 2,621,440 bytes, 2.5 MiB, unless it is set"""
    assert global_settings.DATA_UPLOAD_MAX_MEMORY_SIZE == 2_621_440


def test_under_wsgi_a_large_body_is_refused_unread(snippet):
    """Under WSGI a body of 1,000,000 bytes is a 413 before its first byte is read"""
    assert offer(WSGIHandler(), "/books", "application/json", 1_000_000) == (413, 0)


def test_under_asgi_a_large_body_is_read_whole_before_it_is_refused(snippet):
    """Under ASGI all of 1,000,000 bytes are read before the 413"""
    asked = offer(ASGIHandler(), "/books", "application/json", 1_000_000)
    assert asked == (413, 1_000_000)


def test_a_chunked_body_is_empty_under_wsgi(snippet):
    """Under WSGI a body without `Content-Length` is read as empty"""
    response = Client().generic("PUT", "/stock", b"\n\n", CONTENT_LENGTH="")
    assert response.json() == {"lines": 0}


def test_the_body_is_gone_after_a_multipart_form_was_read(snippet):
    """`request.body` after `request.POST` of a multipart form is an exception"""
    request = RequestFactory().post("/", {"name": "Ada"})
    assert request.POST["name"] == "Ada"
    with pytest.raises(RawPostDataException):
        _ = request.body


class Noted(BytesIO):
    """A body that notes how much of it was asked for at a time."""

    def __init__(self, content):
        super().__init__(content)
        self.asked = []

    def read(self, size=-1):
        self.asked.append(size)
        return super().read(size)


def test_django_asks_for_4096_bytes(snippet):
    """Django's view asks for 4096 bytes of a raw body at a time, and not for all of it"""
    body = Noted(b"\n" * 10_000)
    environ = {"REQUEST_METHOD": "PUT", "CONTENT_LENGTH": "10000", "wsgi.input": body}
    assert snippet.replace_stock(WSGIRequest(environ)).content == b'{"lines": 10000}'
    assert (body.asked[0], max(body.asked)) == (4096, 4096)
