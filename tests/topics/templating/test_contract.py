"""Contract of the chapter on templating."""

import itertools
import json
import os
import re
from datetime import date

import flask
import pytest
from django.template import TemplateDoesNotExist, engines
from django.test import RequestFactory
from django.utils.safestring import SafeString
from fastapi import Request
from fastapi.templating import Jinja2Templates
from jinja2 import FileSystemLoader, TemplateNotFound
from markupsafe import Markup

from book._core.frameworks import FRAMEWORKS, SNIPPETS
from tests.harness.differs import differs

HTMX = {"hx-request": "true"}
OWN_PAGE = {"origin": "http://testserver", "sec-fetch-site": "same-origin"}
OTHER_SITE = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}

LIST = """\
<!doctype html>
<html lang="en" data-theme="light">
<meta charset="utf-8">
<title>Books - Bookshop</title>
<main>
<h1>Books</h1>
<form action="/books"
      hx-get="/books"
      hx-trigger="input" hx-target="#rows">
<label>Search <input name="q" value=""></label>
</form>
<ul id="rows">
<li><a href="/books/1">Dune</a>
9.90 €</li>
<li><a href="/books/2">War &amp; Peace</a>
1,250.00 €</li>
</ul>
</main>
</html>
"""
BOOK = """\
<!doctype html>
<html lang="en" data-theme="light">
<meta charset="utf-8">
<title>War &amp; Peace - Bookshop</title>
<main>
<h1>War &amp; Peace</h1>
<p>1,250.00 €</p>
<ul>
<li>No reviews yet.</li>
</ul>
<script id="reviews" type="application/json">[]</script>
<form method="post"
      action="/books/2/reviews">
<label>Review <input name="text" value=""></label>
<button>Send</button>
</form>
</main>
</html>
"""


def text_of(response):
    """An HTML page without blank lines, which the template languages leave in other places."""
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    return "".join(f"{line}\n" for line in response.text.splitlines() if line.strip())


def hidden_fields(page):
    """What a browser sends besides the fields that a reader fills in."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]+)">', page))


def kept_reviews(client):
    return client.get("/books/2").text.count("<li>Long.</li>")


@pytest.fixture
def render(framework, snippet, tmp_path, settings):
    """Write templates as files and answer a request with the last, by this snippet's engine."""

    def jinja(environment):
        return environment.overlay(loader=FileSystemLoader(tmp_path))

    if framework == "flask":
        environment = jinja(snippet.app.jinja_env)

        def answer(name, context):
            with snippet.app.test_request_context("/"):
                return flask.render_template(environment.get_template(name), **context)

    elif framework == "fastapi":
        templates = Jinja2Templates(
            env=jinja(snippet.templates.env),
            context_processors=snippet.templates.context_processors,
        )
        scope = {
            "type": "http",
            "path": "/",
            "headers": [(b"host", b"testserver")],
            "app": snippet.app,
            "router": snippet.app.router,
        }

        def answer(name, context):
            response = templates.TemplateResponse(Request(scope), name, context)
            return bytes(response.body).decode()

    else:
        settings.TEMPLATES = [{**snippet.TEMPLATES[0], "DIRS": [tmp_path]}]

        def answer(name, context):
            return engines["django"].get_template(name).render(context, RequestFactory().get("/"))

    moments = itertools.count()

    def write(name, source):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(source, "utf-8")
        # Each file is a second younger than the last, however fast they are written.
        os.utime(path, (0, next(moments)))

    def write_and_render(source, name="page.html", files=(), **context):
        for other, text in dict(files).items():
            write(other, text)
        write(name, source)
        return answer(name, context)

    return write_and_render


def outcome(render, source, **context):
    """What a template yields: its text, or the name of the exception."""
    try:
        return render(source, **context)
    except Exception as error:
        return type(error).__name__


# Pages


