"""Pictures to send, a place to keep them, and a second application that configures nothing."""

import shutil
from contextlib import ExitStack
from functools import cache, partial
from io import BytesIO
from types import SimpleNamespace

import pytest
from django.conf import global_settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.http import JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from fastapi import FastAPI, UploadFile
from flask import Flask, request
from PIL import Image

from book._core.variants import SERVED
from tests.harness import clients
from tests.harness.plugin import WITNESS
from tests.harness.stacks import serving

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


@pytest.fixture
def volatile():
    """The name of a stored file is another at each run."""
    return {UUID: "0b5e4a52-61b5-4a5e-9c3e-2f3f6c0a9d11"}


@pytest.fixture(autouse=True)
def media(request, tmp_path, monkeypatch):
    """The folder for pictures is below one of this test's own."""
    monkeypatch.chdir(tmp_path)
    if "snippet" in request.fixturenames:
        settings = getattr(request.getfixturevalue("snippet"), "SETTINGS", {})
        if "MEDIA_ROOT" in settings:
            # Django's storage keeps the place where it was until the setting is set again.
            request.getfixturevalue("settings").MEDIA_ROOT = settings["MEDIA_ROOT"]
    return tmp_path / "media"


def picture(size=(4, 2), colour="teal", kind="PNG", **options):
    """A real picture, as bytes."""
    file = BytesIO()
    Image.new("RGB", size, colour).save(file, kind, **options)
    return file.getvalue()


# Nothing configured


@cache
def plain_flask():
    app = Flask("plain")

    @app.post("/files")
    def read_files():
        return {"files": len(request.files.getlist("files"))}

    @app.post("/copies")
    def copy():
        file = request.files["file"]
        file.save("copy")
        return {"disk": vars(file.stream)["_rolled"]}

    return app


@cache
def plain_fastapi():
    app = FastAPI()

    @app.post("/files")
    def read_files(files: list[UploadFile]):
        return {"files": len(files)}

    @app.post("/copies")
    def copy(file: UploadFile):
        with open("copy", "wb") as kept:
            shutil.copyfileobj(file.file, kept)
        return {"disk": vars(file.file)["_rolled"]}

    return app


class PlainDjango:
    """A URLconf."""

    @staticmethod
    def read_files(request):
        return JsonResponse({"files": len(request.FILES.getlist("files"))})

    @staticmethod
    def copy(request):
        file = request.FILES["file"]
        default_storage.save("copy", file)
        return JsonResponse({"disk": isinstance(file, TemporaryUploadedFile)})

    urlpatterns = (
        path("files", csrf_exempt(read_files)),
        path("copies", csrf_exempt(copy)),
    )


@pytest.fixture
def plain(request, framework):
    """A client on the application above, with the framework's own settings."""
    made = {"flask": plain_flask, "fastapi": plain_fastapi}.get(framework, lambda: None)()
    if framework == "django":
        snippet = request.getfixturevalue("snippet")
        settings = request.getfixturevalue("settings")
        for name in snippet.SETTINGS:
            setattr(settings, name, getattr(global_settings, name))
        settings.ROOT_URLCONF = PlainDjango
    witness = request.config.stash.get(WITNESS, None)
    with clients.connect(
        framework,
        SimpleNamespace(app=made),
        raise_app_exceptions=False,
        on_response=witness and partial(witness.record_exchange, volatile={}),
    ) as client:
        yield client


# Real servers


@pytest.fixture(scope="module")
def stacks():
    """A framework's real servers; they start when first asked for."""

    def start(framework):
        variants = [name for name, served in SERVED.items() if served.framework == framework]
        return started.enter_context(serving("file_uploads", variants)).values()

    with ExitStack() as started:
        yield cache(start)
