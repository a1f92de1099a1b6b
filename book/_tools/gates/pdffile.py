"""Reading a PDF: its lines of text, and where its links and bookmarks lead."""

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pikepdf
import pypdfium2

from book._tools.gates.outcome import Finding, NotBuilt

SCHEMES = {"http", "https", "mailto"}


@functools.cache
def lines(path: Path) -> list[str]:
    """All lines of text in a PDF, each with single spaces."""
    if not path.is_file():
        raise NotBuilt(path)
    with pypdfium2.PdfDocument(path) as document:
        text = "\n".join(page.get_textpage().get_text_range() for page in document)
    return [" ".join(line.split()) for line in text.splitlines()]


def opened(path: Path) -> pikepdf.Pdf:
    """The PDF as a tree of objects."""
    if not path.is_file():
        raise NotBuilt(path)
    return pikepdf.open(path)


def links(path: Path) -> tuple[int, list[Finding]]:
    """How many links and bookmarks lead into the PDF itself, and those that are broken."""
    with opened(path) as pdf:
        pages = {page.objgen for page in pdf.pages}
        named = names(pdf)
        number, findings = 0, []
        for where, target in pointers(pdf):
            number += 1
            if why := why_broken(target, named, pages):
                findings.append(Finding("PDF", where, why))
    return number, findings


def names(pdf: pikepdf.Pdf) -> dict[str, Any]:
    """The named destinations of a PDF."""
    found: dict[str, Any] = {}
    if "/Names" in pdf.Root and "/Dests" in pdf.Root.Names:
        tree = pikepdf.NameTree(pdf.Root.Names.Dests)
        found |= {str(name): place for name, place in tree.items()}
    if "/Dests" in pdf.Root:
        found |= {name.removeprefix("/"): place for name, place in pdf.Root.Dests.items()}
    return found


def pointers(pdf: pikepdf.Pdf) -> Iterator[tuple[str, Any]]:
    """Each link and bookmark that leads into the PDF, with its place."""
    for number, page in enumerate(pdf.pages, start=1):
        for note in page.get("/Annots", []):
            target = destination(note) if note.get("/Subtype") == "/Link" else None
            if target is not None:
                yield f"page {number}", target
    with pdf.open_outline() as outline:
        todo = list(outline.root)
        while todo:
            item = todo.pop(0)
            todo += item.children
            target = item.destination if item.action is None else item.action.get("/D")
            yield f"bookmark {item.title}", target


def destination(note: pikepdf.Object) -> Any:
    """Where a link leads: a destination, an address that is none, or None for the web."""
    action: Any = note.get("/A", {})
    if "/URI" in action:
        uri = str(action["/URI"])
        return None if urlsplit(uri).scheme in SCHEMES else uri
    return note.get("/Dest", action.get("/D", ""))


def why_broken(target: Any, named: dict[str, Any], pages: set[Any]) -> str:
    """Why a destination is none; empty if it is one."""
    if isinstance(target, (str, pikepdf.String, pikepdf.Name)):
        name = str(target).removeprefix("/")
        if name not in named:
            return f"no destination {name!r}"
        target = named[name]
    if isinstance(target, pikepdf.Dictionary):
        target = target.get("/D")
    if not isinstance(target, pikepdf.Array) or not len(target):
        return "leads nowhere"
    return "" if target[0].objgen in pages else "leads to a page that is not there"
