"""Spreads the faults of many files over processes and gathers what became of each."""

import contextlib
import importlib
import itertools
import os
import shutil
import tempfile
import traceback
from collections import deque
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, Pipe, wait
from pathlib import Path
from typing import Any

from book._tools.mutate.faults import Fault
from book._tools.mutate.fork import Outcome, Target, Template

NO_TESTS = 5
"""pytest's exit code if it collected nothing."""
KILLED, SURVIVED, TIMED_OUT = "killed", "survived", "timed out"
FIRST_RUN = 300
"""Seconds for the first, unmutated run of a file: how long it takes is not known yet."""
PATIENCE = 5
"""A test may take this many times as long as the longest without a fault …"""
AT_LEAST = 10
"""… and always this many seconds."""
WORTH_A_PROCESS = 20
"""Waiting faults of a target that justify one more process for it."""
NOT_COPIED = shutil.ignore_patterns(
    *(".git", ".venv", ".nox", ".*_cache", "__pycache__", "*.pyc", "build", "node_modules"),
)


Conversation = Generator[None, tuple[str, Any], Any]
"""Each `yield` waits for an answer, (what, its value)."""


class MutationError(Exception):
    """The tests or the tool cannot tell anything. The message says what would be right."""


@dataclass(frozen=True)
class Result:
    """What became of one fault, and by which test or in which way it was noticed."""

    target: Target
    fault: Fault
    state: str
    by: str
    seconds: float


@dataclass
class Work:
    """A target, its faults that wait, and how its tests can be run (see `fork`)."""

    target: Target
    faults: deque[tuple[int, Fault]]
    early: bool = False
    shortcuts: bool = True
    modules: tuple[str, ...] | None = None
    """What a run imports from outside the tree, once that is known."""
    trusted: set[str] = field(default_factory=set)
    """Tests that noticed a fault and were green without it in the same order."""
    processes: int = 0


class Slot:
    """A place for one process at a time, with its own copy of the tree."""

    def __init__(self, root: Path, folder: Path):
        self.tree = folder / "tree"
        self.log = folder / "log"
        shutil.copytree(root, self.tree, ignore=NOT_COPIED, symlinks=True)
        (self.tree / "build").mkdir()

    def put(self, file: str, text: str) -> None:
        """Write a file of the tree."""
        (self.tree / file).write_text(text, "utf-8", newline="")


class Session:
    """A template process at work on a target."""

    def __init__(self, slot: Slot, work: Work, others: list["Session"]):
        self.slot, self.work = slot, work
        work.processes += 1
        self.commands, theirs = Pipe()
        self.process = os.fork()
        if not self.process:
            try:
                for session in (self, *others):
                    session.commands.close()
                template = Template(
                    work.target,
                    slot.tree,
                    slot.log,
                    theirs,
                    early=work.early,
                    shortcuts=work.shortcuts,
                )
                template.run()
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(70)
        theirs.close()

    def end(self) -> None:
        """Closing the pipe ends the template, and the child it may have."""
        self.commands.close()
        os.waitpid(self.process, 0)
        self.work.processes -= 1


