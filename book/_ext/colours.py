"""Colours of listings: one span per run of one look, and a style sheet of just these looks.

Pygments gives each token a class of its own, most of which look like their neighbours or like
plain text. That is half of a page's bytes; here tokens that look alike in light and in dark
share one class, and plain ones have none.
"""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pygments.formatters import HtmlFormatter
from pygments.style import Style
from pygments.token import STANDARD_TYPES, Text, _TokenType
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.highlighting import PygmentsBridge

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

Styles = tuple[type[Style], ...]
# A line of Pygments' style sheet: its selector, the token's class, its declarations.
RULE = re.compile(r"(?P<rule>.*\.(?P<name>\w+) \{.*\})")


def look(token: _TokenType, styles: Styles) -> list[object]:
    """How a token looks in each style."""
    return [style.style_for_token(token) for style in styles]


@cache
def alike(token: _TokenType, styles: Styles) -> _TokenType:
    """The first of Pygments' standard tokens that looks like this one; plain text first."""
    while token not in STANDARD_TYPES and token.parent:
        token = token.parent
    wanted = look(token, styles)
    return next(each for each in (Text, *STANDARD_TYPES) if look(each, styles) == wanted)


class Lean(HtmlFormatter[str]):
    """Pygments' formatter, with as few spans as the colours need."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        dark = options.get("dark")
        self.styles: Styles = (self.style, dark) if dark else (self.style,)

    def format_unencoded(
        self, tokensource: Iterable[tuple[_TokenType, str]], outfile: "SupportsWrite[str]"
    ) -> None:
        tokens = ((alike(token, self.styles), text) for token, text in tokensource)
        super().format_unencoded(tokens, outfile)


def use(app: Sphinx) -> None:
    """Let the builders that write HTML use it; a page in a browser also has dark colours."""
    if not isinstance(app.builder, StandaloneHTMLBuilder):
        return
    bridge = app.builder.highlighter
    bridge.formatter = Lean
    if app.builder.name != "epub":
        dark = PygmentsBridge("html", app.config.pygments_dark_style)
        bridge.formatter_args["dark"] = dark.formatter_args["style"]


def stylesheet(light: type[Style], dark: type[Style]) -> str:
    """The colours of both styles; paper is always light."""
    return "\n".join(
        [
            rules("", light, (light, dark)),
            "@media not print {",
            rules('body[data-theme="dark"] ', dark, (light, dark)),
            "@media (prefers-color-scheme: dark) {",
            rules('body:not([data-theme="light"]) ', dark, (light, dark)),
            "}\n}\n",
        ]
    )


def rules(prefix: str, style: type[Style], styles: Styles) -> str:
    """A rule for the box and one for each look, as Pygments words them."""
    names = {STANDARD_TYPES[alike(token, styles)] for token in STANDARD_TYPES}
    lines = HtmlFormatter(style=style).get_token_style_defs(f"{prefix}.highlight")
    found = (match for line in lines if (match := RULE.match(line)) and match["name"] in names)
    return "\n".join([f"{prefix}.highlight {{ {box(style)} }}", *(m["rule"] for m in found)])


def box(style: type[Style]) -> str:
    return f"background: {style.background_color}; color: #{style.style_for_token(Text)['color']}"


def write(app: Sphinx, exception: Exception | None) -> None:
    """Write the style sheet over the one that furo has just written."""
    builder = app.builder
    if exception or builder.name == "epub" or not isinstance(builder, StandaloneHTMLBuilder):
        return
    args = builder.highlighter.formatter_args
    path = Path(app.outdir, "_static", "pygments.css")
    path.write_text(stylesheet(args["style"], args["dark"]), "utf-8")


def setup(app: Sphinx) -> None:
    app.connect("builder-inited", use)
    app.connect("build-finished", write, priority=900)
