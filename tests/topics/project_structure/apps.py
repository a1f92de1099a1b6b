"""The shop for real servers, each in a process of its own, with a log that says what happens."""

import contextlib
import logging
import os

from tests.topics.project_structure import projects

LIFE = contextlib.ExitStack()
"""What lasts as long as the process."""


def made(framework):
    logging.basicConfig(level=logging.INFO)
    os.environ["SHOP_SECRET_KEY"] = projects.KEY
    return LIFE.enter_context(projects.STARTED[framework]())


def flask():
    return made("flask")


def fastapi():
    return made("fastapi")


def django():
    from django.core.handlers.asgi import ASGIHandler

    made("django")
    return ASGIHandler()


SERVED = {
    "flask_gunicorn": "flask",
    "flask_waitress": "flask",
    "fastapi_uvicorn": "fastapi",
    "django_asgi": "django",
}
