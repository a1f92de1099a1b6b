"""Short texts as nodes: labels, badges and sentences from front matter and tests."""

import re
from collections.abc import Mapping, Sequence

from docutils import nodes

from book._core.frameworks import FRAMEWORKS

CODE = re.compile(r"`([^`]+)`")


def inline(text: str) -> list[nodes.Node]:
    """Text in which `code` is code. This is all the markup that labels may hold."""
    parts = CODE.split(text)
    return [
        nodes.literal("", part) if index % 2 else nodes.Text(part)
        for index, part in enumerate(parts)
        if part
    ]


def span(text: str, *classes: str) -> nodes.inline:
    return nodes.inline("", text, classes=list(classes))


def badge(framework: str) -> nodes.inline:
    """The framework's label as a coloured chip."""
    return span(FRAMEWORKS[framework].label, "badge", f"badge--{framework}")


def paragraph(*children: nodes.Node | str, classes: tuple[str, ...] = ()) -> nodes.paragraph:
    node = nodes.paragraph("", "", classes=list(classes))
    for child in children:
        node += nodes.Text(child) if isinstance(child, str) else child
    return node


def container(*children: nodes.Node, classes: tuple[str, ...] = ()) -> nodes.container:
    node = nodes.container("", classes=list(classes))
    node += list(children)
    return node


def odd_mark() -> nodes.inline:
    """What marks an odd answer besides its tint and bar: never colour alone."""
    return span("≠ ", "odd-mark")


def odd_ones(values: Mapping[str, object]) -> set[str]:
    """The keys whose value the majority does not share; all of them if there is no majority."""
    keys = list(values)
    shared = [key for key in keys if sum(values[key] == values[other] for other in keys) > 1]
    return set(keys) - set(shared)


def table(
    heads: Sequence[Sequence[nodes.Node]],
    rows: Sequence[Sequence[nodes.entry]],
    *,
    widths: list[int],
    classes: tuple[str, ...],
) -> nodes.table:
    """A table; `heads` are the inline nodes of the header cells, `widths` relative columns."""
    node = nodes.table("", classes=list(classes))
    group = nodes.tgroup("", cols=len(widths))
    group += [nodes.colspec("", colwidth=width) for width in widths]
    group += nodes.thead("", nodes.row("", *(entry(*head) for head in heads)))
    group += nodes.tbody("", *(nodes.row("", *row) for row in rows))
    node += group
    return node


def entry(*children: nodes.Node | str, classes: tuple[str, ...] = ()) -> nodes.entry:
    return nodes.entry("", paragraph(*children), classes=list(classes))
