"""Code for the PDF: Pygments tokens as Typst arrays, cut where a page may break.

Typst colours code by itself, but knows neither Jinja nor transcripts, and would colour the same
listing otherwise than the pages do. It breaks a page after any line.
"""

import re
from collections.abc import Iterable, Iterator
from typing import TypedDict

from docutils import nodes
from pygments.filters import ErrorToken
from pygments.styles import get_style_by_name
from pygments.token import STANDARD_TYPES, _TokenType
from sphinx.highlighting import PygmentsBridge
from sphinx.util import logging
from sphinxcontrib_typstbuilder._writer import escape_raw_str

logger = logging.getLogger(__name__)

LIGHT = "a11y-high-contrast-light"  # what furo takes for its light mode: all colours pass AA
SHORT = 9  # lines that stay together
ENDS = 3  # lines that stand on either side of a cut at least
DEEP = 8  # no cut where the indentation is more
COMMENT, DOCSTRING = "c", "sd"  # Pygments' short names
LEFT_OUT = re.compile(r"… \d+ more (?:lines|like it)")  # said by the book, in any language
OPEN = re.compile(r"\s*(@|#|//|--|<!--|{% (if|for))|.*[(\[{:,\\]\s*\Z")  # what follows belongs here
CLOSE = re.compile(r"\s*([)\]}.]|(else|elif|except|finally|case)\b|{% (else|empty|end)|</|\"\"\")")

Token = tuple[str, str]
Line = list[Token]


class Look(TypedDict):
    """How a kind of token looks."""

    fill: str
    bold: bool
    italic: bool


class Highlighter:
    """Sphinx's own choice of lexers and warnings, without its output formats."""

    def __init__(self, style: str | None):
        self.style_name = style or LIGHT
        self.bridge = PygmentsBridge("html", self.style_name)

    def style(self) -> dict[str, Look]:
        """The look by the short name of a token, as the template reads it."""
        known = dict(iter(get_style_by_name(self.style_name)))
        return {
            short: {
                "fill": f"#{look['color'] or '000000'}",
                "bold": bool(look["bold"]),
                "italic": bool(look["italic"]),
            }
            for token, short in STANDARD_TYPES.items()
            if short and (look := known[token])
        }

    def lines(self, source: str, language: str, force: bool, location: nodes.Node) -> list[Line]:
        """The source as lines of (short token name, text)."""
        lines: list[Line] = [[]]
        for kind, text in self._tokens(source, language, force, location):
            first, *more = text.split("\n")
            for number, part in enumerate([first, *more]):
                if number:
                    lines.append([])
                if part:
                    lines[-1].append((STANDARD_TYPES.get(kind, ""), part))
        while lines and not lines[-1]:
            lines.pop()
        return [
            [(COMMENT, plain(line))] if LEFT_OUT.fullmatch(plain(line)) else line for line in lines
        ]

    def _tokens(
        self, source: str, language: str, force: bool, location: nodes.Node
    ) -> list[tuple[_TokenType, str]]:
        lexer = self.bridge.get_lexer(source, language, force=force, location=location)
        try:
            return list(lexer.get_tokens(source))
        except ErrorToken as error:
            if language == "default":  # nobody said that it is Python
                return self._tokens(source, "none", True, location)
            logger.warning(
                "this is no %s: %s", language, error,
                location=location, type="misc", subtype="highlighting_failure",
            )  # fmt: skip
            return self._tokens(source, language, True, location)


def plain(line: Line) -> str:
    return "".join(text for _, text in line)


def pieces(lines: list[Line]) -> Iterator[list[Line]]:
    """The lines in pieces that a page should not tear: a short listing is one, a long one is
    cut between its definitions, and these where the indentation is least."""
    costs = {cut: _cost(lines, cut) for cut in _cuts(lines)}
    cut = min(costs, key=lambda at: costs[at], default=0)
    if not cut or costs[cut][0]:
        yield lines
        return
    yield from pieces(lines[:cut])
    yield from pieces(lines[cut:])


def _cuts(lines: list[Line]) -> list[int]:
    """Where this may be cut if it is too long to stay together."""
    solid = [number for number, line in enumerate(lines) if plain(line).strip()]
    return solid[ENDS : 1 - ENDS] if len(solid) > SHORT else []


def _cost(lines: list[Line], cut: int) -> tuple[bool, int, int]:
    """How bad it is to break a page before line `cut`: never inside a docstring, nor after or
    before what cannot stand alone there, best after a blank line, and where the indentation is
    least."""
    before, after = plain(lines[cut - 1]), plain(lines[cut])
    indent = len(after) - len(after.lstrip())
    inside = lines[cut][0][0] == DOCSTRING
    torn = inside or indent > DEEP or bool(OPEN.match(before) or CLOSE.match(after))
    return torn, indent * 2 + bool(before.strip()), abs(2 * cut - len(lines))


def typst_pieces(lines: list[Line]) -> str:
    """The pieces as a Typst array of pieces of lines of tokens."""
    return array(array(array(map(_token, line)) for line in piece) for piece in pieces(lines))


def _token(token: Token) -> str:
    kind, text = token
    return f'("{kind}", {escape_raw_str(text)})'


def array(items: Iterable[str]) -> str:
    """A Typst array; unlike the library's, also of no or one item."""
    return "(" + "".join(f"{item}, " for item in items) + ")"
