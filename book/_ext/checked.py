"""`{checked}`: the behaviours that this page's tests check, and the versions they ran on."""

from docutils import nodes

from book._core import proof
from book._core.evidence import Evidence
from book._core.frameworks import FRAMEWORKS
from book._ext.directive import ProvenDirective
from book._ext.marks import anchor
from book._ext.markup import badge, inline, paragraph
from book._ext.pages import details, summary


class Checked(ProvenDirective):
    """A list of behaviours, folded on HTML pages."""

    def show(self) -> list[nodes.Node]:
        evidence = self.evidence
        groups = behaviours(evidence)
        count = sum(map(len, groups.values()))
        self.register(groups)
        box = details("", classes=["checked"])
        box += summary("", f"{count} behaviours, {evidence.checks} checks, all green")
        claimed, shown = proof.sentences(self.chapter)
        box += paragraph(
            f"Of {claimed} sentences of this chapter that claim something, {shown} name the test "
            "or the source that shows it.",
            classes=("checked-claims",),
        )
        for names, labels in groups.items():
            if len(names) < len(FRAMEWORKS):
                box += paragraph(*badges(names), " only", classes=("checked-only",))
            box += bullets(self.topic, labels)
        box += paragraph(f"They ran on {versions(evidence)}.", classes=("checked-versions",))
        return [box]

    def register(self, groups: dict[tuple[str, ...], dict[str, str]]) -> None:
        """Let the marks of other chapters lead to these checks."""
        labels = self.env.domains.standard_domain.anonlabels
        for names in groups.values():
            for name in names:
                labels[anchor(self.topic, name)] = self.page, anchor(self.topic, name)


def behaviours(evidence: Evidence) -> dict[tuple[str, ...], dict[str, str]]:
    """The labels of the tests, by their names, by the frameworks that have the behaviour, all three first."""
    groups: dict[tuple[str, ...], dict[str, str]] = {}
    order = [*FRAMEWORKS]
    for key, test in evidence.tests.items():
        if test.file.startswith("tests/"):
            ran = test.frameworks or FRAMEWORKS
            names = tuple(name for name in FRAMEWORKS if name in ran)
            groups.setdefault(names, {})[key] = test.label
    return {
        names: groups[names]
        for names in sorted(groups, key=lambda names: (-len(names), [*map(order.index, names)]))
    }


def badges(names: tuple[str, ...]) -> list[nodes.Node]:
    """ "Flask and FastAPI", each in its colour."""
    first, *others = map(badge, names)
    return [first, *(part for other in others for part in (nodes.Text(" and "), other))]


def bullets(topic: str, labels: dict[str, str]) -> nodes.bullet_list:
    """Each test's label, where the marks of sentences lead."""
    made = nodes.bullet_list("", bullet="-")
    for name, label in labels.items():
        target = nodes.target("", "", ids=[anchor(topic, name)])
        made += nodes.list_item("", paragraph(target, *inline(label)))
    return made


def versions(evidence: Evidence) -> str:
    """Everything that ran, the frameworks first: "Flask 3.1.3, … and Python 3.13.0"."""
    rest = dict(evidence.versions)
    ran = [FRAMEWORKS[name] for name in evidence.ran_on]
    first = [f"{f.label} {rest.pop(f.distribution)}" for f in ran]
    return ", ".join([*first, *(f"{n} {v}" for n, v in rest.items())]) + (
        f" and Python {evidence.python}, on {evidence.date}"
    )
