"""Reading requests in Django: strings and bytes in, checks by you.

>>> from django.test import Client, override_settings
>>> shop = Client()
>>> with override_settings(
...     ROOT_URLCONF="snippets.django.request_handling"
... ):
...     shop.get("/search?q=dune&tag=sf&tag=epic").json()
...     shop.get("/search?limit=many").status_code
{'limit': 10, 'q': 'dune', 'tags': ['sf', 'epic']}
422
"""

import re
from decimal import Decimal

from django import forms
from django.core.exceptions import RequestDataTooBig
from django.http import JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)
from pydantic import BaseModel, Field, ValidationError

# region: limits
MAX_BODY = 20_000  # bytes
SETTINGS = {"DATA_UPLOAD_MAX_MEMORY_SIZE": MAX_BODY}
# endregion: limits


# region: errors
def refuse(error, status):
    return JsonResponse({"error": error}, status=status)


def refuse_form(form):
    return JsonResponse({"errors": form.errors}, status=422)


def refuse_json(invalid):
    errors = {}
    for error in invalid.errors():
        if error["type"] == "json_invalid":
            return refuse("invalid json", 400)
        field = ".".join(map(str, error["loc"])) or "body"
        errors.setdefault(field, []).append(error["msg"])
    return JsonResponse({"errors": errors}, status=422)


# Django calls this for what it finds wrong with a request itself.
def handler400(request, exception):
    if isinstance(exception, RequestDataTooBig):
        return refuse("request entity too large", 413)
    return refuse("bad request", 400)


# endregion: errors


# region: query
class SearchForm(forms.Form):
    q = forms.CharField(required=False)
    limit = forms.IntegerField(
        min_value=1,
        max_value=50,
        required=False,
    )


@require_safe
def search(request):
    form = SearchForm(request.GET)
    if not form.is_valid():
        return refuse_form(form)
    # A form has no defaults for what was not sent.
    limit = form.cleaned_data["limit"] or 10
    tags = request.GET.getlist("tag")
    q = form.cleaned_data["q"]
    return JsonResponse({"limit": limit, "q": q, "tags": tags})


# endregion: query


# region: json
# Django never looks at the media type, and JSON has many names.
JSON = re.compile(r"application/(.+\+)?json")


class Author(BaseModel):
    name: str = Field(min_length=1)


class NewBook(BaseModel):
    title: str = Field(min_length=1)
    price: Decimal = Field(ge=0, max_digits=6, decimal_places=2)
    authors: list[Author] = []


# No cookie says here who the caller is, so nothing can be forged.
@csrf_exempt
@require_POST
def add_book(request):
    if not JSON.fullmatch(request.content_type):
        return refuse("unsupported media type", 415)
    try:
        book = NewBook.model_validate_json(request.body)
    except ValidationError as invalid:
        return refuse_json(invalid)
    return JsonResponse(book.model_dump(), status=201)


# endregion: json


# region: form
class NewCustomerForm(forms.Form):
    name = forms.CharField(max_length=40)
    newsletter = forms.BooleanField(required=False)


@csrf_exempt
@require_POST
def add_customer(request):
    form = NewCustomerForm(request.POST)
    if not form.is_valid():
        return refuse_form(form)
    return JsonResponse(form.cleaned_data, status=201)


# endregion: form


# region: headers
@require_safe
def visit(request):
    return JsonResponse(
        {
            "address": request.META.get("REMOTE_ADDR"),
            "scheme": request.scheme,
            "theme": request.COOKIES.get("theme"),
            "trace": request.headers.get("X-Trace"),
        }
    )


# endregion: headers


# region: stream
@csrf_exempt
@require_http_methods(["PUT"])
def replace_stock(request):
    lines = size = 0
    while chunk := request.read(4096):
        lines += chunk.count(b"\n")
        size += len(chunk)
        if size > MAX_BODY:  # read() itself knows no limit
            raise RequestDataTooBig("too big a stream")
    return JsonResponse({"lines": lines})


# endregion: stream


urlpatterns = [
    path("search", search),
    path("books", add_book),
    path("customers", add_customer),
    path("visit", visit),
    path("stock", replace_stock),
]
