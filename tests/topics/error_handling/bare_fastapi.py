"""A small application in FastAPI on which nothing is configured."""

from fastapi import FastAPI, HTTPException
from fastapi.responses import PlainTextResponse, StreamingResponse

from tests.topics.error_handling.bare import (
    MESSAGE,
    Fragile,
    FragileConnection,
    Noted,
    fail,
    handle,
    lines,
)


def application(*, debug=False):
    app = FastAPI(debug=debug)

    @app.get("/missing")
    def missing():
        raise HTTPException(404, MESSAGE)

    @app.get("/failing")
    def failing():
        fail()

    @app.get("/fragile")
    def fragile():
        raise Fragile

    @app.get("/fragile-connection")
    def fragile_connection():
        raise FragileConnection

    @app.get("/noted")
    def noted():
        raise Noted

    @app.get("/cut")
    def cut():
        return StreamingResponse(lines(), media_type="text/plain")

    return app


def served():
    """The application that a real server has."""
    app = application()

    @app.exception_handler(Exception)
    async def last(request, error):
        handle(error)
        return PlainTextResponse("Internal Server Error", 500)

    return app
