"""Static files in Django: an app finds them, WhiteNoise serves them.

>>> from django.test import Client, override_settings
>>> from snippets.django import static_files as shop
>>> with override_settings(ROOT_URLCONF=shop.__name__, **shop.SETTINGS):
...     style = Client().get("/static/site.css")
...     style.status_code, style["Cache-Control"]
...     Client().get("/static/../static_files.py").status_code
...     style.close()
(200, 'max-age=60, public')
404
"""

from functools import partial
from pathlib import Path

from asgiref.sync import sync_to_async
from django.core.files.storage import default_storage
from django.core.handlers.asgi import ASGIRequest
from django.http import FileResponse, Http404
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

# region: setup
SHOP = Path(__file__).parent / "static_files_shop"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [SHOP / "templates"],
    }
]
SETTINGS = {
    "INSTALLED_APPS": ["django.contrib.staticfiles"],
    "STATIC_URL": "static/",
    # Beside these, the folder static/ of each app is looked into.
    "STATICFILES_DIRS": [SHOP / "static"],
    "MIDDLEWARE": [
        "django.middleware.security.SecurityMiddleware",
        f"{__name__}.in_pieces",  # for ASGI, see below
        # Django itself serves no files unless DEBUG is on.
        "whitenoise.middleware.WhiteNoiseMiddleware",
        "django.middleware.common.CommonMiddleware",
    ],
    # Serve files where they are found. Hashed names need more.
    "WHITENOISE_USE_FINDERS": True,
    "TEMPLATES": TEMPLATES,
    "MEDIA_ROOT": SHOP / "uploads",
}
# endregion: setup


# region: asgi
def in_pieces(get_response):
    def layer(request):
        response = get_response(request)
        synchronous = response.streaming and not response.is_async
        if isinstance(request, ASGIRequest) and synchronous:
            pieces = iter(response.streaming_content)
            response.streaming_content = read(pieces)
        return response  # under WSGI as it is

    return layer


async def read(pieces):
    next_piece = sync_to_async(partial(next, pieces, b""))
    while piece := await next_piece():  # in a thread
        yield piece


# endregion: asgi


# region: page
@require_safe
def show_home(request):
    return render(request, "home.html")


# endregion: page


# region: uploads
@require_safe
def show_upload(request, name):
    try:
        file = default_storage.open(name)
    except (OSError, ValueError):  # none, or a bad name
        raise Http404 from None
    # A browser saves an attachment, and does not run it.
    # X-Content-Type-Options comes from SecurityMiddleware.
    return FileResponse(file, as_attachment=True)


# endregion: uploads

urlpatterns = [
    path("", show_home),
    path("uploads/<name>", show_upload),
]
