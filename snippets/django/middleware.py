"""Around every request in Django: a list in the settings.

>>> from django.test import Client, override_settings
>>> from snippets.django import middleware
>>> with override_settings(
...     ROOT_URLCONF=middleware, **middleware.SETTINGS
... ):
...     shop = Client(headers={"X-Request-ID": "ada-0001"})
...     shop.get("/nowhere")["X-Request-ID"]
...     shop.get(
...         "/books/1", headers={"User-Agent": "Scraper/2"}
...     ).status_code
'ada-0001'
403
"""

import re
import time
import uuid

from django.http import Http404, JsonResponse
from django.urls import include, path
from django.utils.csp import CSP
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

# region: stamp
GOOD_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


class Stamp:
    """A layer: something to call around the next one."""

    def __init__(self, get_response):  # once, at start-up
        self.get_response = get_response

    def __call__(self, request):
        began = time.perf_counter()
        sent = request.headers.get("X-Request-ID", "")
        # A stranger's text, and it goes into headers and logs.
        good = GOOD_ID.fullmatch(sent)
        request.request_id = sent if good else uuid.uuid4().hex
        response = self.get_response(request)
        seconds = time.perf_counter() - began
        response["X-Request-ID"] = request.request_id
        response["X-Process-Time"] = f"{seconds:.6f}"
        return response


# endregion: stamp


# region: guard
class RefuseScrapers:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        agent = request.headers.get("User-Agent", "")
        if "scraper" in agent.lower():
            return JsonResponse({"blocked": True}, status=403)
        return self.get_response(request)  # go on


# endregion: guard


# region: views
BOOKS = {1: "Dune", 2: "Emma", 3: "Ulysses"}
STOCK = {1: 3, 2: 0}  # a mistake: nobody counted book 3


class SoldOut(Exception):
    pass


class AnswerSoldOut:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    # Django calls this for what a view raises.
    def process_exception(self, request, exception):
        if isinstance(exception, SoldOut):
            return JsonResponse({"error": "sold out"}, status=409)
        return None  # somebody else's


@require_safe
def show_book(request, book_id):
    title = BOOKS.get(book_id)
    if not title:
        raise Http404
    if STOCK[book_id] == 0:
        raise SoldOut
    request_id = request.request_id
    return JsonResponse(
        {"id": book_id, "title": title, "request": request_id}
    )


# endregion: views


# region: group
@cache_control(no_store=True)  # for this view
@require_safe
def show_stock(request, book_id):
    if book_id not in STOCK:
        raise Http404
    return JsonResponse({"stock": STOCK[book_id]})


staff = [path("stock/<int:book_id>", show_stock)]
# endregion: group

urlpatterns = [
    path("books/<int:book_id>", show_book),
    path("staff/", include(staff)),
]

# region: headers
PROTECTION = {
    # SecurityMiddleware sends this, and three headers unasked.
    "SECURE_HSTS_SECONDS": 31_536_000,
    # ContentSecurityPolicyMiddleware sends this.
    "SECURE_CSP": {"default-src": [CSP.SELF]},
}
# endregion: headers

# region: cors
CORS = {
    "CORS_ALLOWED_ORIGINS": ["https://app.example"],
    "CORS_ALLOW_METHODS": ["GET"],
    "CORS_ALLOW_HEADERS": ["x-request-id"],
    "CORS_EXPOSE_HEADERS": ["x-request-id"],
    "CORS_PREFLIGHT_MAX_AGE": 600,  # seconds that a browser remembers
}
# endregion: cors

# region: hosts
HOSTS = {"ALLOWED_HOSTS": ["127.0.0.1", "testserver"]}
# endregion: hosts

# region: around
SETTINGS = {
    "INSTALLED_APPS": ["corsheaders"],  # for its checks
    "MIDDLEWARE": [  # the first one is the outermost
        f"{__name__}.Stamp",
        "django.middleware.security.SecurityMiddleware",
        "django.middleware.csp.ContentSecurityPolicyMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
        "corsheaders.middleware.CorsMiddleware",
        f"{__name__}.RefuseScrapers",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        f"{__name__}.AnswerSoldOut",
    ],
    **PROTECTION,
    **CORS,
    **HOSTS,
}
# endregion: around
