"""Everything about books. It imports no application."""

from flask import (
    Blueprint,
    abort,
    current_app,
    render_template,
    session,
)

# region: group
# Its templates lie in the folder beside this file.
bp = Blueprint("books", __name__, template_folder="templates")


@bp.get("/books")
def list_books():
    # `current_app` is the shop that answers this request.
    warehouse = current_app.extensions["warehouse"]
    titles = warehouse.titles(current_app.config["PAGE_SIZE"])
    return render_template("books/list.html", titles=titles)


@bp.get("/books/<int:book_id>")
def show_book(book_id):
    title = current_app.extensions["warehouse"].title(book_id)
    if title is None:
        abort(404)
    session["last"] = book_id  # in a cookie, signed with the key
    return {"id": book_id, "title": title}


@bp.get("/last")
def show_last():
    return {"last": session.get("last")}


@bp.get("/about")
def about():
    config = current_app.config
    return {
        "debug": config["DEBUG"],
        "page_size": config["PAGE_SIZE"],
    }
# endregion: group
