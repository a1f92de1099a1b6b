"""The kinds of faults: functions that give the faults of one node of the tree as edits."""

import ast
import itertools
import re
import string
import tokenize
from collections.abc import Callable, Iterator

from book._tools.mutate.source import Source, last_name

Edit = tuple[str, int, int, str]
"""Kind, start, end, new text."""

MARK = "XX"
CONVERTER = re.compile(r"<\w+(?:\([^<>]*\))?:(\w+)>|\{(\w+):\w+\}")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
# Python 3.14 adds t-strings.
INTERPOLATED = (ast.JoinedStr, getattr(ast, "TemplateStr", ast.JoinedStr))
INTERPOLATIONS = (ast.FormattedValue, getattr(ast, "Interpolation", ast.FormattedValue))

COMPARISONS = {
    "==": ("!=",),
    "!=": ("==",),
    "<": ("<=", ">="),
    "<=": ("<", ">"),
    ">": (">=", "<="),
    ">=": (">", "<"),
    "in": ("not in",),
    "not in": ("in",),
    "is": ("is not",),
    "is not": ("is",),
}
ARITHMETIC = {
    "+": "-",
    "-": "+",
    "*": "/",
    "/": "*",
    "//": "/",
    "%": "*",
    "**": "*",
    "@": "*",
    "<<": ">>",
    ">>": "<<",
    "&": "|",
    "|": "&",
    "^": "&",
}
ROUTING = {
    *("route", "get", "post", "put", "patch", "delete", "head", "options", "trace"),
    *("websocket", "api_route", "path", "re_path", "add_url_rule", "add_api_route", "mount"),
}
PREFIXES = {"prefix", "url_prefix", "static_url_path", "rule"}
STATUS_KEYWORDS = {"status", "status_code", "code"}
STATUS_CALLS = {"abort", "HTTPException", "errorhandler", "exception_handler"}
STATUS_NAME = re.compile(r"HTTP_\d{3}_[A-Z_]+")

OPERATORS: list[tuple[tuple[type, ...], Callable[[ast.AST, Source], Iterator[Edit]]]] = []


def operator(*types):
    """Register a function that gives the faults of nodes of these types."""

    def register(function):
        OPERATORS.append((types, function))
        return function

    return register


def edits_of(node: ast.AST, source: Source) -> Iterator[Edit]:
    """The faults of one node, without those of the nodes inside it."""
    for types, function in OPERATORS:
        if isinstance(node, types):
            yield from function(node, source)


# --- What a definition says about itself -----------------------------------------------------


@operator(*FUNCTIONS, ast.ClassDef)
def dropped_decorator(node, source):
    start = source.span(node)[0]
    for decorator in reversed(node.decorator_list):
        at = source.outer_span(decorator)[0]
        while source.text[at] != "@":
            at -= 1
        yield "decorator", at, start, ""
        start = at


@operator(*FUNCTIONS, ast.Lambda)
def changed_default(node, source):
    for default in [*node.args.defaults, *node.args.kw_defaults]:
        if default is None:
            continue
        if not isinstance(default, ast.Constant):
            yield "default", *source.outer_span(default), "None"
        elif default.value is None:
            yield "default", *source.span(default), f'"{MARK}"'


# --- What is passed and listed ---------------------------------------------------------------


@operator(ast.Call, ast.ClassDef)
def dropped_keyword(node, source):
    for keyword in node.keywords:
        yield "keyword", *_item(source, *source.span(keyword)), ""


@operator(ast.List, ast.Set)
def dropped_element(node, source):
    for element in node.elts:
        yield "element", *_item(source, *source.outer_span(element)), ""


@operator(ast.Dict)
def dropped_entry(node, source):
    for key, value in zip(node.keys, node.values, strict=True):
        start, end = source.outer_span(value)
        start = source.before(start).start if key is None else source.outer_span(key)[0]
        yield "element", *_item(source, start, end), ""


