"""The gates' judgement, on small fixtures: no browser, no Java, nothing from npm."""

import asyncio
import contextlib
import gzip
import json
import os
import subprocess
import sys
import threading
import urllib.error
import urllib.request
import zipfile
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pikepdf
import pytest
from lxml import etree

from book._tools.gates import (
    __main__ as command,
)
from book._tools.gates import (
    axe,
    browser,
    comparisons,
    epub,
    epubfile,
    keyboard,
    lighthouse,
    links,
    markup,
    pdf,
    pdffile,
    rebuild,
    search,
    server,
    shift,
    table,
    tools,
    traffic,
)
from book._tools.gates.bench import Bench
from book._tools.gates.gate import GATES, Gate
from book._tools.gates.outcome import Broken, Finding, NotBuilt, NotRun, Result

CLEAN = Result("0 errors")
BROKEN = Result("1 error", [Finding("routing.html", "line 7", "no such anchor")])
GATE = Gate("links", "0 broken", lambda bench: CLEAN)


def whats(findings):
    return [finding.what for finding in findings]


def bench(folder, **others):
    places = {"html": folder, "epub": folder / "book.epub", "pdf": folder / "book.pdf"}
    return Bench(**{**places, "work": folder / "gates", **others})


# Snippets in a browser


class FakePage:
    """A page on which nothing happens but an error of its script, if it has one."""

    def __init__(self, *errors):
        self.errors = errors

    def set_default_timeout(self, milliseconds):
        pass

    def on(self, event, listener):
        for error in self.errors:
            listener(error)


def step_taken(step, *errors):
    @contextlib.asynccontextmanager
    async def page():
        yield FakePage(*errors)

    bench = SimpleNamespace(page=page)
    taken = browser.taken(bench, step, "http://127.0.0.1")  # type: ignore[arg-type]  # a page is all
    return asyncio.run(taken)


async def fine(page, origin):
    assert origin == "http://127.0.0.1"


async def wrong(page, origin):
    assert origin == "elsewhere"


def test_a_step_in_a_browser_says_which_line_was_wrong():
    assert step_taken(fine) == ""
    assert step_taken(wrong).endswith(': assert origin == "elsewhere"')


def test_an_error_of_a_script_is_a_finding_even_if_the_step_saw_nothing():
    assert step_taken(fine, "x is not defined") == "x is not defined"


def test_the_steps_of_a_topic_are_its_coroutines_of_page_and_origin():
    names = [step.__name__ for step in browser.steps("templating")]
    assert "the_rows_follow_what_is_typed" in names
    assert "typed" not in names
    assert browser.steps("routing") == []


# The table and the verdict


def test_gates_with_programs_of_their_own_run_beside_the_others(tmp_path, monkeypatch, capsys):
    """The first waits for the second, which is of the other kind; the table has the given order."""
    begun = threading.Event()

    def first(bench):
        assert begun.wait(10)
        return CLEAN

    def second(bench):
        begun.set()
        return BROKEN

    monkeypatch.setitem(GATES, "first", Gate("first", "", first))
    monkeypatch.setitem(GATES, "second", Gate("second", "", second, beside=True))
    rows = command.all_judged(["first", "second"], bench(tmp_path))
    assert [(row.name, row.status) for row in rows] == [("first", "pass"), ("second", "FAIL")]
    assert "second: FAIL, 1 error" in capsys.readouterr().out


def test_the_table_has_a_line_for_each_gate_with_figure_and_bar():
    rows = [table.row(GATE, CLEAN, 1.25), table.row(GATE, BROKEN, 12.0)]
    assert table.table(rows).splitlines() == [
        "gate   figure    bar             seconds",
        "-----  --------  --------  ----  -------",
        "links  0 errors  0 broken  pass  1.2",
        "links  1 error   0 broken  FAIL  12.0",
    ]


def test_details_name_page_place_and_fault():
    assert table.details(table.row(GATE, BROKEN, 3)) == (
        "links: FAIL, 1 error (3.0 s)\n  routing.html: line 7: no such anchor"
    )
    assert table.details(table.row(GATE, CLEAN, 0)) == "links: pass, 0 errors (0.0 s)"


def test_details_name_a_fault_that_is_in_many_places_once():
    findings = [Finding(page, "caption", "no level") for page in ("b.html", "a.html", "a.html")]
    assert table.grouped([*findings, Finding("c.html", "", "other")]) == [
        "a.html: caption: no level (and 2 more on 2 pages)",
        "c.html: other",
    ]


def test_details_are_cut_but_say_so():
    findings = [Finding("a.html", "", f"fault {number}") for number in range(table.SHOWN + 2)]
    lines = table.details(table.row(GATE, Result("32 errors", findings), 0)).splitlines()
    assert lines[-1] == "  … and 2 more, see the report"
    assert len(lines) == table.SHOWN + 2


MISSING = table.Row("ace", "no Chromium found", "0 findings", table.NOT_RUN, 0)


