"""What the tests of error handling have in common."""

from contextlib import ExitStack, contextmanager
from functools import cache, partial
from types import SimpleNamespace

import pytest
from django.test import override_settings
from fastapi import FastAPI
from werkzeug.debug import DebuggedApplication

from tests.harness import clients
from tests.harness.adapters.wsgi import WSGITransport
from tests.harness.plugin import WITNESS
from tests.harness.stacks import serving
from tests.topics.error_handling import bare_django, bare_fastapi, bare_flask

APPLICATIONS = {
    "flask": cache(bare_flask.application),
    "fastapi": cache(bare_fastapi.application),
}
HERE = "tests.topics.error_handling"
SERVED = {
    "flask_gunicorn": f"{HERE}.bare_flask:served",
    "flask_waitress": f"{HERE}.bare_flask:served",
    "fastapi_uvicorn": f"{HERE}.bare_fastapi:served",
    "django_gunicorn": f"{HERE}.bare_django:wsgi",
    "django_asgi": f"{HERE}.bare_django:asgi",
}


@pytest.fixture(autouse=True)
def _django_answers():
    """Unless a client asks for something else, Django answers an unhandled exception with 500."""
    with override_settings(DEBUG_PROPAGATE_EXCEPTIONS=False):
        yield


@pytest.fixture
def volatile():
    """The number of an entry in the log is another at each run."""
    return {r"(?<=urn:uuid:)[0-9a-f-]{36}": "(random)"}


@pytest.fixture
def open_bare(request, framework, snippet, volatile):
    """Open a client on an application on which nothing is configured; `with open_bare():`."""
    witness = request.config.stash.get(WITNESS, None)
    note = witness and partial(witness.record_exchange, volatile=volatile)

    @contextmanager
    def opened(app=None, **options):
        if framework == "django":
            settings = request.getfixturevalue("settings")
            settings.ROOT_URLCONF = app or bare_django.URLs
            settings.MIDDLEWARE = options.pop("middleware", bare_django.MIDDLEWARE)
            settings.DEBUG = options.pop("debug", False)
        else:
            app = app or APPLICATIONS[framework]()
        options = {"raise_app_exceptions": False, "on_response": note, **options}
        with clients.connect(framework, SimpleNamespace(app=app), **options) as client:
            yield client

    return opened


@pytest.fixture
def plain(open_bare):
    """A client on the application on which nothing is configured."""
    with open_bare() as client:
        yield client


@pytest.fixture
def debug(framework, open_bare):
    """The same application, in debug mode."""
    if framework == "flask":
        app = bare_flask.application()
        app.debug = True
        # As `flask run --debug` has it.
        with clients.client(WSGITransport(DebuggedApplication(app, evalex=True))) as client:
            yield client
    else:
        app = bare_fastapi.application(debug=True) if framework == "fastapi" else None
        with open_bare(app, debug=framework == "django") as client:
            yield client


@pytest.fixture(scope="module")
def stacks():
    """A framework's real servers with that application; they start when first asked for."""

    def start(framework):
        served = {name: target for name, target in SERVED.items() if name.startswith(framework)}
        return started.enter_context(serving(served)).values()

    with ExitStack() as started:
        yield cache(start)


@pytest.fixture
def guarded(request, framework, snippet, monkeypatch, open_bare):
    """A client on this topic's program, with a guard before each view that finds nothing in stock."""

    def guard(*_):
        raise snippet.OutOfStock("dune", 0)

    if framework == "flask":
        monkeypatch.setitem(snippet.app.before_request_funcs, None, [guard])
        opened = open_bare(snippet.app)
    elif framework == "fastapi":
        app = FastAPI(exception_handlers=snippet.app.exception_handlers)

        @app.middleware("http")
        async def guarding(request, call_next):
            guard()

        app.include_router(snippet.app.router)
        opened = open_bare(app)
    else:
        opened = open_bare(
            snippet, middleware=[*snippet.SETTINGS["MIDDLEWARE"], f"{__name__}.Guard"]
        )
    with opened as client:
        yield client


class Guard:
    """A middleware of Django."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        from snippets.django.error_handling import OutOfStock

        raise OutOfStock("dune", 0)
