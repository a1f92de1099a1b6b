"""The bench on which gates work: the built files, a server for them and one browser."""

import asyncio
import contextlib
import fnmatch
import functools
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from book._tools.gates import tools
from book._tools.gates.outcome import NotBuilt
from book._tools.gates.server import serve

# Where the first page of a sitemap is; all of our pages are in one folder.
LOCATION = re.compile(r"<loc>([^<]+)</loc>")
ALONE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
# More than cores, since a page often waits.
AT_ONCE = 4


@dataclass(eq=False)
class Bench:
    """Where the outputs are, and the tools to look at them, each started on first use."""

    html: Path
    epub: Path
    pdf: Path
    work: Path
    only: str = "*"
    twice: str | None = None
    _closing: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def __enter__(self) -> "Bench":
        self.origin  # noqa: B018  two gates at a time may ask for it
        return self

    def __exit__(self, *exception: object) -> None:
        self._closing.close()

    @functools.cached_property
    def pages(self) -> list[str]:
        """Every HTML page of the book, relative to its root."""
        return [page for page in self.all_pages if fnmatch.fnmatch(page, self.only)]

    @functools.cached_property
    def all_pages(self) -> list[str]:
        """Every HTML page, whether chosen or not."""
        found = (path.relative_to(self.html) for path in self.html.rglob("*.html"))
        pages = sorted(path.as_posix() for path in found if not path.parts[0].startswith("_"))
        if not pages:
            raise NotBuilt(self.html)
        return pages

    @functools.cached_property
    def prefix(self) -> str:
        """The path of the book on its host, as its sitemap says; a sub-path if it has none."""
        sitemap = self.html / "sitemap.xml"
        found = LOCATION.search(sitemap.read_text("utf-8")) if sitemap.is_file() else None
        return urljoin(urlsplit(found[1]).path, ".") if found else "/side-by-side/"

    @functools.cached_property
    def origin(self) -> str:
        """Address of the book's root on a server."""
        return self._closing.enter_context(serve(self.html, self.prefix))

    def url(self, page: str) -> str:
        """Address of a page on the server."""
        return self.origin + page

    @functools.cached_property
    def _loop(self) -> asyncio.Runner:
        return self._closing.enter_context(asyncio.Runner())

    @functools.cached_property
    def browser(self) -> Browser:
        """One Chromium with a fresh profile for all gates; it reaches no other machine."""
        path, run, later = tools.program("chromium"), self._loop.run, self._closing.callback
        playwright = run(async_playwright().start())
        later(lambda: run(playwright.stop()))
        browser = run(
            playwright.chromium.launch(
                executable_path=path,
                args=[*tools.CHROMIUM_FLAGS, ALONE],
                env={**os.environ, **tools.home(self.work)},
            )
        )
        later(lambda: run(browser.close()))
        return browser

    @contextlib.asynccontextmanager
    async def context(self, **options: Any) -> AsyncIterator[BrowserContext]:
        """A context of its own (no cache, no storage)."""
        context = await self.browser.new_context(**options)
        context.set_default_timeout(30_000)
        try:
            yield context
        finally:
            await context.close()

    @contextlib.asynccontextmanager
    async def page(self, **options: Any) -> AsyncIterator[Page]:
        """A page in a context of its own."""
        async with self.context(**options) as context:
            yield await context.new_page()

    def each[T](self, pages: Iterable[str], visit: Callable[[str], Awaitable[T]]) -> dict[str, T]:
        """Visit pages, a few at once, and hand back what each visit gave."""
        self.browser  # noqa: B018  started here, outside the running loop
        found: dict[str, T] = {}

        async def one(page: str, slots: asyncio.Semaphore) -> None:
            async with slots:
                found[page] = await visit(page)

        async def everything() -> None:
            slots = asyncio.Semaphore(AT_ONCE)
            async with asyncio.TaskGroup() as group:
                for page in pages:
                    group.create_task(one(page, slots))

        self._loop.run(everything())
        return dict(sorted(found.items()))
