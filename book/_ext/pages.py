"""What only HTML pages have: blocks that fold. Other builders print them open."""

from docutils import nodes
from sphinx.application import Sphinx


class details(nodes.General, nodes.Element):
    """A block that folds; its first child is a `summary`."""


class summary(nodes.General, nodes.TextElement):
    """The line of a folded block that stays visible."""


def is_page(app: Sphinx) -> bool:
    """Whether this builder makes pages for a browser (an EPUB is made of HTML, too)."""
    return app.builder.format == "html" and app.builder.name != "epub"


def _visit(translator, node):
    translator.body.append(translator.starttag(node, type(node).__name__))


def _depart(translator, node):
    translator.body.append(f"</{type(node).__name__}>\n")


def setup(app: Sphinx) -> None:
    app.add_node(details, html=(_visit, _depart))
    app.add_node(summary, html=(_visit, _depart))
