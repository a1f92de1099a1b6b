"""Templating in FastAPI: Jinja2Templates, and CSRF without a token.

>>> from fastapi.testclient import TestClient
>>> from snippets.fastapi.templating import app
>>> htmx = {"HX-Request": "true"}
>>> page = TestClient(app).get("/books?q=<b>", headers=htmx)
>>> print(page.text.strip())
<li>No title contains &lt;b&gt;.</li>
"""

import secrets
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from fastapi import (
    Depends,
    FastAPI,
    Form,
    Header,
    HTTPException,
    Request,
)
from fastapi.responses import (
    HTMLResponse,
    PlainTextResponse,
    RedirectResponse,
)
from fastapi.templating import Jinja2Templates
from markupsafe import Markup
from starlette.middleware.sessions import SessionMiddleware

app = FastAPI()


# region: csrf
@app.middleware("http")
async def same_origin(request: Request, call_next):
    """Refuse a form that the page of another site has sent."""
    # These change nothing, so a link from anywhere may ask for them.
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        site = request.headers.get("sec-fetch-site")
        if site is None:  # over plain HTTP browsers may leave it out
            here = f"{request.url.scheme}://{request.url.netloc}"
            trusted = request.headers.get("origin") == here
        else:  # "none" is the user's own doing, and no page's
            trusted = site in ("same-origin", "none")
        if not trusted:
            return PlainTextResponse("Not sent from this site", 403)
    return await call_next(request)


# endregion: csrf

BOOKS: dict[int, dict] = {
    1: {"id": 1, "title": "Dune", "price": Decimal("9.90")},
    2: {"id": 2, "title": "War & Peace", "price": Decimal("1250")},
}
REVIEWS = {1: ["Vast <script>alert(1)</script>"], 2: []}


def find_book(book_id: int):
    if book_id not in BOOKS:
        raise HTTPException(404)
    return BOOKS[book_id]


Book = Annotated[dict, Depends(find_book)]


# region: context-processor
def theme(request: Request):
    return {"theme": request.cookies.get("theme", "light")}


# endregion: context-processor


# region: flash
# Yours comes from the environment: all processes have to share it.
app.add_middleware(SessionMiddleware, secret_key=secrets.token_hex())


def flash(request: Request, message: str):
    # A new list: the session does not see what changes inside one.
    waiting = request.session.get("messages", [])
    request.session["messages"] = [*waiting, message]


def messages(request: Request):
    def get_flashed_messages():
        return request.session.pop("messages", [])

    return {"get_flashed_messages": get_flashed_messages}


# endregion: flash


# region: setup
templates = Jinja2Templates(
    Path(__file__).parent / "templating_files",
    context_processors=[theme, messages],
)
# endregion: setup


# region: filters
def price(amount):
    return f"{amount:,.2f} €"


def mark(text, words):
    if not words:
        return text
    before, found, after = text.partition(words)
    # The tags are safe; whatever is filled in is escaped.
    return Markup("{}<mark>{}</mark>{}").format(before, found, after)


templates.env.filters.update(price=price, mark=mark)
# endregion: filters


# region: fragment
@app.get("/books", response_class=HTMLResponse)
def list_books(
    request: Request,
    q: str = "",
    hx_request: Annotated[str, Header()] = "",
):
    books = [book for book in BOOKS.values() if q in book["title"]]
    # A script puts the rows in; everybody else gets the page.
    part = "rows" if hx_request else "list"
    return templates.TemplateResponse(
        request,
        f"{part}.html",
        {"books": books, "q": q},
        headers={"Vary": "HX-Request"},
    )


# endregion: fragment


# region: page
@app.get("/books/{book_id}", response_class=HTMLResponse)
def show_book(request: Request, book: Book):
    return templates.TemplateResponse(
        request,
        "book.html",
        {"book": book, "reviews": REVIEWS[book["id"]]},
    )


# endregion: page


# region: form
@app.post("/books/{book_id}/reviews")
def add_review(
    request: Request,
    book: Book,
    text: Annotated[str, Form()] = "",
):
    if text:
        REVIEWS[book["id"]].append(text)
        flash(request, f"Thank you for reviewing {book['title']}.")
    url = request.url_for("show_book", book_id=book["id"])
    return RedirectResponse(url.path, status_code=303)


# endregion: form


# region: text
@app.get("/books/{book_id}/label", response_class=PlainTextResponse)
def show_label(request: Request, book: Book):
    return templates.TemplateResponse(
        request,
        "label.txt",
        {"book": book},
        media_type="text/plain",
    )


# endregion: text
