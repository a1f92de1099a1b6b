"""`{checked}`: the behaviours that this page's tests check, and the versions they ran on."""

from docutils import nodes

from book._ext.evidence import Evidence, sentence
from book._ext.frameworks import FRAMEWORKS
from book._ext.inline import badge, inline, paragraph
from book._ext.pages import details, summary
from book._ext.proven import ProvenDirective


class Checked(ProvenDirective):
    """A list of behaviours, folded on HTML pages."""

    def show(self) -> list[nodes.Node]:
        evidence = self.evidence
        shared, own = behaviours(evidence)
        count = sum(map(len, own.values())) + len(shared)
        box = details("", classes=["checked"])
        box += summary("", f"{count} behaviours, {evidence.checks} checks, all green")
        box += bullets(shared)
        for framework, labels in own.items():
            box += paragraph(badge(framework), " only", classes=("checked-only",))
            box += bullets(labels)
        box += paragraph(f"They ran on {versions(evidence)}.", classes=("checked-versions",))
        return [box]


def behaviours(evidence: Evidence) -> tuple[list[str], dict[str, list[str]]]:
    """The labels of the contract's tests, and of the tests that one framework has alone."""
    shared = [test["label"] for test in evidence.contract.values()]
    own: dict[str, list[str]] = {name: [] for name in FRAMEWORKS}
    for name, test in evidence.tests.items():
        folder = test["file"].split("/")[1]
        if test["file"].startswith("tests/") and folder in FRAMEWORKS:
            label = test["label"] if test["label"] else sentence(name)
            own[folder].append(label)
    return shared, {name: labels for name, labels in own.items() if labels}


def bullets(labels: list[str]) -> nodes.bullet_list:
    made = nodes.bullet_list("", bullet="-")
    for label in labels:
        made += nodes.list_item("", paragraph(*inline(label)))
    return made


def versions(evidence: Evidence) -> str:
    """Everything that ran, the frameworks first: "Flask 3.1.3, … and Python 3.13.0"."""
    rest = dict(evidence.versions)
    first = [f"{f.label} {rest.pop(f.distribution)}" for f in FRAMEWORKS.values()]
    return ", ".join([*first, *(f"{n} {v}" for n, v in rest.items())]) + (
        f" and Python {evidence.python}, on {evidence.date}"
    )
