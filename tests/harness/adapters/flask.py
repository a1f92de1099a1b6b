"""Flask: an app is a WSGI callable, and all that it needs."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import httpx2

from tests.harness.adapters.base import Adapter
from tests.harness.adapters.wsgi import WSGITransport


class FlaskAdapter(Adapter):
    name = "flask"

    @contextmanager
    def in_process(
        self, module: ModuleType, *, raise_app_exceptions: bool
    ) -> Iterator[httpx2.BaseTransport]:
        app: Any = self.application(module)
        app.testing = raise_app_exceptions
        yield WSGITransport(app, raise_app_exceptions=raise_app_exceptions)


ADAPTER = FlaskAdapter()
