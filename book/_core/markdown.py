"""Chapters as MyST reads them, without a build: its parser, fenced blocks, their options, the title.

The grammar is MyST's own, so that a check and the page cannot disagree. Whoever runs without MyST,
as the tests do on old versions, must not import this.
"""

import itertools
import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from docutils.parsers.rst import Directive, directives
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.directives import parse_directive_text
from myst_parser.parsers.mdit import create_md_parser

EXTENSIONS = ("attrs_inline", "colon_fence", "deflist", "fieldlist")
"""The parts of MyST that chapters use; conf.py turns on the same."""
DIRECTIVE = re.compile(r"\{(?P<name>[^\s}]+)\}(?P<first_line>.*)")


@cache
def parser() -> MarkdownIt:
    return create_md_parser(MdParserConfig(enable_extensions={*EXTENSIONS}), RendererHTML)


class _Options(dict[str, Any]):
    """Every option there could be, as text."""

    def __missing__(self, name: str) -> Any:
        return directives.unchanged


class _Any(Directive):
    """Any directive: what it may have, its own class says during the build."""

    optional_arguments = 100
    option_spec = _Options(name=directives.unchanged)
    has_content = True


@dataclass(frozen=True)
class Fence:
    """A block of code: a directive if `directive` is set, else text in `language`.

    Lines count from 1; `line` is where it opens, `end` where it closes.
    """

    language: str
    directive: str
    arguments: list[str]
    body: str
    line: int
    end: int
    options: dict[str, str] = field(default_factory=dict)


@cache
def fences(text: str) -> tuple[Fence, ...]:
    """All blocks of a chapter, those inside of directives too, in their order."""
    return tuple(_fences(text, 0))


def _fences(text: str, offset: int) -> list[Fence]:
    found: list[Fence] = []
    for token in parser().parse(text):
        if token.type not in ("fence", "colon_fence", "code_block"):
            continue
        first, end = token.map or (0, 0)
        line, end = offset + first + 1, offset + end
        info = DIRECTIVE.match(token.info.strip())
        if info is None:
            found.append(Fence(token.info.strip(), "", [], token.content, line, end))
            continue
        parsed = parse_directive_text(_Any, info["first_line"], token.content)
        body = "\n".join(parsed.body)
        arguments, options = parsed.arguments, parsed.options
        found.append(Fence("", info["name"], arguments, body, line, end, options))
        found += _fences(body, line + parsed.body_offset)
    return found


def title(text: str) -> str:
    """The first heading of a chapter as it is written; "" if there is none."""
    tokens = parser().parse(text)
    for heading, inside in itertools.pairwise(tokens):
        if heading.type == "heading_open" and heading.tag == "h1":
            return inside.content
    return ""


def first_table(text: str) -> list[list[str]]:
    """The first table of a text, a list of cells for each row, its head first."""
    rows: list[list[str]] = []
    for token in parser().parse(text):
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline" and rows:
            rows[-1].append(token.content)
        elif token.type == "table_close":
            break
    return rows
