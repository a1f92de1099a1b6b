"""What the book's own markup, colours and cures for the theme do to an HTML page."""

import re
from html import unescape
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from docutils import nodes
from docutils.utils import new_document
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.styles import get_style_by_name
from sphinx.util.nodes import process_only_nodes
from sphinx.util.tags import Tags
from sphinx_tabs.tabs import SphinxTabsPanel, SphinxTabsTab, SphinxTabsTablist

from book._core.frameworks import ROOT
from book._ext import colours, lines, programs, published, tabs, theme
from book._ext.exchange import clipped, pretty
from book._ext.head import part_first
from book._ext.markup import badge, paragraph

STYLES = get_style_by_name("a11y-light"), get_style_by_name("a11y-high-contrast-dark")
SAMPLES = {
    "python": '@app.get("/books/{book_id}")\nasync def show(book_id: int = 1):  # one\n    return not x\n',
    "html+django": '<a href="{% url "book" 1 %}">{{ title|upper }}</a>\n',
    "json": '{"id": 1, "title": "Dune", "new": true}\n',
    "console": "$ flask routes\nEndpoint  Methods\n",
}
CLASS = re.compile(r"\.highlight \.(\w+) \{ (.*) \}")
SPAN = re.compile(r'<span class="([^"]*)">(.*?)</span>|([^<]+)', re.DOTALL)


def characters(html, rules):
    """Each character of a listing with the rule that it is drawn by."""
    found = []
    for name, inside, plain in SPAN.findall(html.partition("<pre>")[2].partition("</pre>")[0]):
        found += [(char, rules.get(name, "")) for char in unescape(inside or plain)]
    return [each for each in found if not each[0].isspace()]


def test_what_leads_to_other_places_is_not_on_paper():
    """furo fixes "Skip to content" to the window; on paper it would stand on each sheet."""
    css = (ROOT / "book" / "_static" / "book.css").read_text("utf-8")
    paper = css.partition("@media print {")[2].partition("\n}")[0]
    hidden = re.findall(r"([^{}]+)\{ display: none !important; \}", paper)
    assert ".skip-to-content" in re.split(r"[,\s]+", ",".join(hidden))


@pytest.mark.parametrize("language", SAMPLES)
@pytest.mark.parametrize("style", STYLES, ids=["light", "dark"])
def test_lean_listings_look_as_pygments_has_them(language, style):
    lexer, (light, dark) = get_lexer_by_name(language), STYLES
    lean = highlight(SAMPLES[language], lexer, colours.Lean(style=light, dark=dark))
    stock = HtmlFormatter(style=style)
    wanted = highlight(SAMPLES[language], lexer, stock)
    theirs = dict(CLASS.findall(stock.get_style_defs(".highlight")))
    plain = f"color: #{style.style_for_token(colours.Text)['color'].upper()}"
    theirs = {name: "" if rule.upper() == plain.upper() else rule for name, rule in theirs.items()}
    ours = dict(CLASS.findall(colours.rules("", style, STYLES)))
    assert characters(lean, ours) == characters(wanted, theirs)
    assert lean.count("<span") < wanted.count("<span")


X = "x" * lines.SHORT


@pytest.mark.parametrize(
    ("line", "marked"),
    [
        ("    return 1\n", "    return 1\n"),
        ("&lt;" * 9 + "\n", "&lt;" * 9 + "\n"),  # short for who reads it
        (f"<b>@</b>{X}\n", f'<span class="line"><b>@</b>{X}</span>\n'),
        (
            f"<b>  {X}</b>\n",
            f'<span class="line" style="--i:2">  <span><b>{X}</b></span></span>\n',
        ),
    ],
)
def test_a_line_that_may_be_too_long_knows_its_indentation(line, marked):
    assert lines.marked(line) == marked


