"""`{shown}` and `{source}`: the quiet marks behind sentences, which name who shows or says it.

What a mark's words have to do with its test is checked in book/_core/proof.py; a mark that proves
nothing stops the build.
"""

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxRole
from sphinx.util.nodes import make_refnode

from book._core import claims, proof, sources
from book._core.chapters import BOOK, ChapterError, chapter
from book._core.evidence import EvidenceError
from book._core.sources import SourceError
from book._ext import freshness, problems
from book._ext.markup import inline, span


def anchor(topic: str, name: str) -> str:
    """The id of a test in the list of what a chapter's tests check."""
    return nodes.make_id(f"check-{topic}-{name}")


class ShownRole(SphinxRole):
    """A tick that leads to the check, with the test's own sentence as its name."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        page = self.env.current_document.docname
        return marks(page, self.text, page), []


def marks(page: str, target: str, topic: str) -> list[nodes.Node]:
    """A tick for each test that is named; a test that is not there is reported by `Proof`."""
    made: list[nodes.Node] = []
    for other, name in claims.Mark(claims.MARK, target, "", (), 0).tests:
        try:
            label = proof.named(other or topic, name).label
        except EvidenceError:
            continue
        words = f"Shown by a test: {label.replace('`', '')}"
        tick = [span("✓", "shown-tick"), span(f" {words}", "visually-hidden")]
        link: nodes.Element
        if (other or topic) == page:
            link = nodes.reference("", "", *tick, refid=anchor(topic, name), internal=True)
        else:
            link = addnodes.pending_xref(
                "", nodes.inline("", "", *tick), refdomain="std", reftype="ref", refexplicit=True,
                reftarget=anchor(other or topic, name), refdoc=page, refwarn=True,
            )  # fmt: skip
        link["classes"] = ["shown"]
        made.append(link)
    return made


class OtherPages(SphinxPostTransform):
    """Lead marks to other pages; Sphinx would keep their words, but not what hides them."""

    default_priority = 9  # before Sphinx resolves references

    def run(self, **kwargs: object) -> None:
        labels = self.env.domains.standard_domain.anonlabels
        for mark in list(self.document.findall(addnodes.pending_xref)):
            if {"shown", "kept"} & {*mark["classes"]} and mark["reftarget"] in labels:
                page, target = labels[mark["reftarget"]]
                link = make_refnode(self.env.app.builder, mark["refdoc"], page, target, mark[0])
                link["classes"] = mark["classes"]
                mark.replace_self(link)


class SourceRole(SphinxRole):
    """A small circle that leads to who says it."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        return source(self.text), []


def source(target: str) -> list[nodes.Node]:
    try:
        found = sources.find(target)
    except SourceError:
        return []  # `Proof` reports it
    words = f"Source: {found.words}"
    parts = [span("°", "shown-tick"), span(f" {words}", "visually-hidden")]
    if found.address:
        return [nodes.reference("", "", *parts, refuri=found.address, classes=["shown"])]
    return [nodes.inline("", "", *parts, classes=["shown"])]


def line(page: str, topic: str, text: str) -> list[nodes.Node]:
    """A line of front matter: words with `code`, then its marks."""
    words, found = claims.line_marks(text)
    made = inline(words)
    for mark in found:
        made += (
            source(mark.target) if mark.kind == claims.SOURCE else marks(page, mark.target, topic)
        )
    return made


class Proof(SphinxTransform):
    """Report each mark of a page that proves nothing."""

    default_priority = 710

    def apply(self) -> None:
        page = self.env.current_document.docname
        if not (BOOK / f"{page}.md").exists():
            return
        try:
            found = chapter(page)
        except ChapterError:
            return  # the chapter's head reports it
        for mark in proof.marks(found, found.path.read_text("utf-8")):
            for topic, _ in mark.tests if mark.kind == claims.MARK else ():
                if topic:
                    freshness.depends(self.env, page, topic)
        for problem in proof.problems(found):
            problems.report(self.env, page, problem.line, problem.message)


def setup(app: Sphinx) -> None:
    app.add_role("shown", ShownRole())
    app.add_role("source", SourceRole())
    app.add_transform(Proof)
    app.add_post_transform(OtherPages)
