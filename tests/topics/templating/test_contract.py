"""Contract of the chapter on templating; differences stand in the order of what they cost."""

import html
import json
import re
from datetime import date

import pytest
from django.template import TemplateDoesNotExist
from django.urls import NoReverseMatch
from django.utils.safestring import SafeString
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import StrictUndefined, TemplateNotFound, UndefinedError
from markupsafe import Markup
from starlette.routing import NoMatchFound
from werkzeug.routing import BuildError

from book._core.frameworks import FRAMEWORKS, SNIPPETS
from tests.harness.differs import differs, in_process, only

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
<form id="search" action="/books">
<label>Search <input name="q" value=""></label>
<button>Search</button>
</form>
<ul id="rows">
<li><a href="/books/1">Dune</a>
9.90 €</li>
<li><a href="/books/2">War &amp; Peace</a>
1,250.00 €</li>
</ul>
{search}</main>
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


def template(framework, name):
    """The source of a template of a snippet."""
    return (SNIPPETS / framework / "templating_files" / name).read_text("utf-8")


def text_of(response):
    """An HTML page without blank lines, which the template languages leave in other places."""
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    return without_blank_lines(response.text)


def without_blank_lines(text):
    return "".join(f"{line}\n" for line in text.splitlines() if line.strip())


def hidden_fields(page):
    """What a browser sends besides the fields that a reader fills in."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]+)">', page))


def send_review(client, text="Long.", *, headers=OWN_PAGE, book=2):
    """Look at a book and send its form, token and all."""
    form = hidden_fields(client.get("/books/2").text)
    return client.post(f"/books/{book}/reviews", data={**form, "text": text}, headers=headers)


def kept_reviews(client):
    return client.get("/books/2").text.count("<li>Long.</li>")


def outcome(render, source, **context):
    """What a template yields: its text, or the name of the exception."""
    try:
        return render(source, **context)
    except Exception as error:
        return type(error).__name__


# Forms that only your pages can send


@differs(flask="400", fastapi="403", django="403")
def test_a_form_on_another_site(client, expected):
    """A form that another site's page sends"""
    client.get("/books/2")
    response = client.post("/books/2/reviews", data={"text": "Long."}, headers=OTHER_SITE)
    assert str(response.status_code) == expected
    assert kept_reviews(client) == 0


@differs(flask="302: let in", fastapi="403", django="403")
def test_another_site_that_knows_the_token(client, expected):
    """Another site's form with a valid token, over HTTP"""
    response = send_review(client, headers=OTHER_SITE)
    assert response.status_code == int(expected[:3])
    assert kept_reviews(client) == (response.status_code == 302)


@differs(flask="400", fastapi="303: it has none", django="403")
def test_a_form_without_its_token(client, expected):
    """The shop's own form, its token left out"""
    client.get("/books/2")
    response = client.post("/books/2/reviews", data={"text": "Long."}, headers=OWN_PAGE)
    assert response.status_code == int(expected[:3])
    assert kept_reviews(client) == (response.status_code == 303)


@differs(flask="400", fastapi="403", django="403")
def test_a_script_that_knows_nothing(client, expected):
    """A script's `POST`: no token, no `Origin`"""
    response = client.post("/books/2/reviews", data={"text": "Long."})
    assert str(response.status_code) == expected
    assert kept_reviews(client) == 0


@differs(flask="302", fastapi="303", django="403")
def test_a_form_that_came_through_a_proxy(client, expected):
    """The shop's own form over HTTPS, behind a proxy that sends plain HTTP on and is not trusted"""
    own = {"origin": "https://testserver", "sec-fetch-site": "same-origin"}
    assert str(send_review(client, headers=own).status_code) == expected


@in_process("HTTPS")
@differs(flask="400", fastapi="303", django="302")
def test_a_form_over_https_without_a_referer(client, expected):
    """The shop's own form over HTTPS, without a `Referer`"""
    client.base_url = "https://testserver"
    own = {"origin": "https://testserver", "sec-fetch-site": "same-origin"}
    assert str(send_review(client, headers=own).status_code) == expected


