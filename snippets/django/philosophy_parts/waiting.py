"""Requests that wait in Django, and a neighbour that rings."""

import asyncio
import threading

from django.http import JsonResponse
from django.urls import path
from django.views.decorators.http import require_safe

# region: bell
BELL = threading.Event()
PATIENCE = 1  # second


def wait():
    """Keep this thread until the bell rings; whether it did."""
    BELL.clear()
    return BELL.wait(PATIENCE)


@require_safe  # it knows both kinds of views
async def ring(request):
    BELL.set()
    return JsonResponse({"rang": True})
# endregion: bell


# region: views
@require_safe
def plain(request):
    return JsonResponse({"rang": wait()})


@require_safe
async def blocking(request):
    return JsonResponse({"rang": wait()})  # no await


@require_safe
async def awaiting(request):
    return JsonResponse({"rang": await asyncio.to_thread(wait)})
# endregion: views


urlpatterns = [
    path("ring", ring),
    path("plain", plain),
    path("blocking", blocking),
    path("awaiting", awaiting),
]
