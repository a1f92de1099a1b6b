"""Real time in Django: Channels, where a consumer serves each socket.

>>> from django.test import Client, override_settings
>>> from snippets.django import realtime as shop
>>> with override_settings(ROOT_URLCONF=shop.__name__, **shop.SETTINGS):
...     Client().post("/books/1/sold").status_code
204
"""

import json
import os
from pathlib import Path

from channels.auth import AuthMiddlewareStack
from channels.exceptions import DenyConnection, StopConsumer
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.layers import get_channel_layer
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import (
    AllowedHostsOriginValidator,
    WebsocketDenier,
)
from django.contrib.auth import get_user_model, login
from django.core.asgi import get_asgi_application
from django.db import IntegrityError
from django.http import Http404, HttpResponse, JsonResponse
from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt, ensure_csrf_cookie
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)
from redis.exceptions import RedisError

BOOKS = {1: "Dune", 2: "Emma"}

# region: shared
LAYER = {"BACKEND": "channels.layers.InMemoryChannelLayer"}
if redis_url := os.environ.get("REDIS_URL"):
    LAYER = {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [redis_url]},
    }

SETTINGS = {"CHANNEL_LAYERS": {"default": LAYER}}
# endregion: shared


# region: user
@require_http_methods(["PUT"])
def enter(request, name):
    if len(name) > 20:
        raise Http404
    try:  # without a password: nobody else can sign in as this user
        user = get_user_model().objects.create_user(name)
    except IntegrityError:
        return HttpResponse(status=409)
    login(request, user)
    return HttpResponse(status=204)


class UserConsumer(AsyncJsonWebsocketConsumer):
    """Accepts a socket whose session has a user."""

    async def connect(self):
        if not self.scope["user"].is_authenticated:
            raise DenyConnection
        await self.accept()
# endregion: user


# region: frames
def text_of(frame):
    """The text of a frame such as {"text": "hi"}."""
    match json.loads(frame):
        case {"text": str(text)}:
            return text
    raise ValueError(frame)


class TextConsumer(UserConsumer):
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
        book_id = self.scope["url_route"]["kwargs"]["book_id"]
        self.group = f"book.{book_id}"
        await super().connect()
        if book_id not in BOOKS:
            await self.hang_up(4404, "no such book")
        layer = self.channel_layer
        await layer.group_add(self.group, self.channel_name)
        self.user = self.scope["user"].username
        title = BOOKS[book_id]
        joined = {"type": "joined", "as": self.user, "title": title}
        await self.send_json(joined)

    async def disconnect(self, code):
        layer = self.channel_layer
        await layer.group_discard(self.group, self.channel_name)

    async def hear(self, text):
        said = {"type": "said", "from": self.user, "text": text}
        await publish(self.group, said)

    async def book_event(self, event):
        await self.send_json(event["message"])


async def publish(group, message):
    """Calls book_event of every consumer in the group."""
    event = {"type": "book.event", "message": message}
    await get_channel_layer().group_send(group, event)
# endregion: broadcast


# region: away
def while_broker_is_here(consumer):
    """Hangs up when the channel layer has lost its broker."""

    async def application(scope, receive, send):
        try:
            await consumer(scope, receive, send)
        except RedisError:
            close = {"code": 1013, "reason": "try again later"}
            await send({"type": "websocket.close", **close})

    return application
# endregion: away


# region: push
# No cookie identifies the caller here, so nothing can be forged.
@csrf_exempt
@require_POST
async def sell(request, book_id):
    if book_id not in BOOKS:
        raise Http404
    return await tell(f"book.{book_id}", {"type": "sold"})


async def tell(group, message):
    try:
        await publish(group, message)
    except RedisError:
        return HttpResponse(status=503)
    return HttpResponse(status=204)
# endregion: push


# region: ready
@require_safe
async def ready(request):
    # Nobody is in this group; the layer asks its broker all the same.
    return await tell("nobody", {})
# endregion: ready


@require_safe
def list_books(request):
    return JsonResponse(BOOKS)


# region: page
SHOP = Path(__file__).with_name("realtime_shop")


@require_safe
@ensure_csrf_cookie  # the page's script sends it back with its PUT
def show_page(request):
    return HttpResponse((SHOP / "book.html").read_bytes())


@require_safe
def show_script(request):
    script = (SHOP / "book.js").read_bytes()
    return HttpResponse(script, content_type="text/javascript")
# endregion: page


urlpatterns = [
    path("", show_page),
    path("book.js", show_script),
    path("books", list_books),
    path("books/<int:book_id>/sold", sell),
    path("guests/<str:name>", enter),
    path("ready", ready),
]


# region: origin
follow_book = while_broker_is_here(FollowBook.as_asgi())
sockets = [
    path("ws/echo", Echo.as_asgi()),
    path("ws/books/<int:book_id>", follow_book),
    # Without a last resort, an unknown path is an exception.
    re_path("", WebsocketDenier.as_asgi()),
]

application = ProtocolTypeRouter(
    {
        "http": get_asgi_application(),
        "websocket": AllowedHostsOriginValidator(
            AuthMiddlewareStack(URLRouter(sockets))
        ),
    }
)
# endregion: origin
