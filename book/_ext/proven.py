"""What the book's directives have in common: a topic, its evidence, and errors that stop the build."""

from docutils import nodes
from sphinx.errors import SphinxError
from sphinx.util.docutils import SphinxDirective

from book._ext import evidence
from book._ext.chapters import Chapter, chapter
from book._ext.evidence import Evidence, EvidenceError
from book._ext.regions import RegionError


class BookError(SphinxError):
    """Something on a page is not what ran. The message says page, line and what would be right."""

    category = "The book is not proven"


class ProvenDirective(SphinxDirective):
    """A directive that shows something of its chapter's topic."""

    @property
    def topic(self) -> str:
        """The topic of this page: its own name."""
        return self.env.current_document.docname

    @property
    def chapter(self) -> Chapter:
        return chapter(self.topic)

    @property
    def evidence(self) -> Evidence:
        """The believable evidence for this page's topic; the page then depends on it."""
        return evidence.load(self.topic)

    def show(self) -> list[nodes.Node]:
        """The nodes of this directive. Override this, and raise what is wrong."""
        raise NotImplementedError

    def run(self) -> list[nodes.Node]:
        try:
            return self.show()
        except (EvidenceError, RegionError, OSError) as error:
            raise self.stop(str(error)) from error

    def stop(self, message: str) -> BookError:
        """The error that stops the build at this place of this page."""
        source, line = self.get_source_info()
        page = self.env.path2doc(source) or self.topic
        return BookError(f"book/{page}.md:{line}: {{{self.name}}}: {message}")
