"""Faults in annotations, for FastAPI: it reads parameters, bodies and answers from them.

Elsewhere an annotation alters nothing when the program runs, so a changed one is no fault.
"""

import ast
import itertools
from collections.abc import Iterator

from book._tools.mutate.source import Source, last_name

OTHER_TYPE = {
    "int": "str",
    "str": "int",
    "float": "str",
    "bool": "str",
    "Decimal": "str",
    "date": "str",
    "datetime": "str",
    "UUID": "str",
    "EmailStr": "str",
}
ROUTES = {
    *("get", "post", "put", "patch", "delete", "head", "options", "trace"),
    *("api_route", "websocket"),
}
NOT_MODELS = {"NamedTuple", "Protocol", "Enum", "StrEnum", "IntEnum", "Exception"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def annotations_that_count(source: Source) -> set[tuple[ast.AST, str]]:
    """(node, field) for every annotation that FastAPI acts on.

    Those are the parameters of routes and of what Depends() names, what routes return, the
    fields of models, and names given to an Annotated[…].
    """
    found: set[tuple[ast.AST, str]] = set()
    dependencies = _dependencies(source.tree)
    for node in ast.walk(source.tree):
        if isinstance(node, FUNCTIONS):
            is_route = any(_is_route(decorator) for decorator in node.decorator_list)
            if is_route:
                found.add((node, "returns"))
            if is_route or node.name in dependencies or _is_method_of(node, dependencies, source):
                arguments = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
                found |= {(argument, "annotation") for argument in arguments}
        elif isinstance(node, ast.ClassDef) and _is_model(node):
            found |= {
                (inner, "annotation")
                for inner in node.body
                if isinstance(inner, ast.AnnAssign) and last_name(inner.annotation) != "Mapped"
            }
        elif isinstance(node, (ast.Assign, ast.TypeAlias)) and last_name(node.value) == "Annotated":
            found.add((node, "value"))
    return found


def type_parts(annotation: ast.AST) -> Iterator[ast.AST]:
    """The nodes of an annotation that name types: not what is inside of calls."""
    yield annotation
    if not isinstance(annotation, (ast.Call, ast.Attribute)):
        for child in ast.iter_child_nodes(annotation):
            yield from type_parts(child)


def value_parts(annotation: ast.AST) -> Iterator[ast.AST]:
    """The nodes of an annotation that are plain code: Query(…) in Annotated[int, Query(…)]."""
    if isinstance(annotation, ast.Call):
        yield annotation
    elif isinstance(annotation, ast.Subscript) and last_name(annotation) == "Literal":
        yield annotation.slice
    else:
        for child in ast.iter_child_nodes(annotation):
            yield from value_parts(child)


def annotation_edits(node: ast.AST, source: Source) -> Iterator[tuple[str, int, int, str]]:
    """The faults of one node inside an annotation."""
    kind = "annotation"
    _, field = source.parents[node]
    if field == "returns":
        start, end = source.outer_span(node)
        if not isinstance(node, ast.Constant):
            yield kind, source.before(source.before(start).start).end, end, ""
    if isinstance(node, ast.Name) and node.id in OTHER_TYPE:
        yield kind, *source.span(node), OTHER_TYPE[node.id]
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        for side, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(side, ast.Constant) and side.value is None:
                yield kind, *source.span(node), source.of(other)
    elif isinstance(node, ast.Subscript) and last_name(node) == "Annotated":
        yield from _without_metadata(node, source)


def _without_metadata(node, source):
    base, *metadata = node.slice.elts
    if len(metadata) == 1:
        yield "annotation", *source.span(node), source.of(base)
        return
    for previous, part in itertools.pairwise([base, *metadata]):
        yield "annotation", source.outer_span(previous)[1], source.outer_span(part)[1], ""


def _is_route(decorator: ast.AST) -> bool:
    return isinstance(decorator, ast.Call) and last_name(decorator.func) in ROUTES


def _dependencies(tree: ast.AST) -> set[str]:
    """The names in Depends(name) and Security(name)."""
    return {
        last_name(argument)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and last_name(node) in ("Depends", "Security")
        for argument in (*node.args, *(keyword.value for keyword in node.keywords))
    }


def _is_method_of(node, classes: set[str], source: Source) -> bool:
    parent, _ = source.parents[node]
    special = node.name in ("__init__", "__call__")
    return special and isinstance(parent, ast.ClassDef) and parent.name in classes


def _is_model(node: ast.ClassDef) -> bool:
    bases = {last_name(base) for base in node.bases}
    decorated = any(last_name(decorator) == "dataclass" for decorator in node.decorator_list)
    return (bool(bases) or decorated) and not bases & NOT_MODELS
