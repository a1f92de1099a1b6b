"""Real time that only Flask has."""

import inspect
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager

import httpx2
import pytest
import simple_websocket
from flask import Flask, abort
from flask_sock import Sock
from gunicorn.config import GracefulTimeout
from simple_websocket import ConnectionClosed
from websockets import ConnectionClosedError, InvalidStatus
from websockets.client import ClientProtocol
from websockets.frames import Close
from websockets.sync.client import connect as websocket
from websockets.typing import Origin
from websockets.uri import parse_uri
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, TextMessage
from wsproto.utilities import LocalProtocolError

from book._core.frameworks import ROOT
from tests.harness.servers import WSGIServer
from tests.harness.sockets import SECONDS, eventually, plain
from tests.topics.realtime.conftest import enter


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
    rooms = snippet.Rooms(snippet.BOOKS)
    with rooms.join(1) as messages:
        rooms.publish(1, "one")
    assert list(messages) == ["one"]


def test_delivery_goes_on_after_a_socket_has_closed(snippet):
    """A closed socket does not stop the thread that empties its inbox"""
    socket = FakeSocket(raised=[ConnectionClosed(), LocalProtocolError(), OSError()])
    snippet.deliver(socket, iter(["one", "two", "three", "four"]))
    assert socket.sent == ['"four"']


def test_a_message_after_the_close_is_an_error_of_wsproto():
    """To send after the close is `LocalProtocolError` of wsproto"""
    connection = ConnectionType.SERVER
    ws = WSConnection(connection)
    ws.receive_data(b"".join(handshake().data_to_send()))
    [_] = ws.events()
    ws.send(AcceptConnection())
    ws.send(CloseConnection(1000))
    with pytest.raises(LocalProtocolError):
        ws.send(TextMessage("too late"))


def handshake():
    client = ClientProtocol(parse_uri("ws://127.0.0.1/"))
    client.send_request(client.connect())
    return client


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


def test_a_follower_that_is_too_slow_misses_messages(snippet):
    """A follower that lets 100 messages wait misses the next one; the others do not"""
    rooms = snippet.Rooms(snippet.BOOKS)
    with rooms.join(1) as slow:
        for number in range(100):
            rooms.spread(1, number)
        with rooms.join(1) as quick:
            rooms.spread(1, "news")
            assert next(quick) == "news"
        waiting = [next(slow) for _ in range(100)]
        rooms.spread(1, "later")
        assert next(slow) == "later"
    assert waiting == [*range(100)]


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
    request = silent.connect()
    request.headers["Cookie"] = enter(address, "Silent")
    with socket.create_connection((host, int(port)), SECONDS) as line:
        silent.send_request(request)
        line.sendall(b"".join(silent.data_to_send()))
        while silent.close_rcvd is None and (data := line.recv(4096)):
            silent.receive_data(data)
    assert silent.close_rcvd == Close(1008, "Ping/Pong timeout")


@contextmanager
def served(*command):
    """The process of a server, and its address, which is the command's last option."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
    *options, where = command
    line = [sys.executable, "-m", *options, f"{where}={address}", "snippets.flask.realtime:app"]
    with subprocess.Popen(line, cwd=ROOT, stderr=subprocess.DEVNULL) as process:
        try:
            assert eventually(lambda: answers(address))
            yield process, address
        finally:
            process.terminate()


@pytest.fixture
def gunicorn():
    """Gunicorn with two threads, which waits a second for open sockets before it stops."""
    options = ["--threads=2", "--graceful-timeout=1", "--no-control-socket"]
    with served("gunicorn", *options, "--bind") as running:
        yield running


def answers(address, timeout=SECONDS):
    """Whether a page comes in time."""
    with httpx2.Client(transport=plain(), timeout=timeout) as client:
        try:
            return client.get(f"http://{address}/books").status_code == 200
        except httpx2.TransportError:
            return False


def test_gunicorn_lends_each_socket_a_thread(gunicorn, connect):
    """Gunicorn with two threads: while two sockets are open, a page waits"""
    _, address = gunicorn
    with connect("/ws/echo", at=address) as one:
        one.say({"text": "hi"})
        assert one.hear() == {"type": "echo", "text": "hi"}
        with connect("/ws/echo", at=address) as two:
            two.say({"text": "hi"})
            two.hear()
            assert not answers(address, timeout=0.5)
            two.say({"text": "bye"})
            assert two.ending() == "4000 bye"
        assert answers(address)


def test_gunicorn_waits_for_sockets_before_it_stops(gunicorn, connect):
    """Gunicorn waits for open sockets, 30 seconds by default, before it stops and cuts them"""
    assert GracefulTimeout.default == 30
    process, address = gunicorn
    with connect("/ws/echo", at=address) as ann:
        ann.say({"text": "hi"})
        ann.hear()
        asked = time.monotonic()
        process.terminate()
        assert ann.ending() == "no close frame"
    assert time.monotonic() - asked >= 1


def test_waitress_serves_no_socket(connect):
    """Waitress answers the handshake of a socket with 500"""
    with served("waitress", "--listen") as (_, address), ExitStack() as stack:
        with pytest.raises(InvalidStatus) as refusal:
            stack.enter_context(connect("/ws/echo", at=address))
        assert refusal.value.response.status_code == 500
