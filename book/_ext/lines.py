"""Code on a page, line by line: a line too long for its box goes on below its own indentation."""

import re
from collections.abc import Iterator

from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder

from book._ext.colours import Lean
from book._ext.pages import is_page

# Tags, indentation, the rest.
LINE = re.compile(r"(?P<tags>(?:<[^>]*>)*)(?P<indent> *)(?P<rest>.*)\n?")
NOT_SEEN = re.compile("<[^>]*>|&[^;]*(?=;)")
# Characters that fit into a listing on a phone of 360 pixels: such lines need nothing.
SHORT = 36


class Lines(Lean):
    """The lean formatter, and around each longer line a span that knows its indentation."""

    def wrap(self, source: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str]]:
        return super().wrap((code, marked(line) if code else line) for code, line in source)


def marked(line: str) -> str:
    """The line in a span; what follows its indentation in another, inside which it may break."""
    found = LINE.fullmatch(line)
    if not found or len(NOT_SEEN.sub("", line)) <= SHORT:
        return line
    tags, indent, rest = found.groups()
    if not indent:
        return f'<span class="line">{tags}{rest}</span>\n'
    return (
        f'<span class="line" style="--i:{len(indent)}">{indent}<span>{tags}{rest}</span></span>\n'
    )


def use(app: Sphinx) -> None:
    """Let pages use it: readers of an EPUB have styles of their own."""
    if is_page(app) and isinstance(app.builder, StandaloneHTMLBuilder):
        app.builder.highlighter.formatter = Lines


def setup(app: Sphinx) -> None:
    app.connect("builder-inited", use)