@pytest.mark.parametrize(
    ("rows", "allow_missing", "ci", "code"),
    [
        ([table.row(GATE, CLEAN, 0)], False, True, 0),
        ([table.row(GATE, CLEAN, 0), table.row(GATE, BROKEN, 0)], True, False, 1),
        ([table.row(GATE, CLEAN, 0), MISSING], False, False, 1),
        ([table.row(GATE, CLEAN, 0), MISSING], True, False, 0),
        ([table.row(GATE, CLEAN, 0), MISSING], True, True, 1),
        ([], True, False, 1),
    ],
)
def test_a_missing_checker_is_red_unless_allowed_and_always_in_ci(rows, allow_missing, ci, code):
    assert table.exit_code(rows, allow_missing=allow_missing, ci=ci) == code


@pytest.mark.parametrize(
    ("value", "ci"), [("true", True), ("1", True), ("", False), ("0", False), ("False", False)]
)
def test_ci_is_told_from_the_environment(value, ci):
    assert table.is_ci({"CI": value}) is ci
    assert not table.is_ci({})


def test_the_report_keeps_the_figures_of_gates_that_were_not_run_now(tmp_path):
    path = tmp_path / "report.json"
    table.write_report([MISSING], path)
    table.write_report([table.row(GATE, BROKEN, 0)], path)
    report = json.loads(path.read_text("utf-8"))
    assert report["ace"]["status"] == "not run"
    assert report["links"]["result"]["findings"] == [
        {"page": "routing.html", "where": "line 7", "what": "no such anchor"}
    ]


# The command


