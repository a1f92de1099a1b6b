"""`{editions}`: where the landing page offers the PDF and the EPUB, with their sizes."""

from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

from book._ext.directive import ProvenDirective
from book._ext.markup import paragraph, span
from book._ext.pages import is_page

FILES = {"PDF": "pdf/side-by-side.pdf", "EPUB": "epub/side-by-side.epub"}


class editions(nodes.General, nodes.Element):
    """The place of the links; they are known only when the other editions are built."""


class Editions(ProvenDirective):
    """Links to the two downloads, which the published folder holds beside the landing page."""

    def show(self) -> list[nodes.Node]:
        return [editions("")]


def link_editions(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Fill in the links on HTML pages; the editions themselves do not offer each other."""
    for place in list(doctree.findall(editions)):
        place.replace_self([links(Path(app.outdir).parent)] if is_page(app) else [])


def links(folder: Path) -> nodes.paragraph:
    """Links to the editions that lie in `folder`, with their sizes where they are built."""
    made: list[nodes.Node | str] = []
    for name, file in FILES.items():
        built = folder / file
        link = nodes.reference("", f"{name} ", refuri=built.name, classes=["edition"])
        if built.exists():
            link += span(f"{built.stat().st_size / 1e6:.1f} MB", "edition-size")
        made += [link, " "]
    return paragraph(*made, classes=("editions",))


def setup(app: Sphinx) -> None:
    app.add_node(editions)
    app.connect("doctree-resolved", link_editions)
