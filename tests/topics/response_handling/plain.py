"""A second application in each framework: nothing is configured, and views return what they have."""

import asyncio
import datetime as dt
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from django.core.handlers.asgi import ASGIRequest
from django.http import FileResponse as DjangoFileResponse
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect as django_redirect
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from fastapi import FastAPI
from fastapi import Response as FastAPIResponse
from fastapi.responses import FileResponse, RedirectResponse, StreamingResponse
from flask import Flask, Response, redirect, send_file

FILE = Path(__file__)
INJECTED = "Dune\r\nSet-Cookie: admin=1"
MOMENT = dt.datetime(2026, 11, 24, 9, 30, 0, 123456)


@dataclass
class Book:
    title: str


def values():
    """What a view returns as it is, by name; made anew, as a generator can be read once."""
    return {
        "text": "Dune",
        "bytes": b"Dune",
        "dict": {"title": "Dune", "id": 1},
        "list": ["Dune", "Emma"],
        "tuple": ({"title": "Dune"}, 201),
        "nothing": None,
        "number": 5,
        "dataclass": Book("Dune"),
        "generator": (title for title in ("Dune", "Emma")),
    }


INSIDE = {
    "aware": MOMENT.replace(tzinfo=dt.UTC),
    "naive": MOMENT,
    "date": MOMENT.date(),
    "time": dt.time(9, 30),
    "timedelta": dt.timedelta(hours=1, seconds=5),
    "decimal": Decimal("1.10"),
    "set": {1},
    "bytes": b"Dune",
    "nan": float("nan"),
    "accent": "Café",
    "dataclass": Book("Dune"),
    "keys": {"b": 1, "a": 2},
    "mixed": {"b": 1, 2: "a"},
}
"""What is the value of a key in a dict that becomes JSON, by name."""


# A stream that waits in the middle until somebody says `go`, and is noted while it runs.

OPEN: list[str] = []
GO = threading.Event()


@contextmanager
def noted() -> Iterator[None]:
    OPEN.append("stream")
    try:
        yield
    finally:
        OPEN.remove("stream")


def waiting() -> Iterator[str]:
    with noted():
        yield "first\n"
        GO.wait(60)
        while True:
            yield "more\n" * 1000


async def waiting_async() -> AsyncIterator[str]:
    with noted():
        yield "first\n"
        while not GO.is_set():
            await asyncio.sleep(0.01)
        while True:
            yield "more\n" * 1000


HELD = 5
"""Seconds."""


def holding() -> Iterator[str]:
    yield "first\n"
    time.sleep(HELD)
    yield "last\n"


async def holding_async() -> AsyncIterator[str]:
    yield "first\n"
    await asyncio.sleep(HELD)
    yield "last\n"


MADE: list[int] = []
"""The numbers of the lines that have been made."""


def lines() -> Iterator[str]:
    for number in range(1000):
        MADE.append(number)
        yield f"{number}\n"


async def lines_async() -> AsyncIterator[str]:
    for line in lines():
        yield line


def broken() -> Iterator[str]:
    yield "first\n"
    raise RuntimeError("broken in the middle")


async def broken_async() -> AsyncIterator[str]:
    for piece in broken():
        yield piece


# Flask

flask_app = Flask("plain")


@flask_app.get("/value/<name>")
def flask_value(name):
    return values()[name]


@flask_app.get("/json/<name>")
def flask_json(name):
    return {"value": INSIDE[name]}


@flask_app.post("/redirect")
def flask_redirect():
    return redirect("/done")


@flask_app.get("/cookie/<value>")
def flask_cookie(value):
    response = Response()
    response.set_cookie("name", value)
    return response


@flask_app.get("/header")
def flask_header():
    return "", {"X-Title": INJECTED}


@flask_app.get("/euro")
def flask_euro():
    return "", {"X-Price": "9 €"}


@flask_app.get("/empty")
def flask_empty():
    return "", 204


@flask_app.get("/file")
def flask_file():
    return send_file(FILE)


@flask_app.get("/stream")
def flask_stream():
    return Response(iter(["Dune"]), mimetype="text/plain")


@flask_app.get("/broken")
def flask_broken():
    return Response(broken())


@flask_app.get("/waiting")
def flask_waiting():
    return Response(waiting())


@flask_app.get("/holding")
def flask_holding():
    return Response(holding())


@flask_app.get("/lines")
def flask_lines():
    return Response(lines())


@flask_app.get("/made")
def flask_made():
    return str(len(MADE))