def test_one_layout_serves_both_languages():
    """The layouts of the three are one file, byte for byte"""
    layouts = [SNIPPETS / name / "templating_files/base.html" for name in FRAMEWORKS]
    assert len({path.read_bytes() for path in layouts}) == 1


def test_a_page_is_its_layout_filled_in(client):
    assert text_of(client.get("/books")) == LIST


def test_a_child_adds_to_a_block_of_its_layout(client):
    """The page of a book puts its title before the shop's name"""
    text = text_of(client.get("/books/2"))
    assert re.sub(r'<input type="hidden"[^>]+>\n', "", text) == BOOK


@pytest.mark.parametrize("path", ["/books/3", "/books/3/label"])
def test_a_book_that_does_not_exist_is_not_found(client, path):
    assert client.get(path).status_code == 404


def test_a_context_processor_reaches_every_page(client):
    """A cookie for the dark theme changes every page, though no view passes it on"""
    for path in ("/books", "/books/1"):
        page = client.get(path, headers={"cookie": "theme=dark"}).text
        assert '<html lang="en" data-theme="dark">' in page


@differs(flask="the view's", fastapi="the processor's", django="the view's")
def test_a_view_and_a_context_processor_use_one_name(render, expected):
    """View and context processor both set `theme`: whose value is printed"""
    printed = render("{{ theme }}", theme="dark")
    assert {"dark": "the view's", "light": "the processor's"}[printed] == expected


@differs(flask="`/books/1`", fastapi="`http://testserver/books/1`", django="`/books/1`")
def test_a_link_in_a_page(framework, render, expected):
    """A link from `url_for` or `{% url %}`"""
    jinja = '{{ url_for("show_book", book_id=1) }}'
    source = '{% url "show_book" 1 %}' if framework == "django" else jinja
    assert f"`{render(source)}`" == expected


@differs(flask="old, until a restart", fastapi="new, at once", django="old, until a restart")
def test_a_template_that_is_edited_while_the_app_runs(render, expected):
    """A template is edited while the application runs, debug mode off"""
    assert render("old") == "old"
    assert expected.startswith(render("new"))


def test_a_missing_template_is_an_error(render):
    """A template that is missing is an exception, not an empty page"""
    with pytest.raises((TemplateNotFound, TemplateDoesNotExist)):
        render('{% include "nowhere.html" %}')


# Fragments


def test_htmx_gets_the_rows_alone(client):
    """A request by htmx gets the rows alone"""
    response = client.get("/books", headers=HTMX)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.text == (
        '\n<li><a href="/books/1">Dune</a>\n9.90 €</li>\n'
        '\n<li><a href="/books/2">War &amp; Peace</a>\n1,250.00 €</li>\n'
    )


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_both_answers_of_one_url_tell_caches_what_they_depend_on(client, headers):
    """Page and rows share a URL, so both answers say `Vary: HX-Request`"""
    assert client.get("/books", headers=headers).headers["vary"] == "HX-Request"


def test_a_page_repeats_the_search(client):
    page = client.get("/books?q=Dune").text
    assert '<input name="q" value="Dune">' in page
    assert page.count("<li>") == 1


def test_a_search_is_marked_in_the_titles(client):
    """The filter's own tags stay tags, the title around and between them is escaped"""
    response = client.get("/books", params={"q": "r &"}, headers=HTMX)
    assert response.text == (
        '\n<li><a href="/books/2">Wa<mark>r &amp;</mark> Peace</a>\n1,250.00 €</li>\n'
    )


# Parts


def test_an_included_part_sees_the_variables_of_the_page(render):
    page = '[{% include "part.html" %}]'
    assert render(page, files={"part.html": "{{ x }}"}, x="seen") == "[seen]"


def test_a_macro_or_an_inclusion_tag_sees_only_its_arguments(framework, render):
    macro = "{% macro field(label, name) %}({{ x }}{{ label }}){% endmacro %}"
    import_it = '{% from "parts.html" import field %}'
    page, files = {
        "flask": (import_it + '{{ field("a", "b") }}', {"parts.html": macro}),
        "fastapi": (import_it + '{{ field("a", "b") }}', {"parts.html": macro}),
        "django": (
            '{% load shop %}{% field "a" "b" %}',
            {"field.html": "({{ x }}{{ label }})"},
        ),
    }[framework]
    assert render(page, files=files, x="unseen") == "(a)"


