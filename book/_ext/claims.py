"""`{claims}`: how many sentences of each chapter claim something, and how many name who shows it.

Beside it, how many faults in those sentences a build would refuse: they are planted while the page
is made, so the figures are those of the text as it is.
"""

from docutils import nodes

from book._core import proof
from book._core.chapters import chapter, topics
from book._core.prose_faults import plant
from book._ext import freshness
from book._ext.directive import ProvenDirective
from book._ext.markup import entry, table
from book._ext.summary import link


class Claims(ProvenDirective):
    """A row for each chapter on code."""

    def show(self) -> list[nodes.Node]:
        heads = ["Chapter", "Sentences that claim", "Shown", "Changed numbers and code refused"]
        made = table(
            [[nodes.Text(head)] for head in heads],
            [self.row(topic) for topic in topics()],
            widths=[34, 22, 16, 28],
            classes=("records",),
        )
        self.set_source_info(made)
        return [made]

    def row(self, topic: str) -> list[nodes.entry]:
        found = chapter(topic)
        self.env.note_dependency(found.path)
        freshness.depends(self.env, self.page, topic)
        claimed, shown = proof.sentences(found)
        faults = [fault for fault in plant(found) if fault.kind != "framework"]
        noticed = sum(fault.noticed for fault in faults)
        return [
            entry(link(self.page, found)),
            entry(str(claimed)),
            entry(str(shown)),
            entry(f"{noticed} of {len(faults)}"),
        ]
