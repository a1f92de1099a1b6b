"""Flask: an app is a WSGI callable, and all that it needs."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import httpx2
from werkzeug.debug import DebuggedApplication

from tests.harness.adapters.base import Adapter
from tests.harness.adapters.wsgi import WSGITransport


class FlaskAdapter(Adapter):
    name = "flask"

    @contextmanager
    def in_process(
        self, module: ModuleType, *, raise_app_exceptions: bool
    ) -> Iterator[httpx2.BaseTransport]:
        app: Any = self.application(module, asgi=False)
        app.testing = raise_app_exceptions
        yield WSGITransport(app, raise_app_exceptions=raise_app_exceptions)

    @contextmanager
    def in_debug_mode(self, module: ModuleType) -> Iterator[httpx2.BaseTransport]:
        app: Any = self.application(module, asgi=False)
        before, app.testing, app.debug = app.debug, False, True
        try:
            yield WSGITransport(DebuggedApplication(app))
        finally:
            app.debug = before


ADAPTER = FlaskAdapter()