@in_process("HTTPS")
def test_a_token_over_https_with_the_referer_of_another_site(client):
    """Over HTTPS a valid token does not help where `Referer` is another site's, `Origin` missing"""
    client.base_url = "https://testserver"
    foreign = {"referer": "https://evil.example/"}
    assert send_review(client, headers=foreign).status_code in (400, 403)
    assert kept_reviews(client) == 0


@in_process("HTTPS")
@only("flask", "django")
def test_a_token_over_https_with_the_referer_of_its_own_page(client):
    """Over HTTPS a valid token is let in where `Referer` is a page of the shop"""
    client.base_url = "https://testserver"
    own = {"referer": "https://testserver/books/2"}
    assert send_review(client, headers=own).status_code == 302


@differs(flask="`session`", fastapi=None, django="`csrftoken`")
def test_the_cookie_that_the_form_needs(client, expected):
    """The cookie that comes with the page of a form"""
    response = client.get("/books/2")
    assert [f"`{name}`" for name in response.cookies] == ([expected] if expected else [])


# Escaping


@differs(flask="raw", fastapi="raw", django="escaped")
def test_escaping_in_a_file_with_a_second_suffix(render, expected):
    """A `<` printed by `page.html.j2`"""
    printed = render("{{ x }}", name="page.html.j2", x="<")
    assert {"<": "raw", "&lt;": "escaped"}[printed] == expected


@differs(flask="raw", fastapi="raw", django="escaped")
def test_escaping_in_a_text_file(render, expected):
    """A `<` printed by `mail.txt`"""
    printed = render("{{ x }}", name="mail.txt", x="<")
    assert {"<": "raw", "&lt;": "escaped"}[printed] == expected


@differs(flask="escaped", fastapi="raw", django="escaped")
def test_escaping_in_a_drawing(render, expected):
    """A `<` printed by `logo.svg`"""
    printed = render("{{ x }}", name="logo.svg", x="<")
    assert {"<": "raw", "&lt;": "escaped"}[printed] == expected


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


@pytest.mark.parametrize("name", ["page.html", "page.htm", "feed.xml"])
def test_escaping_in_a_page(render, name):
    """A `<` printed by a file that ends in `.html`, `.htm` or `.xml` is escaped"""
    assert render("{{ x }}", name=name, x="<") == "&lt;"


def test_any_text_is_shown_as_text(render):
    """Whatever the text, a page shows it and makes no tag or attribute of it"""

    @given(st.lists(st.text()))
    def shown(texts):
        source = '{% for x in texts %}<p title="{{ x }}">{{ x }}</p>{% endfor %}'
        printed = render(source, texts=texts)
        escaped = re.findall(r'<p title="([^<>"]*)">\1</p>', printed)
        assert printed == "".join(f'<p title="{text}">{text}</p>' for text in escaped)
        assert [html.unescape(text) for text in escaped] == texts

    shown()


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


# What a template calls, and what it shows by accident


@differs(flask="prints it", fastapi="prints it", django="calls it")
def test_a_method_without_parentheses(render, expected):
    """`{{ book.delete }}`, a method"""

    class Book:
        def delete(self):
            return "deleted"

    printed = render("{{ book.delete }}", book=Book())
    assert ("calls it" if printed == "deleted" else "prints it") == expected
    assert printed == "deleted" or "bound method" in printed


@differs(flask="left out", fastapi="left out", django="printed")
def test_a_comment_over_two_lines(render, expected):
    """`{# … #}` over two lines"""
    printed = render("a{# secret\nplan #}b")
    assert {"ab": "left out", "a{# secret\nplan #}b": "printed"}[printed] == expected


# What breaks when a template or a view moves


@differs(flask="UndefinedError", fastapi="UndefinedError", django="")
def test_an_attribute_of_a_missing_attribute(render, expected):
    """`{{ book.publisher.name }}` of a book without publisher"""
    assert outcome(render, "{{ book.publisher.name }}", book={"id": 1}) == expected


@pytest.mark.parametrize(("source", "printed"), [("{{ x }}", ""), ("{{ none }}", "None")])
def test_a_missing_variable_prints_nothing(render, source, printed):
    """A missing variable prints nothing; `None` prints `None`"""
    assert render(source, none=None) == printed


