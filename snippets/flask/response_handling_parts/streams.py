"""Streams in Flask: a generator that the server asks for pieces."""

import json
import time
from contextlib import contextmanager
from decimal import Decimal

from flask import Blueprint, Response, current_app, request

streams = Blueprint("streams", __name__)

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


@streams.get("/prices/<int:days>.csv")
def prices_csv(days):
    path = request.path  # a generator has no request any more

    def lines():
        with sending(path):
            yield "day,price\n"
            for each in prices(days):
                yield f"{each['day']},{each['price']}\n"

    return Response(lines(), mimetype="text/csv")


@streams.get("/open")
def list_open():
    return OPEN


# endregion: csv


# region: jsonl
@streams.get("/prices/<int:days>.jsonl")
def prices_jsonl(days):
    # The lines are made when the view has long returned, and then
    # there is no current_app any more. So this is looked up now.
    encode = current_app.json.dumps
    lines = (encode(each) + "\n" for each in prices(days))
    return Response(lines, mimetype="application/jsonl")


# endregion: jsonl


# region: events
STEPS = ["packed", "sent", "delivered"]


@streams.get("/orders/<int:number>/steps")
def follow(number):
    # A browser that comes back says which event it heard last.
    heard = request.headers.get("Last-Event-ID")
    rest = STEPS[STEPS.index(heard) + 1 :] if heard in STEPS else STEPS
    if not rest:
        return "", 204  # else the browser would come back for ever
    path = request.path

    def events():
        with sending(path):
            for step in rest:
                data = json.dumps({"order": number, "step": step})
                yield f"id: {step}\nevent: step\ndata: {data}\n\n"
                time.sleep(0.01)  # a real shop waits for news here

    return Response(
        events(),
        mimetype="text/event-stream",
        # Neither a browser nor nginx may hold events back.
        headers={
            "Cache-Control": "no-cache",
            "X-Accel-Buffering": "no",
        },
    )


# endregion: events
