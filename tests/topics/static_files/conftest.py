"""Other programs of this chapter, and folders to serve that hold what a shop's folder should not."""

from contextlib import contextmanager
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from django.http import HttpResponse
from fastapi import Depends, FastAPI, HTTPException
from fastapi.staticfiles import StaticFiles
from flask import Flask, abort

from tests.harness import clients
from tests.harness.plugin import WITNESS
from tests.harness.snippets import load


@pytest.fixture
def volatile():
    """Times of files, and what is computed from them, are another on each machine."""
    return {
        r"(?<=last-modified: ).+": "(when the file was changed)",
        r"(?<=date: ).+": "(now)",
        r'(?<=etag: )"[^"]+"': '"(file)"',
        r'(?<=if-none-match: )"[^"]+"': '"(file)"',
        r"(?<=if-modified-since: ).+": "(when the file was changed)",
    }


@pytest.fixture
def open_client(request, framework, volatile):
    """`with open_client(application) as client`: a client whose exchanges become evidence."""
    witness = request.config.stash.get(WITNESS, None)

    @contextmanager
    def open_client(app=None):
        with clients.connect(
            framework,
            SimpleNamespace(app=app),
            raise_app_exceptions=False,
            on_response=witness and partial(witness.record_exchange, volatile=volatile),
        ) as client:
            yield client

    return open_client


@pytest.fixture
def change(request, snippet):
    """Change settings of Django for this test."""

    def change(**settings):
        for name, value in settings.items():
            setattr(request.getfixturevalue("settings"), name, value)

    return change


@pytest.fixture
def serve(framework, change, open_client):
    """`with serve(folder) as client`: a program of this framework that serves a folder."""

    @contextmanager
    def serve(folder):
        app: Any = None
        if framework == "flask":
            app = Flask("shop", static_folder=folder, static_url_path="/static")
        elif framework == "fastapi":
            app = FastAPI()
            app.mount("/static", StaticFiles(directory=folder), "static")
        else:
            change(STATICFILES_DIRS=[folder])
        with open_client(app) as client:
            yield client

    return serve


def collect(change, tmp_path, **options):
    """Let Django collect, with hashed names, into a folder of this test's own; gives the folder."""
    part = load("snippets.django.static_files_shop.versions")
    change(**{**part.SETTINGS, "STATIC_ROOT": tmp_path / "collected"})
    call_command("collectstatic", interactive=False, clear=True, verbosity=0, **options)
    return tmp_path / "collected"


@pytest.fixture
def collected(change, tmp_path):
    """The folder into which Django has collected."""
    return collect(change, tmp_path)


@pytest.fixture
def versions(framework, request, open_client):
    """A client of the program whose URLs change with the file."""
    app = None
    if framework == "django":
        request.getfixturevalue("collected")
    else:
        app = load(f"snippets.{framework}.static_files_shop.versions").app
    with open_client(app) as client:
        yield client


@pytest.fixture
def bare(framework, snippet, change, open_client):
    """A client of the chapter's program with nothing but what its framework brings."""
    if framework == "django":
        ours = snippet.SETTINGS["MIDDLEWARE"]
        change(MIDDLEWARE=[name for name in ours if "whitenoise" not in name])
    with open_client(getattr(snippet, "app", None)) as client:
        yield client


@pytest.fixture
def edited(framework, change, request, open_client, tmp_path, monkeypatch):
    """`with edited(text) as client`: the program with hashes, with this text as its style sheet."""
    folder = tmp_path / "static"
    folder.mkdir()

    @contextmanager
    def edited(text, name="site.css"):
        (folder / name).write_text(text)
        app = None
        if framework == "django":
            change(STATICFILES_DIRS=[folder])
            collect(change, tmp_path)
        else:
            part = load(f"snippets.{framework}.static_files_shop.versions")
            app = part.app
            monkeypatch.setattr(part, "STATIC", folder)
            if framework == "flask":
                monkeypatch.setattr(app, "static_folder", str(folder))
            else:
                mount = next(route.app for route in app.routes if route.name == "static")
                monkeypatch.setattr(mount, "all_directories", [folder])
        with open_client(app) as client:
            yield client

    return edited


@pytest.fixture
def misspelt(edited):
    """A client of the program with hashes, whose page names a file that is not there."""
    with edited("h1 {}", "stile.css") as client:
        yield client


def refuse(get_response):
    """A layer of Django that refuses each request that reaches it."""
    return lambda request: HttpResponse(status=401)


@pytest.fixture
def guarded(framework, snippet, change, open_client, tmp_path):
    """A client of a program in which the usual place for a guard refuses each view."""
    (tmp_path / "site.css").touch()
    app: Any = None
    if framework == "flask":
        app = Flask("shop", static_folder=tmp_path, static_url_path="/static")
        app.before_request(lambda: abort(401))
        app.get("/")(lambda: "Bookshop")
    elif framework == "fastapi":

        def guard():
            raise HTTPException(401)

        app = FastAPI(dependencies=[Depends(guard)])
        app.get("/")(lambda: "Bookshop")
        app.mount("/static", StaticFiles(directory=tmp_path))
    else:
        change(MIDDLEWARE=[*snippet.SETTINGS["MIDDLEWARE"], f"{__name__}.refuse"])
    with open_client(app) as client:
        yield client
