"""What an adapter does for its framework, and what Flask and FastAPI have in common."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from types import ModuleType

import httpx2

from book._core.frameworks import FRAMEWORKS
from tests.harness import databases, snippets


class Adapter(ABC):
    """How snippets of one framework are set up, asked, served, and given a database."""

    name: str

    def name_of(self, topic: str) -> str:
        """The dotted name of the topic's module."""
        return snippets.name_of(FRAMEWORKS[self.name].snippet(topic))

    def load(self, topic: str, name: str = "") -> ModuleType:
        """The topic's module, or the one in its folder with that dotted name; or BrokenSnippet."""
        return snippets.load(name or self.name_of(topic))

    @contextmanager
    def project(self, topic: str) -> Iterator[ModuleType]:
        """The topic's module, ready to answer for as long as this lasts; or BrokenSnippet."""
        yield self.load(topic)

    def application(self, module: ModuleType, *, asgi: bool) -> Callable:
        """What a server calls: fresh from `create_app()`, else the module's `app`."""
        return module.create_app() if hasattr(module, "create_app") else module.app

    def is_asgi(self, module: ModuleType) -> bool:
        """Whether a module's application wants an ASGI server."""
        return False

    def make_tables(self) -> None:
        """Make the tables that the application does not make by itself."""
        return None

    @abstractmethod
    def in_process(
        self, module: ModuleType, *, raise_app_exceptions: bool
    ) -> AbstractContextManager[httpx2.BaseTransport]:
        """A transport through which a module's application answers, without a server."""

    def in_debug_mode(self, module: ModuleType) -> AbstractContextManager[httpx2.BaseTransport]:
        """The same, as a developer has it, who sees exceptions on pages."""
        raise NotImplementedError

    def database(
        self, module: ModuleType, url: str, statements: list[str]
    ) -> AbstractContextManager[None]:
        """The module uses the database at `url`, and `statements` fills with what is executed.

        Flask's and FastAPI's snippets find `url` in the environment: put it there.
        """
        return databases.sqlalchemy(statements)

    def database_file(self, file: Path) -> AbstractContextManager[None]:
        """Servers that start meanwhile use this SQLite database, if the framework brings one."""
        return nullcontext()
