"""Named regions of a snippet: `# region: name` … `# endregion: name`.

Editors fold them and the page hides the markers. Regions may nest; a name is used once
in a file. Templates and other files write the marker inside their own comments.

Sphinx's own `:start-after:` takes the first line that holds a text, whatever else holds it, and
knows no end that belongs to it; it cannot say that a region is shown nowhere or closed twice.
"""

import re
import textwrap
from dataclasses import dataclass

MARKER = re.compile(
    r"^\s*(?:#|//|<!--|\{#|--|;)\s*(?P<kind>region|endregion)\b:?\s*"
    r"(?P<name>[^\s#}>-][^\s#}>]*)?\s*(?:#\}|-->)?\s*$"
)
NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")


class RegionError(ValueError):
    """A region is missing or its markers do not fit. The message says file, line and cure."""


@dataclass(frozen=True)
class Region:
    """A named region: `text` without markers, dedented; `line` is where it opens (from 1)."""

    name: str
    text: str
    line: int


def regions(text: str, filename: str) -> dict[str, Region]:
    """All regions of a file by name, or RegionError if its markers do not balance."""
    found: dict[str, Region] = {}
    opened: list[tuple[str, int]] = []
    lines = text.splitlines()
    for number, line in enumerate(lines, start=1):
        match = MARKER.match(line)
        if not match:
            continue
        where = f"{filename}:{number}"
        kind, name = match["kind"], match["name"]
        if not name or not NAME.match(name):
            raise RegionError(
                f"{where}: '{line.strip()}' names no region; write '# {kind}: some-name' "
                "(lower case, digits and single hyphens)"
            )
        if kind == "region":
            if name in found or name in (open_name for open_name, _ in opened):
                raise RegionError(f"{where}: region '{name}' is opened twice in this file")
            opened.append((name, number))
        elif name in found:
            raise RegionError(f"{where}: region '{name}' is closed twice in this file")
        elif not opened:
            raise RegionError(f"{where}: region '{name}' is closed here but not open")
        elif opened[-1][0] != name:
            raise RegionError(
                f"{where}: region '{name}' is closed here, but '{opened[-1][0]}' "
                f"(opened in line {opened[-1][1]}) has to be closed first"
            )
        else:
            _, start = opened.pop()
            inside = without_markers("\n".join(lines[start : number - 1]))
            body = textwrap.dedent(inside).strip("\n") + "\n"
            if not body.strip():
                raise RegionError(f"{where}: region '{name}' is empty")
            found[name] = Region(name, body, start)
    if opened:
        name, number = opened[-1]
        raise RegionError(
            f"{filename}:{number}: region '{name}' is never closed; "
            f"end it with '# endregion: {name}'"
        )
    return found


def without_markers(text: str) -> str:
    """The text as a reader sees it: without marker lines, and where one stood between blank
    lines, with no more than two of them in a row."""
    kept = [line for line in text.splitlines() if not MARKER.match(line)]
    return re.sub(r"\n{4,}", "\n\n\n", "\n".join(kept) + "\n") if kept else ""


def region(text: str, name: str, filename: str) -> Region:
    """The region called `name`, exactly; RegionError lists what the file has instead."""
    found = regions(text, filename)
    if name not in found:
        has = ", ".join(sorted(found)) or "no region at all"
        raise RegionError(f"no region '{name}' in {filename}; it has: {has}")
    return found[name]
