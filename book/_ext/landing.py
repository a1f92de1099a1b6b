"""The landing page: `{figures}` of the proof, and `{chapters}` with the questions they answer."""

from docutils import nodes

from book._core import evidence
from book._core.chapters import chapter, topics
from book._core.contents import parts
from book._core.evidence import Evidence
from book._core.frameworks import FRAMEWORKS
from book._ext import freshness
from book._ext.directive import ProvenDirective
from book._ext.head import in_words
from book._ext.markup import badge, container, inline, paragraph, span
from book._ext.summary import link


class Figures(ProvenDirective):
    """What the evidence of all topics adds up to."""

    def show(self) -> list[nodes.Node]:
        proven = []
        for topic in topics():
            freshness.depends(self.env, self.page, topic)
            proven.append(evidence.load(topic))
        boxes = [figure(number, words) for number, words in counts(proven).items()]
        last = max(proven, key=lambda each: each.date)
        ran_on = {name: version for each in proven for name, version in each.ran_on.items()}
        versions = paragraph(classes=("figures-versions",))
        for name in FRAMEWORKS:
            if name in ran_on:
                versions += [badge(name), nodes.Text(f" {ran_on[name]} ")]
        versions += nodes.Text(f"on Python {last.python}, {in_words(last.date)}")
        return [container(*boxes, classes=("figures",)), versions]


def counts(proven: list[Evidence]) -> dict[str, str]:
    files = {name for each in proven for name in each.files}
    tests = [test for each in proven for test in each.tests.values()]
    return {
        str(len(proven)): "topics, three times each",
        str(len(files)): "files that tests ran",
        f"{sum(each.checks for each in proven):,}": "checks, all green",
        str(sum(bool(test.differs) for test in tests)): "measured differences",
    }


def figure(number: str, words: str) -> nodes.container:
    return container(
        paragraph(span(number, "figure-number"), " ", span(words, "figure-words")),
        classes=("figure-box",),
    )


class Chapters(ProvenDirective):
    """The parts and chapters, each with its question."""

    def show(self) -> list[nodes.Node]:
        made: list[nodes.Node] = []
        for part, names in parts().items():
            made.append(paragraph(part, classes=("eyebrow", "part")))
            listing = nodes.bullet_list("", bullet="-", classes=["chapters"])
            for name in names:
                found = chapter(name)
                self.env.note_dependency(found.path)
                item = paragraph(link(self.page, found))
                if found.question:
                    question = span("", "chapter-question")
                    question += inline(found.question)
                    item += [nodes.Text(" "), question]
                listing += nodes.list_item("", item)
            made.append(listing)
        return made
