"""Responses in Flask: return a value, and Flask makes the response.

>>> from snippets.flask.response_handling import app
>>> shop = app.test_client()
>>> shop.get("/books/1").json["price"]
'9.90'
>>> shop.post("/theme", data={"theme": "dark"}).status
'303 SEE OTHER'
"""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from flask import Flask, Response, abort, redirect, request, url_for
from flask.json.provider import DefaultJSONProvider

from snippets.flask.response_handling_parts.download import download
from snippets.flask.response_handling_parts.streams import streams

app = Flask(__name__)
app.register_blueprint(streams)
app.register_blueprint(download)


# region: values
@app.get("/greeting")
def greeting():
    # A string alone would be HTML to Flask.
    return Response("Grüß Gott\n", mimetype="text/plain")


@app.get("/titles")
def titles():
    return ["Dune", "Emma"]  # a list or a dict is JSON


# endregion: values


# region: json
class ShopJSON(DefaultJSONProvider):
    ensure_ascii = False
    sort_keys = False

    def default(self, value):
        if isinstance(value, date):  # a datetime is one, too
            return value.isoformat().replace("+00:00", "Z")
        return super().default(value)

    def dumps(self, obj, **kwargs):
        # NaN is no JSON: better an error than a broken client.
        return super().dumps(obj, allow_nan=False, **kwargs)


app.json = ShopJSON(app)


@app.get("/books/1")
def show_book():
    return {
        "title": "Der Wüstenplanet",
        "id": UUID("0b5e4a52-61b5-4a5e-9c3e-2f3f6c0a9d11"),
        "price": Decimal("9.90"),
        "published": date(1965, 8, 1),
        "changed": datetime(2026, 11, 24, 9, 30, tzinfo=UTC),
    }


# endregion: json

ORDERS = {}  # what was ordered, by number


# region: status
@app.post("/orders")
def order():
    number = max(ORDERS, default=0) + 1
    ORDERS[number] = "Dune"
    headers = {"Location": url_for("show_order", number=number)}
    return {"number": number}, 201, headers


@app.get("/orders/<int:number>")
def show_order(number):
    return {"title": ORDERS.get(number) or abort(404)}


@app.delete("/orders/<int:number>")
def cancel(number):
    ORDERS.pop(number, None)
    return "", 204


# endregion: status


# region: redirects
# One slash, then no second one, no backslash, no blank, no control
# character: browsers read "/\evil.example" as another site, too.
LOCAL = re.compile(r"/(?!/)[^\\\x00-\x20]*")


def local(target):
    return target if LOCAL.fullmatch(target) else "/"


@app.get("/catalog")
def moved():
    return redirect(url_for("download.catalogue"), 308)


# endregion: redirects


# region: cookies
@app.post("/theme")
def choose_theme():
    theme = request.form.get("theme")
    if theme not in ("light", "dark"):
        abort(422)
    response = redirect(local(request.form.get("next", "/")), 303)
    response.set_cookie(
        "theme",
        theme,
        max_age=timedelta(days=365),
        secure=True,  # by HTTPS alone
        httponly=True,  # not for scripts
        samesite="Lax",  # not with requests from other sites
    )
    return response


@app.post("/theme/reset")
def forget_theme():
    response = redirect("/", 303)
    response.delete_cookie(
        "theme", secure=True, httponly=True, samesite="Lax"
    )
    return response


# endregion: cookies



# region: security
@app.after_request
def add_security_headers(response):
    # Else a browser may guess that a text is a page, and run it.
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    # No other site may show a page of ours in a frame.
    response.headers.setdefault("X-Frame-Options", "DENY")
    # Links to other sites do not say from where.
    response.headers.setdefault("Referrer-Policy", "same-origin")
    # A page of another site that opens ours gets no hold of it.
    response.headers.setdefault(
        "Cross-Origin-Opener-Policy", "same-origin"
    )
    return response


# endregion: security
