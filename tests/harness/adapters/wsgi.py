"""How WSGI applications are asked without a server."""

from collections.abc import Callable
from typing import Any

import httpx2


class WSGITransport(httpx2.WSGITransport):
    """httpx2's WSGI transport, with a path as WSGI wants it: its bytes, each as one character.

    httpx2 passes the decoded text on, so `é` would arrive as a broken character and `€` not at all.
    """

    def __init__(self, app: Callable, *, raise_app_exceptions: bool = True):
        def as_wsgi_says(environ: dict[str, Any], start_response: Callable) -> Any:
            path = environ["PATH_INFO"].encode("utf-8", "surrogateescape").decode("latin-1")
            return app({**environ, "PATH_INFO": path}, start_response)

        super().__init__(as_wsgi_says, raise_app_exceptions=raise_app_exceptions)
