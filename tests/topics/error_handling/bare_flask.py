"""A small application in Flask on which nothing is configured."""

import socket
import sys

from flask import Flask, Response, abort
from werkzeug.exceptions import InternalServerError

from tests.topics.error_handling.bare import (
    MESSAGE,
    Fragile,
    FragileConnection,
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


if __name__ == "__main__":
    # Waitress takes a socket from a program, not from its command line.
    from waitress import serve

    serve(served(), sockets=[socket.socket(fileno=int(sys.argv[1]))])
