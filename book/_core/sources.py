"""Sources: who says what no test can hold, a policy or a piece of history.

{source}`django:setting:SECRET_KEY_FALLBACKS`     an entry of book/_inventories/django.inv
{source}`file:starlette/requests.py "max_part_size"`   an installed file that holds these words
{source}`step:realtime:pauses_grow`               a step that the gates take in a browser
{source}`https://…`                               a page that none of them can name
"""

import ast
import importlib.util
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sphinx.util.inventory import InventoryFile

from book._core import places
from book._core.frameworks import ROOT

INVENTORIES = ROOT / "book" / "_inventories"
FILE = re.compile(r'file:(?P<path>[\w./-]+)\s+"(?P<words>.+)"\Z')
STEP = re.compile(r"step:(?P<topic>\w+):(?P<name>\w+)\Z")
ENTRY = re.compile(r"(?P<inventory>\w+):(?P<role>[\w-]+):(?P<target>.+)\Z")
HOMES = {
    "flask": "https://flask.palletsprojects.com/en/stable/",
    "django": "https://docs.djangoproject.com/en/6.1/",
}


class SourceError(ValueError):
    """Nothing there says it. The message says what would be right."""


@dataclass(frozen=True)
class Source:
    """Who says it, in words, and the address if it has one."""

    words: str
    address: str = ""


def find(text: str) -> Source:
    """The source that a role names, or SourceError."""
    if text.startswith("https://"):
        return Source(text.removeprefix("https://"), text)
    if found := FILE.match(text):
        return _file(found["path"], found["words"])
    if found := STEP.match(text):
        return _step(found["topic"], found["name"])
    if found := ENTRY.match(text):
        return _entry(found["inventory"], found["role"], found["target"])
    raise SourceError(
        f"'{text}' names no source; write django:setting:DEBUG, "
        'file:starlette/requests.py "words in it", or an address with https://'
    )


def _file(path: str, words: str) -> Source:
    package = path.split("/")[0].removesuffix(".py")
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.origin:
        raise SourceError(f"no package '{package}' is installed, so {path} cannot say anything")
    top = Path(spec.origin).parent
    file = top.parent / path if spec.submodule_search_locations else top / path
    if not file.is_file():
        raise SourceError(f"the installed '{package}' has no file {path}")
    if _spaced(words) not in _spaced(file.read_text("utf-8")):
        raise SourceError(f"{path} does not hold the words: {words}")
    return Source(f"{path}: {words}")


def _step(topic: str, name: str) -> Source:
    file = places.TESTS / topic / "browser.py"
    if not file.is_file():
        raise SourceError(
            f"nothing is done in a browser for '{topic}': no {file.name} in its tests"
        )
    steps = {
        node.name: (ast.get_docstring(node) or name).split("\n")[0]
        for node in ast.parse(file.read_text("utf-8")).body
        if isinstance(node, ast.AsyncFunctionDef)
    }
    if name not in steps:
        raise SourceError(
            f"tests/topics/{topic}/browser.py has no step '{name}'; it has: {', '.join(steps)}"
        )
    return Source(f"In a browser: {steps[name]}")


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _entry(name: str, role: str, target: str) -> Source:
    known = inventory(name)
    for kind, entries in known.items():
        if kind.rpartition(":")[2] == role and target in entries:
            location, title = entries[target]
            return Source(f"{name.capitalize()}'s documentation, {title}", HOMES[name] + location)
    has = sorted(kind.rpartition(":")[2] for kind, entries in known.items() if target in entries)
    cure = f"it is there as: {', '.join(has)}" if has else "see 'python -m sphinx.ext.intersphinx'"
    raise SourceError(f"book/_inventories/{name}.inv has no {role} '{target}'; {cure}")


@cache
def inventory(name: str) -> dict[str, dict[str, tuple[str, str]]]:
    """The entries of an inventory by "domain:role" and name: address below its home, and title."""
    if name not in HOMES:
        raise SourceError(f"no inventory '{name}'; there are: {', '.join(HOMES)}")
    loaded = InventoryFile.loads((INVENTORIES / f"{name}.inv").read_bytes(), uri="")
    return {
        kind: {
            target: (item.uri, target if item.display_name == "-" else item.display_name)
            for target, item in entries.items()
        }
        for kind, entries in loaded.data.items()
    }
