"""Around every request in FastAPI: ASGI applications in layers.

>>> from fastapi.testclient import TestClient
>>> from snippets.fastapi.middleware import app
>>> shop = TestClient(app)
>>> shop.get("/nowhere", headers={"X-Request-ID": "ada-0001"}).headers[
...     "X-Request-ID"
... ]
'ada-0001'
>>> shop.get("/books/1", headers={"User-Agent": "Scraper/2"})
<Response [403 Forbidden]>
"""

import re
import time
import uuid

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.exceptions import HTTPException
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.trustedhost import TrustedHostMiddleware
from fastapi.responses import JSONResponse
from starlette.datastructures import Headers, MutableHeaders

shop = FastAPI()

# region: stamp
GOOD_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


class Stamp:
    """A layer: an ASGI application around another one."""

    def __init__(self, inner):
        self.inner = inner

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":  # start-up, a WebSocket
            return await self.inner(scope, receive, send)
        began = time.perf_counter()
        sent = Headers(scope=scope).get("X-Request-ID", "")
        # A stranger's text, and it goes into headers and logs.
        good = GOOD_ID.fullmatch(sent)
        request_id = sent if good else uuid.uuid4().hex
        # What a view finds as request.state.request_id.
        scope.setdefault("state", {})["request_id"] = request_id

        async def send_stamped(message):
            if message["type"] == "http.response.start":
                seconds = time.perf_counter() - began
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                headers["X-Process-Time"] = f"{seconds:.6f}"
            await send(message)

        await self.inner(scope, receive, send_stamped)


# endregion: stamp


# region: guard
@shop.middleware("http")
async def refuse_scrapers(request, call_next):
    if "scraper" in request.headers.get("User-Agent", "").lower():
        return JSONResponse({"blocked": True}, 403)
    return await call_next(request)  # go on


# endregion: guard


# region: views
BOOKS = {1: "Dune", 2: "Emma", 3: "Ulysses"}
STOCK = {1: 3, 2: 0}  # a mistake: nobody counted book 3


class SoldOut(Exception):
    pass


@shop.exception_handler(SoldOut)
def sold_out(request, error):
    return JSONResponse({"error": "sold out"}, 409)


@shop.get("/books/{book_id:int}")
def show_book(book_id: int, request: Request):
    title = BOOKS.get(book_id)
    if not title:
        raise HTTPException(404)
    if STOCK[book_id] == 0:
        raise SoldOut
    request_id = request.state.request_id
    return {"id": book_id, "title": title, "request": request_id}


# endregion: views


# region: group
def keep_no_copy(response: Response):
    response.headers["Cache-Control"] = "no-store"


# A router has no middleware; it has dependencies.
staff = APIRouter(
    prefix="/staff", dependencies=[Depends(keep_no_copy)]
)


@staff.get("/stock/{book_id:int}")
def show_stock(book_id: int):
    if book_id not in STOCK:
        raise HTTPException(404)
    return {"stock": STOCK[book_id]}


shop.include_router(staff)
# endregion: group


# region: headers
PROTECTION = {
    "Content-Security-Policy": "default-src 'self'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Protect:
    def __init__(self, inner):
        self.inner = inner

    async def __call__(self, scope, receive, send):
        async def send_protected(message):
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in PROTECTION.items():
                    headers.setdefault(name, value)
                if scope["scheme"] == "https":
                    year = "max-age=31536000"
                    headers["Strict-Transport-Security"] = year
            await send(message)

        await self.inner(scope, receive, send_protected)


# endregion: headers

# region: hosts
shop.add_middleware(
    TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "testserver"]
)
# endregion: hosts

# region: cors
# Around the whole shop: what add_middleware adds stands inside
# of the layer that answers an unhandled error with a 500.
with_cors = CORSMiddleware(
    shop,
    allow_origins=["https://app.example"],
    allow_methods=["GET"],
    allow_headers=["X-Request-ID"],
    expose_headers=["X-Request-ID"],
    max_age=600,  # seconds that a browser remembers the answer
)
# endregion: cors

# region: around
app = Stamp(Protect(with_cors))
# endregion: around
