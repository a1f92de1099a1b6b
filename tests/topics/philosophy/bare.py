"""The same two views in each framework, with nothing of ours around them."""

import types

import fastapi
import flask
from django.http import JsonResponse
from django.urls import path


def flask_application():
    app = flask.Flask("bare")

    @app.get("/limit")
    def limit():
        return {"limit": flask.request.args.get("limit", 10, type=int)}

    @app.get("/nothing")
    def nothing():
        return None

    return app


def fastapi_application():
    app = fastapi.FastAPI()

    @app.get("/limit")
    def read_limit(limit: int = 10):
        return {"limit": limit}

    @app.get("/nothing")
    def nothing():
        return None

    return app


def limit(request):
    return JsonResponse({"limit": request.GET.get("limit", 10)})


def nothing(request):
    return None


URLS = types.ModuleType("bare_urls")
vars(URLS).update(urlpatterns=[path("limit", limit), path("nothing", nothing)])
