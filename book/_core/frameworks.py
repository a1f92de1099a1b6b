"""The three frameworks as data: whatever differs between them by name is said here, once."""

from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SNIPPETS = ROOT / "snippets"


@dataclass(frozen=True)
class Framework:
    """One framework. `name` is its folder and key; `label` is what readers see.

    `project` are the files in its folder that serve every topic.
    """

    name: str
    label: str
    distribution: str
    project: frozenset[str] = frozenset({"__init__"})

    @property
    def version(self) -> str:
        """The installed version, e.g. "3.1.3"."""
        return version(self.distribution)

    def snippet(self, topic: str) -> Path:
        """The file that shows `topic` in this framework (it may not exist)."""
        return SNIPPETS / self.name / f"{topic}.py"


FRAMEWORKS = {
    framework.name: framework
    for framework in (
        Framework("flask", "Flask", "flask"),
        Framework("fastapi", "FastAPI", "fastapi"),
        Framework(
            "django",
            "Django",
            "django",
            frozenset({"__init__", "__main__", "apps", "settings"}),
        ),
    )
}


def relative(path: Path) -> str:
    """`path` as the book prints it: from the top of the repository, with slashes."""
    return path.resolve().relative_to(ROOT).as_posix()
