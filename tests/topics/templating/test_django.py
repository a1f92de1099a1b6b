"""Templating that only Django has."""

import re

import pytest
from django.template import TemplateDoesNotExist, TemplateSyntaxError, engines
from django.template.loader import render_to_string
from django.test import Client

FORM = {"text": "Long."}


def token(client):
    page = client.get("/books/2").text
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert found
    return found[1]


def rendered(source, **context):
    return engines["django"].from_string(source).render(context)


def test_the_token_may_come_in_a_header(client):
    """The token may come in the header `X-CSRFToken`, as scripts send it"""
    response = client.post("/books/2/reviews", data=FORM, headers={"x-csrftoken": token(client)})
    assert response.status_code == 302


def test_the_token_of_another_visitor_is_refused(client):
    stolen = token(client)
    client.cookies.clear()
    own = token(client)
    assert stolen != own
    response = client.post("/books/2/reviews", data={**FORM, "csrfmiddlewaretoken": stolen})
    assert response.status_code == 403


def test_the_token_is_another_at_every_look(client):
    """The token in the page changes with every answer, and each stays valid"""
    first, second = token(client), token(client)
    assert first != second
    for one in (first, second):
        form = {**FORM, "csrfmiddlewaretoken": one}
        assert client.post("/books/2/reviews", data=form).status_code == 302


def test_the_test_client_does_not_check_csrf(snippet):
    """`django.test.Client` posts without a token and is let in"""
    assert Client().post("/books/2/reviews", FORM).status_code == 302
    assert Client(enforce_csrf_checks=True).post("/books/2/reviews", FORM).status_code == 403


def test_a_tag_without_a_request_prints_no_token(snippet):
    """`{% csrf_token %}` prints nothing where `render` got no request"""
    page = render_to_string("book.html", {"book": snippet.BOOKS[2], "reviews": []})
    assert "csrfmiddlewaretoken" not in page
    assert "<form" in page


def test_a_partial_that_does_not_exist_is_an_error(snippet):
    with pytest.raises(TemplateDoesNotExist):
        render_to_string("list.html#covers", {"books": []})


def test_a_partial_may_be_used_again_in_its_template(snippet):
    """`{% partial %}` prints a `{% partialdef %}` again, with the variables of that place"""
    source = (
        "{% partialdef row %}[{{ x }}]{% endpartialdef %}"
        "{% with x=1 %}{% partial row %}{% endwith %}{% partial row %}"
    )
    assert rendered(source, x=2) == "[1][2]"


def test_filters_have_to_be_loaded(snippet):
    """A filter of your own is unknown in a template without `{% load shop %}`"""
    with pytest.raises(TemplateSyntaxError):
        rendered("{{ 9|price }}")
    assert rendered("{% load shop %}{{ 9|price }}") == "9.00 €"


def test_a_method_that_alters_data_is_not_called(snippet):
    """`{{ book.delete }}` is not called where the method says `alters_data`"""

    class Delete:
        alters_data = True

        def __call__(self):
            raise AssertionError

    assert rendered("{{ book.delete }}", book={"delete": Delete()}) == ""


@pytest.mark.parametrize("source", ["{{ book._id }}", "{{ book.__class__ }}"])
def test_names_with_an_underscore_in_front_are_refused(snippet, source):
    with pytest.raises(TemplateSyntaxError):
        rendered(source, book={"_id": 1})


@pytest.mark.parametrize("method", ["put", "delete"])
def test_pages_are_only_read(snippet, method):
    """A page answers no method but `GET` and `HEAD`, the form none but `POST`"""
    call = getattr(Client(), method)
    allowed = {"/books": "GET, HEAD", "/books/1": "GET, HEAD", "/books/1/label": "GET, HEAD"}
    for path, methods in {**allowed, "/books/1/reviews": "POST"}.items():
        response = call(path)
        assert response.status_code == 405
        assert response.headers["allow"] == methods
