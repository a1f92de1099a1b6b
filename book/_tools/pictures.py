"""Take the pictures of the README from the built book: `nox -s pictures`.

One page as its readers meet it, and three pages of the PDF, in few colours, so that each
stays small.
"""

import io
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pypdfium2
from PIL import Image

from book._core.frameworks import ROOT
from book._tools.gates.bench import Bench

BUILD = ROOT / "build"
PICTURES = ROOT / "book" / "_pictures"
PREVIEW = ROOT / "book" / "_static" / "page.png"  # what a page shows of itself when shared
MOST = 150_000  # bytes of a picture
PAGE = "routing.html"
PDF_PAGES = ("Path parameters", "GET /books/dune", "Where they differ")  # what stands on them
GUTTER = 24  # pixels between the pages of the PDF
# To a section, below the bar that stays on top of a phone.
SCROLL = """id => {
  document.getElementById(id).scrollIntoView({behavior: "instant"});
  scrollBy({top: -64, behavior: "instant"});
}"""
STILL = ".back-to-top { display: none !important }"
COLUMNS = 'localStorage.setItem("view", "columns")'


@dataclass(frozen=True)
class View:
    """A way to look at the page."""

    size: tuple[int, int]
    scheme: Literal["light", "dark"] = "light"
    media: Literal["screen", "print"] = "screen"
    columns: bool = False
    section: str = ""  # to scroll to


VIEWS = {
    "wide": View((1680, 1400), columns=True),
    "light": View((1100, 900)),
    "dark": View((1100, 900), "dark", section="where-they-differ"),
    "phone": View((390, 900), section="path-parameters"),
    "print": View((794, 1123), media="print"),
}


def main() -> int:
    PICTURES.mkdir(exist_ok=True)
    with Bench(
        html=BUILD / "html",
        epub=BUILD / "epub" / "side-by-side.epub",
        pdf=BUILD / "pdf" / "side-by-side.pdf",
        work=BUILD / "gates",
    ) as bench:
        taken = {PICTURES / f"{name}.png": picture for name, picture in photograph(bench).items()}
        taken[PICTURES / "pdf.png"] = spread(bench.pdf)
    top = taken[PICTURES / "wide.png"].crop((0, 0, 1680, 882))
    taken[PREVIEW] = top.resize((1200, 630), Image.Resampling.LANCZOS)
    for path, picture in taken.items():
        print(f"{path.relative_to(ROOT)}  {save(picture, path):,} bytes")
    return 0


def photograph(bench: Bench) -> dict[str, Image.Image]:
    """The page in every view."""

    async def visit(name: str) -> Image.Image:
        view = VIEWS[name]
        width, height = view.size
        viewport = {"width": width, "height": height}
        async with bench.page(viewport=viewport, color_scheme=view.scheme) as page:
            if view.columns:
                await page.add_init_script(COLUMNS)
            await page.emulate_media(media=view.media)
            await page.goto(bench.url(PAGE), wait_until="networkidle")
            await page.add_style_tag(content=STILL)
            if view.section:
                await page.evaluate(SCROLL, view.section)
                await page.wait_for_timeout(500)
            return Image.open(io.BytesIO(await page.screenshot()))

    return bench.each(VIEWS, visit)


def spread(pdf: Path) -> Image.Image:
    """Pages of the PDF beside each other: the first of the chapter that hold PDF_PAGES."""
    with pypdfium2.PdfDocument(pdf) as document:
        texts = [page.get_textpage().get_text_range() for page in document]
        start = next(n for n, text in enumerate(texts) if PDF_PAGES[0] in text and "@app" in text)
        numbers = [
            next(n for n, text in enumerate(texts) if n >= start and words in text)
            for words in PDF_PAGES
        ]
        pages = [document[number].render(scale=1.1).to_pil() for number in numbers]
    width, height = pages[0].size
    sheet = Image.new(
        "RGB", (len(pages) * (width + GUTTER) + GUTTER, height + 2 * GUTTER), "#8b939c"
    )
    for number, page in enumerate(pages):
        sheet.paste(page, (GUTTER + number * (width + GUTTER), GUTTER))
    return sheet


def save(picture: Image.Image, path: Path) -> int:
    """Write it with as many colours as its size allows; gives the number of bytes."""
    for colours in (256, 128, 64, 32):
        few = picture.convert("RGB").quantize(colours, dither=Image.Dither.NONE)
        few.save(path, optimize=True)
        if path.stat().st_size <= MOST:
            return path.stat().st_size
    raise SystemExit(f"{path.name} is larger than {MOST:,} bytes in {colours} colours")


if __name__ == "__main__":
    sys.exit(main())
