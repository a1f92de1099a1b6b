"""Which names of a program its framework reads: each is renamed in turn, and the program asked again.

A name is renamed as an editor does it, wherever the program uses it, and nowhere in its strings. If
the answers stay the same, the name was the author's to choose.
"""

import ast
import itertools
import sys
from contextlib import ExitStack
from types import ModuleType, SimpleNamespace
from unittest import mock

from django.test import override_settings
from fastapi import FastAPI
from flask import Flask

from tests.harness import clients

ASKED = ("/books?page=2&size=5", "/books?page=0", "/welcome", "/stock/Book 1")
OURS = {"SETTINGS"}
"""What this book reads, where a project has a file of settings."""
NUMBERS = itertools.count()


def must_be_spelled_so(framework, text):
    """The names of a program that cannot be renamed, sorted."""
    tree = ast.parse(text)
    usual = answers(framework, tree)
    assert [status for status, _ in usual] == [200, 422, 200, 200]
    return sorted(name for name in names(tree) if answers(framework, renamed(text, name)) != usual)


def names(tree):
    """What a program names itself: functions, classes, parameters, variables, fields."""
    found = set()
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                found.add(name)
            case ast.ClassDef(name=name) | ast.arg(arg=name):
                found.add(name)
            case ast.Name(id=name, ctx=ast.Store()):
                found.add(name)
    methods = {
        each.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for each in node.body
        if isinstance(each, ast.FunctionDef)
    }
    return found - methods - OURS


def renamed(text, old):
    """The program with another name for one thing, wherever it is used."""
    tree = ast.parse(text)
    new = f"{old}_renamed"
    own = {
        node.name: {each.arg for each in node.args.args + node.args.kwonlyargs}
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    fields = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for line in node.body
        for target in (
            [line.target] if isinstance(line, ast.AnnAssign) else getattr(line, "targets", [])
        )
        if isinstance(target, ast.Name)
    }
    parameters = set().union(*own.values())
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() if node.name == old:
                node.name = new
            case ast.arg() if node.arg == old:
                node.arg = new
            case ast.Name() if node.id == old:
                node.id = new
            case ast.Attribute(value=ast.Name(id=thing)) if node.attr == old:
                if old in fields and thing in parameters:
                    node.attr = new  # a field of what the function was given
            case ast.Call(func=ast.Name(id=function)) if function in own:
                for keyword in node.keywords:
                    if keyword.arg == old and old in own[function]:
                        keyword.arg = new
    return tree


def answers(framework, tree):
    """Statuses and bodies of what a program is asked; one that cannot start has none."""
    module = ModuleType(f"renamed_{next(NUMBERS)}")
    code = compile(tree, module.__name__, "exec")
    with ExitStack() as stack:
        stack.enter_context(mock.patch.dict(sys.modules, {module.__name__: module}))
        try:
            exec(code, vars(module))  # noqa: S102 (the book's own program)
            if framework == "django":
                settings = {**module.SETTINGS, "ROOT_URLCONF": module.__name__}
                stack.enter_context(override_settings(**settings))
            client = stack.enter_context(
                clients.connect(framework, served(module), raise_app_exceptions=False)
            )
            found = [client.get(path) for path in ASKED]
        except (AttributeError, ImportError, NameError) as error:
            return [(0, type(error).__name__)]
        return [(each.status_code, each.text) for each in found]


def served(module):
    """The program as a server is told of it: by whatever name its application has."""
    apps = [each for each in vars(module).values() if isinstance(each, Flask | FastAPI)]
    return SimpleNamespace(app=apps[0]) if apps else module
