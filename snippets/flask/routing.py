"""Routing in Flask: a decorator binds a URL pattern to a view.

>>> from snippets.flask.routing import app
>>> app.test_client().get("/books/1").json
{'id': 1, 'title': 'Dune'}
"""

from datetime import date

from flask import Blueprint, Flask, abort, url_for
from flask.views import MethodView
from werkzeug.routing import BaseConverter, ValidationError

app = Flask(__name__)

BOOKS = {1: "Dune", 2: "Emma"}
REVIEWS = {1: "A desert to get lost in."}
COVERS = {"dune/front.jpg", "dune/back.jpg"}


# region: path-parameters
# `int:` takes digits alone: /books/dune does not match this rule.
@app.get("/books/<int:book_id>")
def show_book(book_id):
    if book_id not in BOOKS:
        abort(404)
    return {"id": book_id, "title": BOOKS[book_id]}
# endregion: path-parameters


# region: built-in
@app.get("/orders/<uuid:order_id>")
def show_order(order_id):  # a uuid.UUID, not a str
    return {"order": order_id, "version": order_id.version}
# endregion: built-in


# region: collection
@app.get("/books/")
def list_books():
    return {"books": list(BOOKS.values())}


@app.post("/books/")
def add_book():
    return {"added": True}, 201
# endregion: collection


# region: order
@app.get("/authors/<name>")
def show_author(name):
    return {"author": name}


# Written second, found first: Flask sorts its rules.
@app.get("/authors/new")
def new_author():
    return {"form": "new author"}
# endregion: order


# region: catch-all
@app.get("/covers/<path:file>")
def show_cover(file):
    # A stranger chose this text: look it up, join it to no folder.
    if file not in COVERS:
        return {"missing": file}, 404
    return {"cover": file}
# endregion: catch-all


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
        "author": url_for("show_author", name="Frank Herbert"),
        "report": url_for("shop.staff.report", year=2026),
        # What the rule does not name becomes the query.
        "search": url_for("list_books", q="a b"),
    }
# endregion: links


# region: classes
class ReviewView(MethodView):
    def get(self, review_id):
        return {"id": review_id, "text": self.find(review_id)}

    def delete(self, review_id):
        self.find(review_id)
        del REVIEWS[review_id]
        return "", 204

    def find(self, review_id):
        if review_id not in REVIEWS:
            abort(404)
        return REVIEWS[review_id]


app.add_url_rule(
    "/reviews/<int:review_id>",
    view_func=ReviewView.as_view("review"),
)
# endregion: classes


# region: pattern
class ISBNConverter(BaseConverter):
    regex = "97[89][0-9]{10}"


app.url_map.converters["isbn"] = ISBNConverter


@app.get("/isbn/<isbn:isbn>")
def show_isbn(isbn):
    return {"isbn": isbn}
# endregion: pattern


# region: converter
class DateConverter(BaseConverter):
    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValidationError from None  # no match

    def to_url(self, value):
        return value.isoformat()


app.url_map.converters["date"] = DateConverter


@app.get("/published/<date:day>")
def published(day):
    link = url_for("published", day=day)
    return {"weekday": day.strftime("%A"), "link": link}
# endregion: converter
