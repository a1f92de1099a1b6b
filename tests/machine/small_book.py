"""A book of one chapter in a folder of its own, to break: the real machine on a small scale.

Run as a program in such a folder, it builds the book once per change that it reads (JSON on
standard input) and prints what each build said.
"""

import io
import json
import os
import shutil
import subprocess
import sys
from contextlib import redirect_stderr
from pathlib import Path

from book._core.frameworks import ROOT

TOPIC = "sample"
INDEX = "# Small book\n\n```{toctree}\n:caption: Part I\n\nold\n```\n"


def make(folder: Path) -> Path:
    """A book with the topic that `nox -s new` makes, not tested yet."""
    ignored = shutil.ignore_patterns("__pycache__", "fonts")
    for name in (
        "_bundle",
        "_core",
        "_ext",
        "_inventories",
        "_static",
        "_templates",
        "_tools",
        "_typst",
    ):
        shutil.copytree(ROOT / "book" / name, folder / "book" / name, ignore=ignored)
    shutil.copytree(ROOT / "tests" / "harness", folder / "tests" / "harness", ignore=ignored)
    for name in ("__init__.py", "conftest.py"):
        shutil.copy(ROOT / "tests" / name, folder / "tests")
    (folder / "tests" / "machine").mkdir()
    shutil.copy(__file__, folder / "tests" / "machine")
    for framework in ("flask", "fastapi", "django"):
        (folder / "snippets" / framework).mkdir(parents=True)
        shutil.copy(ROOT / "snippets" / framework / "__init__.py", folder / "snippets" / framework)
    for name in ("__init__.py", "django/apps.py", "django/settings.py", "django/__main__.py"):
        shutil.copy(ROOT / "snippets" / name, folder / "snippets" / name)
    for name in ("conf.py", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    (folder / "book" / "index.md").write_text(INDEX)
    (folder / "book" / "old.md").write_text("# Old\n")
    return folder


def add(folder: Path, *topics: str) -> Path:
    """Start these topics, as `nox -s new` does."""
    code = "import sys; from book._tools import new; sys.exit(any([new.main([t]) for t in sys.argv[1:]]))"
    subprocess.run([sys.executable, "-c", code, *topics], cwd=folder, check=True)
    return folder


def run(folder: Path, *arguments: str, text: str | None = None) -> subprocess.CompletedProcess:
    """Run `python -m …` in the folder of a small book."""
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": ""},
        input=text,
        capture_output=True,
        text=True,
        timeout=120,
    )


def build(folder: Path) -> tuple[int, str]:
    """Build the book in this process; the exit code and all that was said."""
    from sphinx.cmd.build import build_main

    said = io.StringIO()
    with redirect_stderr(said):
        try:
            code = build_main(
                ["-b", "dummy", "-W", "-n", "-q", "-E", "-c", ".", "-d", "build/dt", "book", "out"]
            )
        except SystemExit as stop:
            code = int(stop.code or 0)
    return code, said.getvalue()


def change(folder: Path, edits: list[list[str]]) -> None:
    """Apply edits: [file, old, new], or [file] to delete it."""
    for name, *replace in edits:
        path = folder / name
        if not replace:
            path.unlink()
            continue
        old, new = replace
        text = path.read_text("utf-8")
        if old not in text:
            raise ValueError(f"{name} has no {old!r}")
        path.write_text(text.replace(old, new), "utf-8")


def main() -> None:
    folder = Path.cwd()
    answers = {}
    for name, edits in json.load(sys.stdin).items():
        saved = {path: (folder / path).read_bytes() for path, *_ in edits}
        change(folder, edits)
        answers[name] = build(folder)
        for path, content in saved.items():
            (folder / path).write_bytes(content)
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