@only("flask", "fastapi")
def test_jinja_can_refuse_a_missing_variable(framework, snippet):
    """With `undefined=StrictUndefined` Jinja raises where a variable is missing"""
    environment = snippet.app.jinja_env if framework == "flask" else snippet.templates.env
    strict = environment.overlay(undefined=StrictUndefined)
    with pytest.raises(UndefinedError, match="'x' is undefined"):
        strict.from_string("{{ x }}").render()


@only("flask", "fastapi")
@pytest.mark.parametrize("source", ["{{ 9|price }}", "{% set x = 9 %}{{ x|price }}"])
def test_each_template_of_jinja_knows_a_filter(render, source):
    """A template needs no line that loads the filter `price`"""
    assert render(source) == "9.00 €"


@differs(flask='`"Sun, 01 Aug 1965 00:00:00 GMT"`', fastapi="TypeError", django='`"1965-08-01"`')
def test_a_date_as_json(framework, render, expected):
    """A date as JSON for a script: `tojson`, `json_script`"""
    source = "{{ x|json_script }}" if framework == "django" else "{{ x|tojson }}"
    printed = outcome(render, source, x=date(1965, 8, 1))
    assert re.sub("<.+?>", "", printed) == expected.strip("`")


@differs(flask="the view's", fastapi="the processor's", django="the view's")
def test_a_view_and_a_context_processor_use_one_name(render, expected):
    """View and context processor both set `theme`: whose value is printed"""
    printed = render("{{ theme }}", theme="dark")
    assert {"dark": "the view's", "light": "the processor's"}[printed] == expected


@differs(flask="the dict's method", fastapi="the dict's method", django="the value")
def test_a_key_that_is_called_like_a_method(render, expected):
    """`{{ order.items }}`, a dict with the key `items`"""
    printed = render("{{ order.items }}", order={"items": "two books"})
    assert ("the value" if printed == "two books" else "the dict's method") == expected
    assert printed == "two books" or "built-in method items" in printed


@differs(flask="`None`", fastapi="`None`", django="`-`")
def test_the_default_of_none(framework, render, expected):
    """`None` through the filter `default` with a `-`"""
    source = "{{ x|default:'-' }}" if framework == "django" else "{{ x|default('-') }}"
    assert f"`{render(source, x=None)}`" == expected


@differs(flask="`DUNE`", fastapi="`DUNE`", django="TemplateSyntaxError")
def test_a_method_with_parentheses(render, expected):
    """`{{ title.upper() }}`"""
    assert outcome(render, "{{ title.upper() }}", title="Dune") == expected.strip("`")


@differs(flask="`20`", fastapi="`20`", django="TemplateSyntaxError")
def test_arithmetic(render, expected):
    """`{{ price * 2 }}`"""
    assert outcome(render, "{{ price * 2 }}", price=10) == expected.strip("`")


@differs(flask="`/books/1`", fastapi="`http://testserver/books/1`", django="`/books/1`")
def test_a_link_in_a_page(framework, render, expected):
    """A link from `url_for` or `{% url %}`"""
    jinja = '{{ url_for("show_book", book_id=1) }}'
    source = '{% url "show_book" 1 %}' if framework == "django" else jinja
    assert f"`{render(source)}`" == expected


def test_a_link_to_a_view_that_does_not_exist_is_an_error(framework, render):
    source = '{% url "nowhere" %}' if framework == "django" else '{{ url_for("nowhere") }}'
    with pytest.raises((BuildError, NoMatchFound, NoReverseMatch)):
        render(source)


@differs(flask="`text/html`", fastapi="`application/json`", django="`text/html`")
def test_the_media_type_of_a_page_that_does_not_exist(client, expected):
    """The media type of the 404 for a book that does not exist"""
    response = client.get("/books/3")
    assert response.status_code == 404
    assert f"`{response.headers['content-type'].partition(';')[0]}`" == expected


@differs(flask="old, until a restart", fastapi="new, at once", django="old, until a restart")
def test_a_template_that_is_edited_while_the_app_runs(render, expected):
    """A template is edited while the application runs, debug mode off"""
    assert render("old") == "old"
    assert expected.startswith(render("new"))


@differs(flask="`session`", fastapi="`session`", django="`messages`")
def test_the_cookie_that_carries_a_message(client, expected):
    """The cookie in which a message waits for the next page"""
    cookies = send_review(client).headers.get_list("set-cookie")
    assert [f"`{cookie.partition('=')[0]}`" for cookie in cookies] == [expected]


