"""Requests that wait in FastAPI, and a neighbour that rings."""

import asyncio
import threading

from fastapi import FastAPI

app = FastAPI()

# region: bell
BELL = threading.Event()
PATIENCE = 1  # second


def wait():
    """Keep this thread until the bell rings; whether it did."""
    BELL.clear()
    return BELL.wait(PATIENCE)


@app.get("/ring")
async def ring():
    BELL.set()
    return {"rang": True}
# endregion: bell


# region: views
@app.get("/plain")
def plain():
    return {"rang": wait()}


@app.get("/blocking")
async def blocking():
    return {"rang": wait()}  # no await: the loop stands still


@app.get("/awaiting")
async def awaiting():
    return {"rang": await asyncio.to_thread(wait)}
# endregion: views
