"""A second application in each framework: nothing is configured, and a view does what it must."""

import json
from contextlib import ExitStack
from functools import cache, partial
from types import SimpleNamespace
from typing import Annotated

import pytest
from django.conf import global_settings
from django.http import JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from fastapi import FastAPI, Form
from flask import Flask, request
from pydantic import BaseModel

from book._core.variants import SERVED
from tests.harness import clients
from tests.harness.plugin import WITNESS
from tests.harness.stacks import serving


class Book(BaseModel):
    price: float


@cache
def plain_flask():
    app = Flask("plain")

    @app.post("/json")
    def read_json():
        return {"price": request.get_json()["price"]}

    @app.route("/form", methods=["POST", "PUT"])
    def read_form():
        return {"length": len(request.form["name"])}

    @app.get("/query")
    def read_query():
        limit = request.args.get("limit", 10, type=int)
        return {"limit": limit, "used": request.args.get("used", type=bool)}

    return app


@cache
def plain_fastapi():
    app = FastAPI()

    @app.post("/json")
    def read_json(book: Book):
        return {"price": book.price}

    @app.put("/form")
    @app.post("/form")
    def read_form(name: Annotated[str, Form()]):
        return {"length": len(name)}

    @app.get("/query")
    def read_query(limit: int = 10, used: bool | None = None):
        return {"limit": limit, "used": used}

    return app


class PlainDjango:
    """A URLconf."""

    @staticmethod
    def read_json(request):
        return JsonResponse({"price": json.loads(request.body)["price"]})

    @staticmethod
    def read_form(request):
        return JsonResponse({"length": len(request.POST["name"])})

    @staticmethod
    def read_query(request):
        limit = int(request.GET.get("limit", 10))
        return JsonResponse({"limit": limit, "used": request.GET.get("used")})

    urlpatterns = (
        path("json", csrf_exempt(read_json)),
        path("checked", read_json),
        path("form", csrf_exempt(read_form)),
        path("query", read_query),
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


@pytest.fixture(scope="module")
def stacks():
    """A framework's real servers; they start when first asked for."""

    def start(framework):
        variants = [name for name, served in SERVED.items() if served.framework == framework]
        return started.enter_context(serving("request_handling", variants)).values()

    with ExitStack() as started:
        yield cache(start)
