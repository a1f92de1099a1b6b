"""Routing in FastAPI: a decorator binds method and path; types convert.

>>> from fastapi.testclient import TestClient
>>> from snippets.fastapi.routing import app
>>> TestClient(app).get("/books/1").json()
{'id': 1, 'title': 'Dune'}
"""

from datetime import date

from fastapi import APIRouter, FastAPI, HTTPException, Request

app = FastAPI()

BOOKS = {1: "Dune", 2: "Emma"}


# region: collection
@app.get("/books/")
def list_books():
    return {"books": list(BOOKS.values())}


@app.post("/books/", status_code=201)
def add_book():
    return {"added": True}
# endregion: collection


# region: path-parameters
@app.get("/books/{book_id}")
def show_book(book_id: int):
    if book_id not in BOOKS:
        raise HTTPException(404)
    return {"id": book_id, "title": BOOKS[book_id]}
# endregion: path-parameters


# region: catch-all
@app.get("/covers/{file:path}")
def show_cover(file: str):
    return {"file": file}
# endregion: catch-all


# region: order
# The first match wins, so the literal path comes first.
@app.get("/authors/new")
def new_author():
    return {"form": "new author"}


@app.get("/authors/{name}")
def show_author(name: str):
    return {"author": name}
# endregion: order


# region: converter
@app.get("/published/{day}")
def published(day: date):
    return {"weekday": day.strftime("%A")}
# endregion: converter


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
    day = date(2026, 11, 22)
    listing = request.url_for("list_books")
    search = listing.include_query_params(q="a b")
    return {
        "book": app.url_path_for("show_book", book_id=1),
        "day": app.url_path_for("published", day=day),
        "report": app.url_path_for("report", year=2026),
        "search": f"{search.path}?{search.query}",
    }
# endregion: links