def test_every_gate_says_what_it_judges_and_its_bar(capsys):
    assert command.main(["--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(GATES)
    assert all(gate.bar and gate.title.endswith(".") for gate in GATES.values())
    assert len(GATES) == 16


def test_an_unknown_gate_is_refused_with_those_that_exist(capsys):
    with pytest.raises(SystemExit, match="2"):
        command.main(["lnks"])
    assert "no gate lnks; there are: links, pdf" in capsys.readouterr().err


def run_command(folder, *arguments):
    places = [f"--{name}={folder / name}" for name in ("html", "epub", "pdf", "work")]
    return command.main([*places, *arguments])


def test_an_output_that_is_not_built_is_red_even_if_checkers_may_be_missing(tmp_path, capsys):
    assert run_command(tmp_path, "links", "epubcheck", "--allow-missing") == 1
    out = capsys.readouterr().out
    assert "html is not built" in out
    assert ["FAIL" in line for line in out.splitlines()[-2:]] == [True, True]


def test_a_gate_that_breaks_has_failed(tmp_path):
    def breaks(bench):
        """Breaks."""
        raise ZeroDivisionError("of all things")

    row = command.judged(Gate("odd", "none", breaks), bench(tmp_path))
    assert (row.figure, row.status) == ("broke: ZeroDivisionError", "FAIL")
    assert "of all things" in table.details(row)


def test_a_checker_without_a_verdict_is_not_missing_but_has_failed(tmp_path):
    with pytest.raises(Broken, match="took longer than 0 s") as hung:
        tools.run([sys.executable, "-c", "input()"], work=tmp_path, timeout=0)

    def hangs(bench):
        raise hung.value

    row = command.judged(Gate("odd", "none", hangs), bench(tmp_path))
    assert (row.figure, row.status) == ("came to no verdict", "FAIL")


LEFT_BEHIND = """
import sys, time
fifo = open("fifo", "w")
print("started", file=fifo, flush=True)
print("ready", flush=True)
time.sleep(30)
print("still there", file=fifo, flush=True)
"""
LEAVES = """
import subprocess, sys
child = subprocess.Popen(
    [sys.executable, "-c", sys.argv[1]], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
)
child.stdout.readline()
"""


def test_what_a_program_leaves_behind_ends_with_it(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    reader = os.open(tmp_path / "fifo", os.O_RDONLY | os.O_NONBLOCK)
    tools.run([sys.executable, "-c", LEAVES, LEFT_BEHIND], work=tmp_path, timeout=60)
    os.set_blocking(reader, True)
    with open(reader, "rb") as pipe:
        assert pipe.read() == b"started\n"


def test_a_program_says_what_it_says_without_colours(tmp_path):
    code = "import os; print('\\33[31m' + os.getcwd() + '\\33[0m')"
    done = tools.run([sys.executable, "-c", code], work=tmp_path, timeout=60)
    assert done.stdout == f"{tmp_path}\n"


@pytest.mark.parametrize(("ci", "code"), [("true", 1), ("", 0)])
def test_a_checker_that_is_missing_is_named_and_red_in_ci(tmp_path, monkeypatch, capsys, ci, code):
    (tmp_path / "html").mkdir()
    (tmp_path / "html" / "index.html").write_text("<p>Hello", "utf-8")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CI", ci)
    assert run_command(tmp_path, "html", "--allow-missing") == code
    assert "java is not installed (Debian package: default-jre-headless)" in capsys.readouterr().out


# Tools from outside


def test_the_browser_may_be_named_and_its_absence_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv("CHROMIUM", sys.executable)
    assert tools.program("chromium") == sys.executable
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    with pytest.raises(NotRun, match="/nowhere/chromium is not installed"):
        tools.program("chromium")
    monkeypatch.delenv("CHROMIUM")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotRun, match="Debian package: chromium"):
        tools.program("chromium")


@pytest.fixture
def bare(tmp_path, monkeypatch):
    """A machine with apt-get and Java only, and the commands that are run on it."""
    for name in ("apt-get", "java"):
        (tmp_path / name).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    commands = []

    def run(command, **options):
        assert options["environment"] == {"DEBIAN_FRONTEND": "noninteractive"}
        commands.append(command)
        if command[-1] == "nodejs":  # as some do, it has npm in it
            (tmp_path / "npm").touch(mode=0o755)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(tools, "run", run)
    return commands


def test_missing_programs_are_installed_by_the_name_of_their_debian_package(
    tmp_path, bare, monkeypatch, capsys
):
    monkeypatch.setattr(tools, "is_root", lambda: True)
    tools.install_missing(tmp_path)
    assert [command[2] for command in bare] == ["update", "install", "install"]
    assert [command[-1] for command in bare] == ["update", "nodejs", "chromium-headless-shell"]
    assert "!!" not in capsys.readouterr().out


def test_who_may_not_install_packages_is_told_loudly(tmp_path, bare, monkeypatch, capsys):
    monkeypatch.setattr(tools, "is_root", lambda: False)
    tools.install_missing(tmp_path)
    assert bare == []
    assert "!! Not installed: nodejs npm chromium-headless-shell." in capsys.readouterr().out


def test_a_failed_installation_of_packages_is_told(tmp_path, bare, monkeypatch, capsys):
    monkeypatch.setattr(tools, "is_root", lambda: True)
    failed = subprocess.CompletedProcess([], 100, "", "no such package")
    monkeypatch.setattr(tools, "run", lambda *arguments, **options: failed)
    tools.install_missing(tmp_path)
    assert "--no-install-recommends nodejs failed: no such package" in capsys.readouterr().out


def test_nothing_is_installed_where_nothing_is_missing(tmp_path, bare):
    for name in ("node", "npm", "chromium"):
        (tmp_path / name).touch(mode=0o755)
    tools.install_missing(tmp_path)
    assert bare == []


def test_packages_are_installed_once_per_list_and_never_with_scripts(tmp_path, monkeypatch):
    calls = []

    def npm(arguments, **options):
        calls.append(arguments[1:])
        (tmp_path / "node_modules").mkdir(exist_ok=True)
        return subprocess.CompletedProcess(arguments, 0, "", "")

    monkeypatch.setattr(tools, "program", lambda name: name)
    monkeypatch.setattr(tools, "run", npm)
    for _ in range(2):
        assert tools.npm_packages(tmp_path) == tmp_path / "node_modules"
    assert len(calls) == 1
    assert {"install", "--ignore-scripts", "--no-package-lock"} <= set(calls[0])
    (tmp_path / "package.json").write_text("{}", "utf-8")
    tools.npm_packages(tmp_path)
    assert len(calls) == 2


def test_a_failed_installation_is_not_taken_for_one(tmp_path, monkeypatch):
    failed = subprocess.CompletedProcess([], 1, "", "no space left")
    monkeypatch.setattr(tools, "program", lambda name: name)
    monkeypatch.setattr(tools, "run", lambda *arguments, **options: failed)
    with pytest.raises(NotRun, match="no space left"):
        tools.npm_packages(tmp_path)
    assert not (tmp_path / "package.json").exists()


def test_npm_packages_have_exact_versions():
    wanted = json.loads(tools.PACKAGE.read_text("utf-8"))["dependencies"]
    assert wanted
    assert all(version[0].isdigit() for version in wanted.values())


# Links


@pytest.fixture
def site(tmp_path):
    """Two pages that link to each other, without fault."""
    (tmp_path / "guide").mkdir()
    (tmp_path / "index.html").write_text(
        '<p id="top-part">See <a href="guide/routing.html#path">routing</a>, <a href="#">top</a>,'
        ' <a href="https://example.org/#x">out</a>, <a href="?framework=flask">here</a>',
        "utf-8",
    )
    (tmp_path / "guide" / "routing.html").write_text(
        '<h2 id="path">Path</h2><a name="old"></a><a href="../index.html#top-part">back</a>'
        '<a href="#old">old</a>',
        "utf-8",
    )
    return tmp_path


def check(site, page, addition):
    """Findings on a page after something was added to it."""
    path = site / page
    path.write_text(path.read_text("utf-8") + addition, "utf-8")
    return links.check([path], site)[1]


def test_links_inside_the_book_are_counted_and_found_whole(site):
    pages = sorted(site.rglob("*.html"))
    assert links.check(pages, site) == (5, [])


@pytest.mark.parametrize(
    ("addition", "why"),
    [
        ('<a href="guide/routing.html#query">', "guide/routing.html#query: no such anchor"),
        ('<a href="#nowhere">', "#nowhere: no such anchor"),
        ('<a href="errors.html">', "errors.html: no such file"),
        ('<img src="missing.png">', "missing.png: no such file"),
        ('<link href="_static/book.css?v=1">', "_static/book.css?v=1: no such file"),
        ('<script src="/site.js"></script>', "/site.js: leaves the book's folder"),
        ('<a href="../../etc/passwd">', "../../etc/passwd: leaves the book's folder"),
        ('<a href="guide/">', "guide/: no such file"),
    ],
)
def test_a_broken_link_is_found_with_its_reason(site, addition, why):
    assert whats(check(site, "index.html", addition)) == [why]


def test_only_the_page_for_lost_readers_starts_its_links_at_the_root(site):
    (site / "404.html").write_text('<a href="/book/index.html">Home', "utf-8")
    assert links.check([site / "404.html"], site, "/book/") == (1, [])
    assert len(links.check([site / "404.html"], site, "/en/latest/")[1]) == 1


@pytest.mark.parametrize(
    ("sitemap", "prefix"),
    [
        ("<loc>https://example.org/index.html</loc><loc>https://example.org/b.html</loc>", "/"),
        ("<loc>https://example.org/book/index.html</loc>", "/book/"),
        ("", "/side-by-side/"),
    ],
)
def test_the_sitemap_says_where_on_its_host_the_book_is(tmp_path, sitemap, prefix):
    (tmp_path / "sitemap.xml").write_text(sitemap, "utf-8")
    assert bench(tmp_path).prefix == prefix


def epub_file(path, body='<p id="here"><a href="#here">x</a></p>'):
    """An EPUB of one page."""
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="text/content.opf"/></rootfiles></container>'
    )
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf"><manifest>'
        '<item href="one.xhtml" media-type="application/xhtml+xml"/>'
        '<item href="one.css" media-type="text/css"/></manifest></package>'
    )
    page = f'<html xmlns="http://www.w3.org/1999/xhtml"><body>{body}</body></html>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("META-INF/container.xml", container)
        archive.writestr("text/content.opf", package)
        archive.writestr("text/one.xhtml", page)
    return path


