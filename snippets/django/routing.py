"""Routing in Django: a list of patterns, apart from the views.

>>> from django.test import Client, override_settings
>>> with override_settings(ROOT_URLCONF="snippets.django.routing"):
...     Client().get("/books/1").json()
{'id': 1, 'title': 'Dune'}
"""

from datetime import date

from django.http import Http404, HttpResponse, JsonResponse
from django.urls import (
    include,
    path,
    re_path,
    register_converter,
    reverse,
)
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import (
    require_http_methods,
    require_safe,
)

BOOKS = {1: "Dune", 2: "Emma"}
REVIEWS = {1: "A desert to get lost in."}
COVERS = {"dune/front.jpg", "dune/back.jpg"}


# region: path-parameters
@require_safe  # GET and HEAD; without it a view takes every method
def show_book(request, book_id):
    if book_id not in BOOKS:
        raise Http404
    return JsonResponse({"id": book_id, "title": BOOKS[book_id]})


# `int:` takes digits alone: /books/dune does not match this pattern.
urlpatterns = [
    path("books/<int:book_id>", show_book, name="show_book"),
]
# endregion: path-parameters


# region: built-in
@require_safe
def show_order(request, order_id):  # a uuid.UUID, not a str
    version = order_id.version
    return JsonResponse({"order": order_id, "version": version})


urlpatterns += [path("orders/<uuid:order_id>", show_order)]
# endregion: built-in


# region: collection
# No cookie identifies the caller here, so nothing can be forged.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def book_list(request):
    if request.method == "POST":
        return JsonResponse({"added": True}, status=201)
    return JsonResponse({"books": list(BOOKS.values())})


urlpatterns += [path("books/", book_list, name="book_list")]
# endregion: collection


# region: order
@require_safe
def new_author(request):
    return JsonResponse({"form": "new author"})


@require_safe
def show_author(request, name):
    return JsonResponse({"author": name})


# The first match wins, so the literal path comes first.
urlpatterns += [
    path("authors/new", new_author),
    path("authors/<name>", show_author, name="show_author"),
]
# endregion: order


# region: catch-all
@require_safe
def show_cover(request, file):
    # A stranger chose this text: look it up, join it to no folder.
    if file not in COVERS:
        return JsonResponse({"missing": file}, status=404)
    return JsonResponse({"cover": file})


urlpatterns += [path("covers/<path:file>", show_cover)]
# endregion: catch-all


# region: groups
@require_safe
def report(request, year):
    return JsonResponse({"year": year})


# A group is a list of patterns and its name, here "staff".
staff = ([path("reports/<int:year>", report, name="report")], "staff")
shop = ([path("staff/", include(staff))], "shop")

urlpatterns += [path("shop/", include(shop))]
# endregion: groups


# region: links
@require_safe
def links(request):
    author = {"name": "Frank Herbert"}
    return JsonResponse(
        {
            "book": reverse("show_book", args=[1]),
            "author": reverse("show_author", kwargs=author),
            "report": reverse("shop:staff:report", args=[2026]),
            "search": reverse("book_list", query={"q": "a b"}),
        }
    )


urlpatterns += [path("links", links)]
# endregion: links


# region: classes
@method_decorator(csrf_exempt, name="dispatch")
class ReviewView(View):
    def get(self, request, review_id):
        text = self.find(review_id)
        return JsonResponse({"id": review_id, "text": text})

    def delete(self, request, review_id):
        self.find(review_id)
        del REVIEWS[review_id]
        return HttpResponse(status=204)

    def find(self, review_id):
        if review_id not in REVIEWS:
            raise Http404
        return REVIEWS[review_id]


urlpatterns += [
    path("reviews/<int:review_id>", ReviewView.as_view()),
]
# endregion: classes


# region: pattern
@require_safe
def show_isbn(request, isbn):
    return JsonResponse({"isbn": isbn})


urlpatterns += [
    re_path(r"^isbn/(?P<isbn>97[89][0-9]{10})$", show_isbn),
]
# endregion: pattern


# region: converter
class DateConverter:
    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value):
        return date.fromisoformat(value)  # ValueError: no match

    def to_url(self, value):
        return value.isoformat()


register_converter(DateConverter, "date")


@require_safe
def published(request, day):
    link = reverse("published", args=[day])
    return JsonResponse({"weekday": day.strftime("%A"), "link": link})


urlpatterns += [
    path("published/<date:day>", published, name="published"),
]
# endregion: converter
