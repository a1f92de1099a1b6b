"""A small application in Flask on which nothing is configured."""

from flask import Flask, Response, abort
from werkzeug.exceptions import InternalServerError

from tests.topics.error_handling.bare import (
    MESSAGE,
    Fragile,
    FragileConnection,
    Noted,
    fail,
    handle,
    lines,
)


def application():
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

    @app.get("/noted")
    def noted():
        raise Noted

    @app.get("/cut")
    def cut():
        return Response(lines(), mimetype="text/plain")

    return app


def served():
    """The application that a real server has."""
    app = application()

    @app.errorhandler(InternalServerError)
    def last(error):
        handle(error.original_exception)
        return error

    return app
