"""What a chapter says to who comes from one framework, for the pages about pairs of frameworks."""

import re

from book._core.chapters import Chapter, ChapterError
from book._core.frameworks import FRAMEWORKS, relative
from book._core.markdown import parser

SECTION = "Coming from another framework"
LABELS = "|".join(framework.label for framework in FRAMEWORKS.values())
FROM = re.compile(rf"\*\*From ({LABELS})\.\*\*\s*")
NAMES = {framework.label: name for name, framework in FRAMEWORKS.items()}


def coming_from(chapter: Chapter) -> dict[str, str]:
    """The Markdown that follows "**From Flask.**" and so on, for each framework, marks included.

    Raises ChapterError if a framework has no such paragraph.
    """
    text = chapter.path.read_text("utf-8")
    found: dict[str, str] = {}
    section, at = "", ""
    lines = text.splitlines()
    tokens = parser().parse(text)
    for token, inside in zip(tokens, [*tokens[1:], None], strict=True):
        if token.type == "heading_open" and inside:
            section, at = inside.content, ""
        elif token.type == "paragraph_open" and section == SECTION and token.map:
            raw = "\n".join(lines[slice(*token.map)])
            if start := FROM.match(raw):
                at, raw = NAMES[start[1]], raw[start.end() :]
            if at:
                found[at] = f"{found[at]}\n\n{raw}" if at in found else raw
    missing = [framework.label for name, framework in FRAMEWORKS.items() if name not in found]
    if missing and chapter.is_topic:
        raise ChapterError(
            f"{relative(chapter.path)}: '## {SECTION}' has no paragraph that begins with "
            f"**From {missing[0]}.**"
        )
    return {name: elsewhere(chapter.name, words) for name, words in found.items()}


def elsewhere(name: str, words: str) -> str:
    """A chapter's Markdown as another page has to write it: marks and links name the chapter."""

    def named(mark: re.Match[str]) -> str:
        tests = (each.strip() for each in mark[1].split(","))
        whole = ", ".join(each if ":" in each else f"{name}:{each}" for each in tests)
        return f"{{shown}}`{whole}`"

    words = re.sub(r"\{shown\}`([^`]*)`", named, words)
    return words.replace("](#", f"]({name}.md#")
