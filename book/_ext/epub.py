"""The EPUB: Sphinx's own builder, with accessibility metadata and the same bytes every time."""

import os
import time
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from sphinx.application import Sphinx
from sphinx.builders.epub3 import Epub3Builder

# https://www.w3.org/TR/epub-a11y-11/: what a reader with a disability can count on.
ACCESSIBILITY = {
    "schema:accessMode": ["textual"],
    "schema:accessModeSufficient": ["textual"],
    "schema:accessibilityFeature": [
        "structuralNavigation",
        "tableOfContents",
        "readingOrder",
        "index",
        "displayTransformability",
    ],
    "schema:accessibilityHazard": ["none"],
    "schema:accessibilitySummary": [
        "All content is text: listings, requests and answers, tables with headers. Differences "
        "are marked in words as well as by colour."
    ],
}


class Epub(Epub3Builder):
    """As Sphinx makes it, plus a language on every page, metadata and fixed times."""

    name = "epub"
    html_tag = (
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" '
        'lang="en" xml:lang="en">'
    )

    def build_content(self) -> None:
        super().build_content()
        path = self.outdir / "content.opf"
        entries = "".join(
            f'    <meta property="{name}">{value}</meta>\n'
            for name, values in ACCESSIBILITY.items()
            for value in values
        )
        text = path.read_text("utf-8")
        path.write_text(text.replace("  </metadata>", f"{entries}  </metadata>"), "utf-8")

    def build_navigation_doc(self) -> None:
        super().build_navigation_doc()
        path = self.outdir / "nav.xhtml"
        text = path.read_text("utf-8")
        path.write_text(text.replace('epub:type="toc"', 'epub:type="toc" role="doc-toc"'), "utf-8")

    def build_epub(self) -> None:
        """Zip it as the standard asks, mimetype first and stored, with the commit's time."""
        moment = time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", time.time())))[:6]
        first = ["mimetype", "META-INF/container.xml", "content.opf", "toc.ncx"]
        with ZipFile(self.outdir / f"{self.config.epub_basename}.epub", "w") as book:
            for name in [*first, *sorted(str(file) for file in self.files)]:
                info = ZipInfo(name, max(moment, (1980, 1, 1, 0, 0, 0)))
                info.compress_type = ZIP_STORED if name == "mimetype" else ZIP_DEFLATED
                info.external_attr = 0o644 << 16
                book.writestr(info, (self.outdir / name).read_bytes())


def setup(app: Sphinx) -> None:
    app.add_builder(Epub, override=True)