@flask_app.get("/error")
def flask_error():
    raise RuntimeError("broken at the start")


@flask_app.get("/open")
def flask_open():
    return list(OPEN)


@flask_app.get("/go")
def flask_go():
    GO.set()
    return []


# FastAPI

fastapi_app = FastAPI()


@fastapi_app.get("/value/generator")
def fastapi_generator():
    yield from values()["generator"]


@fastapi_app.get("/value/{name}")
def fastapi_value(name: str):
    return values()[name]


@fastapi_app.get("/json/{name}")
def fastapi_json(name: str):
    return {"value": INSIDE[name]}


@fastapi_app.get("/typed/decimal")
def fastapi_typed() -> dict[str, Decimal]:
    return {"value": Decimal("1.10")}


@fastapi_app.post("/redirect")
def fastapi_redirect():
    return RedirectResponse("/done")


@fastapi_app.get("/cookie/{value}")
def fastapi_cookie(value: str):
    response = FastAPIResponse()
    response.set_cookie("name", value)
    return response


@fastapi_app.get("/header")
def fastapi_header():
    return FastAPIResponse(headers={"X-Title": INJECTED})


@fastapi_app.get("/euro")
def fastapi_euro():
    return FastAPIResponse(headers={"X-Price": "9 €"})


@fastapi_app.get("/empty", status_code=204)
def fastapi_empty() -> None:
    return None


@fastapi_app.get("/file")
def fastapi_file():
    return FileResponse(FILE)


@fastapi_app.get("/stream")
def fastapi_stream():
    return StreamingResponse(iter(["Dune"]), media_type="text/plain")


@fastapi_app.get("/broken")
def fastapi_broken():
    return StreamingResponse(broken_async())


@fastapi_app.get("/waiting")
def fastapi_waiting():
    return StreamingResponse(waiting_async())


@fastapi_app.get("/holding")
def fastapi_holding():
    return StreamingResponse(holding_async())


@fastapi_app.get("/lines")
def fastapi_lines():
    return StreamingResponse(lines_async())


@fastapi_app.get("/made")
def fastapi_made():
    return len(MADE)


@fastapi_app.get("/error")
def fastapi_error():
    raise RuntimeError("broken at the start")


@fastapi_app.get("/open")
def fastapi_open():
    return list(OPEN)


@fastapi_app.get("/go")
def fastapi_go():
    GO.set()
    return []


# Django: a URLconf


def django_value(request, name):
    return values()[name]


def django_json(request, name):
    return JsonResponse({"value": INSIDE[name]})


def django_redirect_view(request):
    return django_redirect("/done")


def django_cookie(request, value):
    response = HttpResponse()
    response.set_cookie("name", value)
    return response


def django_header(request):
    return HttpResponse(headers={"X-Title": INJECTED})


def django_euro(request):
    return HttpResponse(headers={"X-Price": "9 €"})


def django_empty(request):
    return HttpResponse(status=204)


def django_file(request):
    return DjangoFileResponse(FILE.open("rb"))


def django_stream(request):
    return StreamingHttpResponse(iter(["Dune"]), content_type="text/plain")


def django_broken(request):
    asgi = isinstance(request, ASGIRequest)
    return StreamingHttpResponse(broken_async() if asgi else broken())


def django_waiting(request):
    asgi = isinstance(request, ASGIRequest)
    return StreamingHttpResponse(waiting_async() if asgi else waiting())


def django_holding(request):
    asgi = isinstance(request, ASGIRequest)
    return StreamingHttpResponse(holding_async() if asgi else holding())


def django_lines(request):
    asgi = isinstance(request, ASGIRequest)
    return StreamingHttpResponse(lines_async() if asgi else lines())


def django_made(request):
    return JsonResponse(len(MADE), safe=False)


def django_error(request):
    raise RuntimeError("broken at the start")


def django_open(request):
    return JsonResponse(OPEN, safe=False)


def django_go(request):
    GO.set()
    return JsonResponse([], safe=False)


urlpatterns = [
    path("value/<name>", django_value),
    path("json/<name>", django_json),
    path("redirect", csrf_exempt(django_redirect_view)),
    path("cookie/<value>", django_cookie),
    path("header", django_header),
    path("euro", django_euro),
    path("empty", django_empty),
    path("file", django_file),
    path("stream", django_stream),
    path("broken", django_broken),
    path("waiting", django_waiting),
    path("holding", django_holding),
    path("lines", django_lines),
    path("made", django_made),
    path("error", django_error),
    path("open", django_open),
    path("go", django_go),
]
