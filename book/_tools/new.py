"""Start a topic: `python -m book._tools.new caching` writes a chapter, three snippets, a contract.

The skeleton passes: from there on, change the contract until it is red for the right reason.
Two words are put into the files of a folder: less than a template engine would need of settings.
"""

import importlib.util
import re
import sys
from pathlib import Path

from book._core.chapters import BOOK, topics
from book._core.frameworks import FRAMEWORKS, ROOT, relative
from book._core.markdown import fences

SKELETON = Path(__file__).with_name("skeleton")
"""The files of a new topic, each in its place; TOPIC and TITLE stand for what it is called."""


class BadName(ValueError):
    """The topic cannot be called so. The message says why, and what a good name is."""


def check(topic: str) -> None:
    """BadName unless `topic` is free and safe as the name of a chapter and of modules."""
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", topic):
        raise BadName(f"'{topic}' is no topic's name: use lower case words_like_these")
    if topic in topics() or (BOOK / f"{topic}.md").exists():
        raise BadName(f"'{topic}' exists already; topics: {', '.join(topics())}")
    if topic in sys.stdlib_module_names:
        raise BadName(f"'{topic}' is a module of Python, which the snippet would hide; say more")
    if any(topic in framework.project for framework in FRAMEWORKS.values()):
        raise BadName(f"'{topic}' is a file of the Django project behind the snippets")
    spec = importlib.util.find_spec(topic)
    if spec is not None:
        raise BadName(f"'{topic}' is an installed module ({spec.origin}); choose another name")


def files(topic: str) -> dict[Path, str]:
    """The five files of a new topic and what stands in them."""
    values = {"TOPIC": topic, "TITLE": topic.replace("_", " ").capitalize()}

    def filled(text: str) -> str:
        return re.sub("|".join(values), lambda found: values[found[0]], text)

    return {
        ROOT / filled(path.relative_to(SKELETON).as_posix()): filled(path.read_text("utf-8"))
        for path in sorted(SKELETON.rglob("*"))
        if path.suffix in (".md", ".py")
    }


def place_in_book(topic: str) -> None:
    """Name the chapter in the landing page's toctrees, after the last topic."""
    index = BOOK / "index.md"
    text = index.read_text("utf-8")
    lines = text.splitlines(keepends=True)
    named = [
        (number, line)
        for each in fences(text)
        if each.directive == "toctree"
        for number, line in enumerate(lines[each.line : each.end - 1], start=each.line + 1)
        if line[0] not in ":\n"
    ]
    known = [number for number, line in named if line.strip() in topics()]
    if not named:
        raise BadName("book/index.md has no toctree with a chapter to stand after")
    lines.insert(max(known or [number for number, _ in named]), f"{topic}\n")
    index.write_text("".join(lines), "utf-8")


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("usage: nox -s new -- TOPIC, for example: nox -s new -- caching", file=sys.stderr)
        return 2
    topic = arguments[0]
    try:
        check(topic)
        place_in_book(topic)
    except BadName as error:
        print(error, file=sys.stderr)
        return 2
    for path, text in files(topic).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        print(f"wrote {relative(path)}")
    print(
        "wrote its place into book/index.md; move the line where the chapter belongs\n\n"
        f"Next: the contract, until it is red for the right reason: nox -s tests -- --topic {topic}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
