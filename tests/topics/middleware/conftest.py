"""What the tests of this chapter have in common: ids that differ, and the programs beside the main one."""

from contextlib import contextmanager
from functools import partial
from types import SimpleNamespace

import pytest

from tests.harness import clients
from tests.harness.plugin import WITNESS
from tests.harness.snippets import load


@pytest.fixture
def volatile():
    """An id that nobody sent, and the time that an answer took."""
    return {
        r"\b[0-9a-f]{32}\b": "(32 hexadecimal digits)",
        r"(?<=x-process-time: )[\d.]+": "(seconds)",
    }


@pytest.fixture
def part(framework, snippet, request):
    """The module of this framework in the folder beside its snippet; in Django its settings hold."""

    def part(name):
        module = load(f"snippets.{framework}.middleware_parts.{name}")
        if framework == "django":
            settings = request.getfixturevalue("settings")
            settings.ROOT_URLCONF = module.__name__
            for setting, value in module.SETTINGS.items():
                setattr(settings, setting, value)
        return module

    return part


@pytest.fixture
def open_client(request, framework, volatile):
    """`with open_client(application) as client`: a client whose exchanges become evidence."""
    witness = request.config.stash.get(WITNESS, None)

    @contextmanager
    def open_client(app=None, **options):
        with clients.connect(
            framework,
            SimpleNamespace(app=app),
            raise_app_exceptions=False,
            on_response=witness and partial(witness.record_exchange, volatile=volatile),
            **options,
        ) as client:
            yield client

    return open_client


@pytest.fixture
def walk(part, open_client):
    """`walk(path)`: the status of an answer, and who was called for it, in order."""
    layers = part("layers")
    application = getattr(layers, "app", None)

    def walk(path):
        with clients.restored(layers), open_client(application) as client:
            status = client.get(path).status_code
            called = " ".join(name for name in layers.trace if not name.startswith("done"))
        return status, called

    return walk
