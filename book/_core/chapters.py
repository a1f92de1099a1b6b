"""Topics and chapters. One stem names a chapter, its snippets and its contract; nothing lists them."""

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import yaml

from book._core.evidence import Request
from book._core.frameworks import FRAMEWORKS, ROOT, relative

BOOK = ROOT / "book"
MARKS = re.compile(r"(?:\s*\{(?:shown|source)\}`[^`]*`)+\s*$")
"""What may follow the full stop of a sentence in front matter."""
KEYS = {"question", "glance", "gaps", "try", "topic", "needs", "summary"}


EXAMPLE = re.compile(r"(?:([A-Z]+) )?(/\S*)(?: (\{.*\}))?")
"""A path, perhaps with a method before it and JSON behind it."""


class ChapterError(ValueError):
    """A chapter's front matter is not as it has to be. The message says file and cure."""


def front_matter(path: Path) -> dict:
    """The YAML block at the top of a Markdown file, {} if there is none."""
    return _front_matter(path, path.stat().st_mtime_ns)


@cache
def _front_matter(path: Path, _mtime: int) -> dict:
    text = path.read_text("utf-8")
    if not text.startswith("---\n"):
        return {}
    block, fence, _ = text[4:].partition("\n---\n")
    if not fence:
        raise ChapterError(f"{relative(path)}: the front matter is never closed by a line '---'")
    try:
        data = yaml.safe_load(block)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        raise ChapterError(
            f"{relative(path)}:{line}: the front matter is no YAML: {error.problem}; put a "
            "sentence that holds ': ' or begins with a sign between quotes"
        ) from None
    if not isinstance(data, dict):
        raise ChapterError(f"{relative(path)}: the front matter is no list of 'key: value' lines")
    for key in ("glance", "gaps", "needs", "summary"):
        if not isinstance(data.get(key, {}), dict):
            raise ChapterError(
                f"{relative(path)}: '{key}:' must be followed by lines such as '  django: …'"
            )
    return data


@dataclass(frozen=True)
class Chapter:
    """One chapter. `data` is its front matter; a chapter on code has the snippets of its stem."""

    path: Path
    data: dict = field(repr=False)

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def question(self) -> str:
        return self.data.get("question", "")

    @property
    def glance(self) -> dict[str, str]:
        return self.data.get("glance", {})

    @property
    def cells(self) -> dict[str, str]:
        """What the book's summary says of each framework: `summary:`, or the glance."""
        return {**self.glance, **self.data.get("summary", {})}

    @property
    def gaps(self) -> dict[str, str]:
        """Frameworks that have no snippet here, with the reason that is printed instead."""
        return self.data.get("gaps", {})

    @property
    def needs(self) -> dict[str, str]:
        """Versions that this topic needs beyond the book's floors: {"django": ">=6.0"}."""
        return self.data.get("needs", {})

    @property
    def example(self) -> Request:
        """The request to try on a running snippet: `try: /books/1`, or with method and JSON."""
        found = EXAMPLE.fullmatch(str(self.data.get("try", "/")))
        method, path, body = found.groups() if found else ("GET", "/", "")
        headers = {"content-type": "application/json"} if body else {}
        return Request(method=method or "GET", target=path, headers=headers, body=body or "")

    @property
    def is_topic(self) -> bool:
        """Whether this chapter has snippets (the landing page and the summary have none)."""
        return any(framework.snippet(self.name).exists() for framework in FRAMEWORKS.values())

    def missing(self) -> list[str]:
        """The snippets that are neither written nor given up with a reason, in words."""
        return [
            f"{relative(framework.snippet(self.name))} is missing: write it, or say why not in the "
            f"front matter of {relative(self.path)}: 'gaps: {{{name}: reason}}'"
            for name, framework in FRAMEWORKS.items()
            if not framework.snippet(self.name).exists() and not self.gaps.get(name)
        ]

    def problems(self) -> list[str]:
        """What is wrong with the front matter, in words that say what would be right."""
        where = relative(self.path)
        found = [
            f"{where}: front matter has an unknown key '{key}'; known: {', '.join(sorted(KEYS))}"
            for key in self.data.keys() - KEYS
        ]
        if not self.is_topic:
            return found
        if not self.question.endswith("?"):
            found.append(f"{where}: 'question:' must be the reader's question, with a '?'")
        for name in FRAMEWORKS:
            if not MARKS.sub("", str(self.glance.get(name, ""))).endswith("."):
                found.append(f"{where}: 'glance: {name}:' must be one sentence with a full stop")
        for name in self.gaps.keys() - FRAMEWORKS.keys():
            found.append(f"{where}: 'gaps: {name}:' is no framework of this book")
        if not EXAMPLE.fullmatch(str(self.data.get("try", ""))):
            found.append(
                f"{where}: 'try:' must be a path that answers, such as '/books/1', or a whole "
                'request: \'POST /books {"title": "Dune"}\''
            )
        return found


def chapter(name: str) -> Chapter:
    """The chapter called `name` (book/<name>.md)."""
    path = BOOK / f"{name}.md"
    if not path.exists():
        raise ChapterError(f"book/{name}.md is missing: '{name}' has snippets, but no chapter")
    return Chapter(path, front_matter(path))


def names() -> list[str]:
    """The names of all chapters, whatever stands in them."""
    return sorted(path.stem for path in BOOK.glob("*.md"))


def topics() -> list[str]:
    """The names of all topics, by name: the stems of the snippets."""
    stems = {
        path.stem
        for framework in FRAMEWORKS.values()
        for path in (ROOT / "snippets" / framework.name).glob("*.py")
        if path.stem not in framework.project
    }
    return sorted(stems)
