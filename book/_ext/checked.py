"""`{checked}`: the behaviours that this page's tests check, and the versions they ran on."""

from docutils import nodes

from book._core.evidence import Evidence
from book._core.frameworks import FRAMEWORKS
from book._ext.directive import ProvenDirective
from book._ext.markup import badge, inline, paragraph
from book._ext.pages import details, summary


class Checked(ProvenDirective):
    """A list of behaviours, folded on HTML pages."""

    def show(self) -> list[nodes.Node]:
        evidence = self.evidence
        groups = behaviours(evidence)
        count = sum(map(len, groups.values()))
        box = details("", classes=["checked"])
        box += summary("", f"{count} behaviours, {evidence.checks} checks, all green")
        for names, labels in groups.items():
            if len(names) < len(FRAMEWORKS):
                box += paragraph(*badges(names), " only", classes=("checked-only",))
            box += bullets(labels)
        box += paragraph(f"They ran on {versions(evidence)}.", classes=("checked-versions",))
        return [box]


def behaviours(evidence: Evidence) -> dict[tuple[str, ...], list[str]]:
    """The labels of the tests by the frameworks that have the behaviour, all three first."""
    groups: dict[tuple[str, ...], list[str]] = {}
    order = [*FRAMEWORKS]
    for test in evidence.tests.values():
        if test.file.startswith("tests/"):
            ran = test.frameworks or FRAMEWORKS
            names = tuple(name for name in FRAMEWORKS if name in ran)
            groups.setdefault(names, []).append(test.label)
    return {
        names: groups[names]
        for names in sorted(groups, key=lambda names: (-len(names), [*map(order.index, names)]))
    }


def badges(names: tuple[str, ...]) -> list[nodes.Node]:
    """ "Flask and FastAPI", each in its colour."""
    first, *others = map(badge, names)
    return [first, *(part for other in others for part in (nodes.Text(" and "), other))]


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
