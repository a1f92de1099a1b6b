"""A client that leaves an ASGI application in the middle of a stream."""

import asyncio


async def leaving(app, path):
    """Ask an ASGI application for a stream, and leave when the first piece is there."""
    left = asyncio.Event()
    messages = [{"type": "http.request"}]

    async def receive():
        if messages:
            return messages.pop()
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message):
        if message.get("body"):
            left.set()
        await asyncio.sleep(0)

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "query_string": b"",
        "root_path": "",
        "headers": [],
        "client": ("127.0.0.1", 1),
        "server": ("testserver", 80),
    }
    await app(scope, receive, send)


async def turns():
    """Let the event loop do what is due."""
    for _ in range(10):
        await asyncio.sleep(0)
