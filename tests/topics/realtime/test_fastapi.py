"""Real time that only FastAPI has."""

import asyncio
from contextlib import ExitStack, closing

import pytest
from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from fastapi.testclient import TestClient
from starlette.testclient import WebSocketDenialResponse

from tests.harness.sockets import eventually

PAGE = {"Origin": "http://localhost"}


def test_the_test_client_speaks_websocket_without_a_server(snippet):
    """`TestClient` speaks WebSocket, without a server"""
    url = "ws://localhost/ws/books/1"
    with (
        TestClient(snippet.app, base_url="http://localhost") as client,
        closing(client.put("/guests/Ann")),
        client.websocket_connect(url, headers=PAGE) as here,
        client.websocket_connect(url, headers=PAGE) as there,
    ):
        assert here.receive_json() == there.receive_json()
        here.send_json({"text": "hi"})
        assert there.receive_json() == {"type": "said", "from": "Ann", "text": "hi"}


def test_a_refused_origin_has_a_close_code_for_tests_only(snippet):
    client = TestClient(snippet.app)
    with pytest.raises(WebSocketDisconnect) as refusal:
        client.websocket_connect("ws://localhost/ws/echo").__enter__()
    assert (refusal.value.code, refusal.value.reason) == (1008, "cross-site")


def test_a_strange_host_is_refused_before_any_route(snippet):
    client = TestClient(snippet.app)
    with pytest.raises(WebSocketDenialResponse) as refusal:
        client.websocket_connect("ws://evil.example/ws/echo", headers=PAGE).__enter__()
    assert refusal.value.status_code == 400


@pytest.fixture
def textbook():
    """A client for the loop that textbooks show."""
    app = FastAPI()

    @app.websocket("/")
    async def repeat(ws: WebSocket):
        await ws.accept()
        while True:
            await ws.send_text(await ws.receive_text())

    return TestClient(app)


def test_receive_text_raises_for_a_binary_frame(textbook):
    """`receive_text()` raises `KeyError` for a binary frame"""
    with ExitStack() as stack:
        ws = stack.enter_context(textbook.websocket_connect("/"))
        ws.send_bytes(b"")
        with pytest.raises(KeyError, match="text"):
            stack.close()


def test_receive_text_raises_when_the_client_leaves(textbook):
    """`receive_text()` raises `WebSocketDisconnect` when the client leaves: catch it"""
    with ExitStack() as stack:
        ws = stack.enter_context(textbook.websocket_connect("/"))
        ws.send_text("hi")
        assert ws.receive_text() == "hi"
        with pytest.raises(WebSocketDisconnect):
            stack.close()


def test_a_follower_is_removed_from_the_list(snippet):
    rooms = snippet.Rooms(snippet.BOOKS)
    with rooms.join(1) as inbox:
        assert rooms.inboxes == {1: {inbox}, 2: set()}
    assert rooms.inboxes == {1: set(), 2: set()}


def test_a_follower_that_is_too_slow_misses_messages(snippet):
    """A follower that lets 100 messages wait misses the next one; the others do not"""
    rooms = snippet.Rooms(snippet.BOOKS)
    with rooms.join(1) as slow:
        for number in range(100):
            rooms.spread(1, str(number))
        with rooms.join(1) as quick:
            rooms.spread(1, "news")
            assert quick.get_nowait() == "news"
        waiting = [slow.get_nowait() for _ in range(slow.qsize())]
    assert waiting == [str(number) for number in range(100)]


@pytest.mark.parametrize("error", [WebSocketDisconnect(1006), RuntimeError("closed")])
def test_delivery_ends_quietly_when_the_follower_has_gone(snippet, error):
    class Gone:
        async def send_json(self, message):
            raise error

    async def main():
        inbox = asyncio.Queue()
        inbox.put_nowait("news")
        return await asyncio.wait_for(snippet.deliver(Gone(), inbox), 10)

    assert asyncio.run(main()) is None


def test_delivery_stops_with_the_socket(snippet, connect):
    def deliveries():
        return [task for task in asyncio.all_tasks(loop) if "deliver" in repr(task.get_coro())]

    rooms = []
    loops = []
    join = snippet.Rooms.join

    def spy(self, book_id):
        rooms.append(self)
        loops.append(asyncio.get_running_loop())
        return join(self, book_id)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(snippet.Rooms, "join", spy)
        with connect("/ws/books/1") as socket:
            socket.hear()
            [loop] = loops
            assert len(deliveries()) == 1
    assert eventually(lambda: not deliveries())
    assert eventually(lambda: rooms[0].inboxes == {1: set(), 2: set()})
