"""Real time that only Flask has."""

import inspect
import socket
import threading
from contextlib import ExitStack

import pytest
import simple_websocket
from flask import Flask, abort
from flask_sock import Sock
from simple_websocket import ConnectionClosed
from websockets import ConnectionClosedError
from websockets.client import ClientProtocol
from websockets.frames import Close
from websockets.sync.client import connect as websocket
from websockets.typing import Origin
from websockets.uri import parse_uri
from wsproto.utilities import LocalProtocolError

from tests.harness.servers import WSGIServer
from tests.harness.sockets import SECONDS, eventually


class FakeSocket:
    """Gives what `receive` is to give, raises what `send` is to raise."""

    def __init__(self, received=(), raised=()):
        self.received, self.raised = list(received), list(raised)
        self.timeouts, self.sent = [], []

    def receive(self, timeout=None):
        self.timeouts.append(timeout)
        return self.received.pop(0)

    def send(self, message):
        if self.raised:
            raise self.raised.pop(0)
        self.sent.append(message)


def test_a_follower_that_left_is_in_no_list(snippet, connect):
    with connect("/ws/books/1") as socket:
        socket.hear()
        assert len(snippet.rooms.inboxes[1]) == 1
    assert eventually(lambda: snippet.rooms.inboxes == {1: set(), 2: set()})


def test_what_came_before_the_end_is_still_delivered(snippet):
    rooms = snippet.Rooms()
    with rooms.join(1) as messages:
        rooms.publish(1, "one")
    assert list(messages) == ["one"]


def test_a_subscription_is_closed_when_it_has_ended(snippet):
    class Subscription(ExitStack):
        def listen(self):
            yield {"data": "news"}

    subscription, closed = Subscription(), []
    subscription.callback(closed.append, True)
    rooms = snippet.RedisRooms("redis://127.0.0.1")
    assert list(rooms.messages(subscription)) == ["news"]
    assert closed == [True]


def test_delivery_goes_on_after_a_socket_has_closed(snippet):
    """A closed socket does not stop the thread that empties its inbox"""
    socket = FakeSocket(raised=[ConnectionClosed(), LocalProtocolError(), OSError()])
    snippet.deliver(socket, iter(["one", "two", "three", "four"]))
    assert socket.sent == ["four"]


def test_waiting_for_a_message_looks_up_every_second(snippet):
    socket = FakeSocket(received=[None, '{"text": "hi"}'])
    assert next(snippet.texts(socket)) == "hi"
    assert socket.timeouts == [1, 1]


def test_a_message_too_big_leaves_no_thread_behind(connect):
    with connect("/ws/echo") as socket:
        socket.say(70_000 * "x")
        assert socket.ending() == "1009 Message is too big"
    assert eventually(
        lambda: not any("process_request" in thread.name for thread in threading.enumerate())
    )


def test_an_inbox_of_flask_has_no_limit(snippet):
    """In Flask's list an inbox holds 1000 messages, and more"""
    rooms = snippet.Rooms()
    with rooms.join(1) as messages:
        for number in range(1000):
            rooms.publish(1, str(number))
    assert list(messages) == [str(number) for number in range(1000)]


def test_flask_sock_limits_nothing_by_itself():
    """flask-sock has no limit for messages and sends no pings unless you ask for both"""
    parameters = inspect.signature(simple_websocket.Server).parameters
    assert parameters["max_message_size"].default is None
    assert parameters["ping_interval"].default is None


def test_the_handshake_is_over_before_the_function_runs():
    """flask-sock accepts before your function runs: an `abort(403)` in it comes too late"""
    app = Flask(__name__)

    @Sock(app).route("/")
    def late(ws):
        abort(403)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = WSGIServer(app, listener)
        thread = threading.Thread(target=server.run)
        thread.start()
        host, port = listener.getsockname()
        with websocket(f"ws://{host}:{port}/", proxy=None) as client:
            assert client.response
            assert client.response.status_code == 101
            with pytest.raises(ConnectionClosedError, match="no close frame"):
                client.recv(SECONDS)
        server.stop()
        thread.join()


def test_a_client_that_answers_no_ping_is_dropped(snippet, address, monkeypatch):
    options = snippet.app.config["SOCK_SERVER_OPTIONS"]
    assert options["ping_interval"] == 25  # what simple-websocket recommends
    monkeypatch.setitem(options, "ping_interval", 0.05)
    host, port = address.split(":")
    silent = ClientProtocol(
        parse_uri(f"ws://{address}/ws/echo"), origin=Origin(f"http://{address}")
    )
    with socket.create_connection((host, int(port)), SECONDS) as line:
        silent.send_request(silent.connect())
        line.sendall(b"".join(silent.data_to_send()))
        while silent.close_rcvd is None and (data := line.recv(4096)):
            silent.receive_data(data)
    assert silent.close_rcvd == Close(1008, "Ping/Pong timeout")
