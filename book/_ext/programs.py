"""The whole programs at the end of a chapter: folded on HTML pages, and only there.

They repeat what the chapter has shown. Paper and e-readers lead to the downloads instead.
"""

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

from book._ext.markup import inline
from book._ext.pages import details, summary

PAGES = "format_html and not builder_epub"  # what `pages.is_page` says, in Sphinx's own words


def fold(box: nodes.Element, name: str) -> details:
    """The comparison of whole files, folded."""
    line = summary("", "", *inline(f"`{name}` of each framework, from the first line to the last"))
    return details("", line, box, classes=["programs"])


def folds(document: nodes.document) -> list[details]:
    return [each for each in document.findall(details) if "programs" in each["classes"]]


class OnPagesOnly(SphinxTransform):
    """Take the programs out of all editions but HTML."""

    default_priority = 760  # after the chapter's head, which counts listings

    def apply(self) -> None:
        for each in folds(self.document):
            only = addnodes.only(expr=PAGES)
            each.replace_self(only)
            only += each


def setup(app: Sphinx) -> None:
    app.add_transform(OnPagesOnly)