@operator(ast.Tuple)
def dropped_tuple_element(node, source):
    """Of two elements, one stays: a tuple as before, but in `return body, 404` just the body."""
    parent, _ = source.parents[node]
    if isinstance(node.ctx, ast.Store) or isinstance(parent, ast.Subscript):
        return
    spans = [source.outer_span(element) for element in node.elts]
    if len(spans) == 1:
        yield "element", *source.span(node), "()"
    elif len(spans) == 2:
        comma = "" if isinstance(parent, ast.Return) else ","
        following = source.after(spans[1][1])
        end = following.end if following.text == "," else spans[1][1]
        for start, stop in spans:
            yield "element", spans[0][0], end, source.text[start:stop] + comma
    else:
        for span in spans:
            yield "element", *_item(source, *span), ""


def _item(source: Source, start: int, end: int) -> tuple[int, int]:
    """What to cut so that an item of a list leaves with just one of its commas."""
    before, after = source.before(start), source.after(end)
    if after.text == ",":
        following = source.after(after.end)
        if following.text not in ")]}":
            return start, following.start
        return (before.end, after.end) if before.text == "," else (start, after.end)
    return (before.start, end) if before.text == "," else (start, end)


# --- Constants -------------------------------------------------------------------------------


@operator(ast.Constant)
def changed_number(node, source):
    kind = "default" if _is_default(node, source) else "number"
    if isinstance(node.value, bool):
        yield kind, *source.span(node), str(not node.value)
    elif isinstance(node.value, (int, float)):
        kind = "status code" if _is_status(node, source) else kind
        yield kind, *source.span(node), str(node.value + 1)


@operator(ast.Attribute)
def changed_status_name(node, source):
    start, end = source.span(node)
    start = end - len(node.attr)
    if STATUS_NAME.fullmatch(node.attr):
        yield "status code", start, end, "HTTP_418_IM_A_TEAPOT"
    elif last_name(node.value) == "HTTPStatus":
        yield "status code", start, end, "IM_A_TEAPOT"


@operator(ast.Constant)
def changed_string(node, source):
    if not isinstance(node.value, (str, bytes)):
        return
    start, end = source.span(node)
    parent, _ = source.parents[node]
    if isinstance(parent, INTERPOLATED):
        if not isinstance(source.parents[parent][0], INTERPOLATIONS):
            # Not a format specification, which is dropped as a whole.
            quoted = source.after(start).kind == tokenize.STRING
            at = start + len(_opening(source, start)) if quoted else start
            yield "string", at, at, MARK
    elif _is_route(node, source):
        at = end - len(_opening(source, start).lstrip(string.ascii_letters))
        yield "route", at, at, "x"
    else:
        at = start + len(_opening(source, start))
        yield "default" if _is_default(node, source) else "string", at, at, MARK


def _opening(source: Source, start: int) -> str:
    """The prefix and the quotes at the start of a literal."""
    text = source.text[start:]
    quotes = text.lstrip(string.ascii_letters)
    width = 3 if quotes.startswith(('"""', "'''")) else 1
    return text[: len(text) - len(quotes) + width]


@operator(ast.Constant)
def dropped_converter(node, source):
    if isinstance(node.value, str) and _is_route(node, source):
        start, end = source.span(node)
        for found in CONVERTER.finditer(source.text, start, end):
            flask, fastapi = found.groups()
            yield "route", found.start(), found.end(), f"<{flask}>" if flask else f"{{{fastapi}}}"


@operator(*INTERPOLATIONS)
def dropped_format(node, source):
    if node.format_spec is not None:
        yield "string", *source.span(node.format_spec), ""


def _is_default(node, source):
    parent, field = source.parents[node]
    return isinstance(parent, ast.arguments) and field in ("defaults", "kw_defaults")


def _is_route(node, source):
    parent, field = source.parents[node]
    if isinstance(parent, ast.keyword):
        return parent.arg in PREFIXES
    if not isinstance(parent, ast.Call) or field != "args" or parent.args[0] is not node:
        return False
    if isinstance(parent.func, ast.Attribute) and parent.func.attr in ("get", "delete"):
        return source.parents[parent][1] == "decorator_list"  # not books.get("title")
    return last_name(parent.func) in ROUTING


def _is_status(node, source):
    if type(node.value) is not int or not 100 <= node.value <= 599:
        return False
    parent, field = source.parents[node]
    if isinstance(parent, ast.keyword):
        return parent.arg in STATUS_KEYWORDS
    if isinstance(parent, ast.Tuple):
        return isinstance(source.parents[parent][0], ast.Return)
    if isinstance(parent, ast.Compare):
        return any(
            last_name(part) in STATUS_KEYWORDS for part in (parent.left, *parent.comparators)
        )
    return field == "args" and isinstance(parent, ast.Call) and last_name(parent) in STATUS_CALLS


