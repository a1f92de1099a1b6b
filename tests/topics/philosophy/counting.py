"""Counts what stands in the chapter's programs: lines of code, and names that are imported.

Each figure is counted from the file itself, in two ways, so that no page has to state it by hand:
`lines` and `imports` read Python's syntax tree, `lines_again` and `imports_again` the text.
"""

import ast
import inspect
import io
import re
import tokenize

import fastapi
import flask
from django.conf import global_settings

from book._core import regions
from book._core.frameworks import FRAMEWORKS, SNIPPETS, relative

TOOLKITS = {
    "flask": {"flask", "werkzeug"},
    "fastapi": {"fastapi", "starlette", "pydantic"},
    "django": {"django"},
}
"""What counts as the framework's own: the packages that its documentation imports from."""


def source(framework, file, region=None):
    """The text of a program, or of a region of it."""
    path = SNIPPETS / framework / file
    text = path.read_text("utf-8")
    return regions.region(text, region, relative(path)).text if region else text


def counted(count, file, region=None):
    """A figure of each framework's program, by framework."""
    return {name: count(name, source(name, file, region)) for name in FRAMEWORKS}


def lines(framework, text):
    """The lines of code: without blank lines, comments and docstrings."""
    tree = ast.parse(text)
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.expr | ast.stmt | ast.arg | ast.keyword | ast.alias):
            found.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    blank = {
        number
        for number, line in enumerate(text.splitlines(), start=1)
        if not line.strip() or line.strip().startswith("#")
    }
    strings = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    ]
    documented = {
        number
        for node in strings
        for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    return len(found - blank - documented)


def lines_again(text):
    """The same by tokens: lines on which a token begins that is code, or ends."""
    found = set()
    before = tokenize.NEWLINE
    layout = {
        tokenize.NEWLINE,
        tokenize.NL,
        tokenize.COMMENT,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
    }
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in layout:
            documents = token.type == tokenize.STRING and before in (
                tokenize.NEWLINE,
                tokenize.INDENT,
                tokenize.DEDENT,
            )
            if not documents:
                found.update(range(token.start[0], token.end[0] + 1))
        if token.type not in (tokenize.NL, tokenize.COMMENT):
            before = token.type
    return len(found)


def class_of(text, name):
    """The lines of a class."""
    (found,) = [
        node
        for node in ast.parse(text).body
        if isinstance(node, ast.ClassDef) and node.name == name
    ]
    return ast.get_source_segment(text, found)


def imports(framework, text):
    """How many names of the framework's own a program imports."""
    return len(
        {
            alias.name
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.ImportFrom)
            and (node.module or "").split(".")[0] in TOOLKITS[framework]
            for alias in node.names
        }
    )


def imports_again(framework, text):
    """The same names, by the words of the lines that import."""
    lists = re.findall(r"(?m)^from (\w+)[\w.]* import (\([^)]*\)|.+)", text)
    return {
        name
        for package, names in lists
        if package in TOOLKITS[framework]
        for name in re.findall(r"\w+", names)
    }


def defaults():
    """What has a default before you set it: settings, or what an application takes when made."""
    taken = inspect.signature(fastapi.FastAPI).parameters.values()
    return {
        "flask": len(flask.Flask("bare").config),
        "fastapi": len([each for each in taken if each.default is not each.empty]),
        "django": len([name for name in dir(global_settings) if name.isupper()]),
    }
