"""Django: a topic is a URLconf, perhaps an app, in a project whose settings hold for the process.

The tests of all topics share one process. So there is a `project` for one topic at a time: only
its app is installed, its SETTINGS hold, and what Django keeps once for a process (`registries`)
has nothing of other topics in it. It is also the only time at which the topic is imported, so a
topic that cannot be is no error for any other.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

import dj_database_url
import django
import httpx2
from django.apps import apps
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.db import connections
from django.db.utils import load_backend
from django.test import override_settings

from tests.harness import snippets
from tests.harness.adapters.base import Adapter
from tests.harness.adapters.registries import alone
from tests.harness.adapters.wsgi import WSGITransport
from tests.harness.databases import REVERSE


@cache
def set_up() -> tuple[Any, ...]:
    """Set Django up without the apps of any topic; gives what is installed."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "snippets.django.settings")
    with mock.patch.dict(os.environ, TOPICS=""):
        installed = tuple(settings.INSTALLED_APPS)
    django.setup()
    return installed


class DjangoAdapter(Adapter):
    name = "django"
    topic: str | None = None
    """The topic whose project this process is at the moment."""

    def load(self, topic: str, name: str = "") -> ModuleType:
        if self.topic == topic:
            return super().load(topic, name)
        with self.project(topic):
            return super().load(topic, name)

    @contextmanager
    def project(self, topic: str) -> Iterator[ModuleType]:
        common = set_up()
        before, self.topic = self.topic, topic
        try:
            with alone(topic), ExitStack() as stack:
                with snippets.explained(self.name_of(topic)):
                    own = topic_apps(topic)
                    stack.enter_context(override_settings(INSTALLED_APPS=[*common, *own]))
                    module = super().load(topic)
                more = dict(getattr(module, "SETTINGS", {}))
                if "INSTALLED_APPS" in more:
                    more["INSTALLED_APPS"] = [*more["INSTALLED_APPS"], *own]
                stack.enter_context(override_settings(ROOT_URLCONF=module.__name__, **more))
                yield module
        finally:
            self.topic = before

    def application(self, module: ModuleType, *, asgi: bool) -> Callable:
        """Django's own; for ASGI the module may have another, with sockets, called `application`."""
        if not asgi:
            return WSGIHandler()
        return getattr(module, "application", None) or ASGIHandler()

    def is_asgi(self, module: ModuleType) -> bool:
        return hasattr(module, "application")

    def make_tables(self) -> None:
        """Those that the installed apps lack."""
        call_command("migrate", run_syncdb=True, interactive=False, verbosity=0)

    @contextmanager
    def in_process(
        self, module: ModuleType, *, raise_app_exceptions: bool
    ) -> Iterator[httpx2.BaseTransport]:
        with override_settings(DEBUG_PROPAGATE_EXCEPTIONS=raise_app_exceptions):
            yield WSGITransport(WSGIHandler(), raise_app_exceptions=raise_app_exceptions)

    @contextmanager
    def in_debug_mode(self, module: ModuleType) -> Iterator[httpx2.BaseTransport]:
        with (
            override_settings(DEBUG=True),
            self.in_process(module, raise_app_exceptions=False) as transport,
        ):
            yield transport

    @contextmanager
    def database(self, module: ModuleType, url: str, statements: list[str]) -> Iterator[None]:
        """The default connection leads to `url`, where the topic's models have tables.

        It is outside the test's transaction: what a view commits is committed.
        """

        def note(execute: Callable, sql: Any, params: Any, many: bool, context: Any) -> Any:
            statements.append(str(sql))
            return execute(sql, params, many, context)

        usual = connections["default"]
        where: dict[str, Any] = {**usual.settings_dict, **dj_database_url.parse(url)}
        if url.startswith("sqlite"):
            where["OPTIONS"] = {"init_command": REVERSE}
        ours = load_backend(where["ENGINE"]).DatabaseWrapper(where)
        connections["default"] = ours
        try:
            with ours.execute_wrapper(note):
                if not ours.introspection.table_names():
                    with ours.schema_editor() as editor:
                        for model in apps.get_models():
                            if model.__module__ == module.__name__:
                                editor.create_model(model)
                yield
        finally:
            connections["default"] = usual
            # close() keeps a database in memory open.
            ours.connection.close()

    @contextmanager
    def database_file(self, file: Path) -> Iterator[None]:
        """The default database is this SQLite file, migrated, for every thread yet to connect.

        This thread's own connection, if it has one, stays as it is: a test may be using it.
        """
        before = connections.databases["default"]
        sqlite = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(file)}
        connections.databases["default"] = {**before, **sqlite}
        try:
            with ThreadPoolExecutor(1) as other_thread:
                other_thread.submit(self._make_tables_and_leave).result()
            yield
        finally:
            connections.databases["default"] = before

    def _make_tables_and_leave(self) -> None:
        try:
            self.make_tables()
        finally:
            connections.close_all()


def topic_apps(topic: str) -> list[Any]:
    """The apps of a topic: none if it has no models."""
    from snippets.django.apps import topic_apps

    return topic_apps([topic])


ADAPTER = DjangoAdapter()
