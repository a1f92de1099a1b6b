"""Who connects has a name in the shop; servers have a broker, if asked, and Django's a database."""

import asyncio
import importlib
import shutil
import threading
import time
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from functools import cache
from threading import Thread

import httpx2
import pytest
from asgiref.sync import SyncToAsync
from django.db import connections
from django.db.backends.signals import connection_created
from redis import RedisError

from snippets.fastapi.realtime_shop import rooms as fastapi_rooms
from snippets.flask.realtime_shop import rooms as flask_rooms
from tests.harness.adapters import adapter
from tests.harness.servers import running
from tests.harness.sockets import eventually, plain
from tests.harness.witness import exchange
from tests.topics.realtime.valkey import valkey

TAKEN: dict[tuple[str, str], str] = {}
"""The cookies of who has a name, by address and name."""


def enter(address, name):
    """Take a name at a server, once, as its page does; gives the cookies."""
    if (address, name) not in TAKEN:
        with httpx2.Client(base_url=f"http://{address}", transport=plain()) as client:
            client.get("/")
            token = client.cookies.get("csrftoken") or ""  # Django's
            answer = client.put(f"/guests/{name}", headers={"x-csrftoken": token})
            assert answer.status_code == 204
            pairs = [f"{key}={value}" for key, value in client.cookies.items()]
            TAKEN[address, name] = "; ".join(pairs)
    return TAKEN[address, name]


@pytest.fixture(scope="session")
def tables(tmp_path_factory, django_db_blocker):
    """Copies a database with Django's tables to a new file; they are made once."""

    @cache
    def made():
        file = tmp_path_factory.mktemp("realtime") / "tables"
        django = adapter("django")
        with django_db_blocker.unblock(), django.project("realtime"), django.database_file(file):
            return file

    def copy():
        return shutil.copy(made(), tmp_path_factory.mktemp("realtime") / "db")

    return copy


@pytest.fixture(scope="session")
def serve(tables, django_db_blocker):
    """Serves a snippet, as `running` does; Django's on a database of its own.

    That one is open to the server's threads between tests, too: a socket that a test leaves behind
    ends a moment later, and Channels then looks at its connections.
    """

    @contextmanager
    def serve(framework, topic):
        database = tables() if framework == "django" else None
        if framework != "django":  # a server that has ended has left its guests in the module
            importlib.import_module(f"snippets.{framework}.{topic}").GUESTS.clear()
        allowed = django_db_blocker.unblock() if framework == "django" else nullcontext()
        with allowed, connections_closed(), running(framework, topic, database=database) as address:
            forget_connection()
            yield address
        forget_connection()
        for taken in [each for each in TAKEN if each[0] == address]:
            del TAKEN[taken]  # another server may be given this address

    return serve


@contextmanager
def connections_closed():
    """What threads of a server have opened is closed with it, even if they ended without that."""
    opened = []

    def note(connection, **_):
        if threading.current_thread() is not threading.main_thread():
            opened.append(connection.connection)

    connection_created.connect(note)
    try:
        yield
    finally:
        connection_created.disconnect(note)
        for each in opened:
            each.close()


def forget_connection():
    """Channels asks the database in a thread that the whole process has in common."""

    def forget():
        connections["default"].close()
        del connections["default"]

    SyncToAsync.single_thread_executor.submit(forget).result()


@pytest.fixture(scope="module")
def servers(server_errors, serve):
    """As the harness has it, with databases."""
    with ExitStack() as stack:
        yield cache(lambda framework, topic: stack.enter_context(serve(framework, topic)))


@pytest.fixture
def connect(connect, address):
    """As the harness has it, for somebody with a name; a stranger has none, but maybe a cookie."""

    @contextmanager
    def signed_in(path, *, name="", at=address, cookie=None, **options):
        cookie = enter(at, name or "Guest") if cookie is None else cookie
        options["headers"] = {"cookie": cookie} if cookie else {}
        with connect(path, name=name, at=at, **options) as socket:
            yield socket

    return signed_in


@pytest.fixture
def site_at(record, volatile):
    """Opens an httpx2.Client on a real server, such as `site` is on the usual one."""

    def note(response):
        response.read()
        record(exchange(response, volatile))

    with ExitStack() as stack:
        yield lambda address: stack.enter_context(
            httpx2.Client(
                base_url=f"http://{address}", event_hooks={"response": [note]}, transport=plain()
            )
        )


def status(address, path):
    """The status of an ordinary request, which nobody records."""
    with httpx2.Client(transport=plain()) as client:
        return client.get(f"http://{address}{path}").status_code


@pytest.fixture
def sharing(framework, topic, address, serve, monkeypatch):
    """Serves the snippet with a REDIS_URL.

    The server at `address` starts before: it is for all tests, and must not see the broker.
    """
    module = importlib.import_module(f"snippets.{framework}.{topic}")
    if framework == "flask":
        monkeypatch.setattr(flask_rooms, "Thread", Listener)
        monkeypatch.setattr(flask_rooms, "sleep", lambda seconds: time.sleep(seconds / 10))
    if framework == "fastapi":
        monkeypatch.setattr(fastapi_rooms, "sleep", lambda seconds: asyncio.sleep(seconds / 10))

    @contextmanager
    def sharing(url):
        monkeypatch.setenv("REDIS_URL", url)
        importlib.reload(module)
        with serve(framework, topic) as there:
            assert eventually(lambda: status(there, "/ready") == 204)
            yield there
        if framework == "flask":
            Listener.end(module.rooms.redis)
        monkeypatch.delenv("REDIS_URL")
        importlib.reload(module)

    return sharing


class Listener(Thread):
    """The thread of Flask's rooms, which else would go on as long as this process."""

    last: "Listener"

    def run(self):
        Listener.last = self
        with suppress(SystemExit):
            super().run()

    @classmethod
    def end(cls, redis):
        def pubsub():
            raise SystemExit

        redis.pubsub = pubsub
        with suppress(RedisError):  # without a broker it does not listen
            redis.client_kill_filter(_type="pubsub")
        cls.last.join()


@pytest.fixture(scope="module")
def broker():
    """The URL of a real Valkey."""
    with valkey() as broker:
        yield broker.url


@pytest.fixture
def shared(sharing, broker):
    """The address of a server with a broker."""
    with sharing(broker) as address:
        yield address


@pytest.fixture
def fragile(sharing, server_errors):
    """The address of a server, and its broker, which may be stopped. What that logs is expected."""
    with valkey() as broker, sharing(broker.url) as address:
        yield address, broker
    server_errors.take()
