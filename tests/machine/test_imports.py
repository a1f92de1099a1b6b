"""Ways go down: who may import whom, and that no two modules need each other."""

import ast
import graphlib
from pathlib import Path

import pytest

from book._core.frameworks import ROOT

# What the modules of each place may import of ours, beside their own place.
BELOW = {
    "book._core": set(),
    "book._ext": {"book._core"},
    "book._tools": {"book._core", "tests.harness"},
    "tests.harness": {"book._core", "snippets"},
}


def module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def modules() -> dict[str, Path]:
    """Our modules by name, without the files that `nox -s new` copies."""
    return {
        module(path): path
        for folder in ("book", "tests")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "skeleton" not in path.parts
    }


MODULES = modules()


def imported(name: str) -> set[str]:
    """The modules of ours that a module imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(MODULES[name].read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            each = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {full if full in MODULES else node.module for full in each}
    return {full for full in found if full.split(".")[0] in {"book", "tests", "snippets"}}


def test_no_two_modules_need_each_other():
    graph = {name: imported(name) & MODULES.keys() - {name} for name in MODULES}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        pytest.fail(f"a circle of imports: {' -> '.join(reversed(error.args[1]))}")


@pytest.mark.parametrize("place", BELOW)
def test_ways_go_down(place):
    may = {place, *BELOW[place]}
    for name in MODULES:
        if f"{name}.".startswith(f"{place}."):
            for full in imported(name):
                assert any(f"{full}.".startswith(f"{each}.") for each in may), (
                    f"{name} imports {full}; {place} stands on {', '.join(sorted(may))} alone"
                )