def test_links_in_an_epub_are_checked_in_the_documents_that_it_lists(tmp_path):
    path = epub_file(tmp_path / "book.epub", '<p id="here"><a href="#there">x</a></p>')
    with epubfile.unpacked(path) as folder:
        documents = epubfile.documents(folder)
        number, findings = links.check(documents, folder, parse=etree.parse)
    assert (number, findings) == (
        1,
        [Finding("text/one.xhtml", "line 1", "#there: no such anchor")],
    )


def test_an_epub_that_is_not_there_is_told(tmp_path):
    with (
        pytest.raises(NotBuilt, match=r"book\.epub is not built"),
        epubfile.unpacked(tmp_path / "book.epub"),
    ):
        pass


# PDF


def pdf_file(path, content=b"", **changes):
    """A PDF of one page that passes, if it says nothing with `content`."""
    document = pikepdf.new()
    page = document.add_blank_page(page_size=(200, 200))
    page.obj.Resources = pikepdf.Dictionary(
        Font=pikepdf.Dictionary(
            F1=pikepdf.Dictionary(
                Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
            ),
            F2=pikepdf.Dictionary(
                Type=pikepdf.Name.Font,
                Subtype=pikepdf.Name.Type0,
                BaseFont=pikepdf.Name.Serif,
                Encoding=pikepdf.Name("/Identity-H"),
                DescendantFonts=[
                    pikepdf.Dictionary(
                        FontDescriptor=pikepdf.Dictionary(FontFile2=document.make_stream(b""))
                    )
                ],
            ),
        )
    )
    page.obj.Contents = document.make_stream(content)
    document.Root.MarkInfo = pikepdf.Dictionary(Marked=True)
    document.Root.StructTreeRoot = pikepdf.Dictionary()
    document.Root.Lang = "en"
    document.docinfo["/Title"] = "Side by Side"
    with document.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem("Routing", 0))
    for name, value in changes.items():
        setattr(document.Root, name, value)
    document.save(path)
    return path


def test_a_pdf_with_tags_outline_title_and_language_passes(tmp_path):
    with pikepdf.open(pdf_file(tmp_path / "book.pdf")) as document:
        assert pdf.structure(document) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"MarkInfo": pikepdf.Dictionary(Marked=False)}, "is not tagged"),
        ({"Lang": ""}, "does not say its language"),
        ({"Outlines": pikepdf.Dictionary()}, "has no outline"),
    ],
)
def test_a_pdf_that_lacks_something_is_told(tmp_path, change, fault):
    with pikepdf.open(pdf_file(tmp_path / "book.pdf", **change)) as document:
        assert whats(pdf.structure(document)) == [fault]


def test_a_pdf_without_a_title_is_told(tmp_path):
    with pikepdf.open(pdf_file(tmp_path / "book.pdf")) as document:
        del document.docinfo["/Title"]
        assert whats(pdf.structure(document)) == ["has no title"]


def test_a_font_has_to_be_in_the_file(tmp_path):
    with pikepdf.open(pdf_file(tmp_path / "book.pdf")) as document:
        fonts = pdf.fonts(document)
        assert {name: pdf.is_embedded(font) for name, font in fonts.items()} == {
            "/Helvetica": False,
            "/Serif": True,
        }


