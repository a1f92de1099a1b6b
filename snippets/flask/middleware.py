"""Around every request in Flask: hooks of the application.

>>> from snippets.flask.middleware import app
>>> shop = app.test_client()
>>> shop.get("/nowhere", headers={"X-Request-ID": "ada-0001"}).headers[
...     "X-Request-ID"
... ]
'ada-0001'
>>> shop.get("/books/1", headers={"User-Agent": "Scraper/2"}).status
'403 FORBIDDEN'
"""

import re
import time
import uuid

from flask import Blueprint, Flask, abort, g, request
from flask_cors import CORS

app = Flask(__name__)

# region: stamp
GOOD_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


@app.before_request
def begin():
    g.began = time.perf_counter()  # g lasts as long as the request
    sent = request.headers.get("X-Request-ID", "")
    # A stranger's text, and it goes into headers and logs.
    good = GOOD_ID.fullmatch(sent)
    g.request_id = sent if good else uuid.uuid4().hex


@app.after_request
def stamp(response):
    seconds = time.perf_counter() - g.began
    response.headers["X-Request-ID"] = g.request_id
    response.headers["X-Process-Time"] = f"{seconds:.6f}"
    return response


# endregion: stamp


# region: guard
@app.before_request
def refuse_scrapers():
    if "scraper" in request.headers.get("User-Agent", "").lower():
        return {"blocked": True}, 403  # the view is not called
    return None  # go on


# endregion: guard


# region: views
BOOKS = {1: "Dune", 2: "Emma", 3: "Ulysses"}
STOCK = {1: 3, 2: 0}  # a mistake: nobody counted book 3


class SoldOut(Exception):
    pass


@app.errorhandler(SoldOut)
def sold_out(error):
    return {"error": "sold out"}, 409


@app.get("/books/<int:book_id>")
def show_book(book_id):
    title = BOOKS.get(book_id) or abort(404)
    if STOCK[book_id] == 0:
        raise SoldOut
    return {"id": book_id, "title": title, "request": g.request_id}


# endregion: views


# region: group
staff = Blueprint("staff", __name__, url_prefix="/staff")


@staff.after_request  # for the views of this blueprint
def keep_no_copy(response):
    response.headers["Cache-Control"] = "no-store"
    return response


@staff.get("/stock/<int:book_id>")
def show_stock(book_id):
    if book_id not in STOCK:
        abort(404)
    return {"stock": STOCK[book_id]}


app.register_blueprint(staff)
# endregion: group


# region: headers
PROTECTION = {
    "Content-Security-Policy": "default-src 'self'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@app.after_request
def protect(response):
    for name, value in PROTECTION.items():
        response.headers.setdefault(name, value)
    if request.is_secure:  # browsers ignore it over plain http
        year = "max-age=31536000"
        response.headers["Strict-Transport-Security"] = year
    return response


# endregion: headers

# region: cors
CORS(
    app,
    origins=["https://app.example"],
    methods=["GET"],
    allow_headers=["X-Request-ID"],
    expose_headers=["X-Request-ID"],
    max_age=600,  # seconds that a browser remembers the answer
)
# endregion: cors

# region: hosts
app.config["TRUSTED_HOSTS"] = ["127.0.0.1", "testserver"]
# endregion: hosts
