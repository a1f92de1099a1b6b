"""`{statements}`: the SQL that a test recorded, in the order in which it was sent."""

from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives

from book._core import proof
from book._core.evidence import EvidenceError
from book._core.frameworks import FRAMEWORKS
from book._ext import tabs
from book._ext.compare import framework_names
from book._ext.directive import ProvenDirective
from book._ext.markup import badge, span


class Statements(ProvenDirective):
    """`{statements} test_the_naive_loop`: a panel per framework, a line per statement."""

    required_arguments = 1
    option_spec: ClassVar = {
        "only": framework_names,
        "topic": directives.unchanged_required,
    }

    def show(self) -> list[nodes.Node]:
        name = self.arguments[0]
        self.evidence  # noqa: B018 (the page then depends on it)
        recorded = proof.named(self.topic, name).statements
        chosen = [each for each in self.options.get("only", FRAMEWORKS) if each in recorded]
        if not chosen:
            raise EvidenceError(
                f"'{name}' recorded no statement; a test records them with record_statements(…)"
            )
        panels: dict[str, list[nodes.Node]] = {
            each: [self.box(each, recorded[each])] for each in chosen
        }
        return [tabs.make(self, name.removeprefix("test_").replace("_", "-"), panels)]

    def box(self, framework: str, statements: list[str]) -> nodes.container:
        text = "\n".join(f"{' '.join(each.split())};" for each in statements)
        number = f"{len(statements)} statement{'s' if len(statements) != 1 else ''}"
        caption = nodes.caption(
            "", "", badge(framework), nodes.Text(" "), span(f"✓ {number}, recorded", "ran")
        )
        code = nodes.literal_block(text, text, language="sql")
        classes = ["literal-block-wrapper", "listing", f"listing--{framework}", "statements"]
        box = nodes.container("", caption, code, literal_block=True, classes=classes)
        self.set_source_info(box)
        self.set_source_info(code)
        return box