# Escaping


def test_what_a_stranger_wrote_is_shown_as_text(client):
    page = client.get("/books/1").text
    assert "<li>Vast &lt;script&gt;alert(1)&lt;/script&gt;</li>" in page


def test_a_search_is_shown_as_text(client):
    """`GET /books?q=<b>`: a value is escaped where it is printed"""
    response = client.get("/books", params={"q": "<b>"}, headers=HTMX)
    assert response.text == "\n<li>No title contains &lt;b&gt;.</li>\n"


def test_a_search_is_never_read_as_a_template(client):
    """`GET /books?q={{ 7 * 7 }}` prints the braces"""
    response = client.get("/books", params={"q": "{{ 7 * 7 }}"}, headers=HTMX)
    assert response.text == "\n<li>No title contains {{ 7 * 7 }}.</li>\n"


@differs(flask="`&#39;` `&#34;`", fastapi="`&#39;` `&#34;`", django="`&#x27;` `&quot;`")
def test_quotes_are_escaped(client, expected):
    """`GET /books?q='"`: the two quotes, escaped"""
    response = client.get("/books", params={"q": "'\""}, headers=HTMX)
    quotes = expected.replace("`", "").replace(" ", "")
    assert response.text == f"\n<li>No title contains {quotes}.</li>\n"


@differs(flask="raw", fastapi="raw", django="escaped")
def test_escaping_in_a_text_file(render, expected):
    """A `<` printed by `mail.txt`"""
    printed = render("{{ x }}", name="mail.txt", x="<")
    assert {"<": "raw", "&lt;": "escaped"}[printed] == expected


@differs(flask="raw", fastapi="raw", django="escaped")
def test_escaping_in_a_file_with_a_second_suffix(render, expected):
    """A `<` printed by `page.html.j2`"""
    printed = render("{{ x }}", name="page.html.j2", x="<")
    assert {"<": "raw", "&lt;": "escaped"}[printed] == expected


@differs(flask="escaped", fastapi="raw", django="escaped")
def test_escaping_in_a_drawing(render, expected):
    """A `<` printed by `logo.svg`"""
    printed = render("{{ x }}", name="logo.svg", x="<")
    assert {"<": "raw", "&lt;": "escaped"}[printed] == expected


@pytest.mark.parametrize("name", ["page.html", "page.htm", "feed.xml"])
def test_escaping_in_a_page(render, name):
    """A `<` printed by a file that ends in `.html`, `.htm` or `.xml` is escaped"""
    assert render("{{ x }}", name=name, x="<") == "&lt;"


@differs(flask="escaped", fastapi="escaped", django="raw")
def test_escaping_of_a_literal(render, expected):
    """`{{ "<b>" }}`: a literal in the template"""
    printed = render('{{ "<b>" }}')
    assert {"<b>": "raw", "&lt;b&gt;": "escaped"}[printed] == expected


@differs(flask="`<b>&lt;i&gt;`", fastapi="`<b>&lt;i&gt;`", django="`&lt;b&gt;&lt;i&gt;`")
def test_safe_and_other_text_are_joined(framework, render, expected):
    """A safe string `<b>` plus a plain string `<i>`"""
    safe = SafeString if framework == "django" else Markup
    assert f"`{render('{{ x }}', x=safe('<b>') + '<i>')}`" == expected


def test_an_f_string_inside_a_safe_string_is_not_escaped(framework, render):
    """`Markup(f"…{x}…")` and `mark_safe(f"…{x}…")` escape nothing"""
    safe = SafeString if framework == "django" else Markup
    stranger = "<script>"
    assert render("{{ x }}", x=safe(f"<b>{stranger}</b>")) == "<b><script></b>"