# --- Operators and conditions ----------------------------------------------------------------


@operator(ast.Compare)
def changed_comparison(node, source):
    operands = [node.left, *node.comparators]
    for left, right in itertools.pairwise(operands):
        tokens = source.between(source.span(left)[1], source.span(right)[0])
        found = " ".join(token.text for token in tokens)
        for other in COMPARISONS[found]:
            yield "comparison", tokens[0].start, tokens[-1].end, other


@operator(ast.BinOp, ast.AugAssign)
def changed_operator(node, source):
    left, right = (
        (node.target, node.value) if isinstance(node, ast.AugAssign) else (node.left, node.right)
    )
    (token,) = source.between(source.span(left)[1], source.span(right)[0])
    sign = token.text.removesuffix("=")
    other = ARITHMETIC[sign] + token.text[len(sign) :]
    yield "operator", token.start, token.end, other


@operator(ast.UnaryOp)
def dropped_sign(node, source):
    start = source.span(node)[0]
    kind = "boolean" if isinstance(node.op, ast.Not) else "operator"
    yield kind, start, source.outer_span(node.operand)[0], ""


@operator(ast.BoolOp)
def changed_logic(node, source):
    spans = [source.outer_span(value) for value in node.values]
    other = "or" if isinstance(node.op, ast.And) else "and"
    new = "".join(
        source.text[start:end] + (f" {other} " if index < len(spans) - 1 else "")
        for index, (start, end) in enumerate(spans)
    )
    yield "boolean", spans[0][0], spans[-1][1], new
    yield "boolean", spans[0][0], spans[1][0], ""
    for (_, previous), (_, end) in itertools.pairwise(spans):
        yield "boolean", previous, end, ""


@operator(ast.If, ast.While, ast.IfExp, ast.Assert)
def negated_condition(node, source):
    yield from _negated(node.test, source)


@operator(ast.comprehension)
def negated_filter(node, source):
    for test in node.ifs:
        yield from _negated(test, source)


@operator(ast.match_case)
def negated_guard(node, source):
    if node.guard is not None:
        yield from _negated(node.guard, source)


def _negated(test, source):
    """Single comparisons, `not x` and constants have faults of their own that do the same."""
    single = isinstance(test, ast.Compare) and len(test.ops) == 1
    negative = isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)
    if not (single or negative or isinstance(test, ast.Constant)):
        yield "condition", *source.span(test), f"not ({source.of(test)})"


# --- Statements ------------------------------------------------------------------------------


@operator(
    *(ast.Expr, ast.Assign, ast.AugAssign, ast.Raise, ast.Delete, ast.Assert),
    *(ast.Break, ast.Continue),
)
def removed_statement(node, source):
    yield "statement", *source.span(node), "pass"


@operator(ast.AnnAssign)
def removed_declaration(node, source):
    parent, _ = source.parents[node]
    declares = isinstance(parent, ast.ClassDef) and (parent.decorator_list or parent.bases)
    if node.value is not None or declares:
        yield "statement", *source.span(node), "pass"


@operator(ast.Return)
def returned_none(node, source):
    if node.value is None:
        yield "statement", *source.span(node), "pass"
    elif not (isinstance(node.value, ast.Constant) and node.value.value is None):
        yield "return", *source.span(node), "return None"


@operator(ast.Lambda)
def returned_none_by_lambda(node, source):
    yield "return", *source.outer_span(node.body), "None"


@operator(ast.Await)
def removed_await(node, source):
    start = source.span(node)[0]
    yield "await", start, source.after(start + len("await")).start, ""


@operator(ast.ExceptHandler)
def removed_handler(node, source):
    if node.type is not None:
        yield "handler", *source.outer_span(node.type), "()"


@operator(ast.With, ast.AsyncWith)
def removed_context(node, source):
    """Only contexts whose value nobody uses can go without breaking every name inside."""
    if all(item.optional_vars is None for item in node.items):
        end = source.outer_span(node.items[-1].context_expr)[1]
        while (token := source.after(end)).text != ":":
            end = token.end
        yield "context", source.span(node)[0], end, "if True"
