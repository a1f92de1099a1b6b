"""`{differences}`: the answers that the contract says differ, a row per test.

A variant (a real server, debug mode) that answers otherwise than its framework has a row below.
"""

import json

from docutils import nodes

from book._core.evidence import EvidenceError, GreenTest
from book._core.frameworks import FRAMEWORKS
from book._core.variants import VARIANTS
from book._ext.directive import ProvenDirective
from book._ext.markup import entry, inline, odd_mark, odd_ones, span, table


class Differences(ProvenDirective):
    """The table of this topic's recorded differences."""

    def show(self) -> list[nodes.Node]:
        tests = [test for test in self.evidence.contract.values() if test.differs]
        if not tests:
            raise EvidenceError(
                f"no test in tests/topics/{self.topic}/test_contract.py has @differs(…): nothing to show"
            )
        rows = [row for test in tests for row in (self.row(test), *variants(test))]
        heads = [[nodes.Text("What happens")]] + [
            [span(framework.label, f"head--{name}")] for name, framework in FRAMEWORKS.items()
        ]
        made = table(heads, rows, widths=[40, 20, 20, 20], classes=("differences",))
        self.set_source_info(made)
        return [made]

    def row(self, test: GreenTest) -> list[nodes.entry]:
        answers = test.differs or {}
        odd = odd_ones({name: json.dumps(value) for name, value in answers.items()})
        cells = [entry(*inline(test.label))]
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
