"""The same in Django, in a file of its own: the servers of the other two need not load Django."""

from contextlib import ExitStack

from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings

from snippets.django.settings import MIDDLEWARE
from tests.topics.philosophy.served import program

SETTINGS = ExitStack()
"""Those of a server's process last until it ends."""


def wsgi():
    settle()
    return WSGIHandler()


def asgi():
    settle()
    return ASGIHandler()


def settle():
    settings = {"ROOT_URLCONF": program("django").__name__, "MIDDLEWARE": MIDDLEWARE}
    SETTINGS.enter_context(override_settings(**settings))
