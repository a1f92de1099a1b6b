"""TITLE in Flask: say the essence in one sentence.

>>> from snippets.flask.TOPIC import app
>>> app.test_client().get("/books/1").json
{'id': 1, 'title': 'Dune'}
"""

from flask import Flask

app = Flask(__name__)


# region: first-region
@app.get("/books/<int:book_id>")
def show_book(book_id):
    return {"id": book_id, "title": "Dune"}
# endregion: first-region
