"""Imports snippets. One that cannot be imported is told of in a few lines, once a run."""

import importlib
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from book._core.frameworks import ROOT, relative
from book._core.places import owner

FAILED: dict[str, str] = {}
"""What is wrong, by the name of the module. Half a module is not tried again."""


class BrokenSnippet(Exception):
    """A snippet cannot be imported. The message says where and why, without Python's machinery.

    Its first line is enough to find the place.
    """


def name_of(path: Path) -> str:
    """The dotted name of a module below snippets/."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def load(name: str) -> ModuleType:
    """The module of that dotted name, or BrokenSnippet."""
    with explained(name):
        return importlib.import_module(name)


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Whatever goes wrong here is an error of the module `name`, now and from now on."""
    if name not in FAILED:
        try:
            yield
            return
        except Exception as error:
            FAILED[name] = in_words(name, error)
    raise BrokenSnippet(FAILED[name]) from None


def in_words(name: str, error: Exception) -> str:
    """An error at import: its place and kind in one line, then the lines that led to it."""
    frames = [
        (f"{relative(Path(frame.filename))}:{frame.lineno}", frame.line or "")
        for frame in traceback.extract_tb(error.__traceback__)
        if owner(Path(frame.filename))
    ]
    if isinstance(error, SyntaxError) and error.filename:
        frames.append((f"{relative(Path(error.filename))}:{error.lineno}", error.text or ""))
    where = frames[-1][0] if frames else name
    said = error.msg if isinstance(error, SyntaxError) else error
    lines = [f"{where}: {type(error).__name__}: {said}".splitlines()[0]]
    lines += [f"  {place}  {line.strip()}" for place, line in frames]
    return "\n".join(lines)
