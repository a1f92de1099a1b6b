"""Routing in Django: a list of patterns, apart from the views.

>>> from django.test import Client, override_settings
>>> with override_settings(ROOT_URLCONF="snippets.django.routing"):
...     Client().get("/books/1").json()
{'id': 1, 'title': 'Dune'}
"""

from datetime import date

from django.http import Http404, JsonResponse
from django.urls import include, path, register_converter, reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import (
    require_http_methods,
    require_safe,
)

BOOKS = {1: "Dune", 2: "Emma"}


# region: collection
# No cookie identifies the caller here, so nothing can be forged.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def book_list(request):
    if request.method == "POST":
        return JsonResponse({"added": True}, status=201)
    return JsonResponse({"books": list(BOOKS.values())})
# endregion: collection


# region: path-parameters
@require_safe
def show_book(request, book_id):
    if book_id not in BOOKS:
        raise Http404
    return JsonResponse({"id": book_id, "title": BOOKS[book_id]})


books = [
    path("books/", book_list, name="book_list"),
    path("books/<int:book_id>", show_book, name="show_book"),
]
# endregion: path-parameters


# region: catch-all
@require_safe
def show_cover(request, file):
    return JsonResponse({"file": file})


covers = [path("covers/<path:file>", show_cover)]
# endregion: catch-all


# region: order
def new_author(request):
    return JsonResponse({"form": "new author"})


def show_author(request, name):
    return JsonResponse({"author": name})


# The first match wins, so the literal path comes first.
authors = [
    path("authors/new", new_author),
    path("authors/<name>", show_author),
]
# endregion: order


# region: converter
class DateConverter:
    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value):
        return date.fromisoformat(value)  # ValueError: no match

    def to_url(self, value):
        return value.isoformat()


register_converter(DateConverter, "date")


def published(request, day):
    return JsonResponse({"weekday": day.strftime("%A")})


days = [path("published/<date:day>", published, name="published")]
# endregion: converter


# region: groups
def report(request, year):
    return JsonResponse({"year": year})


staff = ([path("reports/<int:year>", report, name="report")], "staff")
shop = ([path("staff/", include(staff))], "shop")
# endregion: groups


# region: links
def links(request):
    day = date(2026, 11, 22)
    return JsonResponse(
        {
            "book": reverse("show_book", args=[1]),
            "day": reverse("published", kwargs={"day": day}),
            "report": reverse("shop:staff:report", args=[2026]),
            "search": reverse("book_list", query={"q": "a b"}),
        }
    )
# endregion: links


# region: urlpatterns
urlpatterns = [
    *books,
    *covers,
    *authors,
    *days,
    path("shop/", include(shop)),
    path("links", links),
]
# endregion: urlpatterns