@pytest.mark.parametrize(
    ("content", "pages"),
    [
        (b"BT /F2 12 Tf <00010002> Tj ET", 0),
        (b"BT /F2 12 Tf <00010000> Tj ET", 1),
        (b"BT /F2 12 Tf [<0001> 20 <0000>] TJ ET", 1),
        (b"BT /F1 12 Tf <0000> Tj ET", 0),
    ],
)
def test_glyph_0_is_a_missing_character(tmp_path, content, pages):
    with pikepdf.open(pdf_file(tmp_path / "book.pdf", content)) as document:
        assert len(pdf.missing_glyphs(document)) == pages


@pytest.mark.parametrize(
    ("x", "faults"), [(20, []), (-30, ["1 pieces of text off the page, 'Routing' by 29 pt"])]
)
def test_text_has_to_stand_on_the_page(tmp_path, x, faults):
    path = pdf_file(tmp_path / "book.pdf", f"BT /F1 12 Tf {x} 50 Td (Routing) Tj ET".encode())
    assert whats(pdf.off_page(path)) == faults


def test_text_lines_have_single_spaces(tmp_path):
    content = b"BT /F1 12 Tf 20 50 Td (Flask   snippets/flask/routing.py) Tj ET"
    assert pdffile.lines(pdf_file(tmp_path / "a.pdf", content)) == [
        "Flask snippets/flask/routing.py"
    ]


def link_to(document, **target):
    """Add a link to the first page of a PDF."""
    note = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], **target
    )
    document.pages[0].obj.Annots = pikepdf.Array([note])


@pytest.mark.parametrize(
    ("uri", "number", "faults"),
    [
        ("https://example.org/", 1, []),
        ("routing.html", 2, ["no destination 'routing.html'"]),
    ],
)
def test_a_link_in_a_pdf_leads_to_the_web_or_into_the_pdf(tmp_path, uri, number, faults):
    path = tmp_path / "book.pdf"
    with pikepdf.open(pdf_file(path), allow_overwriting_input=True) as document:
        link_to(document, A=pikepdf.Dictionary(S=pikepdf.Name.URI, URI=uri))
        document.save(path)
    found, findings = pdffile.links(path)
    assert (found, whats(findings)) == (number, faults)


@pytest.mark.parametrize(
    ("name", "fault"), [("routing", []), ("errors", ["no destination 'errors'"])]
)
def test_a_named_destination_has_to_exist(tmp_path, name, fault):
    path = tmp_path / "book.pdf"
    with pikepdf.open(pdf_file(path), allow_overwriting_input=True) as document:
        place = pikepdf.Array([document.pages[0].obj, pikepdf.Name.Fit])
        document.Root.Dests = pikepdf.Dictionary(routing=place)
        link_to(document, Dest=pikepdf.Name(f"/{name}"))
        document.save(path)
    assert whats(pdffile.links(path)[1]) == fault


# Weight and requests


def test_a_page_weighs_all_that_it_loads_but_not_the_search_index(tmp_path):
    (tmp_path / "page.html").write_bytes(b"x" * 1024)
    (tmp_path / "searchindex.js").write_bytes(b"x" * 500 * 1024)
    files = ["page.html", "searchindex.js"]
    assert traffic.weight(files, tmp_path) == 1
    assert traffic.too_heavy("page.html", files, tmp_path) == []


def test_a_page_that_is_too_heavy_names_what_weighs_most(tmp_path):
    (tmp_path / "page.html").write_bytes(b"x" * 1024)
    (tmp_path / "big.js").write_bytes(b"x" * 150 * 1024)
    findings = traffic.too_heavy("page.html", ["page.html", "big.js"], tmp_path)
    assert whats(findings) == ["151.0 KB of 150, most of it in big.js 150, page.html 1"]


def test_a_page_may_weigh_more_if_it_shows_more_text(tmp_path):
    article = f"<nav>menu</nav><article><pre><b>{'x' * 40 * 1024}</b></pre></article>"
    (tmp_path / "page.html").write_text(article, "utf-8")
    assert traffic.shown(tmp_path / "page.html") == 40
    (tmp_path / "big.js").write_bytes(b"x" * 240 * 1024)
    assert traffic.too_heavy("page.html", ["page.html", "big.js"], tmp_path) == []
    (tmp_path / "big.js").write_bytes(b"x" * 250 * 1024)
    assert len(traffic.too_heavy("page.html", ["page.html", "big.js"], tmp_path)) == 1


def test_a_page_may_not_ask_too_often(tmp_path):
    (tmp_path / "page.html").write_text("<article>", "utf-8")
    files = [f"{number}.css" for number in range(traffic.REQUESTS + 1)]
    assert whats(traffic.too_heavy("page.html", files, tmp_path))[0].startswith(
        "16 requests: 0.css"
    )
    assert traffic.too_heavy("page.html", files[1:], tmp_path) == []


