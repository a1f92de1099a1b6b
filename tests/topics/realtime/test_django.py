"""Real time that only Django has."""

import asyncio
from unittest import mock
from urllib.parse import urlparse

import pytest
from asgiref.sync import SyncToAsync
from channels.generic.websocket import AsyncJsonWebsocketConsumer, AsyncWebsocketConsumer
from channels.layers import InMemoryChannelLayer, get_channel_layer
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import OriginValidator
from channels_redis.pubsub import RedisPubSubLoopLayer, RedisSingleShardConnection
from django.contrib.auth import get_user_model
from django.test import override_settings

from tests.harness.sockets import eventually


def scope(kind, path):
    return {"type": kind, "path": path, "headers": [], "method": "GET", "query_string": b""}


def test_an_unknown_socket_is_an_exception_without_a_last_resort(snippet):
    """Without a last resort, `URLRouter` raises `ValueError` for an unknown path"""
    router = URLRouter(snippet.sockets[:-1])
    with pytest.raises(ValueError, match="No route found for path"):
        asyncio.run(router(scope("websocket", "/ws/nowhere"), None, None))


def test_a_router_for_sockets_only_has_no_pages(snippet):
    """`ProtocolTypeRouter` without `"http"` raises `ValueError` for every page"""
    router = ProtocolTypeRouter({"websocket": URLRouter(snippet.sockets)})
    with pytest.raises(ValueError, match="No application configured for scope type 'http'"):
        asyncio.run(router(scope("http", "/books"), None, None))


@pytest.mark.parametrize("frame", [{"text_data": "{"}, {"bytes_data": b"{}"}])
def test_channels_raises_for_what_is_no_json(frame):
    """`AsyncJsonWebsocketConsumer` raises `ValueError` for bad JSON and for binary frames"""
    with pytest.raises(ValueError, match=r"Expecting property name|No text section"):
        asyncio.run(AsyncJsonWebsocketConsumer().receive(**frame))


def test_what_is_queued_still_arrives_after_a_close():
    """In Channels, what is queued still arrives after `close()`"""
    heard = []

    class Careless(AsyncWebsocketConsumer):
        async def receive(self, text_data=None, bytes_data=None):
            heard.append(text_data)
            await self.close(4000)

    async def talk():
        frames = asyncio.Queue()
        for text in ("one", "two"):
            frames.put_nowait({"type": "websocket.receive", "text": text})
        frames.put_nowait({"type": "websocket.disconnect", "code": 4000})
        sent = []

        async def send(message):
            sent.append(message["type"])

        await Careless.as_asgi()({"type": "websocket"}, frames.get, send)
        return sent

    assert asyncio.run(talk()) == ["websocket.close", "websocket.close"]
    assert heard == ["one", "two"]


def test_a_follower_that_left_is_in_no_group(connect, address):
    with connect("/ws/books/1") as socket:
        socket.hear()
        layer = get_channel_layer()
        assert [*layer.groups] == ["book.1"]
    assert eventually(lambda: layer.groups == {})


def test_a_follower_that_was_hung_up_on_is_in_no_group(connect, address):
    with connect("/ws/books/1") as socket:
        socket.hear()
        socket.say("nonsense")
        assert socket.ending() == "1007 no JSON with a text"
    assert eventually(lambda: get_channel_layer().groups == {})


def test_a_follower_with_100_messages_waiting_misses_the_next():
    """A follower that lets 100 messages wait misses the next one"""

    async def waiting():
        layer = InMemoryChannelLayer()
        channel = await layer.new_channel()
        await layer.group_add("book.1", channel)
        for number in range(101):
            await layer.group_send("book.1", {"type": "book.event", "number": number})
        return layer.channels[channel].qsize()

    assert asyncio.run(waiting()) == 100


def test_the_inbox_of_a_redis_layer_has_no_limit():
    """With the layer over Redis, 1000 messages wait for a follower, and more"""
    layer = RedisPubSubLoopLayer(hosts=["redis://127.0.0.1"])
    layer.channels["ann"] = asyncio.Queue()
    with mock.patch.object(RedisSingleShardConnection, "subscribe"):
        asyncio.run(layer.group_add("book.1", "ann"))
    [shard] = layer._shards
    for number in range(1000):
        shard._receive_message({"channel": "asgi__group__book.1", "data": number})
    assert layer.channels["ann"].qsize() == 1000


@pytest.mark.parametrize(
    ("origin", "allowed"), [("http://shop.example", True), ("http://shop.example:1", False)]
)
def test_origins_in_full_are_compared_in_full(origin, allowed):
    """`OriginValidator` with `http://shop.example` refuses a page from another port of that host"""
    validator = OriginValidator(None, ["http://shop.example"])
    assert validator.valid_origin(urlparse(origin)) is allowed


def test_a_user_who_is_deleted_stays_connected(connect, address):
    """A user who is deleted goes on talking over the socket that is open"""
    with connect("/ws/echo", name="Gone") as socket:
        delete = get_user_model().objects.filter(username="Gone").delete
        deleted, _ = SyncToAsync.single_thread_executor.submit(delete).result()
        assert deleted == 1
        socket.say({"text": "hi"})
        assert socket.hear() == {"type": "echo", "text": "hi"}


@override_settings(CHANNEL_LAYERS={})
def test_without_the_setting_there_is_no_layer():
    """Without `CHANNEL_LAYERS`, `get_channel_layer()` is `None`"""
    assert get_channel_layer() is None


def test_the_list_is_only_read(site):
    assert site.options("/books").status_code == 405
