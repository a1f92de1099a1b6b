"""A shop that imports its routes, which import the shop."""

from fastapi import FastAPI

from . import books  # which asks for `PAGE_SIZE`, not yet there

PAGE_SIZE = 20


def create_app():
    app = FastAPI()
    app.include_router(books.router)
    return app
