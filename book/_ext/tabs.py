"""Tabs of sphinx-tabs, one per framework: readable ids, names for screen readers, one doctree.

The doctree always holds tabs. Only HTML pages show them; for every other builder each panel
is unfolded before writing, so EPUB, PDF and text see three labelled blocks.
"""

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx_tabs.tabs import SphinxTabsPanel, SphinxTabsTab, SphinxTabsTablist

from book._ext.frameworks import FRAMEWORKS
from book._ext.inline import badge, container, paragraph, span
from book._ext.pages import details, is_page, summary
from book._ext.proven import ProvenDirective

LABELS = {framework.label: name for name, framework in FRAMEWORKS.items()}


def make(
    directive: ProvenDirective, title: str, panels: dict[str, list[nodes.Node]]
) -> nodes.container:
    """The doctree of sphinx-tabs' own directives for these panels, ids still to be given."""
    box = nodes.container("", type="tab-element", classes=["sphinx-tabs", "compare"], title=title)
    tablist = SphinxTabsTablist("", role="tablist")
    box += tablist
    for name, content in panels.items():
        label = FRAMEWORKS[name].label
        tablist += SphinxTabsTab("", label, role="tab", classes=["sphinx-tabs-tab", "group-tab"])
        panel = SphinxTabsPanel("", role="tabpanel", classes=["sphinx-tabs-panel", "group-tab"])
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
            self.polish(box, base)

    def polish(self, box: nodes.Element, base: str) -> None:
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
            panel["data-framework"] = name
            panel["tabindex"] = "0"
            panel.attributes.pop("name", None)
            panel.attributes.pop("hidden", None)
            if index:
                panel["hidden"] = "until-found"


def unfold(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """For builders without tabs: each panel one after the other, labelled; folds stay open."""
    if is_page(app):
        return
    for box in tabs_in(doctree):
        tablist, *panels = elements(box)
        tabs = elements(tablist)
        unfolded = [panel_alone(tab, panel) for tab, panel in zip(tabs, panels, strict=True)]
        box.replace_self(container(*unfolded, classes=("compare",)))
    for fold in list(doctree.findall(details)):
        children = [
            paragraph(*child.children, classes=("fold-title",))
            if isinstance(child, summary)
            else child
            for child in fold.children
        ]
        fold.replace_self(container(*children, classes=tuple(fold["classes"])))


def panel_alone(tab: nodes.Element, panel: nodes.Element) -> nodes.container:
    """A panel outside of its tabs; its label goes in front unless its listing has one."""
    name = tab["name"]
    content = list(panel.children)
    if not any("badge" in node["classes"] for node in panel.findall(nodes.inline)):
        label = badge(name) if name in FRAMEWORKS else span(tab.astext(), "badge")
        content.insert(0, paragraph(label, classes=("panel-label",)))
    return container(*content, classes=("panel", f"panel--{name}"))


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
