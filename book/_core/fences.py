"""The book's own directives as they stand in a chapter's text, for checks that need no build."""

import re
from dataclasses import dataclass, field

from book._core.chapters import Chapter
from book._core.frameworks import FRAMEWORKS, SNIPPETS, relative

FENCE = re.compile(
    r"^(?P<fence>`{3,}|:{3,})[ \t]*(?P<info>[^\n`]*)\n(?P<body>.*?)^(?P=fence)[ \t]*$",
    re.MULTILINE | re.DOTALL,
)
DIRECTIVE = re.compile(r"\{(?P<name>[\w-]+)\}[ \t]*(?P<arguments>.*)")
OPTION = re.compile(r"^:(?P<name>[\w-]+):[ \t]*(?P<value>.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Fence:
    """A fenced block: a directive if `directive` is set, else text in `language`."""

    language: str
    directive: str
    arguments: list[str]
    body: str
    line: int
    options: dict[str, str] = field(default_factory=dict)


def fences(text: str, offset: int = 0) -> list[Fence]:
    """All fenced blocks of a chapter, those inside tabs too. Lines count from 1."""
    found = []
    for match in FENCE.finditer(text):
        line = offset + text.count("\n", 0, match.start()) + 1
        info = DIRECTIVE.match(match["info"].strip())
        if info is None:
            found.append(Fence(match["info"].strip(), "", [], match["body"], line))
            continue
        options = {o["name"]: o["value"].strip() for o in OPTION.finditer(match["body"])}
        found.append(
            Fence("", info["name"], info["arguments"].split(), match["body"], line, options)
        )
        found += fences(match["body"], line)
    return found


@dataclass(frozen=True)
class Shown:
    """A file, or its region, that a chapter shows."""

    file: str
    region: str | None


def shown(chapter: Chapter) -> set[Shown]:
    """Everything of snippets/ that a chapter shows with `compare` and `listing`."""
    found: set[Shown] = set()
    for fence in fences(chapter.path.read_text("utf-8")):
        if fence.directive == "listing":
            path, *rest = fence.arguments
            found.add(Shown(path, rest[0] if rest else None))
        elif fence.directive == "compare":
            name = fence.options.get("file", f"{chapter.name}.py")
            region = fence.arguments[0] if fence.arguments else None
            for framework in fence.options.get("only", " ".join(FRAMEWORKS)).split():
                found.add(Shown(relative(SNIPPETS / framework / name), region))
    return found
