"""What a gate is: a named check with a bar, and the result that it hands back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .bench import Bench


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


@dataclass(frozen=True)
class Gate:
    """A check by name. `bar` says in words what its figure has to reach."""

    name: str
    bar: str
    run: Callable[["Bench"], Result]

    @property
    def title(self) -> str:
        """The first line of its docstring."""
        return (self.run.__doc__ or "").strip().splitlines()[0]


GATES: dict[str, Gate] = {}


def gate(name: str, bar: str) -> Callable[[Callable[["Bench"], Result]], Callable]:
    """Register a function as the gate `name`; they run in the order of registration."""

    def register(function: Callable[["Bench"], Result]) -> Callable:
        GATES[name] = Gate(name, bar, function)
        return function

    return register


def count(findings: list[Finding], noun: str) -> str:
    """`0 errors`, `1 error`, … as a figure."""
    return f"{len(findings)} {noun}{'' if len(findings) == 1 else 's'}"
