"""A layer for both of Django's worlds, WSGI and ASGI."""

import asyncio
import time
from inspect import iscoroutinefunction

from django.http import HttpResponse
from django.urls import path
from django.utils.decorators import sync_and_async_middleware
from django.views.decorators.http import require_safe


# region: both
@sync_and_async_middleware
def timed(get_response):
    def stamped(response, began):
        seconds = time.perf_counter() - began
        response["X-Process-Time"] = f"{seconds:.6f}"
        return response

    # What is inside decides which of the two Django gets.
    if iscoroutinefunction(get_response):

        async def layer(request):
            began = time.perf_counter()
            return stamped(await get_response(request), began)

    else:

        def layer(request):
            began = time.perf_counter()
            return stamped(get_response(request), began)

    return layer


# endregion: both


@require_safe
async def home(request):
    await asyncio.sleep(0)
    return HttpResponse("A bookshop")


urlpatterns = [path("", home)]
SETTINGS = {"MIDDLEWARE": [f"{__name__}.timed"]}
