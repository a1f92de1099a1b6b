"""`{editions}`: where the landing page offers the PDF and the EPUB, with their sizes."""

from docutils import nodes

from book._ext.frameworks import ROOT
from book._ext.inline import container, paragraph, span
from book._ext.proven import ProvenDirective

FILES = {
    "PDF": ROOT / "build" / "pdf" / "side-by-side.pdf",
    "EPUB": ROOT / "build" / "epub" / "side-by-side.epub",
}


class Editions(ProvenDirective):
    """Links to the two downloads, which lie beside the landing page in the published folder."""

    def show(self) -> list[nodes.Node]:
        links: list[nodes.Node] = []
        for name, path in FILES.items():
            self.env.note_dependency(path)
            link = nodes.reference("", "", refuri=path.name, classes=["edition"])
            link += nodes.Text(f"{name} ")
            if path.exists():
                link += span(f"{path.stat().st_size / 1_000_000:.1f} MB", "edition-size")
            links += [link, nodes.Text(" ")]
        return [container(paragraph(*links), classes=("editions",))]
