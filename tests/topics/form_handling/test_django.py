"""Forms that only Django has."""

import re
import sys
from functools import partial

import pytest
from django import forms
from django.core.signals import got_request_exception
from django.forms import modelform_factory
from django.http import QueryDict
from django.views.debug import ExceptionReporter
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView

from tests.topics.form_handling.pages import Page, open_page, send

GOOD = {
    "Email": "ada@example.com",
    "Age": "36",
    "Password": "long enough 12",
    "Password again": "long enough 12",
}
TAKEN = "This address has an account already."
JSON = {"email": "ada@example.com", "age": "36", "password": "long enough 12"}


def test_a_customer_is_stored_with_a_hash_and_without_rights_in_django(client, snippet):
    """`staff=on` with the form is not stored, and the password is a hash"""
    send(client, "/signup", GOOD, more={"staff": "on", "id": "9"})
    row = snippet.Customer.objects.values("email", "age", "staff", "password").get()
    assert row.pop("password").startswith("md5$")
    assert row == {"email": "ada@example.com", "age": 36, "staff": False}


def test_the_hash_is_slow_unless_it_is_told_otherwise_in_django():
    """The first of `PASSWORD_HASHERS` is `PBKDF2PasswordHasher`, with a million rounds or more"""
    from django.conf import global_settings
    from django.contrib.auth.hashers import PBKDF2PasswordHasher

    assert global_settings.PASSWORD_HASHERS[0].endswith(".PBKDF2PasswordHasher")
    assert PBKDF2PasswordHasher.iterations >= 1_000_000


def test_two_requests_at_once_in_django(client, snippet, monkeypatch):
    """Two requests at once: where the question finds nothing, the constraint says that the address is taken"""
    monkeypatch.setattr(snippet.CustomerForm, "validate_unique", lambda form: None)
    send(client, "/signup", GOOD)
    response = send(client, "/signup", GOOD)
    assert response.status_code == 422
    assert Page(response).errors == {"Email": TAKEN}
    assert snippet.Customer.objects.count() == 1


def test_a_form_without_data_is_not_bound(snippet):
    """A form without data is not bound and has no errors; with an empty `request.POST` it is, and has"""
    assert not snippet.LineForm().is_bound
    assert snippet.LineForm().errors == {}
    assert snippet.LineForm(QueryDict()).is_bound
    assert {*snippet.LineForm(QueryDict()).errors} == {"title", "copies"}


def test_a_model_form_knows_the_columns(snippet):
    """A ModelForm makes fields of the columns, with their rules: `EmailField`, 254 characters, unique"""
    form = snippet.CustomerForm()
    assert type(form.fields["email"]).__name__ == "EmailField"
    assert form.fields["email"].max_length == 254
    snippet.Customer.objects.create(email="ada@example.com", age=36)
    assert snippet.CustomerForm(JSON).errors == {"email": [TAKEN]}


def test_all_columns_are_an_open_door(snippet):
    """With `fields = "__all__"` a stranger's `staff=on` is stored"""
    form = modelform_factory(snippet.Customer, fields="__all__")(
        QueryDict("email=a@example.com&age=36&password=x&staff=on")
    )
    assert form.is_valid()
    assert form.save(commit=False).staff is True


def test_the_blanks_of_a_password_are_cut_off_unless_strip_is_false(snippet):
    """Without `strip=False` a CharField cuts the blanks of a password off"""
    assert forms.CharField().clean("  secret ") == "secret"
    assert snippet.CustomerForm().fields["password"].strip is False


def test_a_model_form_must_name_its_fields(snippet):
    """A ModelForm without `fields` or `exclude` is an error"""
    from django.core.exceptions import ImproperlyConfigured
    from django.forms import ModelForm

    with pytest.raises(ImproperlyConfigured, match="prohibited"):

        class Open(ModelForm):
            class Meta:
                model = snippet.Book


