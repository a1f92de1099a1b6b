"""Templating in FastAPI: Jinja2Templates, with no token against CSRF.

>>> from fastapi.testclient import TestClient
>>> from snippets.fastapi.templating import app
>>> htmx = {"HX-Request": "true"}
>>> page = TestClient(app).get("/books?q=<b>", headers=htmx)
>>> print(page.text.strip())
<li>No title contains &lt;b&gt;.</li>
"""

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


# region: csrf
def same_origin(request: Request):
    """Refuse a form that the page of another site has sent."""
    if request.method in ("GET", "HEAD"):
        return
    site = request.headers.get("sec-fetch-site")
    if site is None:  # browsers leave it out over plain HTTP
        here = f"{request.url.scheme}://{request.url.netloc}"
        allowed = request.headers.get("origin") == here
    else:
        allowed = site == "same-origin"
    if not allowed:
        raise HTTPException(403, "Not sent from this site")


app = FastAPI(dependencies=[Depends(same_origin)])
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


# region: setup
templates = Jinja2Templates(
    Path(__file__).parent / "templating_files",
    context_processors=[theme],
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
    hx_request: Annotated[bool, Header()] = False,
):
    books = [book for book in BOOKS.values() if q in book["title"]]
    # htmx swaps in the rows; everybody else gets the page.
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
