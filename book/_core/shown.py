"""What a chapter shows of snippets/, for checks that need no build."""

from dataclasses import dataclass

from book._core.chapters import Chapter
from book._core.frameworks import FRAMEWORKS, SNIPPETS, relative
from book._core.markdown import fences


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
