"""Real time in FastAPI: WebSockets are routes, all on one event loop.

>>> from fastapi.testclient import TestClient
>>> from snippets.fastapi.realtime import app
>>> url = "ws://localhost/ws/echo"
>>> page = {"Origin": "http://localhost"}
>>> with TestClient(app).websocket_connect(url, headers=page) as ws:
...     ws.send_json({"text": "hi"})
...     ws.receive_json()
{'type': 'echo', 'text': 'hi'}
"""

import json
import os
from asyncio import Queue, QueueFull, TaskGroup, create_task
from contextlib import asynccontextmanager, contextmanager, suppress

from fastapi import (
    APIRouter,
    Depends,
    FastAPI,
    HTTPException,
    Request,
    WebSocket,
    WebSocketDisconnect,
    WebSocketException,
)
from pydantic import BaseModel, ValidationError
from redis.asyncio import Redis
from starlette.middleware.trustedhost import TrustedHostMiddleware

BOOKS = {1: "Dune", 2: "Emma"}


# region: origin
async def same_origin(ws: WebSocket):
    host = ws.headers["host"]
    ours = f"http://{host}", f"https://{host}"
    if ws.headers.get("origin") not in ours:
        raise WebSocketException(1008, "cross-site")


sockets = APIRouter(prefix="/ws", dependencies=[Depends(same_origin)])
# endregion: origin


# region: frames
class Frame(BaseModel):
    text: str


async def texts(ws):
    """What a client says, until it leaves or talks nonsense."""
    while (event := await ws.receive())["type"] == "websocket.receive":
        if event.get("text") is None:
            raise WebSocketException(1003, "text only")
        try:
            frame = Frame.model_validate_json(event["text"])
        except ValidationError:
            reason = "no JSON with a text"
            raise WebSocketException(1007, reason) from None
        yield frame.text
# endregion: frames


# region: echo
@sockets.websocket("/echo")
async def echo(ws: WebSocket):
    await ws.accept()
    async for text in texts(ws):
        if text == "bye":
            raise WebSocketException(4000, "bye")
        await ws.send_json({"type": "echo", "text": text})
# endregion: echo


# region: rooms
class Rooms:
    """Who follows which book, in this process alone."""

    def __init__(self):
        self.inboxes = {book_id: set() for book_id in BOOKS}

    @contextmanager
    def join(self, book_id):
        inbox = Queue(maxsize=100)
        self.inboxes[book_id].add(inbox)
        try:
            yield inbox
        finally:
            self.inboxes[book_id].remove(inbox)

    def spread(self, book_id, message):
        for inbox in self.inboxes[book_id]:
            with suppress(QueueFull):  # who is too slow misses it
                inbox.put_nowait(message)

    async def publish(self, book_id, message):
        self.spread(book_id, message)
# endregion: rooms


# region: broker
class RedisRooms(Rooms):
    """Who follows which book, in all processes."""

    def __init__(self, redis):
        super().__init__()
        self.redis = redis

    async def publish(self, book_id, message):
        await self.redis.publish(f"book:{book_id}", message)

    async def listen(self, channel):
        async for event in channel.listen():
            book_id = event["channel"].removeprefix("book:")
            # Others may publish too: no message ends this loop.
            with suppress(ValueError, KeyError):
                self.spread(int(book_id), event["data"])


@asynccontextmanager
async def lifespan(app):
    url = os.environ.get("REDIS_URL")
    if not url:
        yield {"rooms": Rooms()}
        return
    async with (
        Redis.from_url(url, decode_responses=True) as redis,
        redis.pubsub(ignore_subscribe_messages=True) as channel,
        TaskGroup() as tasks,
    ):
        rooms = RedisRooms(redis)
        await channel.psubscribe("book:*")
        listener = tasks.create_task(rooms.listen(channel))
        yield {"rooms": rooms}
        listener.cancel()
# endregion: broker


# region: broadcast
@sockets.websocket("/books/{book_id}")
async def follow_book(ws: WebSocket, book_id: int):
    await ws.accept()
    if book_id not in BOOKS:
        raise WebSocketException(4404, "no such book")
    rooms = ws.state.rooms
    with rooms.join(book_id) as inbox:
        await ws.send_json({"type": "joined", "title": BOOKS[book_id]})
        delivery = create_task(deliver(ws, inbox))
        try:
            async for text in texts(ws):
                said = {"type": "said", "text": text}
                await rooms.publish(book_id, json.dumps(said))
        finally:
            delivery.cancel()


async def deliver(ws, inbox):
    with suppress(WebSocketDisconnect, RuntimeError):  # it has gone
        while True:
            await ws.send_text(await inbox.get())
# endregion: broadcast


app = FastAPI(lifespan=lifespan)
app.add_middleware(
    TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"]
)
app.include_router(sockets)


@app.get("/books")
async def list_books():
    return BOOKS


# region: push
@app.post("/books/{book_id}/sold", status_code=204)
async def sell(book_id: int, request: Request):
    if book_id not in BOOKS:
        raise HTTPException(404)
    rooms = request.state.rooms
    await rooms.publish(book_id, json.dumps({"type": "sold"}))
# endregion: push
