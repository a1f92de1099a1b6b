"""Reading requests in FastAPI: the signature says what is read.

>>> from fastapi.testclient import TestClient
>>> from snippets.fastapi.request_handling import app
>>> shop = TestClient(app)
>>> shop.get("/search?q=dune&tag=sf&tag=epic").json()
{'limit': 10, 'q': 'dune', 'tags': ['sf', 'epic']}
>>> shop.get("/search?limit=many").status_code
422
"""

import hashlib
from decimal import Decimal
from typing import Annotated

from fastapi import (
    Cookie,
    Depends,
    FastAPI,
    Form,
    Header,
    HTTPException,
    Query,
    Request,
    UploadFile,
)
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException as AnyHTTPException

PNG = b"\x89PNG\r\n\x1a\n"
COVERS = {}

# region: limits
app = FastAPI(
    max_body_size=20_000,  # bytes
    form_limits={"max_files": 3},
)
# endregion: limits


# region: errors
@app.exception_handler(RequestValidationError)
async def refuse_fields(request, invalid):
    errors = {}
    for error in invalid.errors():
        if error["type"] == "json_invalid":
            return JSONResponse({"error": "invalid json"}, 400)
        place, *path = error["loc"]
        # error["input"] stays here: it may be a password or NaN.
        field = path[0] if path else place
        errors.setdefault(field, []).append(error["msg"])
    return JSONResponse({"errors": errors}, 422)


@app.exception_handler(AnyHTTPException)
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
class NewBook(BaseModel):
    title: str = Field(min_length=1)
    price: Decimal = Field(ge=0, max_digits=6, decimal_places=2)


def only_json(content_type: Annotated[str, Header()] = ""):
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise HTTPException(415, "unsupported media type")


@app.post("/books", status_code=201, dependencies=[Depends(only_json)])
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


# region: file
@app.post("/covers", status_code=201)
async def add_cover(cover: UploadFile):
    data = await cover.read()
    if not data.startswith(PNG):
        errors = {"cover": ["A PNG file is needed."]}
        return JSONResponse({"errors": errors}, 422)
    # The name on disk is ours: the client's is only a claim.
    stored = f"{hashlib.sha256(data).hexdigest()[:16]}.png"
    COVERS[stored] = data
    answer = {"sent": cover.filename, "size": len(data)}
    return {**answer, "stored": stored}


# endregion: file


# region: files
@app.post("/scans")
def add_scans(scans: list[UploadFile]):
    return {"sizes": [scan.size for scan in scans]}


# endregion: files


# region: stream
@app.put("/stock")
async def replace_stock(request: Request):
    lines = 0
    async for chunk in request.stream():
        lines += chunk.count(b"\n")
    return {"lines": lines}


# endregion: stream
