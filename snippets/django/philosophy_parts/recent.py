"""A part that others plug in: in Django it is an app."""

from collections import deque

from django.http import JsonResponse
from django.urls import include, path
from django.views.decorators.http import require_safe

from snippets.django.settings import INSTALLED_APPS, MIDDLEWARE

# region: part
# One memory: a process serves one project.
PATHS = deque(maxlen=5)


@require_safe
def show_recent(request):
    return JsonResponse([*PATHS], safe=False)


pages = [path("recent", show_recent)]


def remember(get_response):
    """Remembers which paths were asked for last."""

    def middleware(request):
        PATHS.append(request.path)
        return get_response(request)

    return middleware
# endregion: part


# region: plug
APP = "snippets.django.philosophy_parts"
SETTINGS = {
    "INSTALLED_APPS": [*INSTALLED_APPS, APP],
    "MIDDLEWARE": [*MIDDLEWARE, f"{APP}.recent.remember"],
}
urlpatterns = [path("", include(pages))]
# endregion: plug