def test_the_server_serves_below_a_path_and_compresses(tmp_path):
    (tmp_path / "page.html").write_text("<p>Hello", "utf-8")
    with server.serve(tmp_path, "/book/") as origin:
        asked = urllib.request.Request(  # noqa: S310  the address is our own server's
            f"{origin}page.html?x=1", headers={"Accept-Encoding": "gzip"}
        )
        with urllib.request.urlopen(asked) as answer:  # noqa: S310  as above
            assert gzip.decompress(answer.read()) == b"<p>Hello"
        root = origin.removesuffix("/book/")
        with pytest.raises(urllib.error.HTTPError, match="404") as refused:
            urllib.request.urlopen(f"{root}/page.html")  # noqa: S310  as above
        refused.value.close()


# Comparisons


def box(labels=("Flask", "FastAPI", "Django"), shown=None, compare=True):
    """What a browser says of one set of tabs; `shown` are the labels of the open panels."""
    open_ = labels if shown is None else shown
    return {
        "where": "path",
        "compare": compare,
        "programs": False,
        "tabs": [{"label": label, "seen": True, "selected": label == open_[0]} for label in labels],
        "panels": [
            {
                "label": label,
                "labelled": label in open_,
                "seen": label in open_,
                "file": f"snippets/{label.lower()}/routing.py",
            }
            for label in labels
        ],
    }


@pytest.mark.parametrize(
    ("boxes", "faults"),
    [
        ([box()], []),
        ([box(shown=["Flask"])], ["shows Flask; wanted: Flask, FastAPI, Django"]),
        ([box(["Flask", "Django"])], []),
        ([box(["Django", "Flask"])], ["shows Django, Flask; wanted: Flask, Django"]),
        ([box(["pip", "uv"])], ["shows pip, uv; wanted: Flask, FastAPI, Django"]),
        ([box(["pip", "uv"], compare=False)], []),
        ([box(["pip", "uv"], ["pip"], compare=False)], ["shows pip; wanted: pip, uv"]),
    ],
)
def test_where_all_is_open_each_framework_shows_with_its_label(boxes, faults):
    assert whats(comparisons.judge_open("routing.html", "print", boxes)) == faults


def test_a_panel_without_its_label_does_not_count():
    unlabelled = box()
    unlabelled["panels"][2]["labelled"] = False
    assert len(comparisons.judge_open("routing.html", "print", [unlabelled])) == 1


@pytest.mark.parametrize(
    ("boxes", "faults"),
    [
        ([box(shown=["Django"])], []),
        ([box(shown=["Flask"])], ["shows Flask; wanted: Django"]),
        (
            [box(shown=["Django", "Flask"])],
            ["shows Flask, Django; wanted: Django", "the tab of ['Django'] is selected"],
        ),
        ([box(["pip", "uv"], compare=False)], []),
        ([box(["Flask", "FastAPI"], ["FastAPI"])], []),
        (
            [box(["Flask", "FastAPI"])],
            ["shows Flask, FastAPI; wanted: Flask", "the tab of ['Flask'] is selected"],
        ),
    ],
)
def test_a_choice_opens_its_panel_in_every_comparison(boxes, faults):
    assert whats(comparisons.judge_tabs("routing.html", "Django", boxes)) == faults


def test_the_pdf_needs_a_caption_for_each_listing_of_the_pages():
    wanted = comparisons.listings([box(), box(), box(compare=False)])
    assert wanted[("Flask", "snippets/flask/routing.py")] == 2
    lines = [
        "Flask snippets/flask/routing.py ran on 3.1.3",
        "snippets/fastapi/routing.py",
        "Django snippets/django/routing.py",
        "Django snippets/django/routing.py",
        "Flask snippets/flask/routing.pyi",
    ]
    assert comparisons.judge_pdf(wanted, lines) == [
        Finding("PDF", "FastAPI snippets/fastapi/routing.py", "0 of 2 listings are labelled"),
        Finding("PDF", "Flask snippets/flask/routing.py", "1 of 2 listings are labelled"),
    ]
    assert comparisons.judge_pdf(Counter(), []) == []


def test_whole_programs_are_on_the_screen_only():
    folded = {**box(), "programs": True}
    assert comparisons.shared([box(), folded]) == [box()]


def test_the_epub_has_the_same_comparisons_as_the_pages():
    pages = comparisons.declarations([box(), box(["Django"]), box(["pip", "uv"], compare=False)])
    assert pages == {("Flask", "FastAPI", "Django"): 1, ("Django",): 1, ("pip", "uv"): 1}
    in_epub = comparisons.declarations([box(), box(["Django"])])
    assert comparisons.differ(in_epub, pages) == "has {}, the pages have {('pip', 'uv'): 1}"


def test_pages_with_a_comparison_are_told_from_others(tmp_path):
    (tmp_path / "a.html").write_text('<div class="compare sphinx-tabs docutils">', "utf-8")
    (tmp_path / "b.html").write_text('<div class="sphinx-tabs">compare</div>', "utf-8")
    (tmp_path / "c.html").write_text('<div class="docutils compare">', "utf-8")
    assert comparisons.chapters(bench(tmp_path)) == ["a.html", "c.html"]


# Search