# What one notices


@differs(flask=302, fastapi=303, django=302)
def test_the_redirect_after_a_form(client, expected):
    """The redirect after a form was kept"""
    response = send_review(client)
    assert response.status_code == expected
    assert response.headers["location"] == "/books/2"


@differs(flask="`1965-08-01`", fastapi="`1965-08-01`", django="`Aug. 1, 1965`")
def test_a_date(render, expected):
    """`{{ published }}`, a date"""
    assert f"`{render('{{ x }}', x=date(1965, 8, 1))}`" == expected


@differs(flask="`&#39;` `&#34;`", fastapi="`&#39;` `&#34;`", django="`&#x27;` `&quot;`")
def test_quotes_are_escaped(client, expected):
    """`GET /books?q='"`: the two quotes, escaped"""
    response = client.get("/books", params={"q": "'\""}, headers=HTMX)
    quotes = expected.replace("`", "").replace(" ", "")
    assert response.text == f"\n<li>No title contains {quotes}.</li>\n"


@differs(flask="dropped", fastapi="dropped", django="kept")
def test_the_last_line_break_of_a_file(client, expected):
    """The last line break of a template file"""
    response = client.get("/books/2/label")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    end = {"dropped": "", "kept": "\n"}[expected]
    assert response.text == f"War & Peace\n1,250.00 €{end}"


# Pages


@pytest.mark.parametrize("name", ["base.html", "search.html"])
def test_one_file_serves_both_languages(name):
    """The three layouts are one file, byte for byte; so are the three scripts for the search"""
    assert len({template(framework, name) for framework in FRAMEWORKS}) == 1


def test_flasks_and_fastapis_templates_differ_in_two_places():
    """Flask's templates without the line of `csrf_token` are FastAPI's without `.path`"""
    folder = SNIPPETS / "flask/templating_files"
    names = sorted(path.name for path in folder.iterdir())
    assert names == sorted(path.name for path in (SNIPPETS / "fastapi/templating_files").iterdir())
    token = re.compile(r"^.*csrf_token.*\n", re.MULTILINE)
    for name in names:
        without_path = template("fastapi", name).replace(").path }}", ") }}")
        assert token.sub("", template("flask", name)) == without_path


SPELLINGS = {
    '{% from "parts.html" import field %}': "{% load shop %}",
    '{{ field("Search", "q", q) }}': '{% field "Search" "q" q %}',
    '{{ field("Review", "text") }}': '{% field "Review" "text" %}',
    "{{ super() }}": "{{ block.super }}",
    '{{ url_for("list_books") }}': '{% url "list_books" %}',
    '{{ url_for("show_book", book_id=book.id) }}': '{% url "show_book" book.id %}',
    '{{ url_for("add_review", book_id=book.id) }}': '{% url "add_review" book.id %}',
    "\n  {{- book.title|mark(q) }}": "{{ book.title|mark:q }}",
    "{% else %}": "{% empty %}",
    "get_flashed_messages()": "messages",
    '<script id="reviews" type="application/json">\n  {{- reviews|tojson -}}\n</script>': (
        '{{ reviews|json_script:"reviews" }}'
    ),
    '<input type="hidden" name="csrf_token" value="{{ csrf_token() }}">': "{% csrf_token %}",
}
PAGES = ("base.html", "book.html", "messages.html", "search.html")


def as_django(name):
    """A template of Flask's with its spellings exchanged for Django's."""
    text = template("flask", name)
    for jinja, django in SPELLINGS.items():
        text = text.replace(jinja, django)
    return text


def test_jinjas_spellings_become_djangos():
    """Flask's templates with these spellings exchanged are Django's templates, letter for letter"""
    django = {
        name: re.sub(r"\{# (end)?region: rows #\}\n", "", template("django", name))
        for name in ("list.html", *PAGES)
    }
    rows = f"{{% partialdef rows inline %}}{as_django('rows.html').strip()}{{% endpartialdef %}}"
    assert as_django("list.html").replace('{% include "rows.html" %}', rows) == django["list.html"]
    for name in PAGES:
        assert as_django(name) == django[name]


