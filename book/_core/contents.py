"""The table of contents: titles of chapters, and the parts of the book as the landing page has them."""

from book._core import markdown
from book._core.chapters import BOOK, Chapter, ChapterError
from book._core.frameworks import relative


def title(chapter: Chapter) -> str:
    """The title of a chapter, as it is written."""
    found = markdown.title(chapter.path.read_text("utf-8"))
    if not found:
        raise ChapterError(f"{relative(chapter.path)}: no title; a chapter starts with '# Title'")
    return found


def parts() -> dict[str, list[str]]:
    """The parts of the book and their chapters, in order, as the landing page's toctrees say."""
    return {
        fence.options.get("caption", ""): fence.body.split()
        for fence in markdown.fences((BOOK / "index.md").read_text("utf-8"))
        if fence.directive == "toctree"
    }


def part_of(name: str) -> str:
    """The part that a chapter belongs to, e.g. "Part II · The request"; "" outside of parts."""
    for part, names in parts().items():
        if name in names:
            return part
    return ""
