"""Finding: an entry of the index leads to the section that it stands above.

Sphinx puts an empty target where `{index}` stands, which is the end of the section before.
The index, and a search that finds an entry, would lead there, to a place without text.
"""

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform


class LeadToSections(SphinxTransform):
    """Put the entries that stand right above a section into it, with its id as their target."""

    default_priority = 500

    def apply(self) -> None:
        for index in list(self.document.findall(addnodes.index)):
            target = index.next_node(descend=False, siblings=True)
            section = below(target) if isinstance(target, nodes.target) else None
            if target is None or section is None:
                continue
            index["entries"] = [
                (kind, entry, section["ids"][0], main, key)
                for kind, entry, _, main, key in index["entries"]
            ]
            target.parent.remove(target)
            index.parent.remove(index)
            section.insert(1, index)


def below(node: nodes.Node) -> nodes.section | None:
    """The section that comes right after this node, on its level or on one above."""
    while (following := node.next_node(descend=False, siblings=True)) is None:
        if not isinstance(node.parent, nodes.section):
            return None
        node = node.parent
    return following if isinstance(following, nodes.section) else None


def setup(app: Sphinx) -> None:
    app.add_transform(LeadToSections)