def are_spelled(jinja, django, *, name="list.html"):
    """Both spellings stand in the templates, and each in its own language alone."""
    flask = template("flask", name) + template("flask", "rows.html")
    return (jinja in flask, django in flask) == (True, False) and (
        jinja in template("django", name),
        django in template("django", name),
    ) == (False, True)


def test_names_from_another_file_in_both_languages():
    assert are_spelled('{% from "parts.html" import field %}', "{% load shop %}")


def test_a_part_with_arguments_in_both_languages():
    assert are_spelled('{{ field("Search", "q", q) }}', '{% field "Search" "q" q %}')


def test_the_text_of_the_layout_in_both_languages():
    assert are_spelled("{{ super() }}", "{{ block.super }}")


def test_a_link_in_both_languages():
    assert are_spelled('{{ url_for("list_books") }}', '{% url "list_books" %}')


def test_a_link_with_an_id_in_both_languages():
    jinja = '{{ url_for("show_book", book_id=book.id) }}'
    assert are_spelled(jinja, '{% url "show_book" book.id %}')


def test_the_argument_of_a_filter_in_both_languages():
    assert are_spelled("|mark(q)", "|mark:q")


def test_a_loop_without_a_turn_in_both_languages():
    assert are_spelled("{% else %}", "{% empty %}")


def test_a_piece_of_a_page_in_both_languages():
    assert are_spelled('{% include "rows.html" %}', "{% partialdef rows inline %}")


def test_data_for_a_script_in_both_languages():
    assert are_spelled("tojson", "json_script", name="book.html")


def test_the_token_of_a_form_in_both_languages():
    assert are_spelled("csrf_token()", "{% csrf_token %}", name="book.html")


def test_waiting_messages_in_both_languages():
    assert are_spelled("in get_flashed_messages()", "in messages", name="messages.html")


def test_blanks_around_a_value_are_cut_in_jinja_alone():
    """`{{-` and `-}}` stand in Jinja's templates, and nothing like them in Django's"""
    names = ("list.html", "rows.html", *PAGES)
    assert all(cut in "".join(template("flask", n) for n in names) for cut in ("{{-", "-}}"))
    assert not any(
        cut in template("django", n) for n in names[:1] + PAGES for cut in ("{{-", "-}}")
    )


def test_a_dot_reads_an_attribute_or_a_key(render):
    """`{{ x.title }}` reads an attribute, or the key of a dict"""

    class Book:
        title = "Dune"

    page = "{{ x.title }}, {{ y.title }}"
    assert render(page, x=Book(), y={"title": "Emma"}) == "Dune, Emma"


def test_a_page_is_its_layout_filled_in(framework, client):
    page = text_of(client.get("/books"))
    assert page == LIST.format(search=without_blank_lines(template(framework, "search.html")))


def test_a_child_adds_to_a_block_of_its_layout(client):
    """The page of a book puts its title before the shop's name"""
    text = text_of(client.get("/books/2"))
    assert re.sub(r'<input type="hidden"[^>]+>\n', "", text) == BOOK


@pytest.mark.parametrize("path", ["/books/3", "/books/3/label"])
def test_a_book_that_does_not_exist_is_not_found(client, path):
    assert client.get(path).status_code == 404


def test_a_context_processor_reaches_every_page(client):
    """A cookie for the dark theme changes both pages, though no view passes it on"""
    for path in ("/books", "/books/1"):
        page = client.get(path, headers={"cookie": "theme=dark"}).text
        assert '<html lang="en" data-theme="dark">' in page


def test_a_missing_template_is_an_error(render):
    """A template that is missing is an exception, not an empty page"""
    with pytest.raises((TemplateNotFound, TemplateDoesNotExist)):
        render('{% include "nowhere.html" %}')


def test_of_two_files_with_one_name_the_first_is_found(render_from_two):
    """Two parts of a project have a `list.html`: the part that was named first has its way"""
    assert render_from_two("list.html") == "the shop's"


def test_a_folder_of_its_own_keeps_two_parts_apart(render_from_two):
    """`shop/templates/shop/list.html` is named `shop/list.html`, and so both parts' files are found"""
    assert render_from_two("shop/list.html") == "the shop's"
    assert render_from_two("staff/list.html") == "the staff's"


# Parts


