"""Streams in Django: a generator, as the kind of server wants it."""

import json
import time
from contextlib import contextmanager
from decimal import Decimal
from functools import partial

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.core.serializers.json import DjangoJSONEncoder
from django.http import (
    HttpResponse,
    JsonResponse,
    StreamingHttpResponse,
)
from django.urls import path
from django.views.decorators.http import require_GET, require_safe


# region: piecewise
def piecewise(request, response):
    """The response, as the server that has called can send it."""
    # Under ASGI Django collects a plain iterator before it sends.
    if isinstance(request, ASGIRequest):
        pieces = response.streaming_content
        response.streaming_content = one_by_one(pieces)
    return response


async def one_by_one(pieces):
    # A thread waits for each piece, so the event loop need not.
    take = sync_to_async(partial(next, pieces, None))
    while (piece := await take()) is not None:
        yield piece


# endregion: piecewise

# region: csv
OPEN = []  # paths of the streams that are being sent now


@contextmanager
def sending(path):
    OPEN.append(path)
    try:
        yield
    finally:  # at the end, after an error, when the client is gone
        OPEN.remove(path)


def prices(days):
    for day in range(1, days + 1):
        yield {"day": day, "price": Decimal("9.90") + day % 3}


def csv_lines(request, days):
    with sending(request.path):
        yield "day,price\n"
        for each in prices(days):
            yield f"{each['day']},{each['price']}\n"


@require_GET  # HEAD would have all lines made, for nobody
def prices_csv(request, days):
    response = StreamingHttpResponse(
        csv_lines(request, days), content_type="text/csv; charset=utf-8"
    )
    return piecewise(request, response)


@require_safe
def list_open(request):
    return JsonResponse(OPEN, safe=False)


# endregion: csv


# region: jsonl
@require_GET
def prices_jsonl(request, days):
    encode = DjangoJSONEncoder().encode
    response = StreamingHttpResponse(
        (encode(each) + "\n" for each in prices(days)),
        content_type="application/jsonl",
    )
    return piecewise(request, response)


# endregion: jsonl


# region: events
STEPS = ["packed", "sent", "delivered"]


def events(request, number, steps):
    with sending(request.path):
        for step in steps:
            data = json.dumps({"order": number, "step": step})
            yield f"id: {step}\nevent: step\ndata: {data}\n\n"
            time.sleep(0.01)  # a real shop waits for news here


@require_GET
def follow(request, number):
    # A browser that comes back says which event it heard last.
    heard = request.headers.get("Last-Event-ID")
    rest = STEPS[STEPS.index(heard) + 1 :] if heard in STEPS else STEPS
    if not rest:
        # Else the browser would come back for ever.
        return HttpResponse(status=204)
    response = StreamingHttpResponse(
        events(request, number, rest),
        content_type="text/event-stream; charset=utf-8",
        # Neither a browser nor nginx may hold events back.
        headers={
            "Cache-Control": "no-cache",
            "X-Accel-Buffering": "no",
        },
    )
    return piecewise(request, response)


# endregion: events

urlpatterns = [
    path("prices/<int:days>.csv", prices_csv),
    path("prices/<int:days>.jsonl", prices_jsonl),
    path("open", list_open),
    path("orders/<int:number>/steps", follow),
]
