"""A page of a list in Django: a form and a paginator come with it.

>>> from django.test import Client, override_settings
>>> with override_settings(ROOT_URLCONF="snippets.django.philosophy"):
...     Client().get("/books?page=13&size=2").json()
...     Client().get("/books?page=0").json()["errors"]["page"]
{'page': 13, 'size': 2, 'total': 25, 'items': ['Book 25']}
['Ensure this value is greater than or equal to 1.']
"""

from contextlib import ExitStack, closing

from django import forms
from django.core.paginator import EmptyPage, Paginator
from django.http import Http404, JsonResponse
from django.urls import path
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_safe

from snippets.django.settings import MIDDLEWARE

BOOKS = [f"Book {number}" for number in range(1, 26)]
STOCK = {"Book 1": 5, "Book 2": 4}
EVENTS = []  # what a warehouse notes, for the tests of this book


# region: check
class PageForm(forms.Form):
    page = forms.IntegerField(min_value=1, required=False)
    size = forms.IntegerField(
        min_value=1,
        max_value=100,
        required=False,
    )
# endregion: check


# region: page
@require_safe
def list_books(request):
    form = PageForm(request.GET)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=422)
    # A form has no defaults for what was not sent.
    number = form.cleaned_data["page"] or 1
    paginator = Paginator(BOOKS, form.cleaned_data["size"] or 10)
    try:
        page = paginator.page(number)
    except EmptyPage:
        raise Http404 from None  # Django answers in HTML
    return JsonResponse(
        {
            "page": number,
            "size": paginator.per_page,
            "total": paginator.count,
            "items": page.object_list,
        }
    )


urlpatterns = [path("books", list_books)]
# endregion: page


# region: request
def language(request):
    return request.headers.get("Accept-Language", "en")[:2]


# The request is the first argument of each view.
@require_safe
def welcome(request):
    return JsonResponse({"language": language(request)})


urlpatterns += [path("welcome", welcome)]
# endregion: request


class Warehouse:
    """In place of a connection, which is to be closed after use."""

    def __init__(self):
        EVENTS.append("open")

    def count(self, title):
        return STOCK.get(title, 0)

    def close(self):
        EVENTS.append("close")


# region: needs
def warehouse_middleware(get_response):
    def middleware(request):
        with ExitStack() as at_the_end:

            def connect():
                return at_the_end.enter_context(closing(Warehouse()))

            # As `request.user` is: made when a view first uses it.
            request.warehouse = SimpleLazyObject(connect)
            return get_response(request)

    return middleware


def is_scarce(request, title):
    return request.warehouse.count(title) < 5


@require_safe
def show_stock(request, title):
    if title not in BOOKS:
        raise Http404
    return JsonResponse(
        {
            "stock": request.warehouse.count(title),
            "scarce": is_scarce(request, title),
        }
    )


urlpatterns += [path("stock/<title>", show_stock)]
SETTINGS = {
    "MIDDLEWARE": [*MIDDLEWARE, f"{__name__}.warehouse_middleware"],
}
# endregion: needs
