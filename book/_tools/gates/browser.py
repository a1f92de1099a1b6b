"""Snippets that have a side in the browser, driven by a real one.

A topic's steps are the coroutines of `page` and `origin` in `tests/topics/<topic>/browser.py`: a page
of their own, and where the snippet is served. They are no tests of pytest, because who reads the
book need have no browser.
"""

import importlib
import inspect
import logging
import tempfile
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path

from playwright.async_api import Error, Page

from book._core.chapters import topics
from book._core.frameworks import FRAMEWORKS
from book._core.places import TESTS
from book._tools.gates.bench import Bench
from book._tools.gates.gate import gate
from book._tools.gates.outcome import Finding, Result
from tests.harness.servers import running

Step = Callable[[Page, str], Awaitable[None]]
STEP = ["page", "origin"]


def steps(topic: str) -> list[Step]:
    """What is to be done in a browser with the snippets of a topic, in the order of its file."""
    if not (TESTS / topic / "browser.py").exists():
        return []
    module = importlib.import_module(f"tests.topics.{topic}.browser")
    return [
        function
        for function in vars(module).values()
        if inspect.iscoroutinefunction(function)
        and [*inspect.signature(function).parameters] == STEP
    ]


@gate("browser", bar="all steps")
def browser(bench: Bench) -> Result:
    """Snippets in a browser: what their topics say a reader can do there."""
    walks = [
        (framework, topic)
        for topic in topics()
        for framework, known in FRAMEWORKS.items()
        if known.snippet(topic).exists() and steps(topic)
    ]
    findings: list[Finding] = []
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # no line for each request
    for framework, topic in walks:
        with (
            tempfile.TemporaryDirectory() as folder,
            running(framework, topic, database=Path(folder) / "bookshop.sqlite3") as address,
        ):

            async def visit(name: str, topic: str = topic, address: str = address) -> None:
                for step in steps(topic):
                    if why := await taken(bench, step, f"http://{address}"):
                        findings.append(Finding(name, (step.__doc__ or "").strip(), why))

            bench.each([f"{framework}/{topic}"], visit)
    count = sum(len(steps(topic)) for _, topic in walks)
    return Result(f"{count - len(findings)} of {count} steps", findings)


async def taken(bench: Bench, step: Step, origin: str) -> str:
    """Take a step on a fresh page; gives what went wrong, errors of the page's scripts too."""
    async with bench.page() as page:
        page.set_default_timeout(5_000)
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        try:
            await step(page, origin)
        except AssertionError as error:
            said = traceback.extract_tb(error.__traceback__)[-1]
            errors.append(f"line {said.lineno}: {said.line}")
        except Error as error:
            errors.append(str(error))
        return "; ".join(errors)
