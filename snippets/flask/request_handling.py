"""Reading requests in Flask: everything hangs on `request`.

>>> from snippets.flask.request_handling import app
>>> shop = app.test_client()
>>> shop.get("/search?q=dune&tag=sf&tag=epic").json
{'limit': 10, 'q': 'dune', 'tags': ['sf', 'epic']}
>>> shop.get("/search?limit=many").status
'422 UNPROCESSABLE ENTITY'
"""

from decimal import Decimal

from flask import Flask, request
from pydantic import BaseModel, Field, ValidationError
from werkzeug.exceptions import BadRequest

# region: limits
app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 20_000  # bytes, by default
# endregion: limits


# region: errors
class Refused(Exception):
    """What a client sent breaks a rule: messages by field."""

    def __init__(self, errors):
        self.errors = errors


def check(model, data):
    """Fill the model with what a client sent."""
    try:
        return model.model_validate(data)
    except ValidationError as invalid:
        errors = {}
        for error in invalid.errors():
            field = ".".join(map(str, error["loc"])) or "body"
            errors.setdefault(field, []).append(error["msg"])
        raise Refused(errors) from None


# Not for ValidationError itself: that may also be a fault of ours.
@app.errorhandler(Refused)
def refuse_fields(refused):
    return {"errors": refused.errors}, 422


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
    sent = request.args.to_dict()  # the first value of each name
    tags = request.args.getlist("tag")  # all of this one
    wanted = check(Search, {**sent, "tag": tags})
    return {"limit": wanted.limit, "q": wanted.q, "tags": wanted.tag}


# endregion: query


# region: json
class Author(BaseModel):
    name: str = Field(min_length=1)


class NewBook(BaseModel):
    title: str = Field(min_length=1)
    price: Decimal = Field(ge=0, max_digits=6, decimal_places=2)
    authors: list[Author] = []


@app.post("/books")
def add_book():
    try:
        data = request.get_json()  # another media type: 415
    except (BadRequest, RecursionError):  # "[[[[…": too deep
        return {"error": "invalid json"}, 400
    return check(NewBook, data).model_dump(), 201


# endregion: json


# region: form
class NewCustomer(BaseModel):
    name: str = Field(min_length=1, max_length=40)
    newsletter: bool = False


@app.post("/customers")
def add_customer():
    customer = check(NewCustomer, request.form.to_dict())
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


# region: stream
@app.put("/stock")
def replace_stock():
    lines = 0
    while chunk := request.stream.read(4096):
        lines += chunk.count(b"\n")
    return {"lines": lines}


# endregion: stream
