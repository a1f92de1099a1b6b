"""Errors in FastAPI: each class of exception has a handler.

>>> from fastapi.testclient import TestClient
>>> from snippets.fastapi.error_handling import app
>>> shop = TestClient(app)
>>> shop.get("/books/nemo").json()["detail"]
'There is no book called nemo.'
>>> shop.get("/nowhere").headers["content-type"]
'application/problem+json'
"""

import json
import logging
from html import escape
from http import HTTPStatus
from typing import Annotated
from uuid import uuid4

from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException
from fastapi.exceptions import RequestValidationError
from fastapi.responses import (
    HTMLResponse,
    Response,
    StreamingResponse,
)
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException as AnyHTTPException

app = FastAPI()
logger = logging.getLogger(__name__)

STOCK = {"dune": 3, "emma": 0}
PRICES = {"dune": "12.50"}  # nobody has put a price on Emma
CUSTOMERS: dict[str, str] = {}  # by token; a login would add them
SUPPLIER = "amqp://shop:not-for-strangers@supplier"


# region: problem
def problem(status, detail="", **more):
    """An error as RFC 9457 describes it."""
    body = {
        "type": "about:blank",  # there is no more than the status
        "title": HTTPStatus(status).phrase,
        "status": status,
    }
    if detail:
        body["detail"] = detail
    return body | more
# endregion: problem


# region: answer
PROBLEM = "application/problem+json"
PAGE = (
    '<!doctype html><html lang="en"><title>{title}</title>'
    "<h1>{title}</h1><p>{detail}</p><small>{instance}</small>"
)


def answer(request, body, headers=None):
    """A page for who names HTML, JSON for everybody else."""
    headers = {**(headers or {}), "Vary": "Accept"}
    status = body["status"]
    # Starlette reads no weights, so this takes q=0.1 for a yes.
    if "text/html" not in request.headers.get("accept", ""):
        # A client can send "\ud800", which UTF-8 cannot write:
        # json.dumps escapes it, JSONResponse fails at it.
        return Response(json.dumps(body), status, headers, PROBLEM)
    # Escaped: the detail may repeat what a client sent.
    text = {"detail": "", "instance": ""} | body
    safe = {key: escape(str(value)) for key, value in text.items()}
    page = PAGE.format(**safe).encode(errors="replace")
    return HTMLResponse(page, status, headers)
# endregion: answer


# region: on-purpose
@app.get("/books/{book}")
def show_book(book: str):
    if book not in STOCK:
        raise HTTPException(404, f"There is no book called {book}.")
    return {"book": book, "stock": STOCK[book]}


Bearer = Annotated[
    HTTPAuthorizationCredentials | None,
    Depends(HTTPBearer(auto_error=False)),
]


@app.get("/account")
def show_account(sent: Bearer):
    if sent is None or sent.credentials not in CUSTOMERS:
        bearer = {"WWW-Authenticate": "Bearer"}
        raise HTTPException(401, "Log in first.", bearer)
    return {"customer": CUSTOMERS[sent.credentials]}
# endregion: on-purpose


# region: handlers
# Starlette's class, the parent of FastAPI's: the router raises it.
@app.exception_handler(AnyHTTPException)
async def refuse(request, error):
    detail = error.detail
    if detail == HTTPStatus(error.status_code).phrase:
        detail = ""  # the words of the title once more
    body = problem(error.status_code, detail)
    return answer(request, body, error.headers)
# endregion: handlers


# region: domain
class OutOfStock(Exception):
    """A rule of the shop. It knows nothing of HTTP."""

    def __init__(self, book, left):
        super().__init__(f"{book}: {left} left")
        self.book = book
        self.left = left


@app.exception_handler(OutOfStock)
async def refuse_sale(request, error):
    body = problem(
        409,
        f"Copies of {error.book} left: {error.left}.",
        type="https://shop.example/problems/out-of-stock",
        title="Out of stock",
        left=error.left,
    )
    return answer(request, body)


def sell(book, copies):
    if copies > STOCK[book]:
        raise OutOfStock(book, STOCK[book])
    STOCK[book] -= copies
# endregion: domain


# region: invalid
class Order(BaseModel):
    book: str
    copies: int = Field(ge=1, le=10)


def where(place, *keys):
    """A pointer into the body, or the name of another parameter."""
    if place == "body":
        return {"pointer": "/".join(["#", *map(str, keys)])}
    return {place: "/".join(map(str, keys))}  # "query": "page"


@app.exception_handler(RequestValidationError)
async def refuse_body(request, invalid):
    """What Pydantic found wrong, without repeating the input."""
    errors = invalid.errors()
    if errors[0]["type"] == "json_invalid":
        return answer(request, problem(400, "The body is not JSON."))
    found = [
        {"detail": error["msg"], **where(*error["loc"])}
        for error in errors
    ]
    return answer(request, problem(422, errors=found))


@app.post("/orders", status_code=201)
def place_order(order: Order) -> Order:
    if order.book not in STOCK:
        detail = f"There is no book called {order.book}."
        raise HTTPException(404, detail)
    sell(order.book, order.copies)
    return order
# endregion: invalid


# region: unexpected
def unexpected(error):
    """Log what happened; a stranger gets the number of the entry."""
    instance = uuid4().urn
    logger.error("Unexpected: %s", instance, exc_info=error)
    return problem(500, instance=instance)


# It runs outside of all middleware; the server gets the error, too.
@app.exception_handler(Exception)
async def apologise(request, error):
    return answer(request, unexpected(error))


@app.get("/deliveries")
def list_deliveries():
    # Nobody foresaw this, and its message holds a password.
    raise ConnectionError(f"{SUPPLIER} does not answer")
# endregion: unexpected


# region: stream
@app.get("/prices")
def export_prices():
    def lines():
        try:
            for book in STOCK:
                line = {"book": book, "price": PRICES[book]}
                yield json.dumps(line) + "\n"
        except Exception as error:
            # The status has gone: say it in the last line.
            yield json.dumps(unexpected(error)) + "\n"

    return StreamingResponse(lines(), media_type="application/jsonl")
# endregion: stream


# region: background
def remind(book):
    raise TimeoutError(f"no mail server for {book}")


def logged(work, *arguments):
    try:
        work(*arguments)
    except Exception as error:
        unexpected(error)


@app.post("/reminders/{book}", status_code=202)
def remind_later(book: str, later: BackgroundTasks):
    # One that raises would keep those behind it from running.
    later.add_task(logged, remind, book)
    return {"reminder": book}
# endregion: background
