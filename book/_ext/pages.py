"""What is special about HTML: blocks that fold, which others print open, and short tags."""

from docutils import nodes
from sphinx.application import Sphinx

from book._ext.markup import container


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


# docutils gives each block and each piece of inline code some forty bytes that nothing uses.
def _visit_container(translator, node):
    translator.body.append(translator.starttag(node, "div"))


def _depart_container(translator, node):
    translator.body.append("</div>\n")


def _visit_literal(translator, node):
    translator.body.append(translator.starttag(node, "code", "", CLASS="literal notranslate"))


def _depart_literal(translator, node):
    translator.body.append("</code>")


def plain_captions(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Captions of listings without an anchor: an id such as "id7" moves with each new listing."""
    if app.builder.format != "html":
        return
    for caption in list(doctree.findall(nodes.caption)):
        box = caption.parent
        if box.get("literal_block"):
            box["ids"] = []
            caption.replace_self(container(*caption.children, classes=("code-block-caption",)))


def setup(app: Sphinx) -> None:
    app.add_node(details, html=(_visit, _depart))
    app.add_node(summary, html=(_visit, _depart))
    app.add_node(nodes.container, override=True, html=(_visit_container, _depart_container))
    app.add_node(nodes.literal, override=True, html=(_visit_literal, _depart_literal))
    app.connect("doctree-resolved", plain_captions)
