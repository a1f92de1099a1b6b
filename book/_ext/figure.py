"""`{figure-typ}`: a figure drawn from book/_figures/<name>.typ by the compiler of the PDF.

It becomes an SVG, with its letters as outlines, so that all editions and machines show the same.
"""

from pathlib import Path
from typing import ClassVar

import typst
from docutils import nodes
from docutils.parsers.rst import directives

from book._core.chapters import BOOK
from book._core.frameworks import ROOT
from book._ext.directive import NotShown, ProvenDirective

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
