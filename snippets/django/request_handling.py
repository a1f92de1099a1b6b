"""Reading requests in Django: strings in, forms check them.

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

import hashlib
import json

from django import forms
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

PNG = b"\x89PNG\r\n\x1a\n"
COVERS = {}

# region: limits
MAX_BODY = 20_000  # bytes
SETTINGS = {
    "DATA_UPLOAD_MAX_MEMORY_SIZE": MAX_BODY,  # not files
    "DATA_UPLOAD_MAX_NUMBER_FILES": 3,
    "FILE_UPLOAD_HANDLERS": [f"{__name__}.SmallUploads"],
}


class SmallUploads(MemoryFileUploadHandler):
    def handle_raw_input(self, data, META, length, *rest):
        if length > MAX_BODY:
            raise RequestDataTooBig("too big an upload")
        super().handle_raw_input(data, META, length, *rest)


# endregion: limits


# region: errors
def refuse_fields(errors):
    return JsonResponse({"errors": errors}, status=422)


def refuse(error, status):
    return JsonResponse({"error": error}, status=status)


# Django calls this for whatever it finds wrong with a request.
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
        return refuse_fields(form.errors)
    limit = form.cleaned_data["limit"] or 10
    tags = request.GET.getlist("tag")
    q = form.cleaned_data["q"]
    return JsonResponse({"limit": limit, "q": q, "tags": tags})


# endregion: query


# region: json
SCALAR = str | int | float


class NewBookForm(forms.Form):
    title = forms.CharField()
    price = forms.DecimalField(
        min_value=0,
        max_digits=6,
        decimal_places=2,
    )


# No cookie identifies the caller here, so nothing can be forged.
@csrf_exempt
@require_POST
def add_book(request):
    if request.content_type != "application/json":
        return refuse("unsupported media type", 415)
    try:
        data = json.loads(request.body)
    except (ValueError, RecursionError):  # "[[[[…" is no ValueError
        return refuse("invalid json", 400)
    if not isinstance(data, dict):
        return refuse_fields({"body": ["An object is needed."]})
    # A form would take a list for its text: "['Dune']".
    flat = {k: v for k, v in data.items() if isinstance(v, SCALAR)}
    form = NewBookForm(flat)
    if not form.is_valid():
        return refuse_fields(form.errors)
    return JsonResponse(form.cleaned_data, status=201)


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
        return refuse_fields(form.errors)
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


# region: file
@csrf_exempt
@require_POST
def add_cover(request):
    cover = request.FILES.get("cover")
    data = cover.read() if cover else b""
    if not data.startswith(PNG):
        return refuse_fields({"cover": ["A PNG file is needed."]})
    # The name on disk is ours: the client's is only a claim.
    stored = f"{hashlib.sha256(data).hexdigest()[:16]}.png"
    COVERS[stored] = data
    answer = {"sent": cover.name, "size": cover.size}
    return JsonResponse({**answer, "stored": stored}, status=201)


# endregion: file


# region: files
@csrf_exempt
@require_POST
def add_scans(request):
    scans = request.FILES.getlist("scans")
    if not scans:
        return refuse_fields({"scans": ["A file is needed."]})
    return JsonResponse({"sizes": [scan.size for scan in scans]})


# endregion: files


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
    path("covers", add_cover),
    path("scans", add_scans),
    path("stock", replace_stock),
]
