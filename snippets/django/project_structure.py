"""A bookshop in one file, with Django.

>>> from django.test import Client, override_settings
>>> from snippets.django import project_structure as shop
>>> with override_settings(ROOT_URLCONF=shop.__name__):
...     Client().get("/books/1").json()
{'id': 1, 'title': 'Dune'}
"""

# region: one-file
import sys

from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import Http404, JsonResponse
from django.urls import path

TITLES = {1: "Dune", 2: "Emma"}


def show_book(request, book_id):
    if book_id not in TITLES:
        raise Http404
    return JsonResponse({"id": book_id, "title": TITLES[book_id]})


urlpatterns = [path("books/<int:book_id>", show_book)]

if __name__ == "__main__":  # python shop.py runserver
    # The settings of the process, in place of a file of them.
    settings.configure(
        ROOT_URLCONF=__name__, ALLOWED_HOSTS=["127.0.0.1"]
    )
    execute_from_command_line(sys.argv)
# endregion: one-file
