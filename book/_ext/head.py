"""The head of a chapter, from its front matter: part, question and one sentence for each framework.

What proves the chapter and what it needs stand in the section "Checked in this
chapter": at the top they would stand between the reader and the text.
"""

from datetime import date

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

from book._core import evidence
from book._core.chapters import Chapter, ChapterError, chapter
from book._core.contents import part_of
from book._core.evidence import EvidenceError
from book._core.frameworks import FRAMEWORKS
from book._ext import freshness, marks, problems, programs
from book._ext.markup import badge, container, inline, paragraph, span


class Head(SphinxTransform):
    """Put the head after the title of every chapter that asks a question."""

    default_priority = 700

    def apply(self) -> None:
        docname = self.env.current_document.docname
        try:
            found = chapter(docname)
        except ChapterError as error:
            problems.report(self.env, docname, 1, str(error))
            return
        title = self.document.next_node(nodes.title)
        if title is None or not found.question:
            return
        for problem in found.problems():
            problems.report(self.env, docname, 1, problem)
        head: list[nodes.Node] = []
        if part := part_of(docname):
            head.append(paragraph(part, classes=("eyebrow",)))
        head.append(paragraph(*inline(found.question), classes=("lead",)))
        if found.glance:
            head.append(glance(found))
        title.parent[1:1] = head
        if found.is_topic:
            section = checked(self.document) or title.parent
            section[1:1] = [*self.proof(docname), *needs(found)]

    def proof(self, docname: str) -> list[nodes.Node]:
        freshness.depends(self.env, docname, docname)
        try:
            proven = evidence.load(docname)
        except EvidenceError as error:
            problems.report(self.env, docname, 1, str(error))
            return []
        listings = listed(self.document) - sum(map(listed, programs.folds(self.document)))
        proof = paragraph(
            span("✓", "tick"),
            f" {listings} listings in this chapter, {proven.checks} checks, all green on ",
            *frameworks(proven),
            f" Python {proven.python} · {in_words(proven.date)}",
            classes=("proof",),
        )
        return [proof]


def checked(document: nodes.document) -> nodes.Element | None:
    """The section "Checked in this chapter", if there is one."""
    for section in document.findall(nodes.section):
        if section[0].astext() == "Checked in this chapter":
            return section
    return None


def needs(found: Chapter) -> list[nodes.Node]:
    """The versions that this chapter needs beyond the book's floors, in a line."""
    if not found.needs:
        return []
    words = ", ".join(f"`{name} {version}`" for name, version in found.needs.items())
    return [paragraph(*inline(f"Needs {words}."), classes=("needs",))]


def listed(node: nodes.Element) -> int:
    """How many listings there are in a node."""
    return sum("listing" in each["classes"] for each in node.findall(nodes.container))


def frameworks(proven: evidence.Evidence) -> list[nodes.Node]:
    made: list[nodes.Node] = []
    for name, version in proven.ran_on.items():
        made += [nodes.strong("", f"{FRAMEWORKS[name].label} {version}"), nodes.Text(" · ")]
    made[-1] = nodes.Text(" ·")
    return made


def glance(found: Chapter) -> nodes.container:
    cards = [
        container(
            paragraph(badge(name), classes=("glance-label",)),
            paragraph(*marks.line(found.name, found.name, found.glance[name])),
            classes=("glance-card", f"glance-card--{name}"),
        )
        for name in FRAMEWORKS
        if name in found.glance
    ]
    return container(*cards, classes=("glance",))


def in_words(day: str) -> str:
    """ "2026-11-22" as "22 November 2026"."""
    moment = date.fromisoformat(day)
    return f"{moment.day} {moment:%B %Y}"


def part_first(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """In HTML the part stands above the title; everywhere else a section starts with its title."""
    if app.builder.format != "html":
        return
    for part in [each for each in doctree.findall(nodes.paragraph) if is_part(each)]:
        section = part.parent
        section.remove(part)
        section.insert(0, part)


def is_part(node: nodes.paragraph) -> bool:
    return node["classes"] == ["eyebrow"]


def setup(app: Sphinx) -> None:
    app.add_transform(Head)
    app.connect("doctree-resolved", part_first)