def test_the_first_hit_has_to_be_the_section_that_answers():
    answer = search.ANSWERS["csrf"]
    assert search.judge("csrf", answer) == []
    assert search.judge("csrf", "orm.html#") == [
        Finding("csrf", "", f"finds orm.html#, not {answer}")
    ]


# Keyboard


def stop(**changes):
    """A place where Tab stopped, with nothing wrong."""
    good = {"name": "a", "visible": True, "onTop": True, "changes": True, "tab": False, "list": -1}
    return good | changes


@pytest.mark.parametrize(
    ("stops", "faults"),
    [
        ([stop(), stop(tab=True, list=0), stop(tab=True, list=1)], []),
        ([stop(visible=False)], ["focus on something invisible: a"]),
        ([stop(onTop=False)], ["focus is covered or off the screen: a"]),
        ([stop(changes=False)], ["focus does not show: a"]),
        (
            [stop(tab=True, list=0), stop(tab=True, list=0)],
            ["more than one tab of a list can be reached with Tab"],
        ),
    ],
)
def test_the_focus_has_to_be_seen_and_a_list_of_tabs_is_one_stop(stops, faults):
    assert keyboard.judge_stops(stops) == faults


def tabs(chosen, **changes):
    """A list of tabs of which one is chosen and has the focus."""
    return [
        {
            "selected": "true" if index == chosen else "false",
            "tabindex": 0 if index == chosen else -1,
            "focused": index == chosen,
            "open": index == chosen,
        }
        | (changes if index == chosen else {})
        for index in range(3)
    ]


@pytest.mark.parametrize(
    ("lists", "faults"),
    [
        ([tabs(1), tabs(1, focused=False)], []),
        ([tabs(1), tabs(0)[:1]], []),
        ([tabs(1, tabindex=-1)], ["list 0, FastAPI: tabindex is -1"]),
        ([tabs(1, focused=False)], ["focus is not on FastAPI"]),
        ([tabs(1), tabs(1, open=False)], ["list 1, FastAPI: open is False"]),
    ],
)
def test_a_key_chooses_the_tab_everywhere(lists, faults):
    assert keyboard.judge_tabs(lists, 1) == faults


# Reports of checkers


def test_axe_looks_at_every_colour_of_every_page_and_at_some_pages_in_every_view():
    def seen(page):
        return [str(view) for view in axe.views(page, ["a", "b"], ["a", "index"])]

    assert seen("a") == seen("index")
    assert {"light 1280", "light 390", "dark 1280", "dark 390"} <= set(seen("a"))
    assert seen("b") == ["light 390", "light columns", "dark columns"]
    assert seen("genindex") == ["light 1280", "light 390", "dark 1280"]


def test_axe_has_a_finding_for_each_element():
    node = {"target": ["#a"], "any": [{"message": "contrast of 1.91"}]}
    rule = {"id": "color-contrast", "help": "must have contrast", "nodes": [node, node]}
    findings = axe.judge("routing.html", "dark 390", {"violations": [rule]})
    assert findings == 2 * [
        Finding(
            "routing.html", "dark 390, #a", "color-contrast (must have contrast) contrast of 1.91"
        )
    ]
    assert axe.judge("routing.html", "dark 390", {"violations": []}) == []


def test_the_html_checker_counts_errors_and_names_the_page(tmp_path):
    page = (tmp_path / "a b.html").as_uri()
    report = {
        "messages": [
            {"type": "info", "url": page, "message": "trailing slash"},
            {
                "type": "error",
                "url": page,
                "lastLine": 7,
                "message": "no alt",
                "extract": "<img\n>",
            },
            {"type": "non-document-error", "message": "cannot read"},
        ]
    }
    assert markup.judge(report, tmp_path) == [
        Finding("a b.html", "line 7 <img >", "no alt"),
        Finding(".", "", "cannot read"),
    ]


def test_epubcheck_counts_errors_and_warnings_but_not_usage():
    place = {"path": "one.xhtml", "line": 3, "column": 9}
    report = {
        "messages": [
            {"ID": "RSC-012", "severity": "ERROR", "message": "no fragment", "locations": [place]},
            {"ID": "OPF-003", "severity": "WARNING", "message": "extra file", "locations": []},
            {"ID": "ACC-011", "severity": "USAGE", "message": "hint", "locations": [place]},
        ]
    }
    assert epub.judge_epubcheck(report) == [
        Finding("one.xhtml", "line 3, column 9", "RSC-012 no fragment"),
        Finding("EPUB", "", "OPF-003 extra file"),
    ]


def test_ace_has_a_finding_for_each_place():
    assertion = {
        "earl:test": {"dct:title": "html-has-lang"},
        "earl:result": {
            "dct:description": "no lang\nattribute",
            "earl:pointer": {"css": ["html", "body"]},
        },
    }
    metadata = {
        "earl:test": {"dct:title": "metadata"},
        "earl:result": {"dct:description": "missing"},
    }
    report = {
        "assertions": [
            {"earl:testSubject": {"url": "one.xhtml"}, "assertions": [assertion]},
            {"earl:testSubject": {"url": "content.opf"}, "assertions": [metadata]},
        ]
    }
    assert epub.judge_ace(report) == [
        Finding("one.xhtml", "html", "html-has-lang: no lang attribute"),
        Finding("one.xhtml", "body", "html-has-lang: no lang attribute"),
        Finding("content.opf", "", "metadata: missing"),
    ]


