"""For real servers: this chapter's program, with the application of `plain` below /plain."""

import types
from importlib import import_module

from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.urls import include, path
from starlette.applications import Starlette
from starlette.routing import Mount
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from tests.topics.response_handling import plain


def program(framework):
    return import_module(f"snippets.{framework}.response_handling")


def flask():
    return DispatcherMiddleware(program("flask").app, {"/plain": plain.flask_app})


def fastapi():
    return Starlette(
        routes=[Mount("/plain", plain.fastapi_app), Mount("/", program("fastapi").app)]
    )


def django_urls():
    """The project of this topic has both."""
    urls = types.ModuleType("both_urls")
    vars(urls)["urlpatterns"] = [
        path("plain/", include(plain.urlpatterns)),
        *program("django").urlpatterns,
    ]
    settings.ROOT_URLCONF = urls


def django_wsgi():
    django_urls()
    return WSGIHandler()


def django_asgi():
    django_urls()
    return ASGIHandler()
