"""Requests that wait in Flask, and a neighbour that rings."""

import asyncio
import threading

from flask import Flask

app = Flask(__name__)

# region: bell
BELL = threading.Event()
PATIENCE = 1  # second


def wait():
    """Keep this thread until the bell rings; whether it did."""
    BELL.clear()
    return BELL.wait(PATIENCE)


@app.get("/ring")
def ring():
    BELL.set()
    return {"rang": True}
# endregion: bell


# region: views
@app.get("/plain")
def plain():
    return {"rang": wait()}


@app.get("/blocking")
async def blocking():
    return {"rang": wait()}  # no await: this loop stands still


@app.get("/awaiting")
async def awaiting():
    return {"rang": await asyncio.to_thread(wait)}
# endregion: views
