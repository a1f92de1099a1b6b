"""The same small application in each framework, on which nothing is configured.

The one that real servers have answers an unhandled exception with a handler of its own, which
gives the framework's own answer, or fails itself.
"""

import sys
from functools import cache

from django.core.handlers.asgi import ASGIRequest
from django.http import Http404, StreamingHttpResponse
from django.urls import path
from django.views import defaults
from django.views.decorators.http import require_safe
from fastapi import FastAPI, HTTPException
from fastapi.responses import PlainTextResponse, StreamingResponse
from flask import Flask, Response, abort
from werkzeug.exceptions import InternalServerError

SECRET = "not-for-strangers"
MESSAGE = "There is no book called nemo."
MIDDLEWARE = [
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]


def fail():
    """What nobody has foreseen: its message, and a local variable, hold a secret."""
    password = SECRET
    raise ConnectionError(f"amqp://shop:{password}@supplier does not answer")


class Fragile(Exception):
    """The last handler fails at this one."""


class FragileConnection(Fragile, ConnectionError):
    """The same, and an OSError."""


def handle(error):
    if isinstance(error, Fragile):
        raise type(error)(SECRET)


def lines():
    yield "Dune\n" * 2000
    fail()


def flask_application(*, served=False):
    app = Flask("bare")

    @app.get("/missing")
    def missing():
        abort(404, MESSAGE)

    @app.get("/failing")
    def failing():
        fail()

    @app.get("/fragile")
    def fragile():
        raise Fragile

    @app.get("/fragile-connection")
    def fragile_connection():
        raise FragileConnection

    @app.get("/cut")
    def cut():
        return Response(lines(), mimetype="text/plain")

    def last(error):
        handle(error.original_exception)
        return error

    if served:
        app.register_error_handler(InternalServerError, last)
    return app


def fastapi_application(*, served=False, debug=False):
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

    @app.get("/cut")
    def cut():
        return StreamingResponse(lines(), media_type="text/plain")

    async def last(request, error):
        handle(error)
        return PlainTextResponse("Internal Server Error", 500)

    if served:
        app.add_exception_handler(Exception, last)
    return app


APPLICATIONS = {"flask": cache(flask_application), "fastapi": cache(fastapi_application)}


async def asynchronous_lines():
    for line in lines():
        yield line


class DjangoURLs:
    """A URLconf."""

    @staticmethod
    def missing(request):
        raise Http404(MESSAGE)

    @staticmethod
    def failing(request):
        fail()

    @staticmethod
    def fragile(request):
        raise Fragile

    @staticmethod
    def fragile_connection(request):
        raise FragileConnection

    @staticmethod
    def cut(request):
        content = asynchronous_lines() if isinstance(request, ASGIRequest) else lines()
        return StreamingHttpResponse(content, content_type="text/plain")

    urlpatterns = (
        path("missing", require_safe(missing)),
        path("failing", require_safe(failing)),
        path("fragile", require_safe(fragile)),
        path("fragile-connection", require_safe(fragile_connection)),
        path("cut", require_safe(cut)),
    )


class ServedDjangoURLs(DjangoURLs):
    """The same, for a real server."""

    @staticmethod
    def handler500(request):
        handle(sys.exception())
        return defaults.server_error(request)
