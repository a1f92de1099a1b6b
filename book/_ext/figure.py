"""`{figure-typ}`: a figure drawn from book/_figures/<name>.typ by the compiler of the PDF.

It becomes an SVG, with its letters as outlines, so that all editions and machines show the same.
"""

import re
from pathlib import Path
from typing import ClassVar

import typst
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx

from book._core.chapters import BOOK
from book._core.frameworks import ROOT
from book._ext.directive import NotShown, ProvenDirective
from book._ext.pages import is_page

SOURCES = BOOK / "_figures"
DRAWN = ROOT / "build" / "figures"
FONTS = BOOK / "_typst" / "fonts"


class FigureTyp(ProvenDirective):
    """`{figure-typ} session` with `:alt:`, what it shows in words; the body is its caption."""

    required_arguments = 1
    has_content = True
    option_spec: ClassVar = {"alt": directives.unchanged_required}

    def show(self) -> list[nodes.Node]:
        name = self.arguments[0]
        source = SOURCES / f"{name}.typ"
        if not source.exists():
            has = ", ".join(sorted(path.stem for path in SOURCES.glob("*.typ")))
            raise NotShown(f"no figure book/_figures/{name}.typ; there are: {has or 'none'}")
        if not self.options.get("alt"):
            raise NotShown(f"figure '{name}' has no ':alt:' that says in words what it shows")
        self.env.note_dependency(source)
        picture = draw(source)
        image = nodes.image(
            uri=f"/{picture.relative_to(BOOK, walk_up=True)}", alt=self.options["alt"]
        )
        image["classes"] = ["drawn"]
        figure = nodes.figure("", image, classes=["drawn-figure"])
        if self.content:
            children, _ = self.parse_inline("\n".join(self.content))
            figure += nodes.caption("", "", *children)
        self.set_source_info(figure)
        return [figure]


def draw(source: Path) -> Path:
    """The SVG of a figure; it is drawn anew when its source is newer."""
    picture = DRAWN / f"{source.stem}.svg"
    if not picture.exists() or picture.stat().st_mtime < source.stat().st_mtime:
        DRAWN.mkdir(parents=True, exist_ok=True)
        try:
            content = typst.compile(str(source), format="svg", font_paths=[str(FONTS)])
        except RuntimeError as error:
            raise NotShown(f"book/_figures/{source.name} cannot be drawn: {error}") from None
        picture.write_bytes(content)
    return picture


IMAGE = re.compile(r'<img (?=[^>]*\bdrawn\b)(?=[^>]*/(?P<name>[\w-]+)\.svg")')
SIZE = re.compile(r'width="(?P<width>[\d.]+)pt" height="(?P<height>[\d.]+)pt"')


def lazily(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: object) -> None:
    """On pages a figure is fetched when it comes near, into a place that is kept for it."""
    if is_page(app) and "body" in context:
        context["body"] = IMAGE.sub(with_size, context["body"])


def with_size(image: re.Match[str]) -> str:
    size = SIZE.search((DRAWN / f"{image['name']}.svg").read_text("utf-8"))
    if size is None:
        return image[0]
    width, height = (round(float(size[side]) * 4 / 3) for side in ("width", "height"))
    return f'<img loading="lazy" width="{width}" height="{height}" '


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", lazily)
