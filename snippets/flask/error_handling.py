"""Errors in Flask: each class of exception has a handler.

>>> from snippets.flask.error_handling import app
>>> shop = app.test_client()
>>> shop.get("/books/nemo").json["detail"]
'There is no book called nemo.'
>>> shop.get("/nowhere").content_type
'application/problem+json'
"""

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from uuid import uuid4

from flask import Flask, Response, abort, request
from markupsafe import Markup
from pydantic import BaseModel, Field, ValidationError
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import HTTPException, InternalServerError

app = Flask(__name__)
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
PAGE = Markup(
    '<!doctype html><html lang="en"><title>{title}</title>'
    "<h1>{title}</h1><p>{detail}</p><small>{instance}</small>"
)


def answer(body, headers=None):
    """A page for who prefers HTML, JSON for everybody else."""
    # Who wants JSON takes a problem, too.
    kinds = [PROBLEM, "application/json", "text/html"]
    kind = request.accept_mimetypes.best_match(kinds)
    text = json.dumps(body)
    if kind == "text/html":
        # Markup escapes: the detail may repeat what a client sent.
        text = PAGE.format(**{"detail": "", "instance": ""} | body)
    else:
        kind = PROBLEM
    response = Response(text, body["status"], headers, mimetype=kind)
    response.vary.add("Accept")
    return response
# endregion: answer


# region: on-purpose
@app.get("/books/<book>")
def show_book(book):
    if book not in STOCK:
        abort(404, f"There is no book called {book}.")
    return {"book": book, "stock": STOCK[book]}


@app.get("/account")
def show_account():
    sent = request.authorization
    token = sent.token if sent and sent.type == "bearer" else None
    if token not in CUSTOMERS:
        bearer = WWWAuthenticate("bearer")
        abort(401, "Log in first.", www_authenticate=bearer)
    return {"customer": CUSTOMERS[token]}
# endregion: on-purpose


# region: handlers
# abort() raises a subclass of this, and so does Flask itself.
@app.errorhandler(HTTPException)
def refuse(error):
    detail = error.description
    if detail == type(error).description:  # words of Werkzeug's own
        detail = ""
    # Allow, WWW-Authenticate; answer() sets its own Content-Type.
    return answer(problem(error.code, detail), error.get_headers())
# endregion: handlers


# region: domain
class OutOfStock(Exception):
    """A rule of the shop. It knows nothing of HTTP."""

    def __init__(self, book, left):
        super().__init__(f"{book}: {left} left")
        self.book = book
        self.left = left


@app.errorhandler(OutOfStock)
def refuse_sale(error):
    body = problem(
        409,
        f"Copies of {error.book} left: {error.left}.",
        type="https://shop.example/problems/out-of-stock",
        title="Out of stock",
        left=error.left,
    )
    return answer(body)


def sell(book, copies):
    if copies > STOCK[book]:
        raise OutOfStock(book, STOCK[book])
    STOCK[book] -= copies
# endregion: domain


# region: invalid
class Order(BaseModel):
    book: str
    copies: int = Field(ge=1, le=10)


def refuse_body(errors):
    """What Pydantic found wrong, without repeating the input."""
    if errors[0]["type"] == "json_invalid":
        return problem(400, "The body is not JSON.")
    found = [
        {
            "detail": error["msg"],
            "pointer": "/".join(["#", *map(str, error["loc"])]),
        }
        for error in errors
    ]
    return problem(422, errors=found)


@app.post("/orders")
def place_order():
    if not request.is_json:
        abort(415)
    try:
        order = Order.model_validate_json(request.get_data())
    except ValidationError as invalid:
        # abort() takes a whole response, too.
        abort(answer(refuse_body(invalid.errors())))
    if order.book not in STOCK:
        abort(404, f"There is no book called {order.book}.")
    sell(order.book, order.copies)
    return order.model_dump(), 201
# endregion: invalid


# region: unexpected
def unexpected(error):
    """Log what happened; a stranger gets the number of the entry."""
    instance = uuid4().urn
    logger.error("Unexpected: %s", instance, exc_info=error)
    return problem(500, instance=instance)


# Flask has put what was raised into an InternalServerError.
@app.errorhandler(InternalServerError)
def apologise(error):
    return answer(unexpected(error.original_exception or error))


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

    return Response(lines(), mimetype="application/jsonl")
# endregion: stream


# region: background
workers = ThreadPoolExecutor(2)


def remind(book):
    raise TimeoutError(f"no mail server for {book}")


def log_failure(future):
    if error := future.exception():
        unexpected(error)


@app.post("/reminders/<book>")
def remind_later(book):
    # A future keeps its exception to itself unless someone asks.
    workers.submit(remind, book).add_done_callback(log_failure)
    return {"reminder": book}, 202
# endregion: background