def test_escaping_does_not_stop_a_url_that_is_a_script(render):
    """`<a href="{{ url }}">` lets `javascript:` through"""
    printed = render('<a href="{{ url }}">', url="javascript:alert(1)")
    assert printed == '<a href="javascript:alert(1)">'


def test_escaping_does_not_help_an_attribute_without_quotes(render):
    """`<p title={{ x }}>` lets a stranger add attributes"""
    printed = render("<p title={{ x }}>", x="a onclick=alert(1)")
    assert printed == "<p title=a onclick=alert(1)>"


def test_json_for_a_script_cannot_end_the_script(client):
    """Data inside `<script>`: `</script>` in a review stays inside"""
    page = client.get("/books/1").text
    data = page.partition('<script id="reviews" type="application/json">')[2]
    data, _, rest = data.partition("</script>")
    assert json.loads(data) == ["Vast <script>alert(1)</script>"]
    assert "<" not in data
    assert "</script>" not in rest


@differs(flask='`"Sun, 01 Aug 1965 00:00:00 GMT"`', fastapi="TypeError", django='`"1965-08-01"`')
def test_a_date_as_json(framework, render, expected):
    """A date as JSON for a script: `tojson`, `json_script`"""
    source = "{{ x|json_script }}" if framework == "django" else "{{ x|tojson }}"
    printed = outcome(render, source, x=date(1965, 8, 1))
    assert re.sub("<.+?>", "", printed) == expected.strip("`")


# Two languages


@pytest.mark.parametrize(("source", "printed"), [("{{ x }}", ""), ("{{ none }}", "None")])
def test_a_missing_variable_prints_nothing(render, source, printed):
    """A missing variable prints nothing; `None` prints `None`"""
    assert render(source, none=None) == printed


@differs(flask="UndefinedError", fastapi="UndefinedError", django="")
def test_an_attribute_of_a_missing_attribute(render, expected):
    """`{{ book.publisher.name }}` of a book without publisher"""
    assert outcome(render, "{{ book.publisher.name }}", book={"id": 1}) == expected


@differs(flask="`None`", fastapi="`None`", django="`-`")
def test_the_default_of_none(framework, render, expected):
    """`None` through the filter `default` with a `-`"""
    source = "{{ x|default:'-' }}" if framework == "django" else "{{ x|default('-') }}"
    assert f"`{render(source, x=None)}`" == expected


@differs(flask="prints it", fastapi="prints it", django="calls it")
def test_a_method_without_parentheses(render, expected):
    """`{{ book.delete }}`, a method"""

    class Book:
        def delete(self):
            return "deleted"

    printed = render("{{ book.delete }}", book=Book())
    assert ("calls it" if printed == "deleted" else "prints it") == expected
    assert printed == "deleted" or "bound method" in printed


@differs(flask="`DUNE`", fastapi="`DUNE`", django="TemplateSyntaxError")
def test_a_method_with_parentheses(render, expected):
    """`{{ title.upper() }}`"""
    assert outcome(render, "{{ title.upper() }}", title="Dune") == expected.strip("`")


@differs(flask="`20`", fastapi="`20`", django="TemplateSyntaxError")
def test_arithmetic(render, expected):
    """`{{ price * 2 }}`"""
    assert outcome(render, "{{ price * 2 }}", price=10) == expected.strip("`")


@differs(flask="the dict's method", fastapi="the dict's method", django="the value")
def test_a_key_that_is_called_like_a_method(render, expected):
    """`{{ order.items }}`, a dict with the key `items`"""
    printed = render("{{ order.items }}", order={"items": "two books"})
    assert ("the value" if printed == "two books" else "the dict's method") == expected
    assert printed == "two books" or "built-in method items" in printed


@differs(flask="`1965-08-01`", fastapi="`1965-08-01`", django="`Aug. 1, 1965`")
def test_a_date(render, expected):
    """`{{ published }}`, a date"""
    assert f"`{render('{{ x }}', x=date(1965, 8, 1))}`" == expected


