"""Broken internal links and anchors, in HTML, EPUB and PDF.

Sphinx resolves the references of its sources, and its `linkcheck` asks for pages elsewhere; neither
sees what themes and templates write. Other checkers read HTML, but no EPUB and no PDF.
"""

import functools
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from lxml import etree, html

from book._tools.gates import epubfile, pdffile
from book._tools.gates.bench import Bench
from book._tools.gates.gate import gate
from book._tools.gates.outcome import Finding, Result

ATTRIBUTES = ("href", "src", "poster", "data", "{http://www.w3.org/1999/xlink}href")
# Shown at any depth of a host, never from disk: its links start at the host's root.
ABSOLUTE = "404.html"


def html_tree(path: Path) -> Any:
    """A page as a tree."""
    return html.parse(path, parser=html.HTMLParser(encoding="utf-8"))


@functools.cache
def anchors(path: Path, parse: Callable[[Path], Any]) -> frozenset[str]:
    """The places in a document that a link can lead to."""
    if path.suffix not in {".html", ".xhtml"}:
        return frozenset()
    elements = list(parse(path).iter(etree.Element))
    names = [element.get("name") for element in elements if element.tag == "a"]
    return frozenset([element.get("id") for element in elements] + names) - {None}


def links(tree: Any) -> Iterator[tuple[str, int]]:
    """Each link of a document to something in the same book, with its line."""
    for element in tree.iter(etree.Element):
        for attribute in ATTRIBUTES:
            target = element.get(attribute)
            if target is not None and is_internal(target):
                yield target.strip(), element.sourceline


def is_internal(target: str) -> bool:
    """Whether a link stays in the book: it names neither scheme nor host."""
    parts = urlsplit(target.strip())
    return not parts.scheme and not parts.netloc


def resolve(page: Path, target: str, root: Path, prefix: str) -> Path | None:
    """The file that a link leads to, or None if the link leaves the book's folder."""
    path = unquote(urlsplit(target).path)
    if path.startswith("/"):
        if not (page.name == ABSOLUTE and path.startswith(prefix)):
            return None
        found = (root / path.removeprefix(prefix)).resolve()
    else:
        found = (page.parent / path).resolve() if path else page.resolve()
    return found if found.is_relative_to(root.resolve()) else None


def why_broken(
    page: Path, target: str, root: Path, prefix: str, parse: Callable[[Path], Any]
) -> str:
    """Why a link leads nowhere; empty if it leads somewhere."""
    file = resolve(page, target, root, prefix)
    if file is None:
        return "leaves the book's folder"
    if file.is_dir():
        file /= "index.html"
    if not file.is_file():
        return "no such file"
    fragment = unquote(urlsplit(target).fragment)
    if fragment and fragment != "top" and fragment not in anchors(file, parse):
        return "no such anchor"
    return ""


def check(
    pages: Iterable[Path],
    root: Path,
    prefix: str = "/",
    parse: Callable[[Path], Any] = html_tree,
) -> tuple[int, list[Finding]]:
    """How many links there are in these documents, and those that are broken."""
    number, findings = 0, []
    for page in pages:
        for target, line in links(parse(page)):
            number += 1
            if why := why_broken(page, target, root, prefix, parse):
                name = page.relative_to(root).as_posix()
                findings.append(Finding(name, f"line {line}", f"{target}: {why}"))
    return number, findings


@gate("links", bar="0 broken")
def internal_links(bench: Bench) -> Result:
    """Broken internal links and anchors in HTML, EPUB and PDF."""
    number = {}
    pages = [bench.html / page for page in bench.pages]
    number["HTML"], findings = check(pages, bench.html, bench.prefix)
    with epubfile.unpacked(bench.epub) as folder:
        documents = epubfile.documents(folder)
        number["EPUB"], more = check(documents, folder, parse=etree.parse)
        findings += more
    number["PDF"], more = pdffile.links(bench.pdf)
    findings += more
    asked = ", ".join(f"{value} in {form}" for form, value in number.items())
    return Result(f"{len(findings)} broken of {asked}", findings, dict(number))
