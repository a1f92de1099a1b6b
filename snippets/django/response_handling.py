"""Responses in Django: every view makes a response object itself.

>>> from django.test import Client, override_settings
>>> shop = Client()
>>> with override_settings(
...     ROOT_URLCONF="snippets.django.response_handling"
... ):
...     shop.get("/books/1").json()["price"]
...     shop.post("/theme", {"theme": "dark"}).status_code
'9.90'
303
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.http import (
    Http404,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
)
from django.shortcuts import redirect
from django.urls import include, path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from snippets.django.response_handling_parts import download, streams


# region: values
@require_safe
def greeting(request):
    # Without a type it would be HTML; with one, say the charset.
    return HttpResponse(
        "Grüß Gott\n", content_type="text/plain; charset=utf-8"
    )


@require_safe
def titles(request):
    # JsonResponse takes a dict, or says so if it shall be a list.
    return JsonResponse(["Dune", "Emma"], safe=False)


# endregion: values


# region: json
class ShopJsonResponse(JsonResponse):
    def __init__(self, data, **kwargs):
        # NaN is no JSON: better an error than a broken client.
        dumps = {"ensure_ascii": False, "allow_nan": False}
        super().__init__(data, json_dumps_params=dumps, **kwargs)


@require_safe
def show_book(request):
    return ShopJsonResponse(
        {
            "title": "Der Wüstenplanet",
            "id": UUID("0b5e4a52-61b5-4a5e-9c3e-2f3f6c0a9d11"),
            "price": Decimal("9.90"),
            "published": date(1965, 8, 1),
            "changed": datetime(2026, 11, 24, 9, 30, tzinfo=UTC),
        }
    )


# endregion: json

ORDERS = {}  # what was ordered, by number


# region: status
# No cookie says here who the caller is, so nothing can be forged.
@csrf_exempt
@require_POST
def order(request):
    number = max(ORDERS, default=0) + 1
    ORDERS[number] = "Dune"
    headers = {"Location": reverse("order", args=[number])}
    return JsonResponse({"number": number}, status=201, headers=headers)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "DELETE"])
def one_order(request, number):
    if request.method == "DELETE":
        ORDERS.pop(number, None)
        return HttpResponse(status=204)
    if number not in ORDERS:
        raise Http404
    return JsonResponse({"title": ORDERS[number]})


# endregion: status


# region: redirects
def local(request, target):
    is_safe = url_has_allowed_host_and_scheme(
        target, {request.get_host()}, require_https=request.is_secure()
    )
    return target if is_safe else "/"


@require_safe
def moved(request):
    # A permanent redirect would be 301, with which a POST turns GET.
    return redirect("catalogue", permanent=True, preserve_request=True)


class SeeOther(HttpResponseRedirect):
    status_code = 303  # redirect() alone gives 302


# endregion: redirects


# region: cookies
# The worst that a forged form can do here is another colour.
@csrf_exempt
@require_POST
def choose_theme(request):
    theme = request.POST.get("theme")
    if theme not in ("light", "dark"):
        return HttpResponse(status=422)
    response = SeeOther(local(request, request.POST.get("next", "/")))
    response.set_cookie(
        "theme",
        theme,
        max_age=timedelta(days=365),
        secure=True,  # by HTTPS alone
        httponly=True,  # not for scripts
        samesite="Lax",  # not with requests from other sites
    )
    return response


@csrf_exempt
@require_POST
def forget_theme(request):
    response = SeeOther("/")
    response.delete_cookie("theme", samesite="Lax")
    return response


# endregion: cookies



# region: security
# Two middlewares of the project set these headers on each response.
# The values are the defaults, written down for those who look.
SETTINGS = {
    # Else a browser may guess that a text is a page, and run it.
    "SECURE_CONTENT_TYPE_NOSNIFF": True,
    # No other site may show a page of ours in a frame.
    "X_FRAME_OPTIONS": "DENY",
    # Links to other sites do not say from where.
    "SECURE_REFERRER_POLICY": "same-origin",
    # A page of another site that opens ours gets no hold of it.
    "SECURE_CROSS_ORIGIN_OPENER_POLICY": "same-origin",
}
# endregion: security

urlpatterns = [
    path("", include(streams.urlpatterns)),
    path("greeting", greeting),
    path("titles", titles),
    path("books/1", show_book),
    path("orders", order),
    path("orders/<int:number>", one_order, name="order"),
    path("catalog", moved),
    path("theme", choose_theme),
    path("theme/reset", forget_theme),
    path("catalogue", download.catalogue, name="catalogue"),
]
