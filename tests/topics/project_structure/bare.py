"""A counter in a session, with a key and nothing else: what the frameworks say of it by themselves."""

from types import SimpleNamespace

from django.http import JsonResponse
from django.urls import path
from fastapi import FastAPI, Request
from flask import Flask, session
from starlette.middleware.sessions import SessionMiddleware


def flask(key):
    app = Flask(__name__)
    app.secret_key = key

    @app.get("/count")
    def count():
        session["count"] = 1
        return {"count": 1}

    return SimpleNamespace(app=app)


def fastapi(key):
    app = FastAPI()
    app.add_middleware(SessionMiddleware, secret_key=key)

    @app.get("/count")
    def count(request: Request):
        request.session["count"] = 1
        return {"count": 1}

    return SimpleNamespace(app=app)


def count(request):
    request.session["count"] = 1
    return JsonResponse({"count": 1})


urlpatterns = [path("count", count)]
