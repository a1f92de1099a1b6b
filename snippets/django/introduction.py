"""The smallest Django URLconf that answers with text and with JSON.

>>> from django.test import Client, override_settings
>>> with override_settings(ROOT_URLCONF="snippets.django.introduction"):
...     Client().get("/hello/Ada").json()
{'hello': 'Ada'}
"""

import asyncio

# region: app
from django.http import HttpResponse, JsonResponse
from django.urls import path


def home(request):
    text = "A bookshop on Django"
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


def hello(request, name):
    return JsonResponse({"hello": name})


urlpatterns = [
    path("", home),
    path("hello/<name>", hello),
]
# endregion: app


# region: async
async def ask(supplier):
    await asyncio.sleep(0.1)  # in place of a question over the network
    return supplier


async def offers(request):
    both = await asyncio.gather(ask("Abbey"), ask("Bell"))
    return JsonResponse({"offers": both})


urlpatterns += [path("offers", offers)]
# endregion: async
