"""Real time in FastAPI: WebSockets are routes, all on one event loop.

>>> from fastapi.testclient import TestClient
>>> from snippets.fastapi.realtime import app
>>> client = TestClient(app, base_url="http://localhost")
>>> client.put("/guests/Zoe").status_code
204
>>> url = "ws://localhost/ws/echo"
>>> page = {"Origin": "http://localhost"}
>>> with client.websocket_connect(url, headers=page) as ws:
...     ws.send_json({"text": "hi"})
...     ws.receive_json()
{'type': 'echo', 'text': 'hi'}
"""

import os
import secrets
from asyncio import TaskGroup, create_task
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Annotated

from fastapi import (
    APIRouter,
    Depends,
    FastAPI,
    HTTPException,
    Request,
    Response,
    WebSocket,
    WebSocketDisconnect,
    WebSocketException,
)
from fastapi.responses import FileResponse
from pydantic import BaseModel, StringConstraints, ValidationError
from redis.asyncio import Redis, RedisError
from starlette.middleware.sessions import SessionMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from snippets.fastapi.realtime_shop.rooms import RedisRooms, Rooms

BOOKS = {1: "Dune", 2: "Emma"}
GUESTS = set()  # yours are users in a database, for all processes


# region: origin
async def same_origin(ws: WebSocket):
    host = ws.headers["host"]
    ours = f"http://{host}", f"https://{host}"
    if ws.headers.get("origin") not in ours:
        raise WebSocketException(1008, "cross-site")


sockets = APIRouter(prefix="/ws", dependencies=[Depends(same_origin)])
# endregion: origin


# region: shared
@asynccontextmanager
async def lifespan(app):
    url = os.environ.get("REDIS_URL")
    if not url:
        yield {"rooms": Rooms(BOOKS)}
        return
    async with Redis.from_url(url) as redis, TaskGroup() as tasks:
        rooms = RedisRooms(BOOKS, redis)
        listener = tasks.create_task(rooms.listen())
        yield {"rooms": rooms}
        listener.cancel()
# endregion: shared


# region: user
app = FastAPI(lifespan=lifespan)
app.add_middleware(
    SessionMiddleware,  # for sockets, too
    secret_key=os.environ.get("SECRET_KEY") or secrets.token_hex(),
)
app.add_middleware(
    TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"]
)


Name = Annotated[str, StringConstraints(max_length=20)]


@app.put("/guests/{name}", status_code=204)
async def enter(name: Name, request: Request):
    if name in GUESTS:
        raise HTTPException(409)
    GUESTS.add(name)
    request.session["user"] = name


async def signed_in(ws: WebSocket):
    if "user" not in ws.session:
        raise WebSocketException(1008, "who are you?")
    return ws.session["user"]


User = Annotated[str, Depends(signed_in)]
# endregion: user


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
async def echo(ws: WebSocket, user: User):
    await ws.accept()
    async for text in texts(ws):
        if text == "bye":
            raise WebSocketException(4000, "bye")
        await ws.send_json({"type": "echo", "text": text})
# endregion: echo


# region: broadcast
@sockets.websocket("/books/{book_id}")
async def follow_book(ws: WebSocket, book_id: int, user: User):
    await ws.accept()
    if book_id not in BOOKS:
        raise WebSocketException(4404, "no such book")
    rooms = ws.state.rooms
    with rooms.join(book_id) as inbox:
        joined = {"type": "joined", "as": user, "title": BOOKS[book_id]}
        await ws.send_json(joined)
        delivery = create_task(deliver(ws, inbox))
        try:
            async for text in texts(ws):
                said = {"type": "said", "from": user, "text": text}
                await rooms.publish(book_id, said)
        except RedisError:
            raise WebSocketException(1013, "try again later") from None
        finally:
            delivery.cancel()


async def deliver(ws, inbox):
    with suppress(WebSocketDisconnect, RuntimeError):  # it has gone
        while True:
            await ws.send_json(await inbox.get())
# endregion: broadcast


app.include_router(sockets)


# region: push
@app.post("/books/{book_id}/sold", status_code=204)
async def sell(book_id: int, request: Request):
    if book_id not in BOOKS:
        raise HTTPException(404)
    await request.state.rooms.publish(book_id, {"type": "sold"})
# endregion: push


# region: ready
@app.get("/ready")
async def ready(request: Request):
    is_ready = request.state.rooms.ready
    return Response(status_code=204 if is_ready else 503)


@app.exception_handler(RedisError)
async def broker_is_away(request, error):
    return Response(status_code=503)
# endregion: ready


@app.get("/books")
async def list_books():
    return BOOKS


# region: page
SHOP = Path(__file__).with_name("realtime_shop")


@app.get("/")
async def show_page():
    return FileResponse(SHOP / "book.html")


@app.get("/book.js")
async def show_script():
    return FileResponse(SHOP / "book.js")
# endregion: page
