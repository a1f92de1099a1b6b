"""Templating that only Django has."""

import re

import pytest
from django.template import (
    Context,
    Engine,
    Library,
    TemplateDoesNotExist,
    TemplateSyntaxError,
    engines,
)
from django.template.loader import render_to_string
from django.test import Client, override_settings

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


def test_a_token_lives_as_long_as_its_cookie(client):
    """The cookie `csrftoken` is kept for `31449600` seconds, 364 days, and scripts may read it"""
    cookie = client.get("/books/2").headers["set-cookie"]
    flags = [flag for flag in cookie.split("; ")[1:] if not flag.startswith("expires")]
    assert flags == ["Max-Age=31449600", "Path=/", "SameSite=Lax"]
    assert 31449600 == 364 * 24 * 60 * 60


def test_over_https_the_referer_counts_where_no_origin_is_sent(client):
    """Over HTTPS without `Origin` a valid token is refused without a `Referer` or with a foreign one"""
    client.base_url = "https://testserver"
    form = {**FORM, "csrfmiddlewaretoken": token(client)}
    for headers, status in (
        ({}, 403),
        ({"referer": "https://evil.example/"}, 403),
        ({"origin": "https://testserver"}, 302),
        ({"referer": "https://testserver/books/2"}, 302),
    ):
        assert client.post("/books/2/reviews", data=form, headers=headers).status_code == status


@pytest.mark.parametrize(("trusted", "status"), [([], 403), (["https://testserver"], 302)])
def test_an_origin_can_be_trusted_by_name(snippet, settings, trusted, status):
    """With `https://testserver` in `CSRF_TRUSTED_ORIGINS` a form from there is let in over HTTP"""
    settings.CSRF_TRUSTED_ORIGINS = trusted
    client = Client(enforce_csrf_checks=True)
    form = {**FORM, "csrfmiddlewaretoken": client.get("/books/2").context["csrf_token"]}
    response = client.post("/books/2/reviews", form, headers={"origin": "https://testserver"})
    assert response.status_code == status


def test_the_test_client_does_not_check_csrf(snippet):
    """`django.test.Client` posts without a token and is let in"""
    assert Client().post("/books/2/reviews", FORM).status_code == 302
    assert Client(enforce_csrf_checks=True).post("/books/2/reviews", FORM).status_code == 403


def test_a_tag_without_a_request_prints_no_token(snippet):
    """`{% csrf_token %}` prints nothing where `render` got no request"""
    page = render_to_string("book.html", {"book": snippet.BOOKS[2], "reviews": []})
    assert "csrfmiddlewaretoken" not in page
    assert "<form" in page


def test_an_inclusion_tag_may_take_the_context(snippet):
    """With `takes_context=True` an inclusion tag sees the page's variables"""
    library = Library()

    @library.inclusion_tag(Engine().from_string("({{ x }}{{ label }})"), takes_context=True)
    def field(context, label):
        return {"label": label, "x": context["x"]}

    engine = Engine()
    engine.template_builtins.append(library)
    assert engine.from_string('{% field "a" %}').render(Context({"x": "seen "})) == "(seen a)"


@pytest.mark.parametrize("name", ["page.html.j2", "mail.txt", "data.csv", "page", "x.md"])
def test_every_file_is_escaped(snippet, settings, tmp_path, name):
    """A `<` is escaped whatever the file is called"""
    (tmp_path / name).write_text("{{ x }}")
    settings.TEMPLATES = [{**snippet.TEMPLATES[0], "DIRS": [tmp_path]}]
    assert render_to_string(name, {"x": "<"}) == "&lt;"


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


def test_a_library_is_found_in_the_folder_templatetags_of_an_app(snippet, tmp_path, monkeypatch):
    """`templatetags/shop.py` in the folder of an installed app is what `{% load shop %}` loads"""
    folder = tmp_path / "sbs_filters" / "templatetags"
    folder.mkdir(parents=True)
    for package in (folder.parent, folder):
        (package / "__init__.py").touch()
    (folder / "shop.py").write_text(
        "from django.template import Library\n"
        "register = Library()\n"
        "@register.filter\n"
        "def twice(x): return x * 2\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    backend = {"BACKEND": "django.template.backends.django.DjangoTemplates"}
    with override_settings(INSTALLED_APPS=["sbs_filters"], TEMPLATES=[backend]):
        assert rendered("{% load shop %}{{ 4|twice }}") == "8"


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
