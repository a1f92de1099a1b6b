"""Routing in Flask: a decorator binds a URL pattern to a view.

>>> from snippets.flask.routing import app
>>> app.test_client().get("/books/1").json
{'id': 1, 'title': 'Dune'}
"""

from datetime import date

from flask import Blueprint, Flask, abort, url_for
from werkzeug.routing import BaseConverter, ValidationError

app = Flask(__name__)

BOOKS = {1: "Dune", 2: "Emma"}


# region: collection
@app.get("/books/")
def list_books():
    return {"books": list(BOOKS.values())}


@app.post("/books/")
def add_book():
    return {"added": True}, 201
# endregion: collection


# region: path-parameters
@app.get("/books/<int:book_id>")
def show_book(book_id):
    if book_id not in BOOKS:
        abort(404)
    return {"id": book_id, "title": BOOKS[book_id]}
# endregion: path-parameters


# region: catch-all
@app.get("/covers/<path:file>")
def show_cover(file):
    return {"file": file}
# endregion: catch-all


# region: order
@app.get("/authors/<name>")
def show_author(name):
    return {"author": name}


@app.get("/authors/new")
def new_author():
    return {"form": "new author"}
# endregion: order


# region: converter
class DateConverter(BaseConverter):
    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValidationError from None

    def to_url(self, value):
        return value.isoformat()


app.url_map.converters["date"] = DateConverter


@app.get("/published/<date:day>")
def published(day):
    return {"weekday": day.strftime("%A")}
# endregion: converter


# region: groups
staff = Blueprint("staff", __name__, url_prefix="/staff")


@staff.get("/reports/<int:year>")
def report(year):
    return {"year": year}


shop = Blueprint("shop", __name__, url_prefix="/shop")
shop.register_blueprint(staff)
app.register_blueprint(shop)
# endregion: groups


# region: links
@app.get("/links")
def links():
    return {
        "book": url_for("show_book", book_id=1),
        "day": url_for("published", day=date(2026, 11, 22)),
        "report": url_for("shop.staff.report", year=2026),
        "search": url_for("list_books", q="a b"),
    }
# endregion: links
