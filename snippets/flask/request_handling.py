"""Reading requests in Flask: everything hangs on `request`.

>>> from snippets.flask.request_handling import app
>>> shop = app.test_client()
>>> shop.get("/search?q=dune&tag=sf&tag=epic").json
{'limit': 10, 'q': 'dune', 'tags': ['sf', 'epic']}
>>> shop.get("/search?limit=many").status
'422 UNPROCESSABLE ENTITY'
"""

import hashlib
from decimal import Decimal

from flask import Flask, request
from pydantic import BaseModel, Field, ValidationError
from werkzeug.exceptions import BadRequest

PNG = b"\x89PNG\r\n\x1a\n"
COVERS = {}

# region: limits
app = Flask(__name__)
app.config.update(
    MAX_CONTENT_LENGTH=20_000,  # bytes
    MAX_FORM_PARTS=3,  # fields and files together
)
# endregion: limits


# region: errors
@app.errorhandler(ValidationError)
def refuse_fields(invalid):
    errors = {}
    for error in invalid.errors():
        field = error["loc"][0] if error["loc"] else "body"
        errors.setdefault(field, []).append(error["msg"])
    return {"errors": errors}, 422


@app.errorhandler(413)
@app.errorhandler(415)
def refuse(error):
    return {"error": error.name.lower()}, error.code


# endregion: errors


# region: query
class Search(BaseModel):
    q: str = ""
    limit: int = Field(10, ge=1, le=50)
    tag: list[str] = []


@app.get("/search")
def search():
    tags = request.args.getlist("tag")
    wanted = Search.model_validate({**request.args, "tag": tags})
    return {"limit": wanted.limit, "q": wanted.q, "tags": wanted.tag}


# endregion: query


# region: json
class NewBook(BaseModel):
    title: str = Field(min_length=1)
    price: Decimal = Field(ge=0, max_digits=6, decimal_places=2)


@app.post("/books")
def add_book():
    try:
        data = request.get_json()
    except (BadRequest, RecursionError):  # "[[[[…" is no ValueError
        return {"error": "invalid json"}, 400
    return NewBook.model_validate(data).model_dump(), 201


# endregion: json


# region: form
class NewCustomer(BaseModel):
    name: str = Field(min_length=1, max_length=40)
    newsletter: bool = False


@app.post("/customers")
def add_customer():
    customer = NewCustomer.model_validate({**request.form})
    return customer.model_dump(), 201


# endregion: form


# region: headers
@app.get("/visit")
def visit():
    return {
        "address": request.remote_addr,
        "scheme": request.scheme,
        "theme": request.cookies.get("theme"),
        "trace": request.headers.get("X-Trace"),
    }


# endregion: headers


# region: file
@app.post("/covers")
def add_cover():
    cover = request.files.get("cover")
    data = cover.read() if cover else b""
    if not data.startswith(PNG):
        return {"errors": {"cover": ["A PNG file is needed."]}}, 422
    # The name on disk is ours: the client's is only a claim.
    stored = f"{hashlib.sha256(data).hexdigest()[:16]}.png"
    COVERS[stored] = data
    answer = {"sent": cover.filename, "size": len(data)}
    return {**answer, "stored": stored}, 201


# endregion: file


# region: files
@app.post("/scans")
def add_scans():
    scans = request.files.getlist("scans")
    if not scans:
        return {"errors": {"scans": ["A file is needed."]}}, 422
    return {"sizes": [len(scan.read()) for scan in scans]}


# endregion: files


# region: stream
@app.put("/stock")
def replace_stock():
    lines = 0
    while chunk := request.stream.read(4096):
        lines += chunk.count(b"\n")
    return {"lines": lines}


# endregion: stream
