"""The PDF itself: tagged, with an outline, its fonts and nothing off the page."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2

from book._tools.gates.bench import Bench
from book._tools.gates.gate import gate
from book._tools.gates.outcome import Finding, Result
from book._tools.gates.pdffile import opened

SLACK = 0.5  # points by which a glyph's box may touch the edge of the page
FILES = ("/FontFile", "/FontFile2", "/FontFile3")
SHOWING = {"Tj", "TJ", "'", '"'}


def structure(pdf: pikepdf.Pdf) -> list[Finding]:
    """Tags, outline, title and language."""
    root, findings = pdf.Root, []
    marked = "/MarkInfo" in root and bool(root.MarkInfo.get("/Marked", False))
    if not marked or "/StructTreeRoot" not in root:
        findings.append(Finding("PDF", "", "is not tagged"))
    with pdf.open_outline() as outline:
        if not outline.root:
            findings.append(Finding("PDF", "", "has no outline"))
    with pdf.open_metadata() as metadata:
        if not (metadata.get("dc:title") or str(pdf.docinfo.get("/Title", ""))):
            findings.append(Finding("PDF", "", "has no title"))
    if not str(root.get("/Lang", "")):
        findings.append(Finding("PDF", "", "does not say its language"))
    return findings


def canvases(holder: Any) -> Iterator[Any]:
    """A page, and the forms that are drawn on it: whatever holds text and its fonts."""
    yield holder
    for drawn in holder.get("/Resources", pikepdf.Dictionary()).get("/XObject", {}).values():
        if drawn.get("/Subtype") == "/Form":
            yield from canvases(drawn)


def fonts_of(canvas: Any) -> dict[str, Any]:
    """The fonts of a page or form by the names that its text uses."""
    found = canvas.get("/Resources", pikepdf.Dictionary()).get("/Font", {})
    return dict(found.items())


def fonts(pdf: pikepdf.Pdf) -> dict[str, pikepdf.Object]:
    """All fonts that pages use, by name."""
    found = {}
    for page in pdf.pages:
        for canvas in canvases(page.obj):
            for font in fonts_of(canvas).values():
                found[str(font.get("/BaseFont", font.get("/Subtype")))] = font
    return found


def is_embedded(font: pikepdf.Object) -> bool:
    """Whether the PDF carries the font itself. A Type 3 font always is drawn inline."""
    if font.get("/Subtype") == "/Type3":
        return True
    described = font["/DescendantFonts"][0] if "/DescendantFonts" in font else font
    return any(name in described.get("/FontDescriptor", {}) for name in FILES)


def missing_glyphs(pdf: pikepdf.Pdf) -> list[Finding]:
    """Text shown with glyph 0, which is the box that stands for a missing character."""
    findings = []
    for number, page in enumerate(pdf.pages, start=1):
        if shown := sum(notdefs(canvas) for canvas in canvases(page.obj)):
            findings.append(Finding(f"page {number}", "", f"{shown} missing glyphs"))
    return findings


def is_composite(font: Any) -> bool:
    """Whether text in this font consists of glyph numbers of two bytes each."""
    return font.get("/Subtype") == "/Type0" and "Identity" in str(font.get("/Encoding"))


def notdefs(canvas: Any) -> int:
    """How often a page or form shows glyph 0 of a composite font."""
    composite = {name for name, font in fonts_of(canvas).items() if is_composite(font)}
    font, shown = "", 0
    for instruction in pikepdf.parse_content_stream(canvas, "Tf Tj TJ ' \""):
        operator = str(instruction.operator)
        if operator == "Tf":
            font = str(instruction.operands[0])
        elif operator in SHOWING and font in composite:
            shown += sum(map(zeros, strings(instruction.operands)))
    return shown


def strings(operands: Any) -> Iterator[bytes]:
    """The strings among the operands of a text operator."""
    for operand in operands:
        if isinstance(operand, pikepdf.String):
            yield bytes(operand)
        elif isinstance(operand, pikepdf.Array):
            yield from strings(operand)


def zeros(text: bytes) -> int:
    """How many of the two-byte glyph numbers in a string are 0."""
    return sum(not (high or low) for high, low in zip(text[::2], text[1::2], strict=False))


def off_page(path: Path) -> list[Finding]:
    """Pages with text that stands (partly) outside, with what stands out most."""
    findings = []
    with pypdfium2.PdfDocument(path) as document:
        for number, page in enumerate(document, start=1):
            outside = list(sticking_out(page))
            if outside:
                points, words = max(outside)
                what = f"{len(outside)} pieces of text off the page, {words!r} by {points:.0f} pt"
                findings.append(Finding(f"page {number}", "", what))
    return findings


def sticking_out(page: pypdfium2.PdfPage) -> Iterator[tuple[float, str]]:
    """Each piece of text that leaves the page: by how many points, and its words."""
    left, bottom, right, top = page.get_mediabox()
    text = page.get_textpage()
    for index in range(text.count_rects()):
        x1, y1, x2, y2 = text.get_rect(index)
        out = max(left - x1, bottom - y1, x2 - right, y2 - top)
        if out > SLACK:
            yield out, " ".join(text.get_text_bounded(x1, y1, x2, y2).split())


@gate("pdf", bar="all")
def pdf(bench: Bench) -> Result:
    """PDF: tagged, outline, fonts embedded, text on the page, no missing glyph, title, language."""
    with opened(bench.pdf) as book:
        findings = structure(book) + missing_glyphs(book)
        used, pages = fonts(book), len(book.pages)
        findings += [
            Finding("PDF", name, "font is not embedded")
            for name, font in used.items()
            if not is_embedded(font)
        ]
    findings += off_page(bench.pdf)
    figure = f"{len(findings)} problems on {pages} pages, {len(used)} fonts"
    return Result(figure, findings, {"pages": pages, "fonts": sorted(used)})
