"""Clients on the application that configures nothing, and what is another at each run."""

from contextlib import ExitStack
from functools import cache, partial
from types import SimpleNamespace

import pytest

from tests.harness import clients
from tests.harness.plugin import WITNESS
from tests.harness.stacks import serving
from tests.topics.response_handling import plain as plain_apps


@pytest.fixture
def volatile():
    """When a cookie ends and when a file was changed."""
    return {
        r"(?i)expires=[^;]+ GMT": "expires=…",
        r"etag: .*": 'etag: "…"',
        r"last-modified: .*": "last-modified: …",
        r"date: .*": "date: …",
        r"if-(none-match|range|modified-since): .*": r"if-\1: …",
    }


@pytest.fixture
def plain(request, framework, volatile):
    """A client on an application of this framework with nothing configured."""
    made = {"flask": plain_apps.flask_app, "fastapi": plain_apps.fastapi_app}.get(framework)
    if framework == "django":
        request.getfixturevalue("snippet")
        request.getfixturevalue("settings").ROOT_URLCONF = plain_apps.__name__
    witness = request.config.stash.get(WITNESS, None)
    with clients.connect(
        framework,
        SimpleNamespace(app=made),
        raise_app_exceptions=False,
        on_response=witness and partial(witness.record_exchange, volatile=volatile),
    ) as client:
        yield client


MADE_BY = {
    "flask": {"flask_gunicorn": "flask", "flask_waitress": "flask"},
    "fastapi": {"fastapi_uvicorn": "fastapi"},
    "django": {"django_gunicorn": "django_wsgi", "django_asgi": "django_asgi"},
}


@pytest.fixture(scope="module")
def stacks():
    """A framework's real servers; they start when first asked for."""

    def start(framework):
        served = {
            variant: f"tests.topics.response_handling.both:{function}"
            for variant, function in MADE_BY[framework].items()
        }
        return started.enter_context(serving(served)).values()

    with ExitStack() as started:
        yield cache(start)
