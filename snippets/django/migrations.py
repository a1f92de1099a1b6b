"""Migrations in Django: built in, kept in the app that owns the tables.

>>> from django.test import Client, override_settings
>>> with override_settings(ROOT_URLCONF="snippets.django.migrations"):
...     Client().get("/ready").json()
{'pending': 0}
"""

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import JsonResponse
from django.urls import path

from snippets.django.migrations_app.models import Book
from snippets.django.settings import MIDDLEWARE


def list_books(request):
    books = Book.objects.order_by("id").values("title", "price_cents")
    return JsonResponse({"books": list(books)})


# region: ready
def pending():
    """How many steps of the catalogue this database still lacks."""
    executor = MigrationExecutor(connection)
    heads = executor.loader.graph.leaf_nodes("catalogue")
    return len(executor.migration_plan(heads))


def ready(request):
    count = pending()
    return JsonResponse(
        {"pending": count}, status=503 if count else 200
    )


# endregion: ready


# region: behind
class DatabaseIsBehind:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, error):
        if isinstance(error, DatabaseError) and (count := pending()):
            return JsonResponse(
                {"error": "database is behind", "pending": count},
                status=503,
            )


SETTINGS = {
    "MIDDLEWARE": [*MIDDLEWARE, f"{__name__}.DatabaseIsBehind"],
}
# endregion: behind


urlpatterns = [
    path("books", list_books),
    path("ready", ready),
]
