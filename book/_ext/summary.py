"""`{summary}`: every chapter's sentence per framework in one table a part, linked to the chapters."""

from docutils import nodes
from sphinx import addnodes

from book._core.chapters import Chapter, chapter
from book._core.contents import parts, title
from book._core.frameworks import FRAMEWORKS
from book._ext.directive import ProvenDirective
from book._ext.marks import line
from book._ext.markup import entry, span, table


class Summary(ProvenDirective):
    """A table for each part of the book; a chapter without glance has no row."""

    def show(self) -> list[nodes.Node]:
        made: list[nodes.Node] = []
        for part, names in parts().items():
            rows = [self.row(chapter(name)) for name in names if chapter(name).glance]
            if rows:
                made += [nodes.rubric("", part), self.table(rows)]
        for node in made:
            self.set_source_info(node)
        return made

    def table(self, rows: list[list[nodes.entry]]) -> nodes.table:
        heads = [[nodes.Text("Chapter")]] + [
            [span(framework.label, f"head--{name}")] for name, framework in FRAMEWORKS.items()
        ]
        return table(heads, rows, widths=[19, 27, 27, 27], classes=("summary",))

    def row(self, found: Chapter) -> list[nodes.entry]:
        self.env.note_dependency(found.path)
        cells = [
            entry(*line(self.page, found.name, found.cells[name]))
            if name in found.cells
            else entry("")
            for name in FRAMEWORKS
        ]
        return [entry(link(self.page, found)), *cells]


def link(page: str, found: Chapter) -> addnodes.pending_xref:
    """A link from a page to a chapter, by its title."""
    return addnodes.pending_xref(
        "",
        nodes.inline("", title(found)),
        refdomain="std",
        reftype="doc",
        reftarget=f"/{found.name}",
        refdoc=page,
        refexplicit=True,
        refwarn=True,
    )