def lighthouse_report(accessibility):
    perfect = {"score": 1, "auditRefs": []}
    item = {"node": {"snippet": "<img>", "explanation": "Fix this"}}
    failed = {
        "id": "image-alt",
        "title": "No [alt]",
        "score": 0,
        "details": {"items": [item]},
    }
    reference = {"id": "image-alt", "weight": 10}
    return {
        "categories": {
            "accessibility": {"score": accessibility, "auditRefs": [reference]},
            "best-practices": perfect,
            "seo": perfect,
        },
        "audits": {"image-alt": failed},
    }


def test_lighthouse_names_the_audits_below_100():
    assert lighthouse.judge("a.html", "mobile", lighthouse_report(1)) == []
    assert lighthouse.judge("a.html", "mobile", lighthouse_report(0.88)) == [
        Finding("a.html", "mobile", "accessibility 88: image-alt (No [alt]) <img> Fix this")
    ]


def test_lighthouse_only_notes_a_slow_page():
    assert lighthouse.too_slow("a.html mobile", 95) == ""
    assert lighthouse.too_slow("a.html mobile", 94) == "performance 94, wanted 95: a.html mobile"


def test_lighthouse_looks_at_the_first_page_and_two_chapters(tmp_path):
    for name, size in {"a": 10, "b": 30, "c": 20}.items():
        text = '<div class="compare">' + "x" * size
        (tmp_path / f"{name}.html").write_text(text, "utf-8")
    (tmp_path / "index.html").write_text("<p>Welcome", "utf-8")
    assert comparisons.chosen(bench(tmp_path)) == ["index.html", "b.html", "a.html"]


@pytest.mark.parametrize(("value", "findings"), [(0.0099, 0), (0.01, 1)])
def test_a_layout_shift_below_the_limit_passes(value, findings):
    moved = [{"value": value / 2, "nodes": ["P."]}, {"value": value / 2, "nodes": ["DIV.compare"]}]
    total, found = shift.judge("a.html", "phone", moved)
    assert total == pytest.approx(value)
    assert len(found) == findings


# Two builds


def test_the_same_bytes_are_no_difference(tmp_path):
    for name in ("a.pdf", "b.pdf"):
        (tmp_path / name).write_bytes(b"same")
    assert rebuild.differences(tmp_path / "a.pdf", tmp_path / "b.pdf") == []


def test_a_difference_is_shown_where_it_starts(tmp_path):
    (tmp_path / "a.pdf").write_bytes(b"/ID 1")
    (tmp_path / "b.pdf").write_bytes(b"/ID 2")
    (finding,) = rebuild.differences(tmp_path / "a.pdf", tmp_path / "b.pdf")
    assert (finding.where, finding.what) == ("byte 4", "b'/ID 1' became b'/ID 2'")


def test_archives_differ_in_members_or_only_in_times(tmp_path):
    first = epub_file(tmp_path / "a.epub")
    (finding,) = rebuild.differences(first, epub_file(tmp_path / "b.epub", "<p/>"))
    assert finding.where == "text/one.xhtml"
    with zipfile.ZipFile(first) as one, zipfile.ZipFile(tmp_path / "c.epub", "w") as other:
        for member in one.infolist():
            content = one.read(member)
            member.date_time = (1999, 1, 1, 0, 0, 0)
            other.writestr(member, content)
    (finding,) = rebuild.differences(first, tmp_path / "c.epub")
    assert finding.what.startswith("same members")


def built(folder, **others):
    looked = bench(folder, **others)
    looked.pdf.write_bytes(b"pdf")
    looked.epub.write_bytes(b"epub")
    return looked


@pytest.mark.parametrize(("again", "figure"), [(b"epub", "identical"), (b"other", "different")])
def test_a_second_build_from_nothing_is_compared_with_the_first(
    tmp_path, monkeypatch, again, figure
):
    looked = built(tmp_path, twice="make it")
    (looked.work / "again" / "doctrees").mkdir(parents=True)

    def make(arguments, *, check):
        assert arguments[:2] == ["make", "it"]
        folder = Path(arguments[2])
        assert not folder.exists()
        for name, content in {"epub": again, "pdf": b"pdf"}.items():
            (folder / name).mkdir(parents=True)
            (folder / name / f"book.{name}").write_bytes(content)
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(rebuild.subprocess, "run", make)
    result = GATES["twice"].run(looked)
    assert result.figure == figure
    assert [finding.page for finding in result.findings] == ["book.epub"] * (again != b"epub")


def test_a_second_build_is_needed_and_must_not_fail(tmp_path, monkeypatch):
    with pytest.raises(NotRun, match="--twice"):
        GATES["twice"].run(built(tmp_path))
    with pytest.raises(Broken, match="the second build failed: false"):
        GATES["twice"].run(built(tmp_path, twice="false"))
