"""TITLE in Django: say the essence in one sentence.

>>> from django.test import Client, override_settings
>>> with override_settings(ROOT_URLCONF="snippets.django.TOPIC"):
...     Client().get("/books/1").json()
{'id': 1, 'title': 'Dune'}
"""

from django.http import JsonResponse
from django.urls import path


# region: first-region
def show_book(request, book_id):
    return JsonResponse({"id": book_id, "title": "Dune"})


urlpatterns = [path("books/<int:book_id>", show_book)]
# endregion: first-region
