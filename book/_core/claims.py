"""Claims: what a chapter's sentences say of behaviour, and the marks that name their tests.

    A miss is answered with `404`. {shown}`test_a_miss`
    % no claim: what to look at in the listing

A mark covers the words from the mark before it, or from where its paragraph begins. A comment that
starts with `no claim:`, in the line above a paragraph or below it, says why it has no mark. The
grammar is MyST's own, read by its parser, so that this file and the page cannot disagree.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it.token import Token

from book._core.markdown import parser

MARK, SOURCE = "shown", "source"
FREE = {"Official documentation", "Checked in this chapter", "The whole programs"}
"""Sections that hold links and what is generated."""
PROSE = {"note", "tip", "warning", "important", "caution", "admonition"}
"""Directives whose body is the author's own text."""
SENTENCE = re.compile(r"[.?!](?=\s+[A-Z`*\[“\"(]|\s*$)")


@dataclass(frozen=True)
class Mark:
    """A role that names proof: `words` is what it covers, `literals` the code among them."""

    kind: str
    target: str
    words: str
    literals: tuple[str, ...]
    line: int

    @property
    def tests(self) -> list[tuple[str, str]]:
        """The tests that are named, each with its topic ("" is the chapter's own)."""
        found = []
        for each in self.target.split(","):
            topic, _, name = each.strip().rpartition(":")
            found.append((topic, name))
        return found


@dataclass(frozen=True)
class Paragraph:
    """A paragraph or list item of a chapter; lines count from 1."""

    text: str
    line: int
    section: str
    marks: tuple[Mark, ...]
    rest: str
    """The words after the last mark."""
    reason: str
    """Why it claims nothing; "" if nobody says so."""

    @property
    def sentences(self) -> tuple[int, int]:
        """How many sentences claim something, and how many of them are shown."""
        if self.reason:
            return 0, 0
        shown = sum(count(mark.words) for mark in self.marks)
        return shown + count(self.rest), shown


def count(words: str) -> int:
    """How many sentences a text has."""
    words = words.strip()
    if not re.search(r"\w", words):
        return 0
    return max(1, len(SENTENCE.findall(words)))


def paragraphs(text: str) -> list[Paragraph]:
    """The paragraphs and list items of a chapter that may claim something."""
    return [each for each in _paragraphs(text, 0, "") if each.section not in FREE]


def _paragraphs(text: str, offset: int, section: str) -> Iterator[Paragraph]:
    tokens = parser().parse(text)
    comments = {
        token.map[0]: token.content.strip()
        for token in tokens
        if token.type == "myst_line_comment" and token.map
    }
    lines = {line: words for line, words in comments.items() if words.startswith("no claim:")}
    for token, inside in zip(tokens, [*tokens[1:], None], strict=True):
        if token.type == "heading_open" and inside and token.tag != "h1":
            section = plain(inside)
        elif token.type in ("fence", "colon_fence"):
            name = re.match(r"\{([\w-]+)\}", token.info)
            if name and name[1] in PROSE and token.map:
                yield from _paragraphs(token.content, offset + token.map[0] + 1, section)
        elif token.type == "paragraph_open" and inside and token.map:
            first, end = token.map
            comment = lines.get(first - 1) or lines.get(end) or ""
            reason = comment.removeprefix("no claim:").strip()
            yield paragraph(inside, offset + first + 1, section, reason)


def paragraph(inline: Token, line: int, section: str, reason: str = "") -> Paragraph:
    """A paragraph from its inline token: the marks, and the words that each covers."""
    marks: list[Mark] = []
    words, literals = "", []
    for child in inline.children or []:
        if child.type == "myst_role" and child.meta["name"] in (MARK, SOURCE):
            # A second mark right after a first one covers the same words.
            if not words.strip() and marks:
                words, literals = marks[-1].words, [*marks[-1].literals]
            mark = Mark(child.meta["name"], child.content, words.strip(), tuple(literals), line)
            marks.append(mark)
            words, literals = "", []
        elif child.type == "code_inline":
            words += f"`{child.content}`"
            literals.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            line += 1
            words += " "
        elif child.type == "text":
            words += child.content
        elif child.type == "myst_role":
            words += "…"
    return Paragraph(plain(inline), line, section, tuple(marks), words.strip(), reason)


def plain(inline: Token) -> str:
    """The words of an inline token, without marks."""
    parts = []
    for child in inline.children or []:
        if child.type == "code_inline":
            parts.append(f"`{child.content}`")
        elif child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
        elif child.type == "text":
            parts.append(child.content)
    return "".join(parts).strip()


def sections(text: str) -> list[int]:
    """The lines in which the sections of a chapter begin."""
    return [
        token.map[0] + 1
        for token in parser().parse(text)
        if token.type == "heading_open" and token.tag == "h2" and token.map
    ]


def unmarked(text: str) -> list[Paragraph]:
    """The paragraphs that have neither a mark nor the reason why they need none."""
    return [each for each in paragraphs(text) if not each.marks and not each.reason]


def line_marks(text: str) -> tuple[str, list[Mark]]:
    """A line of front matter without its marks, and the marks."""
    (inline,) = [token for token in parser().parse(text) if token.type == "inline"]
    found = paragraph(inline, 1, "")
    bare = re.sub(r"\s*\{(?:shown|source)\}`[^`]*`", "", text)
    return bare.strip(), [*found.marks]