def test_the_style_sheet_is_light_on_paper():
    sheet = colours.stylesheet(*STYLES)
    for_all, dark = sheet.split("@media not print {")
    assert "#f2f2f2" in for_all
    assert dark.count("#2b2b2b") == 2
    assert sheet.count("{") == sheet.count("}")


def stock_tabs(*panels):
    """What `{tabs}` of sphinx-tabs makes, in a section."""
    box = nodes.container("", SphinxTabsTablist(), classes=["sphinx-tabs"])
    for label, content in panels:
        box[0] += SphinxTabsTab("", label, classes=["sphinx-tabs-tab", "group-tab"])
        box += SphinxTabsPanel("", content, classes=["group-tab"], name=label, tabindex=0)
    nodes.section("", nodes.title("", "Methods"), box)
    return box


def test_a_stock_panel_gets_a_label_unless_its_listing_has_one():
    box = stock_tabs(
        ("Flask", nodes.paragraph("", "text")),
        ("Django", paragraph(badge("django"))),
        ("macOS", nodes.paragraph("", "text")),
    )
    tabs.polish(box, "page-tabs")
    labels = [panel[0].astext() for panel in box[1:]]
    assert labels == ["Flask", "Django", "macOS"]
    assert [len(panel) for panel in box[1:]] == [2, 1, 2]
    assert box[1][0]["classes"] == ["panel-label"]
    assert box[1][0][0]["classes"] == ["badge", "badge--flask"]


def test_tabs_name_their_section_and_hidden_panels_are_no_stop_for_the_tab_key():
    box = stock_tabs(*((label, nodes.paragraph()) for label in ("Flask", "Django")))
    tabs.polish(box, "page-tabs")
    assert box[0]["aria-label"] == "Methods: framework"
    assert [tab["tabindex"] for tab in box[0]] == ["0", "-1"]
    assert [panel.get("hidden") for panel in box[1:]] == [None, "until-found"]
    assert [panel["ids"] for panel in box[1:]] == [["page-tabs-flask"], ["page-tabs-django"]]
    assert not any({"tabindex", "name"} & panel.attributes.keys() for panel in box[1:])


def warnings_of(page, monkeypatch):
    said = []
    monkeypatch.setattr(theme.LOG, "warning", lambda words, *values: said.append(words % values))
    return theme.mended(page), said


def test_the_theme_s_landmarks_get_names(monkeypatch):
    page, said = warnings_of("".join(f'{found}">' for found in theme.CURES), monkeypatch)
    assert page.count("aria-label=") == 2
    assert said == []


def test_a_cure_that_has_nothing_to_cure_is_a_warning(monkeypatch):
    page, said = warnings_of("<aside class='new'>", monkeypatch)
    assert page == "<aside class='new'>"
    assert len(said) == len(theme.CURES)


def app(name: str = "html", form: str = "html") -> Any:
    """As much of Sphinx as a handler of one page looks at."""
    return SimpleNamespace(builder=SimpleNamespace(name=name, format=form))


def context(body):
    files = ["clipboard.min.js", "tabs.js", "furo-extensions.css", "furo.css", None]
    made = [SimpleNamespace(filename=name and f"_static/{name}") for name in files]
    tree = '<p class="caption" role="heading">'
    return {
        "body": body, "furo_navigation_tree": tree, "css_files": made, "script_files": list(made)
    }  # fmt: skip


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ("<p>", ["furo.css", None]),
        ('<div class="highlight">', ["clipboard.min.js", "furo.css", None]),
    ],
)
def test_a_page_loads_only_what_it_uses(body, left):
    page = context(body)
    theme.prepare(app(), "routing", "page.html", page, None)
    names = [file.filename and file.filename.removeprefix("_static/") for file in page["css_files"]]
    assert names == left
    assert 'role="heading" aria-level="2"' in page["furo_navigation_tree"]


def test_an_epub_s_pages_are_not_the_theme_s():
    page = context("")
    theme.prepare(app(name="epub"), "routing", "page.html", page, None)
    assert page["mended"]("<aside>") == "<aside>"
    assert len(page["css_files"]) == 5


