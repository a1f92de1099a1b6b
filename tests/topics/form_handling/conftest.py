"""What the tests of forms have in common: an empty database, cheap hashes, tokens left out."""

from functools import partial

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from werkzeug.security import generate_password_hash

from tests.harness.adapters import adapter


@pytest.fixture
def volatile():
    """Tokens and the cookies that hold them are random, and some cookies have a date."""
    return {
        r'(?<=csrf_token" value=")[^"]+': "(token)",
        r'(?<=csrf_token" type="hidden" value=")[^"]+': "(token)",
        r'(?<=csrfmiddlewaretoken" value=")[^"]+': "(token)",
        r"(?<=csrf_token=)[^&]+": "(token)",
        r"(?<=csrfmiddlewaretoken=)[^&]+": "(token)",
        r"(?<=session=)[^;]+": "(signed)",
        r"(?<=csrftoken=)[^;]+": "(secret)",
        r"(?<=expires=)[^;]+": "(date)",
    }


@pytest.fixture(autouse=True)
def _database(framework, snippet, monkeypatch):
    """DATABASE_URL leads to an empty database in memory."""
    monkeypatch.setenv("DATABASE_URL", "sqlite://")
    with adapter(framework).database(snippet, "sqlite://", []):
        yield


@pytest.fixture(autouse=True)
def _cheap_hashes(request, framework, snippet, monkeypatch):
    """A good hash takes a second on purpose, which tests need not wait for."""
    if framework == "flask":
        quick = partial(generate_password_hash, method="pbkdf2:sha256:1")
        monkeypatch.setattr(snippet, "generate_password_hash", quick)
    elif framework == "fastapi":
        argon2 = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)
        monkeypatch.setattr(snippet, "hasher", PasswordHash((argon2,)))
    else:
        settings = request.getfixturevalue("settings")
        settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
