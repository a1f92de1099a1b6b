"""A page of a list in FastAPI: types say the rules of your API.

>>> from fastapi.testclient import TestClient
>>> from snippets.fastapi.philosophy import app
>>> shop = TestClient(app)
>>> shop.get("/books?page=13&size=2").json()
{'page': 13, 'size': 2, 'total': 25, 'items': ['Book 25']}
>>> shop.get("/books?page=0").json()
{'errors': {'page': ['Input should be greater than or equal to 1']}}
"""

from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

app = FastAPI()

BOOKS = [f"Book {number}" for number in range(1, 26)]
STOCK = {"Book 1": 5, "Book 2": 4}
EVENTS = []  # what a warehouse notes, for the tests of this book


# region: check
class Page(BaseModel):
    page: int = Field(1, ge=1)
    size: int = Field(10, ge=1, le=100)


@app.exception_handler(RequestValidationError)
async def refuse(request, refused):
    errors = {}
    for error in refused.errors():
        field = error["loc"][-1]  # of ("query", "page")
        errors.setdefault(field, []).append(error["msg"])
    return JSONResponse({"errors": errors}, 422)
# endregion: check


# region: page
@app.get("/books")
def list_books(wanted: Annotated[Page, Query()]):
    first = (wanted.page - 1) * wanted.size
    items = BOOKS[first : first + wanted.size]
    if wanted.page > 1 and not items:
        raise HTTPException(404)  # FastAPI answers in JSON
    return {
        "page": wanted.page,
        "size": wanted.size,
        "total": len(BOOKS),
        "items": items,
    }
# endregion: page


# region: request
def language(request: Request):
    return request.headers.get("Accept-Language", "en")[:2]


# The type says what to hand over: without it, `request` would be
# looked for in the query.
@app.get("/welcome")
def welcome(request: Request):
    return {"language": language(request)}
# endregion: request


class Warehouse:
    """In place of a connection, which is to be closed after use."""

    def __init__(self):
        EVENTS.append("open")

    def count(self, title):
        return STOCK.get(title, 0)

    def close(self):
        EVENTS.append("close")


# region: needs
def open_warehouse():
    warehouse = Warehouse()
    try:
        yield warehouse  # as long as the request lasts
    finally:
        warehouse.close()


Connected = Annotated[Warehouse, Depends(open_warehouse)]


# Both ask for the warehouse; FastAPI opens one and gives it to both.
def is_scarce(title: str, warehouse: Connected):
    return warehouse.count(title) < 5


@app.get("/stock/{title}")
def show_stock(
    title: str,
    warehouse: Connected,
    scarce: Annotated[bool, Depends(is_scarce)],
):
    if title not in BOOKS:
        raise HTTPException(404)
    return {"stock": warehouse.count(title), "scarce": scarce}
# endregion: needs
