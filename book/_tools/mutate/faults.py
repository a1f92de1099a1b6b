"""Plants faults: small changes to a file's source, each of which a test should notice.

Comments, docstrings, imports, and annotations that change nothing when the program runs are
left alone.
"""

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from book._tools.mutate.annotations import (
    annotation_edits,
    annotations_that_count,
    type_parts,
    value_parts,
)
from book._tools.mutate.operators import edits_of
from book._tools.mutate.source import Source, last_name

ANNOTATIONS = ("annotation", "returns", "type_params")


@dataclass(frozen=True)
class Fault:
    """One fault in one file: which characters of the source are replaced by what."""

    file: str
    kind: str
    line: int
    where: str
    """The function or class that holds it, "" at the top of the file."""
    original: str
    """The lines it changes, as they are in the file."""
    mutated: str
    """What it makes of them; "" if they are gone."""
    text: str
    """The whole file with the fault in it."""
    spans: tuple[tuple[int, int], ...] = ()
    """First and last lines around it, the narrowest first: who runs them may notice it."""


def plant(file: str, text: str, framework: str) -> list[Fault]:
    """All faults of one file, in the order of its lines, each once.

    `framework` matters for annotations: FastAPI acts on them.
    """
    source = Source(text)
    meaning = annotations_that_count(source) if framework == "fastapi" else set()
    edits = [
        (edit, node)
        for node, is_annotation in _nodes(source, source.tree, meaning)
        for edit in (annotation_edits(node, source) if is_annotation else edits_of(node, source))
    ]
    texts = {text}
    faults = []
    for (kind, start, end, new), node in sorted(edits, key=lambda pair: pair[0][1:]):
        mutated = text[:start] + new + text[end:]
        if mutated not in texts and _compiles(mutated):
            texts.add(mutated)
            faults.append(_fault(file, kind, source, node, start, end, mutated))
    return faults


def _compiles(text: str) -> bool:
    """False for the few that are no Python, as `nonlocal x` where x is gone."""
    with warnings.catch_warnings(action="ignore"):
        try:
            compile(text, "fault", "exec", dont_inherit=True)
        except SyntaxError:
            ast.parse(text)  # whatever does not even parse is a mistake of an operator
            return False
    return True


def _fault(file, kind, source, node, start, end, mutated) -> Fault:
    """A fault with the lines that it changes, and no more of them than it changes."""
    first, last = source.line(start), source.line(max(start, end - 1))
    old = source.text.split("\n")
    new = mutated.split("\n")
    before, after = first - 1, len(old) - last
    old, new = old[before:last], new[before : len(new) - after]
    while old and new and old[0] == new[0]:
        old, new, first = old[1:], new[1:], first + 1
    while old and new and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    where = source.where(node)
    spans = _spans(source, node, (source.line(start), source.line(max(start, end - 1))))
    return Fault(file, kind, first, where, "\n".join(old), "\n".join(new), mutated, spans)


def _spans(source: Source, node: ast.AST, own: tuple[int, int]) -> tuple[tuple[int, int], ...]:
    """The lines of a fault, and those of the function or class around it.

    The head of a function and the body of a class run when they are imported, whatever the tests
    do then; what they say shows where their functions run.
    """
    scopes = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    for scope, field in [(node, ""), *source.ancestors(node)]:
        if isinstance(scope, scopes):
            first = min(part.lineno for part in (scope, *scope.decorator_list))
            around = first, scope.end_lineno or first
            inside = field == "body" and not isinstance(scope, ast.ClassDef)
            return (own, around) if inside else (around,)
    return (own,)


def _nodes(source: Source, node: ast.AST, meaning: set) -> Iterator[tuple[ast.AST, bool]]:
    """The nodes whose change is a fault, and whether they are part of an annotation."""
    if _is_inert(node):
        return
    yield node, False
    for field, value in ast.iter_fields(node):
        children = [
            child
            for child in (value if isinstance(value, list) else [value])
            if isinstance(child, ast.AST)
        ]
        if (node, field) in meaning:
            for child in children:
                yield from ((part, True) for part in type_parts(child))
                for value in value_parts(child):
                    yield from _nodes(source, value, meaning)
        elif field not in ANNOTATIONS and not isinstance(node, ast.TypeAlias):
            for child in children:
                yield from _nodes(source, child, meaning)


def _is_inert(node: ast.AST) -> bool:
    """Whether nothing in here runs in a test: docstrings, `...`, the main and typing guards."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.If):
        names = {last_name(part) for part in ast.walk(node.test)}
        return bool(names & {"__name__", "TYPE_CHECKING"})
    return isinstance(node, (ast.Import, ast.ImportFrom))
