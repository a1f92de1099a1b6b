"""A page of a list in Flask, where each rule of your API is your code.

>>> from snippets.flask.philosophy import app
>>> shop = app.test_client()
>>> shop.get("/books?page=13&size=2").json
{'items': ['Book 25'], 'page': 13, 'size': 2, 'total': 25}
>>> shop.get("/books?page=0").json
{'errors': {'page': ['must be 1 or more']}}
"""

from flask import Flask, abort, g, request

app = Flask(__name__)

BOOKS = [f"Book {number}" for number in range(1, 26)]
STOCK = {"Book 1": 5, "Book 2": 4}
EVENTS = []  # what a warehouse notes, for the tests of this book


# region: check
def whole_number(name, usual, errors, most=None):
    """A number from the query; what is wrong goes to errors."""
    number = request.args.get(name, usual)  # what was sent is text
    try:
        number = int(number)
    except ValueError:
        errors[name] = ["must be a whole number"]
    else:
        if number < 1:
            errors[name] = ["must be 1 or more"]
        elif most is not None and number > most:
            errors[name] = [f"must be {most} or less"]
    return number
# endregion: check


# region: page
@app.get("/books")
def list_books():
    errors = {}
    page = whole_number("page", 1, errors)
    size = whole_number("size", 10, errors, most=100)
    if errors:
        return {"errors": errors}, 422
    first = (page - 1) * size
    items = BOOKS[first : first + size]
    if page > 1 and not items:
        abort(404)  # it raises, and Flask answers in HTML
    return {
        "page": page,
        "size": size,
        "total": len(BOOKS),
        "items": items,
    }
# endregion: page


# region: request
def language():
    # `request` is imported: in each request it stands for that one.
    return request.headers.get("Accept-Language", "en")[:2]


@app.get("/welcome")
def welcome():
    return {"language": language()}
# endregion: request


# region: warehouse
class Warehouse:
    """In place of a connection, which is to be closed after use."""

    def __init__(self):
        EVENTS.append("open")

    def count(self, title):
        return STOCK.get(title, 0)

    def close(self):
        EVENTS.append("close")
# endregion: warehouse


# region: needs
def warehouse():
    """The one connection of this request, opened when first asked."""
    if "warehouse" not in g:
        g.warehouse = Warehouse()
    return g.warehouse


@app.teardown_appcontext
def close_warehouse(error):
    if "warehouse" in g:
        g.pop("warehouse").close()


def is_scarce(title):
    return warehouse().count(title) < 5


@app.get("/stock/<title>")
def show_stock(title):
    if title not in BOOKS:
        abort(404)
    return {
        "stock": warehouse().count(title),
        "scarce": is_scarce(title),
    }
# endregion: needs
