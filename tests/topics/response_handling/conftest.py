"""Clients on the application that configures nothing, and what is another at each run."""

from contextlib import ExitStack
from functools import cache, partial
from types import SimpleNamespace

import pytest

from tests.harness import clients
from tests.harness.plugin import WITNESS
from tests.topics.response_handling import plain as plain_apps
from tests.topics.response_handling.stacks import serving


@pytest.fixture
def volatile():
    """When a cookie ends and when a file was changed."""
    return {
        r"(?i)expires=[^;]+ GMT": "expires=…",
        r"etag: .*": 'etag: "…"',
        r"last-modified: .*": "last-modified: …",
        r"date: .*": "date: …",
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


@pytest.fixture(scope="module")
def stacks():
    """Addresses of a framework's real servers; they start when first asked for."""
    with ExitStack() as started:
        yield cache(lambda framework: started.enter_context(serving(framework)))
