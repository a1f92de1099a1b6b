"""How much of a large body an application reads before it answers, under WSGI and under ASGI."""

import asyncio
import inspect
from io import BytesIO
from wsgiref.util import setup_testing_defaults

CHUNK = 10_000
"""Bytes in a message of an ASGI server."""


class Counted(BytesIO):
    """A body that knows how much of it was read."""

    bytes_read = 0

    def read(self, size=-1):
        chunk = super().read(size)
        self.bytes_read += len(chunk)
        return chunk


def offer(app, path, media_type, size):
    """Status and bytes read when a server offers a POST with a body of that size."""
    ask = _offer_asgi if inspect.iscoroutinefunction(app.__call__) else _offer_wsgi
    return ask(app, path, media_type, size)


def _offer_wsgi(app, path, media_type, size):
    body, statuses = Counted(bytes(size)), []
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path,
        "CONTENT_TYPE": media_type,
        "CONTENT_LENGTH": str(size),
        "HTTP_HOST": "testserver",
        "wsgi.input": body,
    }
    setup_testing_defaults(environ)
    answer = app(environ, lambda status, headers: statuses.append(int(status[:3])))
    list(answer)
    answer.close()
    return statuses[0], body.bytes_read


def _offer_asgi(app, path, media_type, size):
    left, sent = size, []

    async def receive():
        nonlocal left
        if not left:
            await asyncio.Event().wait()  # the client stays, and says no more
        body = bytes(min(left, CHUNK))
        left -= len(body)
        return {"type": "http.request", "body": body, "more_body": left > 0}

    async def send(message):
        sent.append(message)

    headers = {"host": "testserver", "content-type": media_type, "content-length": str(size)}
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "query_string": b"",
        "root_path": "",
        "headers": [(name.encode(), text.encode()) for name, text in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("testserver", 80),
    }
    asyncio.run(app(scope, receive, send))
    return sent[0]["status"], size - left
