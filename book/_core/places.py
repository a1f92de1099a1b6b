"""A topic is a place: which files belong to it, and which topic a file belongs to.

A topic owns `snippets/<framework>/<topic>.py`, at most one folder beside it that is called after
the topic and one more word (`<topic>_app`, `<topic>_files`), `tests/topics/<topic>/`, and
`book/_records/<topic>/`. The outermost part of a path decides; what a file deeper down is called
does not matter.
"""

from pathlib import Path

from book._core.frameworks import FRAMEWORKS, ROOT, SNIPPETS

TESTS = ROOT / "tests" / "topics"
RECORDS = ROOT / "book" / "_records"


def owner(path: Path) -> tuple[str, str] | None:
    """The topic that a file belongs to, and in what part of it: a framework's name or "contract".

    None for what belongs to no single topic: the harness, the machine, Django's project. A
    chapter belongs to the topic of its stem, in the part "book"; figures of its long runs are in
    the part "records". A topic need not exist.
    """
    try:
        parts = path.resolve().relative_to(ROOT).parts
    except ValueError:
        return None
    match parts:
        case ("book", name) if name.endswith(".md"):
            return name.removesuffix(".md"), "book"
        case ("book", "_records", topic, _, *_):
            return topic, "records"
        case ("tests", "topics", topic, name) if name.startswith("test_"):
            return topic, Path(name).stem.removeprefix("test_")
        case ("tests", "topics", topic, _, *_):
            return topic, "contract"
        case ("snippets", framework, name) if framework in FRAMEWORKS:
            stem = Path(name).stem
            return None if stem in FRAMEWORKS[framework].project else (stem, framework)
        case ("snippets", framework, folder, *_) if framework in FRAMEWORKS:
            return folder.rpartition("_")[0], framework
    return None


def folders(topic: str, framework: str) -> list[Path]:
    """The folders of a topic beside its snippet: none or one, else a law is broken."""
    return [
        path
        for path in sorted((SNIPPETS / framework).glob(f"{topic}_*"))
        if path.is_dir() and path.name.rpartition("_")[0] == topic
    ]


def snippets(topic: str) -> list[Path]:
    """All files of a topic below snippets/."""
    return sorted(
        path
        for framework in FRAMEWORKS.values()
        for path in [
            framework.snippet(topic),
            *(file for folder in folders(topic, framework.name) for file in folder.rglob("*")),
        ]
        if path.is_file() and path.suffix != ".pyc"
    )


def tests(topic: str) -> list[Path]:
    """All files that speak of a topic: its contract, its frameworks' tests, their helpers."""
    return sorted(
        path for path in (TESTS / topic).rglob("*") if path.is_file() and path.suffix != ".pyc"
    )


def record(topic: str, name: str) -> Path:
    """Where a long run of a topic leaves its figures, which the book prints (it may not exist)."""
    return RECORDS / topic / name


def harness() -> list[Path]:
    """The files that the tests of all topics stand on."""
    return sorted([ROOT / "tests" / "conftest.py", *(ROOT / "tests" / "harness").rglob("*.py")])