SHEET = """/* A comment
   of two lines. */
@media print {
  a { color: inherit; }
}
"""


@pytest.mark.parametrize(
    ("name", "error", "left"),
    [
        ("html", None, "@media print {\na { color: inherit; }\n}"),
        ("html", ValueError(), SHEET),
        ("epub", None, SHEET),
    ],
)
def test_styles_are_sent_without_comments_and_indentation(name, error, left, tmp_path):
    styles = tmp_path / "_static" / "book.css"
    styles.parent.mkdir()
    styles.write_text(SHEET)
    sphinx = app(name=name)
    sphinx.outdir = tmp_path
    theme.shrink(sphinx, error)
    assert styles.read_text() == left


@pytest.mark.parametrize(("form", "first"), [("html", "Part I"), ("typst", "Routing")])
def test_the_part_stands_above_the_title_in_html(form, first):
    doctree = new_document("routing")
    doctree += nodes.section(
        "", nodes.title("", "Routing"), paragraph("Part I", classes=("eyebrow",))
    )
    part_first(app(form=form), doctree, "routing")
    (section,) = doctree.findall(nodes.section)
    assert section[0].astext() == first


def chapter_with_programs(*others):
    """A chapter whose last section holds the whole programs, and `others`."""
    last = nodes.section("", nodes.title("", "The whole programs"), *others)
    last += programs.fold(nodes.container("", nodes.Text("from flask import")), "routing.py")
    doctree = new_document("routing")
    doctree += nodes.section("", nodes.title("", "Routing"), last)
    programs.OnPagesOnly(doctree).apply()
    return doctree


TAGS = {
    "html": ["html", "format_html", "builder_html"],
    "epub": ["html", "epub", "format_html", "builder_epub"],
    "pdf": ["typst", "format_typst", "builder_pdf"],
    "text": ["text", "format_text", "builder_text"],
}


@pytest.mark.parametrize(("builder", "there"), [(name, name == "html") for name in TAGS])
def test_only_pages_have_the_whole_programs(builder, there):
    doctree = chapter_with_programs()
    process_only_nodes(doctree, Tags(TAGS[builder]))
    assert ("from flask import" in doctree.astext()) == there
    assert "The whole programs" in doctree.astext()


def test_blank_lines_stay_where_they_mean_something():
    """A body is shown without blank lines, but between events they are the end of one."""
    assert pretty("a\n\n\nb\n", "text/plain") == ("a\nb", "text")
    assert pretty("data: 1\n\ndata: 2\n\n", "text/event-stream") == ("data: 1\n\ndata: 2", "text")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\na\na\nb", ["a", "a", "a", "b"]),
        ("b\n" + 4 * "a\n", ["b", "a", "… 3 more like it"]),
        ("x" * 300, ["x" * 240 + "… (300 characters)"]),
        ("\n".join("abcdefghijklmno"), [*"abcdefghijklm", "… 2 more lines"]),
    ],
)
def test_a_long_body_is_cut_and_says_so(text, shown):
    assert clipped(text) == shown


def test_without_a_repository_no_page_links_to_its_source():
    assert published.links("", "routing") == []


def test_a_page_links_to_a_report_that_the_form_knows():
    links = dict(published.links("https://git.example/book", "routing"))
    assert links["Edit this page"] == "https://git.example/book/edit/main/book/routing.md"
    assert links["Source"] == "https://git.example/book/blob/main/book/routing.md"
    report = urlsplit(links["Report an error on this page"])
    filled = parse_qs(report.query)
    [template] = filled.pop("template")
    form = yaml.safe_load((ROOT / ".github/ISSUE_TEMPLATE" / template).read_text())
    assert filled.keys() <= {field["id"] for field in form["body"]}
    assert filled["page"] == ["routing"]
    assert "Flask 3" in filled["versions"][0]