def test_an_included_part_sees_the_variables_of_the_page(render):
    page = '[{% include "part.html" %}]'
    assert render(page, files={"part.html": "{{ x }}"}, x="seen") == "[seen]"


def test_an_imported_macro_or_an_inclusion_tag_sees_only_its_arguments(framework, render):
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


@only("flask", "fastapi")
def test_a_macro_of_the_same_file_sees_the_variables_of_the_page(render):
    macro = "{% macro field(label) %}({{ x }}{{ label }}){% endmacro %}"
    assert render(macro + '{{ field("a") }}', x="seen ") == "(seen a)"


@only("flask", "fastapi")
def test_a_macro_imported_with_context_sees_the_variables_of_the_page(render):
    """`{% from "parts.html" import field with context %}` lets the macro see the page's variables"""
    macro = "{% macro field(label) %}({{ x }}{{ label }}){% endmacro %}"
    page = '{% from "parts.html" import field with context %}{{ field("a") }}'
    assert render(page, files={"parts.html": macro}, x="seen ") == "(seen a)"


# Fragments


def test_a_request_by_a_script_gets_the_rows_alone(client):
    """With `HX-Request` the answer is the rows alone"""
    response = client.get("/books", headers=HTMX)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.text == (
        '\n<li><a href="/books/1">Dune</a>\n9.90 €</li>\n'
        '\n<li><a href="/books/2">War &amp; Peace</a>\n1,250.00 €</li>\n'
    )


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_both_answers_of_one_url_tell_caches_what_they_depend_on(client, headers):
    """Page and rows share a URL, so `HX-Request` stands in the `Vary` of both"""
    vary = client.get("/books", headers=headers).headers["vary"]
    assert "HX-Request" in vary.split(", ")


def test_without_the_script_the_form_asks_for_the_whole_page(client):
    """`GET /books?q=Dune`, as the form sends it without the script: the page, with one row"""
    page = text_of(client.get("/books?q=Dune"))
    assert '<input name="q" value="Dune">' in page
    assert page.count("<li>") == 1
    assert page.startswith("<!doctype html>")


def test_a_search_is_marked_in_the_titles(client):
    """The filter's own tags stay tags, the title around and between them is escaped"""
    response = client.get("/books", params={"q": "r &"}, headers=HTMX)
    assert response.text == (
        '\n<li><a href="/books/2">Wa<mark>r &amp;</mark> Peace</a>\n1,250.00 €</li>\n'
    )


# Forms


def test_a_review_sent_with_the_shops_own_form_is_kept(client):
    """A review sent with the shop's own form is kept"""
    assert send_review(client).headers["location"] == "/books/2"
    assert kept_reviews(client) == 1


def test_an_empty_review_is_not_kept(client):
    form = hidden_fields(client.get("/books/2").text)
    for fields in (form, {**form, "text": ""}):
        response = client.post("/books/2/reviews", data=fields, headers=OWN_PAGE)
        assert response.headers["location"] == "/books/2"
    assert "<li>No reviews yet.</li>" in client.get("/books/2").text


def test_a_review_of_a_book_that_does_not_exist_is_not_found(client):
    assert send_review(client, book=3).status_code == 404


# Messages

THANKS = '<p role="status">Thank you for reviewing War &amp; Peace.</p>'


def test_a_message_waits_for_the_next_page_and_is_shown_once(client):
    """The page after the redirect thanks for the review, and the one after that does not"""
    send_review(client)
    assert THANKS in client.get("/books/2").text
    assert "Thank you" not in client.get("/books/2").text


def test_two_messages_wait_together(client):
    """Two reviews before the next page: two messages on it"""
    form = hidden_fields(client.get("/books/2").text)
    for text in ("Long.", "Very long."):
        client.post("/books/2/reviews", data={**form, "text": text}, headers=OWN_PAGE)
    assert client.get("/books").text.count(THANKS) == 2


def test_a_message_waits_while_a_script_asks_for_rows(client):
    """Rows show no message, and use none up"""
    send_review(client)
    assert "Thank you" not in client.get("/books", headers=HTMX).text
    assert THANKS in client.get("/books").text


def test_an_empty_review_is_not_thanked_for(client):
    send_review(client, "")
    assert "Thank you" not in client.get("/books/2").text