def test_an_invalid_form_has_changed_its_instance(snippet):
    """`is_valid()` writes into the instance even when the form is wrong: do not save it afterwards"""
    book = snippet.Book(title="Dune", stock=3)
    form = snippet.BookForm({"title": "Emma", "stock": "many"}, instance=book)
    assert not form.is_valid()
    assert (book.title, book.stock) == ("Emma", 3)


def test_errors_have_codes(snippet):
    """`form.errors.get_json_data()` gives each message its code: `min_value`, `min_length`"""
    errors = snippet.CustomerForm({**JSON, "age": "1", "password": "x"}).errors.get_json_data()
    codes = {name: [error["code"] for error in found] for name, found in errors.items()}
    assert codes == {"age": ["min_value"], "password": ["min_length"]}


def test_the_browser_hears_the_rules_in_django(client):
    """Django writes `required`, `minlength="12"` and `max="120"` into the fields"""
    text = client.get("/signup").text
    password = re.search(r'<input[^>]*name="password"[^>]*>', text)
    age = re.search(r'<input[^>]*name="age"[^>]*>', text)
    assert password
    assert age
    assert 'minlength="12"' in password[0]
    assert " required" in password[0]
    assert 'max="120"' in age[0]


def test_the_errors_of_a_whole_order_in_a_formset(client):
    """What is wrong with an order as a whole stands above its rows"""
    assert "<li>Order at least one book.</li>" in send(client, "/orders").text


def test_a_form_that_claims_a_billion_rows(client):
    """`lines-TOTAL_FORMS=1000000000` makes 10 forms and an error"""
    page = open_page(client, "/orders")
    data = {
        **page.hidden,
        "lines-TOTAL_FORMS": "1000000000",
        "lines-0-title": "Dune",
        "lines-0-copies": "1",
    }
    response = client.post("/orders", data=data)
    assert response.status_code == 422
    assert len(Page(response).rows) == 10
    assert "Please submit at most 10 forms." in response.text


def test_a_form_that_does_not_say_how_many_rows(client):
    """Without `lines-TOTAL_FORMS` a formset sees no rows, and the order is refused as an empty one"""
    token = open_page(client, "/orders").hidden["csrfmiddlewaretoken"]
    response = client.post(
        "/orders",
        data={"csrfmiddlewaretoken": token, "lines-0-title": "Dune", "lines-0-copies": "1"},
    )
    assert response.status_code == 422
    assert "Order at least one book." in response.text


def test_other_methods_are_refused(client):
    """A page takes `GET`, `HEAD` and `POST`, the API `POST` alone"""
    for url, allowed in {
        "/signup": "GET, HEAD, POST",
        "/welcome": "GET, HEAD",
        "/books/new": "GET, HEAD, POST",
        "/orders": "GET, HEAD, POST",
    }.items():
        response = client.request("OPTIONS", url)
        assert response.status_code == 405
        assert response.headers["allow"] == allowed
    response = client.get("/api/customers")
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"


def test_the_api_names_the_media_type_in_django(client):
    response = client.post("/api/customers", content=b"{}", headers={"content-type": "text/plain"})
    assert response.status_code == 415
    assert response.json() == {"error": "not json"}


def test_a_form_has_at_most_1000_fields_in_django(client):
    """Nothing configured: a form of 1,000 fields is read, of 1,001 it is a 400"""
    page = open_page(client, "/signup")
    many = {**page.hidden, **{f"k{n}": "" for n in range(999)}}
    assert client.post("/signup", data=many).status_code == 422
    assert client.post("/signup", data={**many, "one": "more"}).status_code == 400


@pytest.fixture
def report(client, snippet, monkeypatch):
    """The text of the mail that Django sends about a 500, or its HTML."""
    reports = []

    def fail(password):
        raise RuntimeError("no hash today")

    def write(sender, request, **rest):
        reports.append(ExceptionReporter(request, *sys.exc_info()))

    def reported(html=False):
        reports or send(client, "/signup", GOOD)
        (one,) = reports
        return one.get_traceback_html() if html else one.get_traceback_text()

    monkeypatch.setattr(snippet, "make_password", fail)
    got_request_exception.connect(write)
    try:
        yield reported
    finally:
        got_request_exception.disconnect(write)


