"""What a gate is: a named check with a bar. A function with `@gate` is one."""

from collections.abc import Callable
from dataclasses import dataclass

from book._tools.gates.bench import Bench
from book._tools.gates.outcome import Result


@dataclass(frozen=True)
class Gate:
    """A check by name. `bar` says in words what its figure has to reach.

    What starts programs of its own can run `beside` those that share the bench's browser.
    """

    name: str
    bar: str
    run: Callable[[Bench], Result]
    beside: bool = False

    @property
    def title(self) -> str:
        """The first line of its docstring."""
        return (self.run.__doc__ or "").strip().splitlines()[0]


GATES: dict[str, Gate] = {}


def gate(
    name: str, bar: str, *, beside: bool = False
) -> Callable[[Callable[[Bench], Result]], Callable]:
    """Register a function as the gate `name`; they run in the order of registration."""

    def register(function: Callable[[Bench], Result]) -> Callable:
        GATES[name] = Gate(name, bar, function, beside)
        return function

    return register
