"""Real time in Flask: flask-sock, with a thread for each open socket.

>>> from snippets.flask.realtime import app
>>> client = app.test_client()
>>> client.post("/books/1/sold").status
'204 NO CONTENT'
"""

import json
import os
import secrets
from contextlib import suppress
from threading import Thread

from flask import Flask, abort, request, send_from_directory, session
from flask_sock import Sock
from redis import RedisError
from simple_websocket import ConnectionClosed
from wsproto.utilities import LocalProtocolError

from snippets.flask.realtime_shop.rooms import RedisRooms, Rooms

BOOKS = {1: "Dune", 2: "Emma"}
GUESTS = set()  # yours are users in a database, for all processes


# region: app
app = Flask(__name__)
app.config.update(
    SECRET_KEY=os.environ.get("SECRET_KEY") or secrets.token_hex(),
    SESSION_COOKIE_SAMESITE="Lax",
    TRUSTED_HOSTS=["127.0.0.1", "localhost"],
    SOCK_SERVER_OPTIONS={
        "max_message_size": 65_536,
        "ping_interval": 25,
    },
)
sock = Sock(app)
# endregion: app


# region: origin
@app.before_request
def same_origin():
    rule = request.url_rule
    if rule and rule.websocket:
        ours = f"http://{request.host}", f"https://{request.host}"
        if request.origin not in ours:
            abort(403)
# endregion: origin


# region: user
@app.put("/guests/<string(maxlength=20):name>")
def enter(name):
    if name in GUESTS:
        abort(409)
    GUESTS.add(name)
    session["user"] = name
    return "", 204


@app.before_request
def signed_in():
    rule = request.url_rule
    # In the view itself it would be too late to refuse.
    if rule and rule.websocket and "user" not in session:
        abort(401)
# endregion: user


# region: frames
def text_of(frame):
    """The text of a frame such as {"text": "hi"}."""
    match json.loads(frame):
        case {"text": str(text)}:
            return text
    raise ValueError(frame)


def texts(ws):
    """What a client says, until it leaves or talks nonsense."""
    while True:
        frame = None
        while frame is None:
            # Too big a message closes ws, but wakes it too early.
            frame = ws.receive(timeout=1)
        if isinstance(frame, bytes):
            return ws.close(1003, "text only")
        try:
            text = text_of(frame)
        except (ValueError, RecursionError):
            return ws.close(1007, "no JSON with a text")
        yield text
# endregion: frames


# region: echo
@sock.route("/ws/echo")
def echo(ws):
    for text in texts(ws):
        if text == "bye":
            return ws.close(4000, "bye")
        ws.send(json.dumps({"type": "echo", "text": text}))
# endregion: echo


# region: shared
redis_url = os.environ.get("REDIS_URL")
rooms = RedisRooms(BOOKS, redis_url) if redis_url else Rooms(BOOKS)
# endregion: shared


# region: broadcast
@sock.route("/ws/books/<int:book_id>")
def follow_book(ws, book_id):
    if book_id not in BOOKS:
        return ws.close(4404, "no such book")
    user = session["user"]
    with rooms.join(book_id) as messages:
        joined = {"type": "joined", "as": user, "title": BOOKS[book_id]}
        ws.send(json.dumps(joined))
        Thread(target=deliver, args=(ws, messages)).start()
        for text in texts(ws):
            said = {"type": "said", "from": user, "text": text}
            try:
                rooms.publish(book_id, said)
            except RedisError:
                return ws.close(1013, "try again later")


GONE = (ConnectionClosed, LocalProtocolError, OSError)


def deliver(ws, messages):
    # No other function sends now: two would mix up their frames.
    for message in messages:
        with suppress(*GONE):
            ws.send(json.dumps(message))
# endregion: broadcast


# region: push
@app.post("/books/<int:book_id>/sold")
def sell(book_id):
    if book_id not in BOOKS:
        abort(404)
    rooms.publish(book_id, {"type": "sold"})
    return "", 204
# endregion: push


# region: ready
@app.get("/ready")
def ready():
    return "", 204 if rooms.ready else 503


@app.errorhandler(RedisError)
def broker_is_away(error):
    return "", 503
# endregion: ready


@app.get("/books")
def list_books():
    return BOOKS


# region: page
@app.get("/", defaults={"file": "book.html"})
@app.get("/book.js", defaults={"file": "book.js"})
def show_page(file):
    return send_from_directory("realtime_shop", file)
# endregion: page
