"""A small site in Django on which nothing is configured."""

import sys

from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.core.handlers.wsgi import WSGIHandler
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.tasks import task
from django.test import override_settings
from django.urls import path
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from tests.topics.error_handling.bare import (
    MESSAGE,
    Fragile,
    FragileConnection,
    Noted,
    fail,
    handle,
    lines,
)

MIDDLEWARE = [
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]


async def asynchronous_lines():
    for line in lines():
        yield line


@task
def broken():
    raise TimeoutError("no mail server")


class URLs:
    """A URLconf."""

    @staticmethod
    def missing(request):
        raise Http404(MESSAGE)

    @staticmethod
    def failing(request):
        fail()

    @staticmethod
    def fragile(request):
        raise Fragile

    @staticmethod
    def fragile_connection(request):
        raise FragileConnection

    @staticmethod
    def noted(request):
        raise Noted

    @staticmethod
    def enqueued(request):
        broken.enqueue()
        return HttpResponse(status=202)

    @staticmethod
    def cut(request):
        content = asynchronous_lines() if isinstance(request, ASGIRequest) else lines()
        return StreamingHttpResponse(content, content_type="text/plain")

    urlpatterns = (
        path("missing", csrf_exempt(require_safe(missing))),  # no cookie is read
        path("failing", require_safe(failing)),
        path("fragile", require_safe(fragile)),
        path("fragile-connection", require_safe(fragile_connection)),
        path("noted", require_safe(noted)),
        path("enqueued", require_safe(enqueued)),
        path("cut", require_safe(cut)),
    )


class ServedURLs(URLs):
    """The URLconf that a real server has."""

    @staticmethod
    def handler500(request):
        handle(sys.exception())
        return defaults.server_error(request)


def served():
    """The settings are this site's until the process of the real server ends."""
    override_settings(ROOT_URLCONF=ServedURLs, MIDDLEWARE=MIDDLEWARE).enable()


def wsgi():
    served()
    return WSGIHandler()


def asgi():
    served()
    return ASGIHandler()
