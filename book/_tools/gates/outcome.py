"""What a gate can come to: a result with its findings, or a reason why there is none."""

from dataclasses import dataclass, field
from pathlib import Path


class NotRun(Exception):
    """A checker cannot be had on this machine. The message says what is missing."""


class NotBuilt(Exception):
    """The output that a gate judges is not there."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is not built")


class Broken(Exception):
    """A checker was there but came to no verdict. The message says why."""


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that is wrong: on which page (or file), where in it, and what."""

    page: str
    where: str
    what: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.page, self.where, self.what) if part)


@dataclass
class Result:
    """A gate's figure, what it found wrong, and numbers that are worth keeping."""

    figure: str
    findings: list[Finding] = field(default_factory=list)
    numbers: dict[str, object] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def count(findings: list[Finding], noun: str) -> str:
    """`0 errors`, `1 error`, … as a figure."""
    return f"{len(findings)} {noun}{'' if len(findings) == 1 else 's'}"
