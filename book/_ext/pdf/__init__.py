"""The PDF of the book: Sphinx's builder `pdf`, written in Typst and compiled without LaTeX.

    python -m sphinx -b pdf -c . book build/pdf        makes build/pdf/<targetname>.pdf

A thin layer over sphinxcontrib-typstbuilder, which writes Typst from the doctree. What that
library leaves open is closed here, one module per subject; how a page looks is said in
book/_typst/template/ and nowhere else.
"""

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from book._ext.pdf.builder import PdfBuilder


def setup(app: Sphinx) -> ExtensionMetadata:
    app.setup_extension("sphinxcontrib_typstbuilder")
    app.add_builder(PdfBuilder)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
