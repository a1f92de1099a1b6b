"""A bookshop in one file, with Flask.

>>> from snippets.flask.project_structure import app
>>> app.test_client().get("/books/1").json
{'id': 1, 'title': 'Dune'}
"""

# region: one-file
from flask import Flask, abort

TITLES = {1: "Dune", 2: "Emma"}

app = Flask(__name__)


@app.get("/books/<int:book_id>")
def show_book(book_id):
    if book_id not in TITLES:
        abort(404)
    return {"id": book_id, "title": TITLES[book_id]}
# endregion: one-file
