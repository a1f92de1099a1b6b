"""The whole programs at the end of a chapter: folded on HTML pages, and only there.

They repeat what the chapter has shown. Paper and e-readers lead to the files instead: the head
of each listing is a link that downloads its file from the book's address on the web.
"""

from urllib.parse import quote, urljoin

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
    """Take the programs out of all editions but HTML, and out of their contents; a section that
    has nothing else goes with them."""

    default_priority = 760  # after the chapter's head, which counts listings

    def apply(self) -> None:
        for each in folds(self.document):
            section = each.parent
            alone = isinstance(section, nodes.section) and len(section) == 2
            taken = section if alone else each
            only = addnodes.only(expr=PAGES)
            taken.replace_self(only)
            only += taken


def address(base: str, link: nodes.Element) -> str:
    """Where on the web the file of a download is."""
    return urljoin(f"{base.rstrip('/')}/", f"_downloads/{quote(link['filename'])}")


def link_downloads(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """An EPUB holds no files to download: its links lead to the web, if the book is there."""
    if app.builder.name == "epub" and app.config.html_baseurl:
        for link in list(doctree.findall(addnodes.download_reference)):
            refuri = address(app.config.html_baseurl, link)
            on_the_web = nodes.reference("", "", *link.children, refuri=refuri)
            link.replace_self(nodes.inline("", "", on_the_web, classes=link["classes"]))


def setup(app: Sphinx) -> None:
    app.add_transform(OnPagesOnly)
    app.connect("doctree-resolved", link_downloads)
