"""The PDF builder: what a reader gets from a small book, and what stops a build."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from docutils import nodes

from book._core.frameworks import FRAMEWORKS, ROOT
from book._ext.pdf.code import Highlighter, pieces, plain

CONF = """
project = "A small book: side by side"
author = "An author"
copyright = "2026, an author"
extensions = ["myst_parser", "book._ext.pdf"]
myst_enable_extensions = ["colon_fence"]
numfig = False
html_baseurl = "https://book.example/en/"
typst_documents = [{"startdocname": "index", "targetname": "small", "title": project}]
"""
INDEX = """
# A small book

What the first page says.

```{toctree}
:caption: Part I · The beginning
one
two
```
"""
SIGNS = "✓ ≠ → … · \u2013 “quoted”"
ONE = """
# Chapter one

::::{container} glance
:::{container} glance-card glance-card--flask
Card of Flask
:::
:::{container} glance-card glance-card--django
Card of Django
:::
::::

Signs that we use: SIGNS. A note.[^note] And [chapter two](two.md), and
[its end](#the-end), and [a site](https://example.org/).

[^note]: Footnote of one.

```{index} single: trailing slash; redirect
```
```{index} ! trailing slash
```

```{code-block} jinja
:caption: page.html

{% for book in books %}<li>{{ book }}</li>{% endfor %}
```

```console
$ flask run --host 127.0.0.1 --port 5000 --extra-files one.txt:two.txt:three.txt:four.txt:five.txt
```

```{image} picture.svg
:alt: Two boxes
```

::::{container} checked
CHECKED
::::

## Where they differ
"""
CHECKS = [
    f"Behaviour {n}" + ", told in so many words that it takes a second line" * (n < 4)
    for n in range(10)
]
TWO = """
# Chapter two

A note.[^note]

[^note]: Footnote of two.

| What | Flask | FastAPI | Django |
| --- | --- | --- | --- |
| `GET /books/the-hitchhikers-guide-to-the-galaxy` | 404 | 422 | 404 |

(the-end)=
## The end

{code}

## Where they differ
"""
SVG = """<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30">
<rect width="40" height="30" fill="#2b5f8a"/><rect x="50" width="40" height="30"/></svg>"""
PROGRAM = "\n".join(f"def function_{n}(argument):\n    return {n}\n\n" for n in range(60))


def write(folder: Path, **pages: str) -> Path:
    """A book with these pages, its configuration and a picture."""
    folder.mkdir()
    (folder / "conf.py").write_text(CONF, "utf-8")
    (folder / "picture.svg").write_text(SVG, "utf-8")
    for name, text in pages.items():
        (folder / f"{name}.md").write_text(text, "utf-8")
    return folder


# Every warning is an error. Loading Sphinx takes as long as a small book, so two share a process.
BUILD = """
import sys
from sphinx.cmd.build import build_main
for source in sys.argv[1:]:
    try:
        code = build_main(["-b", "pdf", "-W", "-n", "-q", source, f"{source}-out"])
    except SystemExit as stop:
        code = stop.code
    print(code, end="\\f", flush=True)
"""
FAULTS = {
    "missing glyph": ("# One\n\nNobody vendored a font for 漢.", "漢"),
    "picture without a description": ("# One\n\n```{image} picture.svg\n```", "alt"),
}


def build(*sources: Path) -> subprocess.Popen[str]:
    """Start to build books, one after the other."""
    environment = os.environ | {
        "SOURCE_DATE_EPOCH": "1790000000",
        "PYTHONPATH": str(ROOT),
        # MyST-Parser and typstbuilder call what Sphinx plans to drop in version 11.
        "PYTHONWARNINGS": "error,ignore::PendingDeprecationWarning",
    }
    return subprocess.Popen(
        [sys.executable, "-c", BUILD, *sources],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Path], dict[str, str]]:
    """The same book, built by two processes, and what each said then of a faulty one."""
    folder = tmp_path_factory.mktemp("pdf")
    program = f"```{{code-block}} python\n:caption: program.py\n\n{PROGRAM}```"
    pages = {
        "index": INDEX,
        "one": ONE.replace("SIGNS", SIGNS).replace("CHECKED", "\n".join(f"- {c}" for c in CHECKS)),
        "two": TWO.replace("{code}", program),
    }
    one_page = INDEX.replace("two\n", "")
    processes = {
        name: build(
            write(folder / f"book-{number}", **pages),
            write(folder / f"faulty-{number}", index=one_page, one=fault),
        )
        for number, (name, (fault, _)) in enumerate(FAULTS.items())
    }
    found = {}
    for name, process in processes.items():
        good, found[name] = process.communicate(timeout=60)[0].removesuffix("\f").split("\f")
        assert good == "0"
    return sorted(folder.glob("book-*-out/small.pdf")), found


@pytest.fixture(scope="module")
def books(built: tuple[list[Path], dict[str, str]]) -> list[Path]:
    return built[0]


@pytest.fixture(scope="module")
def texts(books: list[Path]) -> list[str]:
    """What each page says, in lines with single spaces."""
    with pypdfium2.PdfDocument(books[0]) as document:
        pages = [page.get_textpage().get_text_range() for page in document]
    return ["\n".join(" ".join(line.split()) for line in page.splitlines()) for page in pages]


@pytest.fixture(scope="module")
def pdf(books: list[Path]) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(books[0]) as opened:
        yield opened


def page_of(texts: list[str], words: str) -> int:
    """The number of the last page that says this (contents and running heads come before)."""
    return max(number for number, text in enumerate(texts, start=1) if words in text)


def test_two_builds_are_the_same_bytes(books):
    first, second = books
    assert first.read_bytes() == second.read_bytes()


def test_says_what_it_is(pdf):
    assert pdf.Root.MarkInfo.Marked
    assert pdf.Root.Lang == "en"
    with pdf.open_metadata() as metadata:
        assert metadata["dc:title"] == "A small book: side by side"
        assert metadata["dc:creator"] == ["An author"]
        assert metadata["pdfuaid:part"] == "1"
        assert metadata["xmp:CreateDate"].startswith("2026-09-21")


def test_outline_holds_parts_chapters_and_sections(pdf):
    with pdf.open_outline() as outline:
        found = {top.title: [chapter.title for chapter in top.children] for top in outline.root}
        assert found == {
            "Contents": [],
            "About this book": [],
            "Part I · The beginning": ["Chapter one", "Chapter two"],
            "Index": [],
        }
        sections = [section.title for section in outline.root[2].children[1].children]
        assert sections == ["The end", "Where they differ"]


def test_contents_and_chapters_share_their_page_numbers(texts):
    contents = next(text for text in texts if text.startswith("Contents"))
    for title in ("Chapter one", "Chapter two", "Index"):
        found = re.search(rf"{title}[ .]+(\d+)", contents)
        assert found
        number = int(found[1])
        assert texts[number - 1].startswith(title) or f"\n{title}\n" in texts[number - 1]


def test_contents_name_what_only_one_chapter_treats(texts):
    contents = next(text for text in texts if text.startswith("Contents"))
    assert f"The end {page_of(texts, 'def function_0')}" in " ".join(contents.split())
    assert "Where they differ" not in contents


def test_the_first_chapter_of_a_part_bears_its_title(texts):
    first = texts[page_of(texts, "Signs that we use") - 1]
    assert first.startswith("PART I · THE BEGINNING\nChapter one")


def test_prints_all_signs_and_the_first_page(texts):
    assert SIGNS in texts[page_of(texts, "Signs that we use") - 1]
    assert page_of(texts, "What the first page says.") < page_of(texts, "Signs that we use")


def test_each_chapter_has_its_own_footnotes(texts):
    assert page_of(texts, "Footnote of one.") == page_of(texts, "Signs that we use")
    assert page_of(texts, "Footnote of two.") == page_of(texts, "hitchhikers")


def test_index_has_the_pages_of_its_entries(texts):
    chapter = page_of(texts, "Signs that we use")
    assert f"trailing slash {chapter}" in texts[-1]
    assert f"redirect {chapter}" in texts[-1]


def test_links_lead_to_chapters_sections_and_the_web(pdf, texts):
    start = page_of(texts, "Signs that we use")
    chapter = pdf.pages[start - 1].Annots
    addresses = {str(note.A.URI) for note in chapter if "/URI" in note.get("/A", {})}
    assert "https://example.org/" in addresses
    names = {str(note.Dest) for note in chapter if isinstance(note.get("/Dest"), pikepdf.String)}
    places = pikepdf.NameTree(pdf.Root.Names.Dests)
    assert len(names) == 2
    pages = {pikepdf.Page(places[name][0]).index for name in names}
    assert pages == {start}  # type: ignore[comparison-overlap]  # the stubs say it is a method


def test_code_can_be_copied(texts):
    text = "".join(texts)
    assert "{% for book in books %}<li>{{ book }}</li>{% endfor %}" in text
    assert "$ flask run --host 127.0.0.1 --port 5000" in text
    assert not re.search("[\u00ad\u200b-\u200d\u2060\ufeff]", text)


def test_a_long_listing_keeps_its_definitions_whole_and_repeats_its_caption(texts):
    pages = [text for text in texts if "def function_" in text]
    assert len(pages) > 1
    for text in pages:
        assert "program.py" in text
        assert text.count("def function_") == text.count("return ")


METHODS = """
@decorated
def one(argument):
    first = call(
        argument,
    )
    other = first
    if other:
        return 1
    else:
        return 2

def two(argument):
    # why
    second = argument
    third = second

    return {
        "third": third,
    }
"""


def cut(source: str) -> list[str]:
    """The pieces of a listing, between which a page may break."""
    lines = Highlighter(None).lines(source, "python", False, nodes.literal_block())
    return ["\n".join(map(plain, piece)) for piece in pieces(lines)]


def test_a_page_breaks_where_no_line_is_torn_from_what_it_belongs_to():
    firsts = [piece.splitlines()[0].strip() for piece in cut(METHODS.strip())]
    assert firsts == ["@decorated", "other = first", "def two(argument):"]


def test_a_short_listing_stays_together():
    assert len(cut("\n\n".join("abcdefghi"))) == 1
    assert len(cut("\n\n".join("abcdefghij"))) == 2


def test_checked_behaviours_stand_in_two_columns_of_equal_height(books):
    """Two lines each for the first four: six on the left as on the right, then one on each side."""
    columns: dict[int, list[str]] = {}
    with pypdfium2.PdfDocument(books[0]) as document:
        for page in document:
            text = page.get_textpage()
            for index in range(text.count_rects()):
                place = text.get_rect(index)
                if found := re.match(r"Behaviour (\d)", text.get_text_bounded(*place)):
                    columns.setdefault(round(place[0]), []).append(found[1])
    assert [*map("".join, columns.values())] == ["0128", "345679"]


def test_pictures_are_described(pdf):
    described = [
        item for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and "/Alt" in item
    ]
    assert "Two boxes" in {str(item.Alt) for item in described}


def test_all_fonts_are_embedded(pdf):
    fonts = [
        item
        for item in pdf.objects
        if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor"
    ]
    assert fonts
    for font in fonts:
        assert "Source" in str(font.FontName)
        assert {"/FontFile2", "/FontFile3"} & set(font.keys())


def luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_colours_can_be_read_on_what_they_stand_on():
    look = (ROOT / "book" / "_typst" / "template" / "look.typ").read_text("utf-8")
    colour = dict(re.findall(r'([\w-]+)(?: =|:) rgb\("(#\w{6})"\)', look))
    papers = {"#ffffff", colour["tint"], colour["odd-tint"]}
    inks = {token["fill"] for token in Highlighter(None).style().values()}
    inks |= {colour[name] for name in ("ink", "quiet", "accent", "passed", "odd-ink")}
    assert min(contrast(ink, paper) for ink in inks for paper in papers) >= 4.5
    assert min(contrast("#ffffff", colour[framework]) for framework in FRAMEWORKS) >= 4.5
    chips = re.findall(r'fill: rgb\("(#\w{6})"\), text: rgb\("(#\w{6})"\)', look)
    assert len(chips) == 4
    assert min(contrast(fill, text) for fill, text in chips) >= 4.5


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_stops_the_build_and_names_its_chapter(built, name):
    message = built[1][name]
    assert not message.endswith("0")
    assert FAULTS[name][1] in message
    assert re.search(r"\bone\.md\b", message)
    assert "Traceback" not in message
