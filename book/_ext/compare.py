"""`{compare}`: the same region of the same topic in all three frameworks, as synced tabs."""

from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives

from book._core.frameworks import FRAMEWORKS, SNIPPETS
from book._ext import downloads, programs, tabs
from book._ext.directive import NotShown, ProvenDirective
from book._ext.listing import listing
from book._ext.markup import badge, paragraph


def framework_names(argument: str) -> list[str]:
    names = argument.replace(",", " ").split()
    for name in names:
        if name not in FRAMEWORKS:
            raise ValueError(f"'{name}' is no framework; there are: {', '.join(FRAMEWORKS)}")
    return names


class Compare(ProvenDirective):
    """`{compare} path-parameters`; without a region, the whole programs (on HTML pages
    only) and how to run them.

    `:file: templates/x/list.html` compares that file of each framework's folder,
    `:only: flask fastapi` leaves a framework out where the idea does not exist;
    `:topic: routing` shows another chapter's. With `:once:` what is the same in all is one listing.
    """

    optional_arguments = 1
    option_spec: ClassVar = {
        "file": directives.unchanged_required,
        "once": directives.flag,
        "only": framework_names,
        "topic": directives.unchanged_required,
    }

    def show(self) -> list[nodes.Node]:
        region = self.arguments[0] if self.arguments else None
        name = self.options.get("file", f"{self.topic}.py")
        panels: dict[str, list[nodes.Node]] = {}
        for framework in self.options.get("only", FRAMEWORKS):
            if reason := self.chapter.gaps.get(framework):
                panels[framework] = [gap(framework, reason)]
                continue
            path = SNIPPETS / framework / name
            if not path.exists():
                raise NotShown(
                    f"no file snippets/{framework}/{name}; write it, or say why not in the "
                    f"front matter: 'gaps: {{{framework}: reason}}'"
                )
            panels[framework] = [listing(self, path, region)]
        if "once" in self.options:
            return [together(name, [box for boxes in panels.values() for box in boxes])]
        title = region or name.rpartition("/")[2].partition(".")[0]
        box = tabs.make(self, title, panels)
        if region or "file" in self.options:
            return [box]
        return [programs.fold(box, name), *downloads.box(self, self.chapter)]


def gap(framework: str, reason: str) -> nodes.paragraph:
    return paragraph(badge(framework), f" {reason}", classes=("gap",))


def together(name: str, boxes: list[Any]) -> nodes.Node:
    """One listing for all, under the names of all."""
    captions, codes = zip(*(box.children for box in boxes), strict=True)
    if len({code.astext() for code in codes}) > 1:
        raise NotShown(f"{name} is not the same in all frameworks; leave ':once:' away")
    first = boxes[0]
    parts = zip(*(caption.children[::2] for caption in captions), strict=True)
    kinds = [[part for each in kind for part in (nodes.Text(" "), each)] for kind in parts]
    first.children[0].children = []
    first.children[0] += [part for kind in kinds for part in kind][1:]
    return first
