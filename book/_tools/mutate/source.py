"""Python source as text, tokens and tree at once: which characters belong to which node."""

import ast
import bisect
import io
import tokenize
from typing import Any

SIGNIFICANT = {
    tokenize.NAME,
    tokenize.NUMBER,
    tokenize.STRING,
    tokenize.OP,
    tokenize.FSTRING_START,
    tokenize.FSTRING_MIDDLE,
    tokenize.FSTRING_END,
}


class Token:
    """A token that is neither space nor comment. `start` and `end` are offsets in the text."""

    def __init__(self, kind: int, text: str, start: int, end: int):
        self.kind, self.text, self.start, self.end = kind, text, start, end


NO_TOKEN = Token(tokenize.OP, "", -1, -1)


class Source:
    """One file: its text, its tree, and for every node its parent and its span."""

    def __init__(self, text: str):
        self.text = text
        self.tree = ast.parse(text)
        self._lines = text.split("\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)
        self.tokens = [
            Token(token.type, token.string, self._at(*token.start), self._at(*token.end))
            for token in tokenize.generate_tokens(io.StringIO(text).readline)
            if token.type in SIGNIFICANT
        ]
        self._token_starts = [token.start for token in self.tokens]
        self.parents: dict[ast.AST, tuple[ast.AST, str]] = {}
        for parent in ast.walk(self.tree):
            for name, value in ast.iter_fields(parent):
                for child in value if isinstance(value, list) else [value]:
                    if isinstance(child, ast.AST):
                        self.parents.setdefault(child, (parent, name))

    def _at(self, row: int, column: int) -> int:
        return self._starts[row - 1] + column

    def _at_bytes(self, row: int, column: int) -> int:
        """ast counts columns in UTF-8 bytes, everything else here in characters."""
        return self._at(row, len(self._lines[row - 1].encode()[:column].decode()))

    def span(self, node: Any) -> tuple[int, int]:
        """Where a node starts and ends; it must be one that has a place (`arguments` has none)."""
        return (
            self._at_bytes(node.lineno, node.col_offset),
            self._at_bytes(node.end_lineno, node.end_col_offset),
        )

    def outer_span(self, node: ast.AST) -> tuple[int, int]:
        """The span of a node with the parentheses that enclose just it."""
        start, end = self.span(node)
        while (before := self.before(start)).text == "(" and (after := self.after(end)).text == ")":
            start, end = before.start, after.end
        return start, end

    def of(self, node: ast.AST) -> str:
        """The text of a node."""
        start, end = self.span(node)
        return self.text[start:end]

    def after(self, offset: int) -> Token:
        """The first token that starts at `offset` or later; an empty one at the end."""
        index = bisect.bisect_left(self._token_starts, offset)
        return self.tokens[index] if index < len(self.tokens) else NO_TOKEN

    def before(self, offset: int) -> Token:
        """The last token that starts before `offset`; an empty one at the start."""
        index = bisect.bisect_left(self._token_starts, offset)
        return self.tokens[index - 1] if index else NO_TOKEN

    def between(self, start: int, end: int) -> list[Token]:
        """The tokens from `start` up to `end`, without brackets and commas."""
        first = bisect.bisect_left(self._token_starts, start)
        last = bisect.bisect_left(self._token_starts, end)
        return [token for token in self.tokens[first:last] if token.text not in "(),[]{}"]

    def line(self, offset: int) -> int:
        """The number of the line that holds `offset`, from 1."""
        return bisect.bisect_right(self._starts, offset)

    def ancestors(self, node: ast.AST):
        """(parent, name of the field that leads down) from the inside to the module."""
        while node in self.parents:
            parent, field = self.parents[node]
            yield parent, field
            node = parent

    def where(self, node: ast.AST) -> str:
        """The qualified name of the function or class around a node, "" at the top."""
        named = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        names = [node.name] if isinstance(node, named) else []
        names += [parent.name for parent, _ in self.ancestors(node) if isinstance(parent, named)]
        return ".".join(reversed(names))


def last_name(node: ast.AST) -> str:
    """`c` for a.b.c, a.b.c(…) and a.b.c[…]; "" for what has no name."""
    while isinstance(node, (ast.Call, ast.Subscript)):
        node = node.func if isinstance(node, ast.Call) else node.value
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
