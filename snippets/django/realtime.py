"""Real time in Django: Channels, where a consumer serves each socket.

>>> from django.test import Client, override_settings
>>> from snippets.django import realtime as shop
>>> with override_settings(ROOT_URLCONF=shop.__name__, **shop.SETTINGS):
...     Client().post("/books/1/sold").status_code
204
"""

import json
import os

from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.layers import get_channel_layer
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import (
    AllowedHostsOriginValidator,
    WebsocketDenier,
)
from django.core.asgi import get_asgi_application
from django.http import Http404, HttpResponse, JsonResponse
from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

BOOKS = {1: "Dune", 2: "Emma"}

# region: broker
LAYER = {"BACKEND": "channels.layers.InMemoryChannelLayer"}
if redis_url := os.environ.get("REDIS_URL"):
    LAYER = {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [redis_url]},
    }

SETTINGS = {"CHANNEL_LAYERS": {"default": LAYER}}
# endregion: broker


# region: frames
def text_of(frame):
    """The text of a frame such as {"text": "hi"}."""
    match json.loads(frame):
        case {"text": str(text)}:
            return text
    raise ValueError(frame)


class TextConsumer(AsyncJsonWebsocketConsumer):
    """Hangs up on a client that talks nonsense."""

    async def receive(self, text_data=None, bytes_data=None):
        if text_data is None:
            await self.hang_up(1003, "text only")
        try:
            text = text_of(text_data)
        except (ValueError, RecursionError):
            await self.hang_up(1007, "no JSON with a text")
        await self.hear(text)

    async def hang_up(self, code, reason):
        await self.close(code, reason)
        await self.disconnect(code)
        # What is still queued must not be sent after the close.
        raise StopConsumer
# endregion: frames


# region: echo
class Echo(TextConsumer):
    async def hear(self, text):
        if text == "bye":
            await self.hang_up(4000, "bye")
        await self.send_json({"type": "echo", "text": text})
# endregion: echo


# region: broadcast
class FollowBook(TextConsumer):
    async def connect(self):
        await self.accept()
        book_id = self.scope["url_route"]["kwargs"]["book_id"]
        self.group = f"book.{book_id}"
        if book_id not in BOOKS:
            await self.hang_up(4404, "no such book")
        layer = self.channel_layer
        await layer.group_add(self.group, self.channel_name)
        joined = {"type": "joined", "title": BOOKS[book_id]}
        await self.send_json(joined)

    async def disconnect(self, code):
        layer = self.channel_layer
        await layer.group_discard(self.group, self.channel_name)

    async def hear(self, text):
        await publish(self.group, {"type": "said", "text": text})

    async def book_event(self, event):
        await self.send_json(event["message"])


async def publish(group, message):
    """Calls book_event of every consumer in the group."""
    event = {"type": "book.event", "message": message}
    await get_channel_layer().group_send(group, event)
# endregion: broadcast


@require_safe
def list_books(request):
    return JsonResponse(BOOKS)


# region: push
# No cookie identifies the caller here, so nothing can be forged.
@csrf_exempt
@require_POST
async def sell(request, book_id):
    if book_id not in BOOKS:
        raise Http404
    await publish(f"book.{book_id}", {"type": "sold"})
    return HttpResponse(status=204)
# endregion: push


urlpatterns = [
    path("books", list_books),
    path("books/<int:book_id>/sold", sell),
]


# region: origin
sockets = [
    path("ws/echo", Echo.as_asgi()),
    path("ws/books/<int:book_id>", FollowBook.as_asgi()),
    # Without a last resort, an unknown path is an exception.
    re_path("", WebsocketDenier.as_asgi()),
]

application = ProtocolTypeRouter(
    {
        "http": get_asgi_application(),
        "websocket": AllowedHostsOriginValidator(URLRouter(sockets)),
    }
)
# endregion: origin