@pytest.fixture
def serve(snippet, monkeypatch):
    """A function that puts another view in the place of the one that signs up."""
    pattern = next(each for each in snippet.urlpatterns if each.name == "sign_up")
    return partial(monkeypatch.setattr, pattern, "callback")


@pytest.mark.server_errors
def test_a_report_of_an_error_hides_the_password(report):
    """A 500 after the form was read: the report to the admins has stars in place of both passwords"""
    text = report()
    assert "no hash today" in text
    assert "ada@example.com" in text
    assert "password = '********************'" in text
    assert "again = '********************'" in text
    assert GOOD["Password"] not in text


@pytest.mark.server_errors
def test_a_report_shows_what_nobody_called_sensitive(report, snippet, serve):
    """Without `sensitive_post_parameters` that report shows the password"""
    serve(snippet.sign_up.__wrapped__)
    assert GOOD["Password"] in report()


@pytest.mark.server_errors
def test_a_report_in_html_hides_the_variable(report):
    """The report in HTML has the local variables of each function, and stars in place of `password`"""
    text = report(html=True)
    assert "no hash today" in text
    assert "<td>password</td>" in text
    assert GOOD["Password"] not in text


@pytest.mark.server_errors
def test_a_report_in_html_shows_a_variable(report, snippet, serve):
    """Without `sensitive_variables` the report in HTML shows the local variable `password`"""
    hidden = sensitive_post_parameters("password", "again")
    serve(hidden(snippet.sign_up.__wrapped__.__wrapped__))
    assert GOOD["Password"] not in report()
    assert GOOD["Password"] in report(html=True)


@pytest.mark.server_errors
def test_in_debug_mode_the_password_is_on_the_page(client, report, settings):
    """With `DEBUG = True` the page of a 500 shows the password, whatever was called sensitive"""
    page = open_page(client, "/signup")
    settings.DEBUG = True
    response = send(client, "/signup", GOOD, page=page)
    assert response.status_code == 500
    assert GOOD["Password"] in response.text


def test_a_form_view_answers_a_wrong_form_with_200(rf, snippet):
    """`FormView` answers a wrong form with 200"""

    class Lines(FormView):
        form_class = snippet.LineForm
        template_name = "signup.html"

    assert Lines.as_view()(rf.post("/", {})).status_code == 200


def test_a_box_and_a_choice_in_django():
    """`BooleanField(required=False)`: no box sent is `False`, `on` is `True`; a `ChoiceField` refuses other values"""

    class Asked(forms.Form):
        news = forms.BooleanField(required=False)
        format = forms.ChoiceField(choices=[("paper", "Paper"), ("audio", "Audio")])

    def asked(**sent):
        form = Asked(sent)
        form.is_valid()
        return form.cleaned_data["news"], {*form.errors}

    assert asked(format="audio") == (False, set())
    assert asked(format="audio", news="on") == (True, set())
    assert asked(format="stone") == (False, {"format"})


def test_a_box_must_be_ticked_unless_required_is_false():
    """`BooleanField()` without `required=False` must be ticked"""
    with pytest.raises(forms.ValidationError):
        forms.BooleanField().clean(False)
    assert forms.BooleanField().clean(True) is True


def test_the_columns_in_django(snippet):
    """The types of the columns, and how long they are"""
    found = {
        model.__name__: {f.name: (f.get_internal_type(), f.max_length) for f in model._meta.fields}
        for model in (snippet.Customer, snippet.Book)
    }
    for fields in found.values():
        del fields["id"]
    assert found == {
        "Customer": {
            "email": ("CharField", 254),
            "password": ("CharField", 255),
            "age": ("PositiveSmallIntegerField", None),
            "staff": ("BooleanField", None),
        },
        "Book": {
            "title": ("CharField", 120),
            "stock": ("PositiveIntegerField", None),
            "excerpt": ("TextField", None),
            "featured": ("BooleanField", None),
        },
    }
