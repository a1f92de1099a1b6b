"""Responses in FastAPI: the return type says what goes back.

>>> from fastapi.testclient import TestClient
>>> from snippets.fastapi.response_handling import app
>>> shop = TestClient(app, follow_redirects=False)
>>> shop.get("/books/1").json()["price"]
'9.90'
>>> shop.post("/theme", data={"theme": "dark"}).status_code
303
"""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from fastapi import FastAPI, Form, HTTPException, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse
from pydantic import BaseModel
from starlette.datastructures import MutableHeaders

from snippets.fastapi.response_handling_parts.download import download
from snippets.fastapi.response_handling_parts.streams import streams

app = FastAPI()
app.include_router(streams)
app.include_router(download)


# region: values
@app.get("/greeting", response_class=PlainTextResponse)
def greeting():
    # Without the class above this would be JSON: "Grüß Gott\n".
    return "Grüß Gott\n"


@app.get("/titles")
def titles() -> list[str]:
    return ["Dune", "Emma"]


# endregion: values


# region: json
class Book(BaseModel):
    title: str
    id: UUID
    price: Decimal
    published: date
    changed: datetime


# The model writes the JSON, and drops what it does not name. Where
# a view returns a Book itself, "-> Book" is enough.
@app.get("/books/1", response_model=Book)
def show_book():
    return {
        "title": "Der Wüstenplanet",
        "id": UUID("0b5e4a52-61b5-4a5e-9c3e-2f3f6c0a9d11"),
        "price": Decimal("9.90"),
        "published": date(1965, 8, 1),
        "changed": datetime(2026, 11, 24, 9, 30, tzinfo=UTC),
        "supplier": "not for clients",
    }


# endregion: json

ORDERS = {}  # what was ordered, by number


# region: status
@app.post("/orders", status_code=201)
def order(request: Request, response: Response) -> dict[str, int]:
    number = max(ORDERS, default=0) + 1
    ORDERS[number] = "Dune"
    url = request.url_for("show_order", number=number)
    # What is set on this parameter joins the response to be made.
    response.headers["Location"] = url.path
    return {"number": number}


@app.get("/orders/{number}")
def show_order(number: int) -> dict[str, str]:
    if number not in ORDERS:
        raise HTTPException(404)
    return {"title": ORDERS[number]}


@app.delete("/orders/{number}", status_code=204)
def cancel(number: int) -> None:
    ORDERS.pop(number, None)


# endregion: status


# region: redirects
# One slash, then no second one, no backslash, no blank, no control
# character: browsers read "/\evil.example" as another site, too.
LOCAL = re.compile(r"/(?!/)[^\\\x00-\x20]*")


def local(target):
    return target if LOCAL.fullmatch(target) else "/"


@app.get("/catalog")
def moved(request: Request):
    return RedirectResponse(request.url_for("catalogue").path, 308)


# endregion: redirects


# region: cookies
@app.post("/theme")
def choose_theme(
    theme: Annotated[Literal["light", "dark"], Form()],
    target: Annotated[str, Form(alias="next")] = "/",
):
    response = RedirectResponse(local(target), 303)  # else a 307
    response.set_cookie(
        "theme",
        theme,
        max_age=365 * 24 * 60 * 60,  # seconds
        secure=True,  # by HTTPS alone
        httponly=True,  # not for scripts
        samesite="lax",  # not with requests from other sites
    )
    return response


@app.post("/theme/reset")
def forget_theme():
    response = RedirectResponse("/", 303)
    response.delete_cookie("theme", secure=True, httponly=True)
    return response


# endregion: cookies



# region: security
class SecurityHeaders:
    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        async def send_more(message):
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                # Else a browser may guess that a text is a page.
                headers.setdefault("X-Content-Type-Options", "nosniff")
                # No other site may show a page of ours in a frame.
                headers.setdefault("X-Frame-Options", "DENY")
                # Links to other sites do not say from where.
                headers.setdefault("Referrer-Policy", "same-origin")
                # A page of another site that opens ours gets no hold.
                headers.setdefault(
                    "Cross-Origin-Opener-Policy", "same-origin"
                )
            await send(message)

        await self.app(scope, receive, send_more)


app.add_middleware(SecurityHeaders)
# endregion: security