class Runner:
    """Runs the planted faults. `notify(done, all, result)` hears of every one."""

    def __init__(
        self,
        planted: dict[Target, list[Fault]],
        texts: Mapping[str, str],
        *,
        jobs: int,
        at_least: float = AT_LEAST,
        notify: Callable[[int, int, Result], None] = lambda done, total, result: None,
        warn: Callable[[str], None] = lambda message: None,
    ):
        self.jobs, self.at_least, self.notify, self.warn = jobs, at_least, notify, warn
        self.texts = texts
        numbers = itertools.count()
        self.waiting = [
            Work(target, deque((next(numbers), fault) for fault in faults))
            for target, faults in planted.items()
        ]
        self.total = sum(len(work.faults) for work in self.waiting)
        self.results: dict[int, Result] = {}

    def run(self, root: Path) -> list[Result]:
        """All results, in the order of the faults."""
        active: dict[Connection, tuple[Session, Conversation]] = {}
        with tempfile.TemporaryDirectory(prefix="mutate-") as folder:
            os.chmod(folder, 0o711)  # noqa: S103 - tests start servers under other accounts
            idle = [Slot(root, Path(folder) / str(number)) for number in range(self.jobs)]
            try:
                self._start(idle, active)
                while active:
                    ready = wait(list(active))
                    for commands in [each for each in active if each in ready]:
                        session, steps = active[commands]
                        if not self._advance(session, steps):
                            del active[commands]
                            session.end()
                            idle.append(session.slot)
                    self._start(idle, active)
            finally:
                for session, _ in active.values():
                    session.end()
        return [self.results[number] for number in sorted(self.results)]

    def _start(self, idle: list[Slot], active: dict) -> None:
        """Give every idle slot the target that most needs a process."""
        while idle:
            worth = [
                work
                for work in self.waiting
                if len(work.faults) > (WORTH_A_PROCESS if work.processes else 0)
            ]
            if not worth:
                return
            work = min(worth, key=lambda work: (work.processes, -len(work.faults)))
            session = Session(idle.pop(), work, [other for other, _ in active.values()])
            steps = self._conversation(session)
            next(steps)
            active[session.commands] = session, steps

    def _advance(self, session: Session, steps: Conversation) -> bool:
        """Hand on an answer; whether more are to come."""
        try:
            steps.send(session.commands.recv())
        except StopIteration:
            return False
        except EOFError:
            raise MutationError(
                f"the process for {session.work.target.files[0]} died; what it said:\n"
                + _tail(session.slot.log)
            ) from None
        return True

    def _conversation(self, session: Session) -> Conversation:
        """What is said to a template.

        Without a fault the tests run first and last, in the very way in which faults run, so
        that a fault never counts as noticed for what was broken anyway.
        """
        work, commands = session.work, session.commands
        kind, why = yield
        if kind == "never":
            self.warn(
                f"{work.target.files[0]}: {why}; each fault starts pytest anew, which is slower"
            )
            work.early = True
            return
        try:
            if work.shortcuts:
                if work.modules is None:
                    first = yield from self._unmutated(session, "run", (FIRST_RUN, "", ()))
                    work.modules = first.modules
                commands.send(("preload", work.modules))
                yield
            baseline = yield from self._unmutated(session, "watch", FIRST_RUN)
        except MutationError:
            if not work.shortcuts:
                raise
            work.shortcuts = False  # perhaps they are to blame: once more, without
            return
        limit = max(self.at_least, PATIENCE * baseline.longest)
        while work.faults:
            number, fault = work.faults.popleft()
            result = yield from self._faulty(session, fault, limit)
            self._note(number, result)
        yield from self._unmutated(session, "run", (limit, "", ()), "after its faults ")

    def _faulty(self, session: Session, fault: Fault, limit: float) -> Conversation:
        """What becomes of one fault.

        That a test fails counts only if it does not without the fault, after the same tests; that
        is tried the first time that it notices one. A test that then fails once and not again fails
        by chance, so the fault is planted once more.
        """
        work = session.work
        collected, result = yield from self._planted(session, fault, limit)
        if result.state == KILLED and collected and result.by not in work.trusted:
            order = session, "again", (limit, result.by), "in the order for a fault "
            try:
                yield from self._unmutated(*order)
            except MutationError:
                yield from self._unmutated(*order)
                _, result = yield from self._planted(session, fault, limit)
            else:
                work.trusted.add(result.by)
        return result

    def _planted(self, session: Session, fault: Fault, limit: float) -> Conversation:
        """How many tests were collected with the fault, and what became of it.

        No test is behind a run that hangs or dies: a busy machine can be, so such a run is taken
        up again, once.
        """
        for last in (False, True):
            session.slot.put(fault.file, fault.text)
            session.commands.send(("run", (limit, fault.file, fault.spans)))
            _, answer = yield
            session.slot.put(fault.file, self.texts[fault.file])
            outcome = Outcome(**answer)
            judged = _judge(fault, outcome, session.slot.log)
            if last or not outcome.ended_by_force:
                break
        return outcome.collected, Result(session.work.target, fault, *judged)

    @staticmethod
    def _unmutated(session: Session, command: str, argument: Any, when: str = "") -> Conversation:
        session.commands.send((command, argument))
        _, answer = yield
        outcome = Outcome(**answer)
        if outcome.green:
            return outcome
        target = session.work.target
        if outcome.code == NO_TESTS:
            raise MutationError(
                f"no test was collected for {target.files[0]} from {', '.join(target.tests)}: "
                "a fault in it could never be noticed; write a test first"
            )
        raise MutationError(
            f"{target.files[0]}: {when}the tests are not green without any fault, so they can tell "
            f"nothing about faults ({outcome.failed or 'timed out'}). "
            f"First make this pass: pytest -p no:randomly {' '.join(target.tests)}\n"
            + _tail(session.slot.log)
        )

    def _note(self, number: int, result: Result) -> None:
        self.results[number] = result
        self.notify(len(self.results), self.total, result)


def _judge(fault: Fault, outcome: Outcome, log: Path) -> tuple[str, str, float]:
    """The state of a fault, what noticed it, and the seconds it took."""
    if outcome.timed_out:
        return TIMED_OUT, "", outcome.seconds
    if outcome.green:
        return SURVIVED, "", outcome.seconds
    if outcome.code == NO_TESTS:
        raise MutationError(
            f"{fault.file}:{fault.line}: with this fault no test ran, so it says nothing: "
            f"{fault.mutated.strip()!r}\n{_tail(log)}"
        )
    return KILLED, outcome.failed, outcome.seconds


def preload(names: list[str]) -> None:
    """Import what every run needs, once, before the first fork."""
    for name in names:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


def _tail(log: Path, lines: int = 40) -> str:
    """The end of what a run has printed."""
    text = log.read_text("utf-8", errors="replace") if log.exists() else ""
    return "\n".join(text.splitlines()[-lines:])