@differs(flask="left out", fastapi="left out", django="printed")
def test_a_comment_over_two_lines(render, expected):
    """`{# … #}` over two lines"""
    printed = render("a{# secret\nplan #}b")
    assert {"ab": "left out", "a{# secret\nplan #}b": "printed"}[printed] == expected


@differs(flask="dropped", fastapi="dropped", django="kept")
def test_the_last_line_break_of_a_file(client, expected):
    """The last line break of a template file"""
    response = client.get("/books/2/label")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    end = {"dropped": "", "kept": "\n"}[expected]
    assert response.text == f"War & Peace\n1,250.00 €{end}"


# Forms


def test_a_review_sent_with_the_shops_own_form_is_kept(client):
    """A review sent with the shop's own form is kept"""
    form = hidden_fields(client.get("/books/2").text)
    response = client.post("/books/2/reviews", data={**form, "text": "Long."}, headers=OWN_PAGE)
    assert response.headers["location"] == "/books/2"
    assert kept_reviews(client) == 1


def test_an_empty_review_is_not_kept(client):
    form = hidden_fields(client.get("/books/2").text)
    for fields in (form, {**form, "text": ""}):
        response = client.post("/books/2/reviews", data=fields, headers=OWN_PAGE)
        assert response.headers["location"] == "/books/2"
    assert "<li>No reviews yet.</li>" in client.get("/books/2").text


def test_a_review_of_a_book_that_does_not_exist_is_not_found(client):
    form = hidden_fields(client.get("/books/2").text)
    response = client.post("/books/3/reviews", data={**form, "text": "Long."}, headers=OWN_PAGE)
    assert response.status_code == 404


@differs(flask=302, fastapi=303, django=302)
def test_the_redirect_after_a_form(client, expected):
    """The redirect after a form was kept"""
    form = hidden_fields(client.get("/books/2").text)
    response = client.post("/books/2/reviews", data={**form, "text": "Long."}, headers=OWN_PAGE)
    assert response.status_code == expected


@differs(flask="`session`", fastapi=None, django="`csrftoken`")
def test_the_cookie_that_the_form_needs(client, expected):
    """The cookie that comes with the page of a form"""
    response = client.get("/books/2")
    assert [f"`{name}`" for name in response.cookies] == ([expected] if expected else [])
    assert response.headers.get("vary") == ("Cookie" if expected else None)


@differs(flask="400", fastapi="403", django="403")
def test_a_form_on_another_site(client, expected):
    """A form that another site's page sends"""
    client.get("/books/2")
    response = client.post("/books/2/reviews", data={"text": "Long."}, headers=OTHER_SITE)
    assert str(response.status_code) == expected
    assert kept_reviews(client) == 0


@differs(flask="400", fastapi="303: it has none", django="403")
def test_a_form_without_its_token(client, expected):
    """The shop's own form, its token left out"""
    client.get("/books/2")
    response = client.post("/books/2/reviews", data={"text": "Long."}, headers=OWN_PAGE)
    assert response.status_code == int(expected[:3])
    assert kept_reviews(client) == (response.status_code == 303)


@differs(flask="302: let in", fastapi="403", django="403")
def test_another_site_that_knows_the_token(client, expected):
    """Another site's form with a valid token, over HTTP"""
    form = hidden_fields(client.get("/books/2").text)
    response = client.post("/books/2/reviews", data={**form, "text": "Long."}, headers=OTHER_SITE)
    assert response.status_code == int(expected[:3])
    assert kept_reviews(client) == (response.status_code == 302)


@differs(flask="400", fastapi="403", django="403")
def test_a_script_that_knows_nothing(client, expected):
    """A script's `POST`: no token, no `Origin`"""
    response = client.post("/books/2/reviews", data={"text": "Long."})
    assert str(response.status_code) == expected
    assert kept_reviews(client) == 0
