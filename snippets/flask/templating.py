"""Templating in Flask: Jinja, with CSRF tokens from Flask-WTF.

>>> from snippets.flask.templating import app
>>> htmx = {"HX-Request": "true"}
>>> page = app.test_client().get("/books?q=<b>", headers=htmx)
>>> print(page.text.strip())
<li>No title contains &lt;b&gt;.</li>
"""

import secrets
from decimal import Decimal

from flask import (
    Flask,
    Response,
    abort,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_wtf import CSRFProtect
from markupsafe import Markup

# region: setup
# Without template_folder, Flask looks in templates/ beside this file.
app = Flask(__name__, template_folder="templating_files")
app.config.update(
    # Yours comes from the environment: all processes have to share it.
    SECRET_KEY=secrets.token_hex(),
    SESSION_COOKIE_SAMESITE="Lax",
)
CSRFProtect(app)  # looks at each POST, and gives templates csrf_token
# endregion: setup

BOOKS: dict[int, dict] = {
    1: {"id": 1, "title": "Dune", "price": Decimal("9.90")},
    2: {"id": 2, "title": "War & Peace", "price": Decimal("1250")},
}
REVIEWS = {1: ["Vast <script>alert(1)</script>"], 2: []}


def find_book(book_id):
    if book_id not in BOOKS:
        abort(404)
    return BOOKS[book_id]


# region: filters
@app.template_filter()
def price(amount):
    return f"{amount:,.2f} €"


@app.template_filter()
def mark(text, words):
    if not words:
        return text
    before, found, after = text.partition(words)
    # The tags are safe; whatever is filled in is escaped.
    return Markup("{}<mark>{}</mark>{}").format(before, found, after)


# endregion: filters


# region: context-processor
@app.context_processor
def theme():
    return {"theme": request.cookies.get("theme", "light")}


# endregion: context-processor


# region: fragment
@app.get("/books")
def list_books():
    q = request.args.get("q", "")
    books = [book for book in BOOKS.values() if q in book["title"]]
    # A script puts the rows in; everybody else gets the page.
    part = "rows" if request.headers.get("HX-Request") else "list"
    page = render_template(f"{part}.html", books=books, q=q)
    return page, {"Vary": "HX-Request"}


# endregion: fragment


# region: page
@app.get("/books/<int:book_id>")
def show_book(book_id):
    return render_template(
        "book.html",
        book=find_book(book_id),
        reviews=REVIEWS[book_id],
    )


# endregion: page


# region: form
@app.post("/books/<int:book_id>/reviews")
def add_review(book_id):
    book = find_book(book_id)
    if text := request.form.get("text"):
        REVIEWS[book_id].append(text)
        flash(f"Thank you for reviewing {book['title']}.")
    return redirect(url_for("show_book", book_id=book["id"]))


# endregion: form


# region: text
@app.get("/books/<int:book_id>/label")
def show_label(book_id):
    book = find_book(book_id)
    label = render_template("label.txt", book=book)
    return Response(label, mimetype="text/plain")


# endregion: text
