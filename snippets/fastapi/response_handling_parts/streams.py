"""Streams in FastAPI: a view that yields."""

import asyncio
from collections.abc import AsyncIterable
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends, Header, HTTPException, Request
from fastapi.responses import StreamingResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel

streams = APIRouter()

# region: csv
OPEN = []  # paths of the streams that are being sent now


# A dependency that yields ends with the response: at the end, after
# an error, when the client is gone. A "finally" in the view may then
# have to wait until Python collects its garbage.
async def sending(request: Request):
    OPEN.append(request.url.path)
    try:
        yield
    finally:
        OPEN.remove(request.url.path)


class Price(BaseModel):
    day: int
    price: Decimal


def prices(days):
    for day in range(1, days + 1):
        yield Price(day=day, price=Decimal("9.90") + day % 3)


class CSVResponse(StreamingResponse):
    media_type = "text/csv"


# A view that yields is a stream; its class says of what.
@streams.get(
    "/prices/{days}.csv",
    response_class=CSVResponse,
    dependencies=[Depends(sending)],
)
async def prices_csv(days: int) -> AsyncIterable[str]:
    yield "day,price\n"
    for each in prices(days):
        yield f"{each.day},{each.price}\n"


@streams.get("/open")
def list_open() -> list[str]:
    return OPEN


# endregion: csv


# region: jsonl
# Without such a class each item becomes a line of JSON.
@streams.get("/prices/{days}.jsonl")
async def prices_jsonl(days: int) -> AsyncIterable[Price]:
    for each in prices(days):
        yield each


# endregion: jsonl


# region: events
STEPS = ["packed", "sent", "delivered"]


# A browser that comes back says which event it heard last.
def rest(last_event_id: Annotated[str | None, Header()] = None):
    if last_event_id not in STEPS:
        return STEPS
    if steps := STEPS[STEPS.index(last_event_id) + 1 :]:
        return steps
    # Else it would come back for ever. When a view that yields runs,
    # the status may be on its way, so a dependency has to say this.
    raise HTTPException(204)


@streams.get(
    "/orders/{number}/steps",
    response_class=EventSourceResponse,
    dependencies=[Depends(sending)],
)
async def follow(
    number: int, steps: Annotated[list[str], Depends(rest)]
) -> AsyncIterable[ServerSentEvent]:
    for step in steps:
        data = {"order": number, "step": step}
        yield ServerSentEvent(id=step, event="step", data=data)
        await asyncio.sleep(0.01)  # a real shop waits for news here


# endregion: events
