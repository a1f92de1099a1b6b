"""Real time in Flask: flask-sock, with a thread for each open socket.

>>> from snippets.flask.realtime import app
>>> app.test_client().post("/books/1/sold").status
'204 NO CONTENT'
"""

import json
import os
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from threading import Thread

from flask import Flask, abort, request
from flask_sock import Sock
from redis import Redis
from simple_websocket import ConnectionClosed
from wsproto.utilities import LocalProtocolError

BOOKS = {1: "Dune", 2: "Emma"}


# region: app
app = Flask(__name__)
app.config["TRUSTED_HOSTS"] = ["127.0.0.1", "localhost"]
app.config["SOCK_SERVER_OPTIONS"] = {
    "max_message_size": 65_536,
    "ping_interval": 25,
}
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
            # Too big a message closes ws, but it wakes nobody.
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


# region: rooms
class Rooms:
    """Who follows which book, in this process alone."""

    def __init__(self):
        self.inboxes = {book_id: set() for book_id in BOOKS}

    @contextmanager
    def join(self, book_id):
        inbox = SimpleQueue()  # without a limit, unlike FastAPI's
        self.inboxes[book_id].add(inbox)
        try:
            yield iter(inbox.get, None)
        finally:
            self.inboxes[book_id].remove(inbox)
            inbox.put(None)  # ends the iterator

    def publish(self, book_id, message):
        # A copy, since other threads join and leave meanwhile.
        for inbox in list(self.inboxes[book_id]):
            inbox.put(message)
# endregion: rooms


# region: broker
class RedisRooms:
    """Who follows which book, in all processes."""

    def __init__(self, url):
        self.redis = Redis.from_url(url, decode_responses=True)

    @contextmanager
    def join(self, book_id):
        inbox = self.redis.pubsub(ignore_subscribe_messages=True)
        inbox.subscribe(f"book:{book_id}")
        try:
            yield self.messages(inbox)
        finally:
            inbox.unsubscribe()  # ends listen()

    def messages(self, inbox):
        with inbox:
            for message in inbox.listen():
                yield message["data"]

    def publish(self, book_id, message):
        self.redis.publish(f"book:{book_id}", message)


redis_url = os.environ.get("REDIS_URL")
rooms = RedisRooms(redis_url) if redis_url else Rooms()
# endregion: broker


# region: broadcast
@sock.route("/ws/books/<int:book_id>")
def follow_book(ws, book_id):
    if book_id not in BOOKS:
        return ws.close(4404, "no such book")
    with rooms.join(book_id) as messages:
        joined = {"type": "joined", "title": BOOKS[book_id]}
        ws.send(json.dumps(joined))
        Thread(target=deliver, args=(ws, messages)).start()
        for text in texts(ws):
            said = {"type": "said", "text": text}
            rooms.publish(book_id, json.dumps(said))


GONE = (ConnectionClosed, LocalProtocolError, OSError)


def deliver(ws, messages):
    # No other function sends now: two would mix up their frames.
    for message in messages:
        with suppress(*GONE):
            ws.send(message)
# endregion: broadcast


@app.get("/books")
def list_books():
    return BOOKS


# region: push
@app.post("/books/<int:book_id>/sold")
def sell(book_id):
    if book_id not in BOOKS:
        abort(404)
    rooms.publish(book_id, json.dumps({"type": "sold"}))
    return "", 204
# endregion: push
