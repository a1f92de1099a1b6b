"""Routing in FastAPI: a decorator binds method and path; types convert.

>>> from fastapi.testclient import TestClient
>>> from snippets.fastapi.routing import app
>>> TestClient(app).get("/books/1").json()
{'id': 1, 'title': 'Dune'}
"""

from datetime import date
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import (
    APIRouter,
    Depends,
    FastAPI,
    HTTPException,
    Path,
    Request,
)
from fastapi.responses import JSONResponse

app = FastAPI()

BOOKS = {1: "Dune", 2: "Emma"}
REVIEWS = {1: "A desert to get lost in."}
COVERS = {"dune/front.jpg", "dune/back.jpg"}


# region: path-parameters
# The path takes any text; `int` then converts it, or answers 422.
@app.get("/books/{book_id}")
def show_book(book_id: int):
    if book_id not in BOOKS:
        raise HTTPException(404)
    return {"id": book_id, "title": BOOKS[book_id]}
# endregion: path-parameters


# region: built-in
# `:uuid` is a converter, from Starlette: other text does not match.
@app.get("/orders/{order_id:uuid}")
def show_order(order_id: UUID):
    return {"order": order_id, "version": order_id.version}
# endregion: built-in


# region: collection
@app.get("/books/")
def list_books():
    return {"books": list(BOOKS.values())}


@app.post("/books/", status_code=201)
def add_book():
    return {"added": True}
# endregion: collection


# region: order
# The first match wins, so the literal path comes first.
@app.get("/authors/new")
def new_author():
    return {"form": "new author"}


@app.get("/authors/{name}")
def show_author(name: str):
    return {"author": name}
# endregion: order


# region: catch-all
@app.get("/covers/{file:path}")
def show_cover(file: str):
    # A stranger chose this text: look it up, join it to no folder.
    if file not in COVERS:
        return JSONResponse({"missing": file}, 404)
    return {"cover": file}
# endregion: catch-all


# region: groups
staff = APIRouter(prefix="/staff")


@staff.get("/reports/{year}")
def report(year: int):
    return {"year": year}


shop = APIRouter(prefix="/shop")
shop.include_router(staff)
app.include_router(shop)
# endregion: groups


# region: links
@app.get("/links")
def links(request: Request):
    link = request.url_for  # an absolute URL; `.path` is its path
    # Starlette puts text into the path as it is: quote it yourself.
    herbert = quote("Frank Herbert")
    search = link("list_books").include_query_params(q="a b")
    return {
        "book": link("show_book", book_id=1).path,
        "author": link("show_author", name=herbert).path,
        "report": link("report", year=2026).path,
        "search": f"{search.path}?{search.query}",
    }
# endregion: links


# region: classes
# FastAPI has no class for this: what views share is a dependency.
def find_review(review_id: int):
    if review_id not in REVIEWS:
        raise HTTPException(404)
    return {"id": review_id, "text": REVIEWS[review_id]}


Review = Annotated[dict, Depends(find_review)]


@app.get("/reviews/{review_id}")
def show_review(review: Review):
    return review


@app.delete("/reviews/{review_id}", status_code=204)
def delete_review(review: Review):
    del REVIEWS[review["id"]]
# endregion: classes


# region: pattern
ISBN = Annotated[str, Path(pattern="^97[89][0-9]{10}$")]


@app.get("/isbn/{isbn}")
def show_isbn(isbn: ISBN):
    return {"isbn": isbn}
# endregion: pattern


# region: converter
@app.get("/published/{day}")
def published(day: date, request: Request):
    return {
        "weekday": day.strftime("%A"),
        "link": request.url_for("published", day=day).path,
    }
# endregion: converter
