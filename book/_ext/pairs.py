"""Pages about pairs of frameworks: `{pair} flask fastapi` and `{terms} flask fastapi`.

Nothing is written for these pages: the words are those of each chapter's "Coming from", the rows
those of its table of differences, the terms those of the glossary's table. So a pair's page
cannot disagree with the chapters.
"""

from docutils import nodes
from sphinx import addnodes

from book._core import evidence
from book._core.chapters import BOOK, chapter
from book._core.contents import parts, title
from book._core.evidence import GreenTest
from book._core.frameworks import FRAMEWORKS
from book._core.markdown import first_table
from book._core.pairs import coming_from
from book._ext import freshness
from book._ext.differences import as_words, on_pages, row_id
from book._ext.directive import NotShown, ProvenDirective
from book._ext.markup import entry, inline, paragraph, span, table
from book._ext.pages import details, summary
from book._ext.summary import link

GLOSSARY = BOOK / "glossary.md"


class PairDirective(ProvenDirective):
    """A directive about two frameworks, which are its arguments."""

    required_arguments = 2

    def two(self) -> tuple[str, str]:
        for name in self.arguments:
            if name not in FRAMEWORKS:
                raise NotShown(f"'{name}' is no framework; there are: {', '.join(FRAMEWORKS)}")
        first, second = self.arguments
        return first, second

    def columns(self, first: str, rows: list[list[nodes.entry]], *classes: str) -> nodes.table:
        """A table with a column for each of the two."""
        heads = [[nodes.Text(first)]] + [
            [span(FRAMEWORKS[name].label, f"head--{name}")] for name in self.two()
        ]
        return table(heads, rows, widths=[40, 30, 30], classes=("pair", *classes))


class Pair(PairDirective):
    """A section for each chapter: its words for who comes from there, and where the two differ."""

    def show(self) -> list[nodes.Node]:
        self.two()
        topics = [name for names in parts().values() for name in names if chapter(name).is_topic]
        return [self.section(topic) for topic in topics]

    def section(self, topic: str) -> nodes.section:
        left, right = self.two()
        found = chapter(topic)
        self.env.note_dependency(found.path)
        freshness.depends(self.env, self.page, topic)
        made = nodes.section("", ids=[nodes.make_id(f"{self.page}-{topic}")])
        made += nodes.title("", title(found))
        made += self.parse_text_to_nodes(coming_from(found)[left])
        tests = {
            name: test
            for name, test in evidence.load(topic).contract.items()
            if (answers := test.differs)
            and {left, right} <= answers.keys()
            and answers[left] != answers[right]
        }
        if tests:
            box = details("", classes=["checked"])
            box += summary("", count(len(tests), "measured difference"))
            box += self.columns(
                "What happens", [self.row(topic, name, test) for name, test in tests.items()]
            )
            made += on_pages(box)  # elsewhere the chapters have the rows already
        made += paragraph("How each of them does it: ", link(self.page, found), ".")
        self.set_source_info(made)
        return made

    def row(self, topic: str, name: str, test: GreenTest) -> list[nodes.entry]:
        answers = test.differs or {}
        leads = addnodes.pending_xref(
            "", nodes.inline("", "", *inline(test.label)), refdomain="std", reftype="ref",
            reftarget=row_id(topic, name), refdoc=self.page, refexplicit=True, refwarn=True,
            classes=["kept"],
        )  # fmt: skip
        return [entry(leads), *(entry(*inline(as_words(answers[n]))) for n in self.two())]


def count(number: int, what: str) -> str:
    """ "1 row", "2 rows"."""
    return f"{number} {what}{'' if number == 1 else 's'}"


class Terms(PairDirective):
    """The glossary's table of names, the columns of two frameworks."""

    def show(self) -> list[nodes.Node]:
        self.env.note_dependency(GLOSSARY)
        what, *columns = zip(*first_table(GLOSSARY.read_text("utf-8")), strict=True)
        named = {head: cells for head, *cells in columns}
        left, right = (named[FRAMEWORKS[name].label] for name in self.two())
        rows = [
            [entry(*inline(cell)) for cell in row]
            for row in zip(what[1:], left, right, strict=True)
        ]
        made = self.columns(what[0], rows, "terms")
        self.set_source_info(made)
        return [made]
