"""Tabs of sphinx-tabs, one per framework: readable ids, names for screen readers, one doctree.

The doctree always holds tabs. Only HTML pages show them; for every other builder each panel
is unfolded before writing, so EPUB, PDF and text see three labelled blocks.
"""

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx_tabs.tabs import SphinxTabsPanel, SphinxTabsTab, SphinxTabsTablist

from book._core.frameworks import FRAMEWORKS
from book._ext.directive import ProvenDirective
from book._ext.markup import badge, container, paragraph, span
from book._ext.pages import details, is_page, summary

LABELS = {framework.label: name for name, framework in FRAMEWORKS.items()}


def make(
    directive: ProvenDirective, title: str, panels: dict[str, list[nodes.Node]]
) -> nodes.container:
    """The doctree of sphinx-tabs' own directives for these panels, ids still to be given."""
    classes = ["sphinx-tabs", "compare", f"of-{len(panels)}"]
    box = nodes.container("", type="tab-element", classes=classes, title=title)
    tablist = SphinxTabsTablist("", role="tablist")
    box += tablist
    for name, content in panels.items():
        tablist += SphinxTabsTab("", FRAMEWORKS[name].label, role="tab")
        panel = SphinxTabsPanel("", role="tabpanel")
        panel += content
        box += panel
    directive.set_source_info(box)
    return box


class PolishTabs(SphinxTransform):
    """Give all tabs, ours and those of stock `{tabs}`, ids and states that hold everywhere."""

    default_priority = 600

    def apply(self) -> None:
        docname = self.env.current_document.docname
        taken: set[str] = set()
        for box in tabs_in(self.document):
            title = box.get("title", "tabs")
            base, number = f"{docname}-{title}", 2
            while base in taken:
                base, number = f"{docname}-{title}-{number}", number + 1
            taken.add(base)
            polish(box, base)


def polish(box: nodes.Element, base: str) -> None:
    """Give one set of tabs ids that begin with `base`, names, states and labels."""
    tablist, *panels = elements(box)
    tablist["aria-label"] = f"{section_title(box)}: framework"
    tablist["classes"] = []
    for index, (tab, panel) in enumerate(zip(elements(tablist), panels, strict=True)):
        name = LABELS.get(tab.astext(), nodes.make_id(tab.astext()))
        tab["ids"], panel["ids"] = [f"{base}-tab-{name}"], [f"{base}-{name}"]
        tab["name"] = name
        tab["aria-controls"], panel["aria-labelledby"] = panel["ids"][0], tab["ids"][0]
        tab["aria-selected"] = "false" if index else "true"
        tab["tabindex"] = "-1" if index else "0"
        tab["classes"] = panel["classes"] = []
        panel["data-framework"] = name
        for attribute in ("name", "hidden", "tabindex"):
            panel.attributes.pop(attribute, None)
        if index:
            panel["hidden"] = "until-found"
        if not any("badge" in node["classes"] for node in panel.findall(nodes.inline)):
            panel.insert(0, label(name, tab.astext()))


def label(name: str, text: str) -> nodes.paragraph:
    """What stands above a panel wherever its tab does not show, unless a listing says it."""
    chip = badge(name) if name in FRAMEWORKS else span(text, "badge")
    return paragraph(chip, classes=("panel-label",))


def unfold(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """For builders without tabs: each panel one after the other, labelled; folds stay open."""
    if is_page(app):
        return
    for box in tabs_in(doctree):
        panels = [
            container(*panel.children, classes=("panel", f"panel--{panel['data-framework']}"))
            for panel in elements(box)[1:]
        ]
        box.replace_self(container(*panels, classes=("compare",)))
    for fold in list(doctree.findall(details)):
        children = [
            paragraph(*child.children, classes=("fold-title",))
            if isinstance(child, summary)
            else child
            for child in fold.children
        ]
        fold.replace_self(container(*children, classes=tuple(fold["classes"])))


def tabs_in(document: nodes.document) -> list[nodes.container]:
    return [box for box in document.findall(nodes.container) if "sphinx-tabs" in box["classes"]]


def elements(node: nodes.Element) -> list[nodes.Element]:
    return [child for child in node.children if isinstance(child, nodes.Element)]


def section_title(node: nodes.Element) -> str:
    """The title of the section that holds this node."""
    while node is not None and not isinstance(node, nodes.section):
        node = node.parent
    title = node.next_node(nodes.title) if node is not None else None
    return title.astext() if title is not None else "Comparison"


def setup(app: Sphinx) -> None:
    app.add_transform(PolishTabs)
    app.connect("doctree-resolved", unfold)
