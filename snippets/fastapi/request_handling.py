"""Reading requests in FastAPI: the signature says what is read.

>>> from fastapi.testclient import TestClient
>>> from snippets.fastapi.request_handling import app
>>> shop = TestClient(app)
>>> shop.get("/search?q=dune&tag=sf&tag=epic").json()
{'limit': 10, 'q': 'dune', 'tags': ['sf', 'epic']}
>>> shop.get("/search?limit=many").status_code
422
"""

from decimal import Decimal
from typing import Annotated

from fastapi import Cookie, FastAPI, Form, Header, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

# region: limits
app = FastAPI(max_body_size=20_000)  # bytes, by default
# endregion: limits


# region: errors
@app.exception_handler(RequestValidationError)
async def refuse_fields(request, invalid):
    errors = {}
    for error in invalid.errors():
        if error["type"] == "json_invalid":
            return JSONResponse({"error": "invalid json"}, 400)
        place, *path = error["loc"]  # "query", "limit"
        field = ".".join(map(str, path)) or place
        # error["input"] stays here: it may be a password or NaN.
        errors.setdefault(field, []).append(error["msg"])
    return JSONResponse({"errors": errors}, 422)


# Starlette's class: FastAPI's own is one of its children.
@app.exception_handler(HTTPException)
async def refuse(request, exc):
    answer = {"error": exc.detail}
    return JSONResponse(answer, exc.status_code, exc.headers)


# endregion: errors


# region: query
class Search(BaseModel):
    q: str = ""
    limit: int = Field(10, ge=1, le=50)
    tag: list[str] = []


@app.get("/search")
def search(wanted: Annotated[Search, Query()]):
    return {"limit": wanted.limit, "q": wanted.q, "tags": wanted.tag}


# endregion: query


# region: json
class Author(BaseModel):
    name: str = Field(min_length=1)


class NewBook(BaseModel):
    title: str = Field(min_length=1)
    price: Decimal = Field(ge=0, max_digits=6, decimal_places=2)
    authors: list[Author] = []


# A model without Query() or Form() is the JSON body.
@app.post("/books", status_code=201)
def add_book(book: NewBook) -> NewBook:
    return book


# endregion: json


# region: form
class NewCustomer(BaseModel):
    name: str = Field(max_length=40)  # an empty one is missing
    newsletter: bool = False


@app.post("/customers", status_code=201)
def add_customer(
    customer: Annotated[NewCustomer, Form()],
) -> NewCustomer:
    return customer


# endregion: form


# region: headers
@app.get("/visit")
def visit(
    request: Request,
    x_trace: Annotated[str | None, Header()] = None,
    theme: Annotated[str | None, Cookie()] = None,
):
    return {
        # Behind a Unix socket there is no client address.
        "address": request.client.host if request.client else None,
        "scheme": request.url.scheme,
        "theme": theme,
        "trace": x_trace,
    }


# endregion: headers


# region: stream
@app.put("/stock")
async def replace_stock(request: Request):
    lines = 0
    async for chunk in request.stream():
        lines += chunk.count(b"\n")
    return {"lines": lines}


# endregion: stream
