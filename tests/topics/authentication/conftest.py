"""What the tests of this chapter have in common: a browser's cookies, cheap hashes, a look at the rows."""

import contextlib
import sqlite3
from collections import Counter
from functools import cache
from http.cookiejar import DefaultCookiePolicy
from types import SimpleNamespace

import argon2
import pytest
from argon2 import _password_hasher as inner
from django.contrib.auth.hashers import Argon2PasswordHasher
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from tests.harness import clients
from tests.harness.adapters import adapter
from tests.harness.plugin import WITNESS
from tests.harness.snippets import load
from tests.topics.authentication.provider import SECRET, running


class CheapHasher(Argon2PasswordHasher):
    """An Argon2 that takes no time. What it says of a password is the same."""

    time_cost, memory_cost, parallelism = 1, 8, 1


@cache
def cheap():
    hasher = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
    return hasher, hasher.hash("nobody's")


@pytest.fixture
def volatile():
    """Tokens, secrets and the dates of cookies."""
    return {
        r'(?<=csrf_token" value=")[^"]+': "(token)",
        r'(?<=csrfmiddlewaretoken" value=")[^"]+': "(token)",
        r"(?<=csrf_token=)[^&]+": "(token)",
        r"(?<=csrfmiddlewaretoken=)[^&]+": "(token)",
        r"(?<=session=)[^;]+": "(secret)",
        r"(?<=sessionid=)[^;]+": "(secret)",
        r"(?<=csrftoken=)[^;]+": "(secret)",
        r"(?<=expires=)[^;]+": "(date)",
        r"127\.0\.0\.1:\d+": "127.0.0.1",
        r"127\.0\.0\.1%3A\d+": "127.0.0.1",
        r"(?<=[?&]state=)[^&]+": "(state)",
        r"(?<=[?&]nonce=)[^&]+": "(nonce)",
        r"(?<=[?&]code_challenge=)[^&]+": "(challenge)",
        r"eyJ[\w-]+\.[\w-]+\.[\w-]+": "(token)",
    }


@pytest.fixture
def client(client):
    """A browser, but one that trusts http://testserver with a cookie marked as Secure.

    Real ones do so for http://localhost.
    """
    client.cookies.jar.set_policy(trusting())
    return client


def trusting():
    return DefaultCookiePolicy(secure_protocols=("http", "https"))


def register(monkeypatch, oauth, provider):
    """The shop knows this provider, as its environment would have told it at the start."""
    known = oauth.provider
    monkeypatch.setattr(known, "client_secret", SECRET)
    url = f"{provider.issuer}/.well-known/openid-configuration"
    monkeypatch.setattr(known, "_server_metadata_url", url)
    monkeypatch.setattr(known, "server_metadata", {})


@pytest.fixture(autouse=True)
def _database(request, framework, monkeypatch, tmp_path):
    """DATABASE_URL leads to an empty database: in memory, or in a file for a test that looks at its rows."""
    if framework == "django":
        yield
        return
    snippet = request.getfixturevalue("snippet")
    url = f"sqlite:///{tmp_path}/shop.sqlite3" if "sql" in request.fixturenames else "sqlite://"
    monkeypatch.setenv("DATABASE_URL", url)
    with adapter(framework).database(snippet, url, []):
        yield


@pytest.fixture(autouse=True)
def _cheap_hashes(request, framework, snippet, monkeypatch):
    """A good hash takes a tenth of a second on purpose; tests in process need not wait for it."""
    if framework == "django":
        settings = request.getfixturevalue("settings")
        settings.PASSWORD_HASHERS = [f"{__name__}.CheapHasher", *settings.PASSWORD_HASHERS]
    else:
        hasher, dummy = cheap()
        monkeypatch.setattr(snippet, "hasher", hasher)
        monkeypatch.setattr(snippet, "DUMMY", dummy)


@pytest.fixture
def hashes(monkeypatch):
    """How often a password is hashed: to store the hash, or to compare it with a stored one."""
    counted = Counter()
    for module, name in ((argon2.low_level, "hash_secret"), (inner, "verify_secret")):
        real = getattr(module, name)

        def noted(*args, real=real, **kwargs):
            counted["hashed"] += 1
            return real(*args, **kwargs)

        monkeypatch.setattr(module, name, noted)
    return counted


@pytest.fixture
def sql(framework, wire_database, tmp_path, client):
    """`sql("SELECT … FROM {user} WHERE id = ?", 1)`: rows of the application's database."""
    own = "authentication_" if framework == "django" else ""
    user = "auth_user" if framework == "django" else "user"
    keys = "authentication_apikey" if framework == "django" else "api_key"

    def sql(statement, *values):
        said = statement.format(user=f'"{user}"', own=own, keys=keys)
        if framework == "django" and not wire_database:
            from django.db import connection

            with connection.cursor() as cursor:
                cursor.execute(said.replace("?", "%s"), values)
                return cursor.fetchall() if cursor.description else []
        file = wire_database or tmp_path / "shop.sqlite3"
        with contextlib.closing(sqlite3.connect(file)) as opened, opened:
            return opened.execute(said, values).fetchall()

    return sql


@pytest.fixture
def promote(framework, sql):
    """A function that gives a user, who has signed up, the right to delete reviews."""

    def promote(username):
        if framework != "django":
            sql("UPDATE {user} SET role = 'staff' WHERE username = ?", username)
            return
        [(permission,)] = sql("SELECT id FROM auth_permission WHERE codename = 'delete_review'")
        [(user,)] = sql("SELECT id FROM auth_user WHERE username = ?", username)
        sql(
            "INSERT INTO auth_user_user_permissions (user_id, permission_id) VALUES (?, ?)",
            user,
            permission,
        )

    return promote


@pytest.fixture
def part(framework, snippet, request):
    """A function that loads a program beside the snippet; in Django its settings hold."""

    def part(name):
        module = load(f"snippets.{framework}.authentication_files.{name}")
        if framework == "django":
            settings = request.getfixturevalue("settings")
            settings.ROOT_URLCONF = module.__name__
            for setting, value in module.SETTINGS.items():
                setattr(settings, setting, value)
        return module

    return part


@pytest.fixture
def open_client(request, framework, volatile):
    """`with open_client(application) as client`: a browser at a program beside the snippet."""
    witness = request.config.stash.get(WITNESS, None)

    def record(response):
        # An address with a random state would be another one in each record.
        if witness and "state=" not in str(response.request.url):
            witness.record_exchange(response, volatile)

    @contextlib.contextmanager
    def open_client(app=None):
        with clients.connect(framework, SimpleNamespace(app=app), on_response=record) as opened:
            opened.cookies.jar.set_policy(trusting())
            yield opened

    return open_client


@pytest.fixture
def provider(monkeypatch):
    with running() as provider:
        monkeypatch.setenv("OIDC_ISSUER", provider.issuer)
        yield provider


@pytest.fixture
def elsewhere(part, open_client, provider, monkeypatch):
    """The client of a shop whose customers log in at the provider."""
    program = part("oidc")
    register(monkeypatch, program.oauth, provider)
    with open_client(getattr(program, "app", None)) as client:
        yield client
