"""What the book's directives have in common: a topic, its evidence, and problems that stop the build."""

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from book._core import evidence
from book._core.chapters import Chapter, ChapterError, chapter
from book._core.evidence import Evidence, EvidenceError
from book._core.regions import RegionError
from book._ext import freshness, problems


class NotShown(ValueError):
    """What a directive asks for cannot be shown. The message says what would be right."""


class ProvenDirective(SphinxDirective):
    """A directive that shows something of its chapter's topic."""

    @property
    def page(self) -> str:
        return self.env.current_document.docname

    @property
    def topic(self) -> str:
        """The topic that is shown: `:topic:`, or the one of this page's own name."""
        return self.options.get("topic", self.page)

    @property
    def chapter(self) -> Chapter:
        return chapter(self.topic)

    @property
    def evidence(self) -> Evidence:
        """The believable evidence for the topic; the page then depends on it."""
        freshness.depends(self.env, self.page, self.topic)
        return evidence.load(self.topic)

    def show(self) -> list[nodes.Node]:
        """The nodes of this directive. Override this, and raise what is wrong."""
        raise NotImplementedError

    def run(self) -> list[nodes.Node]:
        try:
            return self.show()
        except (NotShown, EvidenceError, RegionError, ChapterError, OSError) as error:
            line = self.get_source_info()[1]
            problems.report(self.env, self.page, line, str(error), self.name)
            return []
