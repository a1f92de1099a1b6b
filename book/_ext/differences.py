"""`{differences}`: the answers that the contract says differ, a row per test.

A variant (a real server, debug mode) that answers otherwise than its framework has a row below.
A row can be linked to, `#diff-topic-a-test`, and leads to the section whose words its test shows. On a
page, book.js filters the rows by pairs of frameworks.
"""

import itertools
import json
from html import escape

from docutils import nodes
from sphinx import addnodes

from book._core import claims
from book._core.evidence import EvidenceError, GreenTest
from book._core.frameworks import FRAMEWORKS
from book._core.variants import VARIANTS
from book._ext.directive import ProvenDirective
from book._ext.markup import entry, inline, odd_mark, odd_ones, span, table


class Differences(ProvenDirective):
    """The table of this topic's recorded differences."""

    def show(self) -> list[nodes.Node]:
        tests = {name: test for name, test in self.evidence.contract.items() if test.differs}
        if not tests:
            raise EvidenceError(
                f"no test in tests/topics/{self.topic}/test_contract.py has @differs(…): nothing to show"
            )
        text = self.chapter.path.read_text("utf-8")
        explained = sections(text) if self.topic == self.page else {}
        rows = [
            row
            for name, test in tests.items()
            for row in (self.row(name, test, explained.get(name)), *variants(test))
        ]
        heads = [[nodes.Text("What happens")]] + [
            [span(framework.label, f"head--{name}")] for name, framework in FRAMEWORKS.items()
        ]
        made = table(heads, rows, widths=[40, 20, 20, 20], classes=("differences",))
        self.set_source_info(made)
        return [on_pages(nodes.raw("", pair_filter(), format="html")), made]

    def row(self, test_name: str, test: GreenTest, section: str | None) -> list[nodes.entry]:
        answers = test.differs or {}
        odd = odd_ones({name: json.dumps(value) for name, value in answers.items()})
        words: list[nodes.Node] = inline(test.label)
        if section:
            words = [nodes.reference("", "", *words, refid=section, internal=True)]
        row = row_id(self.topic, test_name)
        if self.topic == self.page:  # other pages may lead here
            self.env.domains.standard_domain.anonlabels[row] = self.page, row
        link = nodes.reference("", "#", refid=row, internal=True, classes=["diff-link"])
        link["reftitle"] = "A link to this row"
        cells = [entry(nodes.target("", "", ids=[row]), *words, on_pages(link))]
        for name in FRAMEWORKS:
            if name not in answers:
                cells.append(entry("\N{EN DASH}"))
                continue
            words = inline(as_words(answers[name]))
            if name in odd:
                cells.append(entry(odd_mark(), *words, classes=("odd",)))
            else:
                cells.append(entry(*words))
        return cells


def row_id(topic: str, test: str) -> str:
    """The id of a test's row."""
    return nodes.make_id(f"diff-{topic}-{test.removeprefix('test_')}")


def sections(text: str) -> dict[str, str]:
    """For each test the id of the first section that names it behind a sentence."""
    found: dict[str, str] = {}
    for each in claims.paragraphs(text):
        for mark in each.marks:
            for topic, name in mark.tests:
                if not topic and each.section:
                    found.setdefault(name, nodes.make_id(each.section))
    return found


def on_pages(node: nodes.Node) -> addnodes.only:
    """What only HTML pages show."""
    return addnodes.only("", node, expr="html and not epub")


def pair_filter() -> str:
    """Buttons that book.js shows: all rows, or those in which two frameworks differ."""
    pairs = [("", "All differences")] + [
        (f"{one} {other}", f"{first.label} and {second.label}")
        for (one, first), (other, second) in itertools.combinations(
            enumerate(FRAMEWORKS.values(), start=1), 2
        )
    ]
    buttons = "".join(
        f'<button type="button" value="{value}" aria-pressed="{str(not value).lower()}">'
        f"{escape(words)}</button>"
        for value, words in pairs
    )
    return (
        f'<div class="pair-filter" role="group" aria-label="Differences of" hidden>{buttons}</div>'
    )


def variants(test: GreenTest) -> list[list[nodes.entry]]:
    """Below a test's row: what it answers on a real server or in debug mode, if that differs."""
    labels = dict.fromkeys(VARIANTS[name].label for name in VARIANTS if name in test.variants)
    rows = []
    for label in labels:
        answers = {
            VARIANTS[name].framework: answer
            for name, answer in test.variants.items()
            if VARIANTS[name].label == label
        }
        cells = [entry(*inline(f"\N{HORIZONTAL ELLIPSIS} {label}"), classes=("variant",))]
        for name in FRAMEWORKS:
            if name in answers:
                words = inline(as_words(answers[name]))
                cells.append(entry(odd_mark(), *words, classes=("odd",)))
            else:
                cells.append(entry("\N{EN DASH}"))
        rows.append(cells)
    return rows


def as_words(value: object) -> str:
    """An expected answer as a reader should see it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    if isinstance(value, dict):
        return f"`{json.dumps(value)}`"
    return "nothing" if value in (None, "", "None") else str(value)
