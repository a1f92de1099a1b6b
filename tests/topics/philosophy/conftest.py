"""What the tests of this chapter have in common: its smaller programs, in process and served."""

from contextlib import ExitStack, contextmanager
from functools import cache, partial
from types import SimpleNamespace

import pytest

from tests.harness import clients
from tests.harness.plugin import WITNESS
from tests.harness.snippets import load
from tests.harness.stacks import serving
from tests.topics.philosophy import bare
from tests.topics.philosophy.served import SERVED


@pytest.fixture
def part(framework, snippet, request):
    """The module of this framework in the folder beside its snippet; in Django its settings hold."""

    def part(name):
        if framework == "django":
            settings = request.getfixturevalue("settings")
            module = load(f"snippets.django.philosophy_parts.{name}")
            settings.ROOT_URLCONF = module.__name__
            for setting, value in getattr(module, "SETTINGS", {}).items():
                setattr(settings, setting, value)
            return module
        return load(f"snippets.{framework}.philosophy_parts.{name}")

    return part


@pytest.fixture
def open_client(request, framework):
    """`with open_client(application) as client`: a client whose exchanges become evidence."""
    witness = request.config.stash.get(WITNESS, None)

    @contextmanager
    def open_client(app=None, **options):
        with clients.connect(
            framework,
            SimpleNamespace(app=app),
            raise_app_exceptions=False,
            on_response=witness and partial(witness.record_exchange, volatile={}),
            **options,
        ) as client:
            yield client

    return open_client


@pytest.fixture
def plain(request, framework, snippet, open_client):
    """A client on views with nothing of ours around them."""
    app = None
    if framework == "django":
        request.getfixturevalue("settings").ROOT_URLCONF = bare.URLS
    else:
        app = {"flask": bare.flask_application, "fastapi": bare.fastapi_application}[framework]()
    with open_client(app) as client:
        yield client


@pytest.fixture
def plugged(part, framework, open_client):
    """A client on the program into which the part is plugged."""
    module = part("recent")
    if framework == "django":
        module.PATHS.clear()
    with open_client(None if framework == "django" else module.create_app()) as client:
        yield client


@pytest.fixture(scope="module")
def stacks():
    """A framework's real servers with the requests that wait; they start when first asked for."""

    def start(framework):
        served = {name: target for name, target in SERVED.items() if name.startswith(framework)}
        return started.enter_context(serving(served)).values()

    with ExitStack() as started:
        yield cache(start)
