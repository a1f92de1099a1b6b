"""A view as a reader has it who forgot a line: for what the page says happens then."""

import ast
import inspect
import textwrap


def edit(monkeypatch, function, old, new):
    """Let `function` run as if its source said `new` where it says `old`, exactly once."""
    source = textwrap.dedent(inspect.getsource(function))
    found = source.count(old)
    assert found == 1, f"{function.__qualname__} says '{old}' {found} times"
    tree = ast.parse(source.replace(old, new))
    [definition] = tree.body
    assert isinstance(definition, ast.FunctionDef | ast.AsyncFunctionDef)
    definition.decorator_list = []  # it is registered already
    made = dict(function.__globals__)
    exec(compile(tree, "<edited>", "exec"), made)  # noqa: S102 (our own source)
    monkeypatch.setattr(function, "__code__", made[function.__name__].__code__)
